"""What is not a heart makes no beats: at most one false beat a minute."""

import numpy as np
import pytest

from bridge.detect import make_detector
from bridge.events import Beat, SampleChunk, State
from bridge.simulate.heart import Heart, simulate
from bridge.simulate.not_a_heart import MAKERS, not_a_heart
from bridge.status import StatusTracker


def beats(kind, chunk):
    return [e for e in make_detector(kind, chunk.rate_hz).push(chunk) if isinstance(e, Beat)]


@pytest.mark.slow
@pytest.mark.parametrize("name", MAKERS)
def test_ten_minutes_of_no_heart(name):
    assert len(beats("auto", not_a_heart(name, 100, 600))) <= 10


@pytest.mark.slow
@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize(("kind", "rate"), [("ppg", 50), ("ppg", 500), ("ecg", 250)])
def test_two_minutes_of_no_heart_at_other_rates(name, kind, rate):
    assert len(beats(kind, not_a_heart(name, rate, 120))) <= 2


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "rate"), [("ppg", 50), ("ppg", 100), ("ecg", 100)])
def test_brown_noise_looks_like_a_heart_at_most_once_a_minute(kind, rate):
    # Chance makes a wave of this or that noise; so many different ones.
    found = [len(beats(kind, not_a_heart("brown noise", rate, 120, seed=s))) for s in range(10)]
    assert sum(found) <= 20


@pytest.mark.slow
@pytest.mark.parametrize("hum_hz", [50, 60])
@pytest.mark.parametrize("rate", [48, 49, 51, 52, 62.5, 117, 125])
@pytest.mark.parametrize("level", [0.05, 1.0, 300.0])
def test_hum_that_aliases_into_the_range_of_a_heart(hum_hz, rate, level):
    t = np.arange(int(120 * rate)) / rate
    noise = 0.02 * level * np.random.default_rng(1).standard_normal(len(t))
    chunk = SampleChunk(0.0, float(rate), level * np.sin(2 * np.pi * hum_hz * t) + noise)
    assert len(beats("ppg", chunk)) <= 2
    assert len(beats("ecg", chunk)) <= 2


@pytest.mark.parametrize("kind", ["ppg", "ecg"])
@pytest.mark.parametrize("level", [0.0, 1e-9, 512.0, 1e6, -3.3])
def test_a_flat_line_is_flat_at_any_level(kind, level):
    assert beats(kind, SampleChunk(0.0, 100.0, np.full(6000, level))) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ppg", "ecg"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_status_leaves_live_within_3_s_of_loss_and_returns_within_4_beats(kind, seed):
    chunk, truth = simulate(Heart(kind=kind, rate_hz=100, noise_db=25, seed=seed), 60)
    values = chunk.values.copy()
    rng = np.random.default_rng(seed)
    values[2000:3500] = np.round(512 + 2 * rng.standard_normal(1500))
    status, changes, quality_fell = StatusTracker(), [], None
    for event in make_detector(kind, 100.0).push(SampleChunk(0.0, 100.0, values)):
        changes += status.push(event)
        if not isinstance(event, Beat) and event.t > 20 and quality_fell is None:
            quality_fell = event.t if event.value < 0.9 else None
    assert [c.state for c in changes] == [State.LIVE, State.LOST, State.LIVE]
    live, lost, again = (c.t for c in changes)
    assert live < truth[4] + 0.2
    assert 20.0 < lost < 23.0
    assert quality_fell is not None
    assert quality_fell <= lost + 0.5
    # The fourth beat of the good signal has been announced 0.1 s after it at the latest.
    assert again <= truth[truth > 35.0][3] + 0.1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "name", "rate", "seed"),
    [
        ("ppg", "brown noise", 100, 5),
        ("ppg", "brown noise", 100, 9),
        ("ppg", "brown noise", 50, 2),
        ("ecg", "white noise", 50, 6),
        ("ecg", "brown noise", 250, 6),
        ("ecg", "hum 50 Hz, 1 count", 25, 1),
        ("ecg", "hum 50 Hz, 400 counts", 50, 1),
    ],
)
def test_ten_minutes_that_once_passed_for_a_heart(kind, name, rate, seed):
    assert len(beats(kind, not_a_heart(name, rate, 600, seed=seed))) <= 10
