"""Signals that are not a heart: no finger on the sensor, a bad cable, the mains nearby.

A detector must stay silent on each of them; tests and benchmarks ask for them by name.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bridge.events import SampleChunk

Floats = NDArray[np.float64]
Maker = Callable[[Floats, np.random.Generator], Floats]


def _brown(t: Floats, rng: np.random.Generator) -> Floats:
    """A random walk of variance 1 in 1 s."""
    step = t[1] - t[0] if len(t) > 1 else 1.0
    walk: Floats = np.cumsum(rng.standard_normal(len(t)))
    return walk * float(np.sqrt(step))


def _no_finger(t: Floats, rng: np.random.Generator) -> Floats:
    """Ambient light on an open sensor: wander, hum and converter noise, in whole counts."""
    hum = 3 * np.sin(2 * np.pi * 50.02 * t) * (1 + 0.3 * np.sin(0.4 * t))
    return np.round(512 + 4 * _brown(t, rng) + hum + 2 * rng.standard_normal(len(t)))


def _flat(t: Floats, rng: np.random.Generator) -> Floats:
    return np.full(len(t), 512.0)


def _dither(t: Floats, rng: np.random.Generator) -> Floats:
    """A flat line between two counts."""
    return np.round(512.5 + 0.2 * rng.standard_normal(len(t)))


def _saturated(t: Floats, rng: np.random.Generator) -> Floats:
    """Wandering light beyond the upper rail of 10 bits, coming back below it now and then."""
    return np.minimum(
        1023.0, np.round(1060 + 40 * np.sin(0.9 * t) + 10 * rng.standard_normal(len(t)))
    )


def _hum(frequency: float, level: float) -> Maker:
    def make(t: Floats, rng: np.random.Generator) -> Floats:
        # Mains wander by some hundredths of a hertz.
        phase = 2 * np.pi * (frequency * t + 0.05 * np.sin(2 * np.pi * 0.01 * t))
        return np.round(512 + level * np.sin(phase) + 0.4 * rng.standard_normal(len(t)))

    return make


def _white(t: Floats, rng: np.random.Generator) -> Floats:
    return 512 + 60 * rng.standard_normal(len(t))


def _knocks(t: Floats, rng: np.random.Generator) -> Floats:
    """A loose cable: at random moments, about one a second, a jolt that rings and dies away."""
    signal = 512 + 2 * rng.standard_normal(len(t))
    moments = np.cumsum(rng.exponential(1.0, size=int(2 * (t[-1] - t[0])) + 10)) + t[0]
    for moment in moments[moments < t[-1]]:
        height = rng.choice([-1, 1]) * rng.uniform(50, 400)
        fade, ring = rng.uniform(0.01, 0.15), rng.uniform(3.0, 15.0)
        since = t - moment
        after = (since >= 0) & (since < 1.0)
        s = since[after]
        signal[after] += height * np.exp(-s / fade) * np.cos(2 * np.pi * ring * s)
    return signal


def _tremor(t: Floats, rng: np.random.Generator) -> Floats:
    """A 10 Hz tremor, its strength and its frequency wandering."""
    smooth = max(1, round(0.5 / (t[1] - t[0])))
    window = np.ones(smooth) / smooth
    strength = 1 + 0.8 * np.convolve(rng.standard_normal(len(t)), window, "same") * smooth**0.5
    sway = np.convolve(rng.standard_normal(len(t)), window, "same") * smooth**0.5
    phase = 2 * np.pi * np.cumsum(10 + 0.7 * sway) * (t[1] - t[0])
    tremor: Floats = 512 + 80 * strength * np.sin(phase)
    return tremor + 5 * _brown(t, rng) + rng.standard_normal(len(t))


MAKERS: dict[str, Maker] = {
    "no finger": _no_finger,
    "flat": _flat,
    "flat, 1 count": _dither,
    "saturated": _saturated,
    "hum 50 Hz, 1 count": _hum(50, 1),
    "hum 50 Hz, 5 counts": _hum(50, 5),
    "hum 50 Hz, 400 counts": _hum(50, 400),
    "hum 60 Hz, 1 count": _hum(60, 1),
    "hum 60 Hz, 5 counts": _hum(60, 5),
    "hum 60 Hz, 400 counts": _hum(60, 400),
    "white noise": _white,
    "brown noise": lambda t, rng: 512 + 60 * _brown(t, rng),
    "cable knocks": _knocks,
    "tremor 10 Hz": _tremor,
}


def not_a_heart(name: str, rate_hz: float, duration_s: float, seed: int = 1) -> SampleChunk:
    """One of ``MAKERS``, in 10-bit counts or thereabouts, from t = 0."""
    t = np.arange(round(duration_s * rate_hz)) / rate_hz
    return SampleChunk(0.0, rate_hz, MAKERS[name](t, np.random.default_rng(seed)))
