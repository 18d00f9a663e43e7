"""Whole recordings: beats, intervals and table, and the text of the two files."""

from pathlib import Path

import numpy as np
import pytest

from bridge.analysis.analyze import Analysis, analyze, beats_csv, hrv_csv, source_of_beats
from bridge.errors import UserError
from bridge.events import Beat, Interval, Label, Quality, SampleChunk
from bridge.pipeline import Pipeline
from bridge.recordings.recording import Recording
from bridge.simulate.heart import Heart, HeartSimulator

FILE = Path("session.csv")


def simulated(seconds: float, **settings: object) -> SampleChunk:
    heart = Heart(**settings)  # type: ignore[arg-type]
    return HeartSimulator(heart).take(round(seconds * heart.rate_hz))


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "rate_hz"), [("ppg", 100.0), ("ecg", 250.0)])
def test_the_beats_are_those_of_the_live_path(kind: str, rate_hz: float) -> None:
    whole = simulated(40.0, kind=kind, rate_hz=rate_hz)
    chunks = (  # a second is lost in the middle, less than the longest interval
        SampleChunk(0.0, rate_hz, whole.values[: int(20 * rate_hz)]),
        SampleChunk(21.0, rate_hz, whole.values[int(21 * rate_hz) :]),
    )
    analysis = analyze(Recording(FILE, chunks=chunks))
    pipeline = Pipeline()
    live = [
        event
        for chunk in chunks
        for start in range(0, len(chunk.values), 20)
        for event in pipeline.push(
            SampleChunk(chunk.t + start / rate_hz, rate_hz, chunk.values[start : start + 20])
        )
    ]
    live += pipeline.flush()
    theirs = [event for event in live if isinstance(event, Beat)]
    assert analysis.kind == kind
    assert len(analysis.beats) > 35
    assert [beat.t for beat in analysis.beats] == pytest.approx([beat.t for beat in theirs])
    ours_ibi, live_ibi = [[b.ibi_ms for b in beats] for beats in (analysis.beats, theirs)]
    assert [ibi is None for ibi in ours_ibi] == [ibi is None for ibi in live_ibi]
    assert sum(ibi is None for ibi in ours_ibi) == 2
    known = [ibi for ibi in live_ibi if ibi is not None]
    assert [ibi for ibi in ours_ibi if ibi is not None] == pytest.approx(known, abs=1e-6)
    spans = [each for each in analysis.intervals if each.t - each.ibi_ms / 1000.0 < 20.5 < each.t]
    assert spans == []


def test_beat_times_are_taken_as_they_are() -> None:
    beats_t = 5000.2 + np.arange(60) * 0.8
    analysis = analyze(Recording(FILE, beats_t=beats_t), step_s=1.0)
    assert analysis.kind == "beats"
    assert analysis.counts() == {label: 59 * (label is Label.NORMAL) for label in Label}
    assert analysis.table["t"][0] == 5000.0
    assert analysis.table["HR"][-1] == pytest.approx(75.0)
    assert analysis.whole().bpm == pytest.approx(75.0)


def test_a_table_is_taken_as_it_stands() -> None:
    columns = {"t": np.array([0.0, 1.0]), "HR": np.array([70.0, np.nan])}
    analysis = analyze(Recording(FILE, columns=columns))
    assert analysis.kind == "table"
    assert hrv_csv(analysis) == "t,HR,SDNN,RMSSD,VLF,LF,HF,LF_HF\n0,70,,,,,,\n1,,,,,,,\n"


@pytest.mark.slow
def test_a_signal_without_a_heart_is_refused() -> None:
    flat = SampleChunk(0.0, 100.0, np.full(3000, 512.0))
    with pytest.raises(UserError, match=r"session\.csv: no heartbeat was found in 30 s"):
        analyze(Recording(FILE, chunks=(flat,)))


def test_the_beats_as_text() -> None:
    analysis = Analysis(
        recording=Recording(FILE),
        kind="ppg",
        end_s=3.0,
        table={"t": np.empty(0)},
        beats=(
            Beat(0.5, 0.6, quality=0.25, late=True),
            Beat(1.3125, 1.4, quality=1.0, ibi_ms=812.5),
            Beat(1.6, 1.7, quality=0.5, ibi_ms=287.5),
            Beat(2.1, 2.2, quality=0.75, ibi_ms=500.0),
        ),
        quality=(Quality(1.0, 0.9),),
        intervals=(
            Interval(1.3125, 812.5, 812.5, after_gap=True),
            Interval(1.6, 287.5, None, Label.EXTRA),
            Interval(2.1, 500.0, 787.5, Label.EXTRA),
        ),
    )
    assert beats_csv(analysis, "a/b, c.csv") == (
        "t,ibi_ms,quality,label,late,source\n"
        "0.500000,,0.250,,1,a/b%2C c.csv\n"
        "1.312500,812.500,1.000,normal,0,a/b%2C c.csv\n"
        "1.600000,287.500,0.500,extra,0,a/b%2C c.csv\n"
        "2.100000,500.000,0.750,extra,0,a/b%2C c.csv\n"
    )
    assert source_of_beats(beats_csv(analysis, "a/b, c.csv").encode()) == "a/b, c.csv"
    assert source_of_beats(b"my own\nbeats,x\n") is None
    assert {label: n for label, n in analysis.counts().items() if n} == {
        Label.NORMAL: 1,
        Label.EXTRA: 1,
    }


def test_the_table_as_text_keeps_seven_digits_and_leaves_unknown_empty() -> None:
    table = {"t": np.array([0.1, 86_400.1]), "HR": np.array([np.nan, 71.23456789])}
    table["VLF"] = np.array([1234.56789, 0.000101])
    text = hrv_csv(Analysis(Recording(FILE), "beats", 1.0, table))
    assert text.splitlines()[1:] == ["0.1,,,,1234.568,,,", "86400.1,71.23457,,,0.000101,,,"]
