"""One policy for gaps: between ready-made beats, in tables, and carried into music."""

from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.analysis.analyze import analyze
from bridge.clips.style_file import load_style
from bridge.events import Beat, Label
from bridge.gaps import begins_a_run, gaps_between, holes_in_table, long_steps
from bridge.offline.files import Job
from bridge.offline.load import load
from bridge.offline.options import Options
from bridge.pipeline import Pipeline
from bridge.recordings.read import read_recording
from bridge.recordings.recording import Recording

BREATHING = [830.0, 850, 815, 790, 805, 840]
"""72 a minute with a little respiratory swing, ms."""


def beats_of(intervals_ms: list[float]) -> list[float]:
    return [ms / 1000.0 for ms in accumulate([500.0, *intervals_ms])]


def told_live(beats_t: list[float]) -> list[Beat]:
    pipeline = Pipeline()
    events = [event for t in beats_t for event in pipeline.push(Beat(t, t))]
    events += pipeline.flush()
    return [event for event in events if isinstance(event, Beat)]


def test_a_dropout_in_a_stream_of_beats_is_no_interval() -> None:
    """A strap that says nothing for 1.9 s, live and in a file."""
    beats_t = beats_of([*BREATHING * 3, 1900.0, *BREATHING * 3])
    at = 1 + 3 * len(BREATHING)
    assert gaps_between(beats_t) == [beats_t[at - 1]]
    live = told_live(beats_t)
    assert [i for i, beat in enumerate(live) if beat.ibi_ms is None] == [0, at]
    assert max(beat.ibi_ms or 0.0 for beat in live) < 900.0
    read = analyze(Recording(Path("b.csv"), beats_t=np.array(beats_t)))
    assert [each.t for each in read.intervals if each.after_gap] == [beats_t[1], beats_t[at + 1]]
    assert {each.label for each in read.intervals} == {Label.NORMAL}


@pytest.mark.parametrize(
    "intervals_ms",
    [
        [1714.0] * 12,  # 35 a minute
        [*BREATHING * 3, 1660.0, *BREATHING * 3],  # a missed or a blocked beat
        [*BREATHING * 3, 480.0, 1170.0, *BREATHING * 3],  # premature, with its pause
        [500.0, 1100.0] * 12,  # bigeminy
        [820.0, 500.0, 1120.0] * 8,  # trigeminy
        [600.0] * 12 + [1200.0] * 12,  # a block of two to one
        [*[1000.0 - 20 * i for i in range(25)], *[520.0 + 25 * i for i in range(25)]],
    ],
)
def test_a_heart_that_pauses_or_beats_slowly_is_not_broken(intervals_ms: list[float]) -> None:
    beats_t = beats_of(intervals_ms)
    assert gaps_between(beats_t) == []
    assert [beat.ibi_ms is None for beat in told_live(beats_t)] == [True] + [False] * (
        len(beats_t) - 1
    )


def test_half_the_rate_after_a_dropout_is_believed_after_three_beats() -> None:
    beats_t = beats_of([500.0] * 20 + [9000.0] + [1300.0] * 10)
    assert gaps_between(beats_t) == beats_t[20:24]


@given(st.lists(st.floats(250.0, 4000.0), min_size=1, max_size=60))
def test_live_and_file_break_at_the_same_beats(intervals_ms: list[float]) -> None:
    beats_t = beats_of(intervals_ms)
    live = [beat.t for beat in told_live(beats_t) if beat.ibi_ms is None]
    read = analyze(Recording(Path("b.csv"), beats_t=np.array(beats_t)), step_s=10.0)
    assert [beat.t for beat in read.beats if beat.ibi_ms is None] == live


def test_a_run_of_samples_begins_where_more_than_unrest_is_missing() -> None:
    assert not begins_a_run(0.0049, 1000.0)  # the clock's unrest, though five samples long
    assert begins_a_run(0.0051, 1000.0)
    assert not begins_a_run(0.007, 100.0)  # less than a sample
    assert begins_a_run(-0.008, 100.0)


def test_steps_of_a_rough_clock_are_no_holes() -> None:
    even = np.arange(200) / 100.0
    assert np.flatnonzero(long_steps(np.delete(even, [50, 120, 121]))).tolist() == [49, 118]
    rough = np.cumsum(np.where(np.arange(200) % 10, 0.01, 0.05))
    assert not long_steps(rough).any()
    assert np.flatnonzero(long_steps(np.delete(rough, slice(60, 80)))).tolist() == [59]


def test_a_hole_in_a_table_is_said(tmp_path: Path) -> None:
    rows = [f"{t / 10:.1f},{70 + t % 7}" for t in range(300) if not 100 < t < 160]
    rows[200:210] = [f"{row.split(',')[0]}," for row in rows[200:210]]  # a second is no hole
    file = tmp_path / "s.csv"
    file.write_text("t,HR\n" + "\n".join(rows) + "\n")
    assert read_recording(file).remarks == ("no HR from 10 s to 16 s",)
    t = np.arange(10.0)
    assert holes_in_table(t, np.array([1, 0, 0, 1, 1, 1, 0, 1, 0, 0], bool)) == [(0.0, 3.0)]
    assert holes_in_table(t, np.zeros(10, bool)) == []


def test_gaps_and_missed_beats_go_with_the_session_into_clips(tmp_path: Path) -> None:
    missed, lost = 10 * len(BREATHING), 20 * len(BREATHING)
    intervals = BREATHING * 30
    intervals[missed], intervals[lost] = 1655.0, 1960.0
    beats_t = beats_of(intervals)
    file = tmp_path / "b.csv"
    file.write_text("beat_time\n" + "\n".join(f"{t:.3f}" for t in beats_t) + "\n")
    session = load(Job(file, tmp_path / "b"), Options(load_style("heartbeat")))
    assert np.flatnonzero(~session.unbroken()).tolist() == [missed, lost]
    phase = next(iter(session.phases()))
    assert phase.unbroken().tolist() == session.unbroken().tolist()
