"""The stages in a line: any chunking the same events, live the same beats as offline."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.analysis.analyze import analyze
from bridge.events import Beat, HrvSnapshot, Interval, Quality, SampleChunk, State, Status
from bridge.pipeline import Pipeline
from bridge.recordings.read import read_recording
from bridge.simulate.heart import Heart, HeartSimulator

RATE_HZ = 100.0
SIGNAL = HeartSimulator(Heart(rate_hz=RATE_HZ, bpm=80.0)).take(4000).values


def events_of(edges, kind="ppg"):
    pipeline = Pipeline(kind)
    events = []
    for start, stop in pairwise(edges):
        events += pipeline.push(SampleChunk(start / RATE_HZ, RATE_HZ, SIGNAL[start:stop]))
    return events + list(pipeline.flush())


def of(events, *kinds):
    return [event for event in events if isinstance(event, kinds)]


WHOLE = events_of([0, len(SIGNAL)])


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(st.integers(0, len(SIGNAL)), max_size=30))
def test_any_chunking_the_same_events(cuts):
    events = events_of([0, *sorted(cuts), len(SIGNAL)])
    kinds = (Beat, Interval, HrvSnapshot, Quality)
    assert of(events, *kinds) == of(WHOLE, *kinds)


def test_sample_by_sample_the_same_events():
    events = events_of(list(range(len(SIGNAL) + 1)))
    assert of(events, Beat, Interval, Quality) == of(WHOLE, Beat, Interval, Quality)


def test_a_beat_comes_before_its_consequences():
    sounded = -1.0
    for event in WHOLE:
        if isinstance(event, Beat):
            sounded = event.t
        elif isinstance(event, Interval):
            assert event.t <= sounded


def test_the_rate_comes_with_the_beat():
    beats = of(WHOLE, Beat)
    assert beats[0].bpm is None
    assert all(beat.bpm == pytest.approx(80.0, rel=0.1) for beat in beats[1:])


def test_hrv_follows_the_beats():
    last = of(WHOLE, HrvSnapshot)[-1]
    assert last.bpm == pytest.approx(80.0, rel=0.05)
    assert last.rmssd_ms is not None
    assert last.lf_ms2 is None, "40 s cannot carry a spectrum"


def test_beats_of_a_source_that_sends_beats_need_no_detector():
    pipeline = Pipeline()
    beats = [event for t in (1.0, 2.0, 3.0) for event in pipeline.push(Beat(t, t))]
    assert [beat.ibi_ms for beat in of(beats, Beat)] == [None, 1000.0, 1000.0]
    assert [status.state for status in of(beats, Status)] == [State.LIVE]


def test_no_interval_spans_a_gap():
    pipeline = Pipeline("ppg")
    events = list(pipeline.push(SampleChunk(0.0, RATE_HZ, SIGNAL[:2000])))
    events += pipeline.push(SampleChunk(21.0, RATE_HZ, SIGNAL[2000:]))
    beats = of(events, Beat)
    after = next(beat for beat in beats if beat.t > 20.5)
    assert after.ibi_ms is None
    assert max(beat.ibi_ms or 0.0 for beat in beats) < 1000.0


def test_lost_samples_count_against_the_quality():
    def quality(step):
        pipeline = Pipeline("ppg")
        found = []
        for start in range(0, len(SIGNAL), 100):
            part = SIGNAL[start : start + step]
            found += pipeline.push(SampleChunk(start / RATE_HZ, RATE_HZ, part))
        return np.median([each.value for each in of(found, Quality)][10:])

    whole, lossy = quality(100), quality(96)
    assert lossy == pytest.approx(0.96 * whole, abs=0.02)


def test_relearning_starts_from_nothing():
    def late_beats(forget):
        pipeline = Pipeline("ppg")
        list(pipeline.push(SampleChunk(0.0, RATE_HZ, SIGNAL[:2000])))
        if forget:
            pipeline.forget()
        found = of(pipeline.push(SampleChunk(20.0, RATE_HZ, SIGNAL[2000:])), Beat)
        assert len(found) > 15
        return [beat for beat in found if beat.late]

    assert not late_beats(forget=False)
    assert late_beats(forget=True)


@pytest.mark.slow
def test_a_lost_heart_gives_the_same_events_in_any_chunking():
    flat = np.full(700, SIGNAL[1999])
    signal = np.concatenate([SIGNAL[:2000], flat, SIGNAL[2000:]])

    def events(step):
        pipeline = Pipeline("ppg")
        found = []
        for start in range(0, len(signal), step):
            part = signal[start : start + step]
            found += pipeline.push(SampleChunk(start / RATE_HZ, RATE_HZ, part))
        return found

    whole = events(len(signal))
    assert State.LOST in [status.state for status in of(whole, Status)]
    for step in (1, 37, 1000):
        for kind in (Beat, Interval, Quality, Status):
            assert of(events(step), kind) == of(whole, kind)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind", "rate_hz"), [("ppg/rest5min", "ppg", 100.0), ("ecg/nstdb118e24", "ecg", 360.0)]
)
def test_live_and_offline_hear_the_same_beats(shared_data, name, kind, rate_hz):
    recording = read_recording(shared_data / f"{name}.csv", kind=kind, rate_hz=rate_hz)
    (chunk,) = recording.chunks
    pipeline = Pipeline(kind)
    live = []
    for start in range(0, len(chunk.values), 37):
        part = chunk.values[start : start + 37]
        live += pipeline.push(SampleChunk(chunk.t + start / rate_hz, rate_hz, part))
    live += pipeline.flush()
    offline = analyze(recording, kind).beats
    beats = of(live, Beat)
    assert [beat.t for beat in beats] == pytest.approx([beat.t for beat in offline], abs=1e-9)
    assert [beat.late for beat in beats] == [beat.late for beat in offline]
