"""What a short stretch of signal must show to be taken for pulse waves at once."""

import numpy as np
import pytest

from bridge.detect.signal.upstrokes import shows_upstrokes
from bridge.simulate.heart import Heart, simulate
from bridge.simulate.not_a_heart import MAKERS, not_a_heart

SECONDS = 2.2


def pulse(rate, noise_db=30, seed=1):
    values = simulate(Heart(kind="ppg", rate_hz=rate, noise_db=noise_db, seed=seed), 12)[0].values
    return values[-round(SECONDS * rate) :]


@pytest.mark.parametrize("rate", [50.0, 100.0, 117.0])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e5])
def test_pulses_are_seen_with_their_sign_at_any_scale(rate, scale):
    x = scale * pulse(rate) + 7 * scale
    assert shows_upstrokes(x, rate, 1)
    assert shows_upstrokes(-x, rate, -1)
    assert not shows_upstrokes(x, rate, -1)
    assert not shows_upstrokes(-x, rate, 1)


def test_a_sine_rises_as_it_falls():
    t = np.arange(220) / 100
    x = np.sin(2 * np.pi * 1.9 * t)
    assert not shows_upstrokes(x, 100.0, 1)
    assert not shows_upstrokes(x, 100.0, -1)


@pytest.mark.parametrize("length", [0, 1, 5, 49])
def test_too_little_signal_shows_nothing(length):
    assert not shows_upstrokes(np.arange(length) ** 2.0, 100.0, 1)


@pytest.mark.parametrize("name", sorted(set(MAKERS) - {"cable knocks"}))
def test_hardly_any_window_of_noise_looks_like_pulses(name):
    values, wide = not_a_heart(name, 100, 120).values, round(100 * SECONDS)
    windows = [values[i : i + wide] for i in range(0, len(values) - wide, wide)]
    seen = sum(shows_upstrokes(x, 100.0, s) for x in windows for s in (1, -1))
    assert seen <= 2
