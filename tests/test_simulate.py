"""The simulated heart: deterministic, and its beats are where it says."""

import numpy as np
import pytest

from bridge.errors import UserError
from bridge.simulate.heart import Heart, HeartSimulator, simulate
from bridge.simulate.not_a_heart import MAKERS, not_a_heart


def test_the_same_samples_however_they_are_asked_for():
    whole, truth = simulate(Heart(rate_hz=250, seed=7), 12)
    simulator = HeartSimulator(Heart(rate_hz=250, seed=7))
    chunks = [simulator.take(n) for n in [1, 1, 20, 978, 2000]]
    assert np.array_equal(np.concatenate([c.values for c in chunks]), whole.values)
    assert [c.t for c in chunks] == [0.0, 0.004, 0.008, 0.088, 4.0]
    assert np.array_equal(simulator.beats_t(), truth)
    assert not np.array_equal(simulate(Heart(rate_hz=250, seed=8), 12)[0].values, whole.values)


def test_fiducials_are_the_steepest_points_and_the_r_peaks():
    for kind, order in (("ppg", 1), ("ecg", 0)):
        heart = Heart(kind=kind, rate_hz=10_000, noise_db=None, drift=0, breathing=0, bpm=60)
        chunk, truth = simulate(heart, 10)
        curve = np.diff(chunk.values, n=order)
        for t in truth[1:-1]:
            near = np.arange(round(t * 10_000) - 400, round(t * 10_000) + 400)
            top = near[np.argmax(curve[near])] / 10_000 + order * 0.5 / 10_000
            assert top == pytest.approx(t, abs=1.01e-4)


@pytest.mark.slow
def test_rate_and_variability_are_those_asked_for():
    _, truth = simulate(Heart(bpm=66, hrv_ms=40, rate_hz=50), 600)
    intervals = np.diff(truth)
    assert 60 / intervals.mean() == pytest.approx(66, rel=0.02)
    assert 1000 * intervals.std() == pytest.approx(40, rel=0.25)
    _, truth = simulate(Heart(bpm=66, hrv_ms=0, rate_hz=50), 60)
    assert np.diff(truth) == pytest.approx(np.full(len(truth) - 1, 60 / 66), abs=2e-3)
    _, truth = simulate(Heart(bpm=lambda t: 60 if t < 30 else 120, hrv_ms=0, rate_hz=50), 60)
    assert len(truth) == pytest.approx(30 + 60, abs=1)


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(UserError, match="ppg or ecg"):
        simulate(Heart(kind="eeg"), 1)
    with pytest.raises(UserError, match="10 to 300"):
        simulate(Heart(bpm=500), 1)
    with pytest.raises(UserError, match="rate"):
        simulate(Heart(rate_hz=0), 1)


@pytest.mark.parametrize("name", MAKERS)
def test_what_is_not_a_heart_is_finite_and_reproducible(name):
    first = not_a_heart(name, 100, 10)
    assert np.all(np.isfinite(first.values))
    assert len(first.values) == 1000
    assert np.array_equal(first.values, not_a_heart(name, 100, 10).values)
