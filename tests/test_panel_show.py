"""What the pages see of a heart: every beat, every peak, and no more points than a screen has."""

import numpy as np
import pytest

from bridge.events import Beat, Breath, HrvSnapshot, SampleChunk, State, Status
from bridge.panel.show import MOST_POINTS, ShowSink, thinned


@pytest.fixture
def heard():
    told = []
    return ShowSink(3, told.append), told


def test_beats_and_states_are_told(heard):
    sink, told = heard
    sink.event(Beat(1.0, 1.06, strength=0.5, ibi_ms=800.0, bpm=75.0), 0.06)
    sink.event(Beat(1.4, 1.9, late=True), 0.5)
    sink.event(Status(1.06, State.LIVE), 0.0)
    assert told == [
        {"k": "beat", "h": 3, "t": 1.0, "s": 0.5, "ibi": 800.0, "bpm": 75.0},
        {"k": "status", "h": 3, "state": "live"},
    ]
    assert sink.state is State.LIVE
    assert sink.changed


def test_what_is_not_known_is_not_told(heard):
    sink, told = heard
    sink.event(HrvSnapshot(10.0, 0.5), 0.0)
    assert told == []
    sink.event(HrvSnapshot(10.0, 0.5, rmssd_ms=31.0), 0.0)
    assert told == [{"k": "hrv", "h": 3, "t": 10.0, "v": {"rmssd": 31.0}}]


@pytest.mark.parametrize("rate_hz", [64.0, 250.0, 500.0, 1000.0])
def test_a_frame_holds_the_signal_whatever_its_chunks(heard, rate_hz):
    sink, _ = heard
    values = np.sin(np.arange(200) / 7.0) * 100
    for k in range(200):
        sink.samples(SampleChunk(5.0 + k / rate_hz, rate_hz, values[k : k + 1]))
    t, step, points = sink.frame()
    expected, every = thinned(values, rate_hz)
    assert t == pytest.approx(5.0)
    assert step == pytest.approx(every, abs=1e-6)
    assert points == expected
    assert max(points) == pytest.approx(values.max(), rel=1e-4)
    assert min(points) == pytest.approx(values.min(), rel=1e-4)
    assert sink.frame() is None


def test_a_frame_ends_at_a_gap(heard):
    sink, _ = heard
    sink.samples(SampleChunk(0.0, 100.0, np.zeros(10)))
    sink.samples(SampleChunk(0.5, 100.0, np.ones(10)))
    assert sink.frame() == [0.0, 0.01, [0.0] * 10]
    assert sink.frame() == [0.5, 0.01, [1.0] * 10]


def test_no_peak_is_lost_between_two_points():
    values = np.zeros(1008)
    values[437] = 50.0
    points, step = thinned(values, 2000.0)
    assert 50.0 in points
    assert step * len(points) == pytest.approx(1008 / 2000)
    assert len(points) == 126


def test_what_is_not_asked_for_does_not_pile_up(heard):
    sink, _ = heard
    for k in range(100):
        sink.samples(SampleChunk(k * 1.0, 250.0, np.zeros(250)))
    t, step, points = sink.frame()
    assert len(points) == MOST_POINTS
    assert t + len(points) * step == pytest.approx(100.0)


def test_frames_of_a_fast_signal_follow_each_other_without_overlap(heard):
    """33 samples a frame at 1 kHz are no whole number of points: the rest waits."""
    sink, _ = heard
    end = 0.0
    for k in range(50):
        sink.samples(SampleChunk(k * 0.033, 1000.0, np.arange(33.0)))
        t, step, points = sink.frame()
        assert t == pytest.approx(end, abs=2e-3)
        end = t + step * len(points)
    assert end == pytest.approx(50 * 0.033, abs=0.009)


def test_what_is_known_no_longer_is_told_once(heard):
    sink, told = heard
    sink.event(HrvSnapshot(10.0, 0.5, rmssd_ms=31.0, coherence=0.4), 0.0)
    sink.event(Breath(10.5, None, 6.0), 0.0)
    sink.event(Breath(10.55, 0.5, None), 0.0)
    sink.event(HrvSnapshot(11.0, 0.5, rmssd_ms=32.0), 0.0)
    sink.event(HrvSnapshot(14.0, 0.5), 0.0)
    sink.event(HrvSnapshot(15.0, 0.5), 0.0)
    assert [message["v"] for message in told] == [
        {"rmssd": 31.0, "coherence": 0.4},
        {"breath": 6.0},
        {"rmssd": 32.0, "coherence": None},
        {"rmssd": None, "breath": None},
    ]
    assert {message["k"] for message in told} == {"hrv"}
