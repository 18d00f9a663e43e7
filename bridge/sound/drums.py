"""Drums by recipe: each is summed from sines, squares and noise once, and then only played.

The six oscillators and bands of the cymbals: Werner, Abel and Smith, *The TR-808 Cymbal*, ICMC
2014. A kick as a swept sine with a click: Reid, *Synth Secrets* 34, Sound On Sound, 2002. Levels
and decays are ours, set by spectra and sums. Kick, toms and bells are tuned to A minor pentatonic.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from bridge.clips.kit import DRUMS

RATE_HZ = 48_000
Samples = NDArray[np.float32]
Wave = NDArray[np.float64]
_METAL_HZ = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)
_BELL_HZ = (540.0, 800.0)
_ATTACK_S, _END_S = 0.0005, 0.010
_TABLE, _HISS, _PIECE = 4096, 1 << 15, 1 << 14
_SILENT = 6.0
"""Decay times after which a sound is over: -52 dB."""


@dataclass(frozen=True, slots=True)
class Sine:
    """A sine that falls from ``high_hz`` to ``low_hz`` while it dies away."""

    high_hz: float
    low_hz: float
    sweep_s: float
    decay_s: float
    level: float = 1.0


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise of a band; ``bursts_s`` starts it anew, as several hands do."""

    low_hz: float
    high_hz: float
    decay_s: float
    level: float = 1.0
    attack_s: float = _ATTACK_S
    bursts_s: tuple[float, ...] = (0.0,)


@dataclass(frozen=True, slots=True)
class Metal:
    """Squares of fixed pitches through a band."""

    low_hz: float
    high_hz: float
    decay_s: float
    level: float = 1.0
    squares_hz: tuple[float, ...] = _METAL_HZ


@dataclass(frozen=True, slots=True)
class Recipe:
    """One sound."""

    parts: tuple[Sine | Noise | Metal, ...]
    peak: float
    """Full scale is 1; at full velocity, before the room."""
    split_hz: float
    """Above it lies what velocity and the filter lane take away."""
    pan: float = 0.0
    """-1 left to 1 right; of the part above ``split_hz``."""


def _tom(hz: float, pan: float) -> Recipe:
    return Recipe(
        (Sine(1.5 * hz, hz, 0.06, 0.16), Noise(300, 3000, 0.012, 0.12)), 0.55, 2.5 * hz, pan
    )


def _conga(hz: float, decay_s: float, pan: float) -> Recipe:
    return Recipe(
        (Sine(1.12 * hz, hz, 0.03, decay_s), Noise(800, 4000, 0.008, 0.25)), 0.5, 2 * hz, pan
    )


def _hat(decay_s: float, peak: float) -> Recipe:
    return Recipe(
        (Metal(6500, 13000, decay_s), Noise(7000, 14000, decay_s, 0.35)), peak, 9000, 0.25
    )


def _knock(hz: float, pan: float) -> Recipe:
    return Recipe((Sine(hz, hz, 1, 0.02), Sine(2.2 * hz, 2.2 * hz, 1, 0.01, 0.5)), 0.45, hz, pan)


def _agogo(hz: float, pan: float) -> Recipe:
    return Recipe((Sine(hz, hz, 1, 0.14), Sine(1.51 * hz, 1.51 * hz, 1, 0.09, 0.6)), 0.35, hz, pan)


def _shaker(decay_s: float, low_hz: float, pan: float) -> Recipe:
    return Recipe((Noise(low_hz, 14000, decay_s, attack_s=0.006),), 0.35, 9000, pan)


_RECIPES = {
    "kick": Recipe((Sine(190, 55, 0.028, 0.17), Noise(1000, 6000, 0.004, 0.25)), 0.85, 250),
    "deep kick": Recipe((Sine(150, 49, 0.035, 0.24), Noise(800, 4000, 0.004, 0.15)), 0.85, 220),
    "side stick": Recipe(
        (Sine(1667, 1667, 1, 0.012), Sine(455, 455, 1, 0.014, 0.7)), 0.5, 900, -0.2
    ),
    "snare": Recipe(
        (
            Sine(270, 185, 0.02, 0.06),
            Sine(430, 330, 0.02, 0.04, 0.6),
            Noise(1200, 9000, 0.075, 1.2),
        ),
        0.65,
        1800,
        -0.1,
    ),
    "tight snare": Recipe(
        (Sine(320, 220, 0.015, 0.045), Noise(1800, 11000, 0.05, 1.4)), 0.6, 2500, -0.1
    ),
    "clap": Recipe((Noise(800, 2600, 0.006, 1.0, bursts_s=(0, 0.010, 0.021, 0.031)),
                    Noise(900, 2400, 0.07, 0.7, bursts_s=(0.031,))), 0.6, 1500, 0.15),
    "closed hat": _hat(0.035, 0.42),
    "pedal hat": _hat(0.05, 0.36),
    "open hat": _hat(0.22, 0.4),
    "crash": Recipe((Metal(2500, 12000, 0.6), Noise(3000, 14000, 0.5, 0.8)), 0.45, 6000, -0.4),
    "ride": Recipe((Metal(3000, 12000, 0.45), Noise(5000, 14000, 0.2, 0.2)), 0.38, 6000, 0.4),
    "ride bell": Recipe((Metal(500, 6000, 0.35, 1.0, (660.0, 880.0)),), 0.36, 2500, 0.4),
    "tambourine": Recipe((Noise(5500, 14000, 0.07, attack_s=0.003),), 0.35, 9000, 0.3),
    "cowbell": Recipe(
        (Metal(400, 5000, 0.02, 1.0, _BELL_HZ), Metal(400, 5000, 0.12, 0.4, _BELL_HZ)),
        0.4, 1500, 0.2,
    ),
    "guiro": Recipe(
        (Noise(2500, 9000, 0.008, bursts_s=tuple(k * 0.014 for k in range(9))),), 0.35, 5000, -0.3
    ),
    "clave": Recipe((Sine(2500, 2500, 1, 0.02),), 0.4, 3000, 0.3),
    "triangle": Recipe((Sine(4186, 4186, 1, 0.3), Sine(6930, 6930, 1, 0.25, 0.6)), 0.22, 6000, 0.4),
    "muted triangle": Recipe((Sine(4186, 4186, 1, 0.04),), 0.22, 6000, 0.4),
    "cabasa": _shaker(0.04, 6000, 0.35),
    "maracas": _shaker(0.03, 7500, -0.35),
    "shaker": _shaker(0.08, 5000, 0.35),
    "low floor tom": _tom(82.4, -0.35),
    "high floor tom": _tom(98.0, -0.2),
    "low tom": _tom(110.0, -0.1),
    "low mid tom": _tom(130.8, 0.05),
    "high mid tom": _tom(146.8, 0.2),
    "high tom": _tom(164.8, 0.35),
    "low conga": _conga(196.0, 0.11, -0.3),
    "high conga": _conga(261.6, 0.09, -0.2),
    "muted conga": _conga(261.6, 0.03, -0.2),
    "low bongo": _conga(329.6, 0.06, 0.25),
    "high bongo": _conga(392.0, 0.05, 0.3),
    "low timbale": _conga(293.7, 0.1, -0.3),
    "high timbale": _conga(392.0, 0.1, -0.2),
    "low agogo": _agogo(659.3, -0.3),
    "high agogo": _agogo(880.0, -0.2),
    "low wood block": _knock(659.3, 0.3),
    "high wood block": _knock(880.0, 0.4),
}  # fmt: skip
CHOKES = {42: (46,), 44: (46,)}
"""A foot or hand that ends the open hat."""


@dataclass(frozen=True, slots=True, eq=False)
class Drum:
    """One drum, ready to be played: its halves add up to the sound. Both of one length, mono."""

    dark: Samples
    bright: Samples
    pan: float


@lru_cache(maxsize=128)
def drum(note: int) -> Drum:
    """The sound of a note of the drum channel; notes beyond the kit have the nearest one's."""
    near = min(max(note, min(DRUMS)), max(DRUMS))
    recipe = _RECIPES[DRUMS[near]]
    frames = round(max(_length_s(part) for part in recipe.parts) * RATE_HZ)
    makers = [_maker(part, recipe.split_hz, near) for part in recipe.parts]
    halves = np.empty((2, frames), np.float32)
    for start in range(0, frames, _PIECE):  # a crash at once would take more memory than a clip
        at = np.arange(start, min(start + _PIECE, frames))
        ramp = np.minimum(at / (_ATTACK_S * RATE_HZ), 1.0)
        ramp *= np.minimum((frames - 1 - at) / (_END_S * RATE_HZ), 1.0)
        halves[:, at] = np.sum([make(at / RATE_HZ) for make in makers], axis=0) * ramp
    halves *= np.float32(recipe.peak / np.abs(halves[0] + halves[1]).max())
    return Drum(halves[0], halves[1], recipe.pan)


def _length_s(part: Sine | Noise | Metal) -> float:
    last = part.bursts_s[-1] if isinstance(part, Noise) else 0.0
    return last + _SILENT * part.decay_s + _END_S


def _maker(part: Sine | Noise | Metal, split_hz: float, seed: int) -> Callable[[Wave], Wave]:
    """What gives a part at any moments: its halves below and above ``split_hz``, shape (2, n)."""
    if isinstance(part, Sine):
        return partial(_sine, part, split_hz)
    if isinstance(part, Metal):
        tables = [(hz, _square(hz, part, split_hz)) for hz in part.squares_hz]
        return partial(_metal, part, tables)
    return partial(_noise, part, _hiss(part, split_hz, seed))


def _sine(part: Sine, split_hz: float, t: Wave) -> Wave:
    fall, left = part.high_hz - part.low_hz, np.exp(-t / part.sweep_s)
    turns = part.low_hz * t + fall * part.sweep_s * (1 - left)
    sound = np.sin(2 * np.pi * turns) * np.exp(-t / part.decay_s)
    return np.asarray(part.level * sound * _halves(part.low_hz + fall * left, split_hz))


def _metal(part: Metal, tables: list[tuple[float, Wave]], t: Wave) -> Wave:
    places = [(t * (hz * _TABLE)).astype(np.int64) % _TABLE for hz, _ in tables]
    sound = np.sum([table[:, at] for at, (_, table) in zip(places, tables, strict=True)], axis=0)
    return np.asarray(part.level / len(tables) * sound * np.exp(-t / part.decay_s))


def _noise(part: Noise, hiss: Wave, t: Wave) -> Wave:
    since = np.full(len(t), -1.0)
    for burst in part.bursts_s:
        since = np.where(t >= burst, t - burst, since)
    level = np.clip(since / part.attack_s, 0.0, 1.0) * np.exp(-np.maximum(since, 0) / part.decay_s)
    return np.asarray(hiss[:, np.rint(t * RATE_HZ).astype(np.int64) % _HISS] * level * part.level)


def _square(hz: float, part: Metal, split_hz: float) -> Wave:
    """One turn of a square through the band, from its odd sines below half the rate.

    Those above would fold back and whistle.
    """
    odd = np.arange(1, RATE_HZ / 2 / hz, 2)
    levels = _band(odd * hz, part) / odd * _halves(odd * hz, split_hz)
    levels /= (levels[0] + levels[1]).max()
    turn = 2 * np.pi * np.arange(_TABLE) / _TABLE
    table = np.zeros((2, _TABLE))
    for number, each in enumerate(odd):
        table += levels[:, number : number + 1] * np.sin(each * turn)
    return table


def _hiss(part: Noise, split_hz: float, seed: int) -> Wave:
    """A round of noise of the band that can go on without a seam; its peak is 1."""
    hz = np.linspace(0.0, RATE_HZ / 2, _HISS // 2 + 1)
    spectrum = np.fft.rfft(_white(seed)) * _band(hz, part)
    hiss = np.fft.irfft(spectrum * _halves(hz, split_hz))
    return np.asarray(hiss / np.abs(hiss[0] + hiss[1]).max())


def _white(seed: int) -> Wave:
    """Noise of -1 to 1 by Steele, Lea and Flood's SplitMix64 (2014): the same for ever.

    numpy's generators may change what they give from version to version.
    """
    x = np.arange(1, _HISS + 1, dtype=np.uint64) + np.uint64(seed << 32)
    x *= np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (x ^ (x >> np.uint64(31))) / 2.0**63 - 1.0


def _band(hz: Wave, part: Metal | Noise) -> Wave:
    """Level at a frequency: two first-order slopes at each end, as of an analogue filter."""
    up, down = (hz / part.low_hz) ** 2, (hz / part.high_hz) ** 2
    return up / (1 + up) / (1 + down)


def _halves(hz: Wave, split_hz: float) -> Wave:
    """The shares of a frequency that are dark and bright, shape (2, n); they add up to 1."""
    dark = 1 / (1 + (hz / split_hz) ** 2)
    return np.stack((dark, 1 - dark))
