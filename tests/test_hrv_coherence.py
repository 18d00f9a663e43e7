"""Coherence: where a heart swings, and how much of it."""

import math

import numpy as np
import pytest

from bridge.hrv.coherence import coherence
from bridge.hrv.measures import frequency_grid, lomb_scargle

F = frequency_grid(64.0)


def window_of(swing_ms: float, swing_hz: float, jitter_ms: float, seed: int = 3) -> np.ndarray:
    """The density over 64 s of a heart that swings, and jitters."""
    random = np.random.default_rng(seed)
    t, times, nn_ms = 0.0, [], []
    while t < 64.0:
        nn = 850.0 + swing_ms * math.sin(2 * math.pi * swing_hz * t) + random.normal(0, jitter_ms)
        t += nn / 1000.0
        times.append(t)
        nn_ms.append(nn)
    return lomb_scargle(np.array(times), np.array(nn_ms), F)


@pytest.mark.parametrize("swing_hz", [0.06, 0.1, 0.2, 0.25])
def test_a_swing_is_found_at_its_frequency(swing_hz: float) -> None:
    found = coherence(F, window_of(60.0, swing_hz, 5.0))
    assert found is not None
    assert found.resonance_hz == pytest.approx(swing_hz, abs=0.004)
    assert found.share > 0.8


def test_by_hand() -> None:
    """A line of 2 at 0.1 Hz, three points wide, on a floor of 0.1."""
    density = np.full(len(F), 0.1)
    top = int(np.argmin(np.abs(F - 0.1)))
    density[top - 1 : top + 2] = 1.0, 2.0, 1.0
    found = coherence(F, density)
    assert found is not None
    assert found.resonance_hz == pytest.approx(0.1)
    inside, everything = 0.1 * 30 + 0.9 + 1.9 + 0.9, 0.1 * (len(F) - 1) + 0.9 + 1.9 + 0.9
    assert found.share == pytest.approx(inside / everything)


def test_jitter_is_hardly_coherent() -> None:
    shares = [coherence(F, window_of(0.0, 0.1, 30.0, seed)) for seed in range(20)]
    assert max(each.share for each in shares if each is not None) < 0.45


def test_a_drift_and_a_fast_breath_have_no_resonance() -> None:
    t = np.cumsum(np.full(80, 0.8))
    assert coherence(F, 1.0 / F) is None
    assert coherence(F, np.zeros(len(F))) is None
    fast = coherence(F, lomb_scargle(t, 800.0 + 40.0 * np.sin(2 * np.pi * 0.35 * t), F))
    assert fast is None or fast.share < 0.1  # 21 a minute lies outside; a side lobe may not
