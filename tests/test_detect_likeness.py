"""Quality says what shape can say: walking and spread energy are told as poor."""

import numpy as np
import pytest

from bridge.detect import make_detector
from bridge.detect.rhythm.likeness import Likeness
from bridge.detect.signal.description import SignalDescription
from bridge.events import Beat, SampleChunk
from bridge.simulate.heart import Heart, simulate

GOOD = 0.5


def good(kind, chunk):
    beats = [e for e in make_detector(kind, chunk.rate_hz).push(chunk) if isinstance(e, Beat)]
    return [b for b in beats if not b.late and b.quality >= GOOD]


def walking(rate, seconds, seed):
    """Steps of 1.9 a second, their strength wandering."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate)) / rate
    strength = 1.0 + 0.4 * np.interp(t, np.arange(seconds + 1), rng.standard_normal(seconds + 1))
    steps = np.sin(2 * np.pi * 1.9 * t) + 0.3 * np.sin(4 * np.pi * 1.9 * t + 1.0)
    noise = 4.0 * rng.standard_normal(len(t))
    return SampleChunk(0.0, rate, 512.0 + 60.0 * strength * steps + noise)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ppg", "ecg", "auto"])
@pytest.mark.parametrize("rate", [50.0, 100.0, 250.0])
def test_no_step_is_a_good_beat(kind, rate):
    assert len(good(kind, walking(rate, 60, seed=2))) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ppg", "ecg"])
@pytest.mark.parametrize("bpm", [45, 75, 200])
@pytest.mark.parametrize("rate", [100.0, 250.0])
def test_hearts_are_good(kind, bpm, rate):
    chunk, truth = simulate(Heart(kind=kind, rate_hz=rate, bpm=bpm, noise_db=20, seed=bpm), 30)
    assert len(good(kind, chunk)) >= 0.8 * np.sum(truth > 4.0)


def test_a_pulse_counts_by_how_it_rises_an_ecg_by_how_sparse_it_is():
    likeness = Likeness()
    assert likeness.of(0.8) == 1.0
    likeness.observe(1, SignalDescription(1.0, uprightness=0.45))
    assert likeness.of(0.8) == pytest.approx(0.5)
    likeness.observe(-1, SignalDescription(1.0, uprightness=-0.9))
    assert likeness.of(0.8) == 1.0
    likeness.observe(1, SignalDescription(1.0, sparseness=3.7))
    assert likeness.of(0.8) == pytest.approx(0.5)
    assert likeness.of(0.3) == 1.0
    likeness.observe(1, SignalDescription(1.0, uprightness=0.45, sparseness=3.7))
    assert likeness.of(0.8) == pytest.approx(0.25)
