"""The soft tone of the pitched channels: a few partials read from a table, dying to a held rest."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bridge.sound.drums import RATE_HZ

Samples = NDArray[np.float32]
RELEASE_S = 0.12
_DARK = (1.0, 0.2)
_BRIGHT = (0.0, 0.3, 0.3, 0.2, 0.13, 0.09, 0.05)
"""Levels of the partials, the first upward; velocity and the filter lane take from the second."""
_TABLE = 8192
_DETUNE = 0.0007
"""The upper partials lie this much lower on the left and higher on the right: width."""
_ATTACK_S, _ENVELOPE_S = 0.008, 4.0
_HELD, _DECAY_S, _BRIGHT_DECAY_S = 0.3, 0.9, 0.35
_LEVEL = 0.26
_REFERENCE_HZ = 220.0
_TILT = 0.35
"""Ears hear a high tone as louder: its level falls with this power of its frequency."""


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    dark: Samples
    bright: Samples
    envelope: Samples
    """From the onset; its last value holds on."""
    bright_envelope: Samples


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    phase = 2 * np.pi * np.arange(_TABLE) / _TABLE
    t = np.arange(round(_ENVELOPE_S * RATE_HZ), dtype=np.float32) / np.float32(RATE_HZ)
    rise = 0.5 - 0.5 * np.cos(np.pi * np.minimum(t / _ATTACK_S, 1.0))
    return _Tables(
        _wave(_DARK, phase),
        _wave(_BRIGHT, phase),
        (rise * (_HELD + (1 - _HELD) * np.exp(-t / _DECAY_S))).astype(np.float32),
        (rise * (_HELD / 2 + (1 - _HELD / 2) * np.exp(-t / _BRIGHT_DECAY_S))).astype(np.float32),
    )


def _wave(levels: tuple[float, ...], phase: NDArray[np.float64]) -> Samples:
    return np.asarray(
        sum(level * np.sin(k * phase) for k, level in enumerate(levels, 1)), np.float32
    )


def warm_up() -> None:
    """Make the tables now, so that the first tone does not wait for them."""
    _tables()


def tone(pitch: int, first: int, count: int) -> tuple[Samples, Samples]:
    """A part of an endless tone.

    Args:
        pitch: MIDI, 69 is 440 Hz.
        first: frames since the onset.
        count: frames wanted.

    Returns:
        The dark half, shape (count,), and the bright one, left and right, shape (2, count).
    """
    tables = _tables()
    hz = 440.0 * 2.0 ** ((pitch - 69) / 12)
    level = np.float32(_LEVEL * (hz / _REFERENCE_HZ) ** -_TILT)
    frames = np.arange(first, first + count, dtype=np.float64)
    at = np.minimum(np.arange(first, first + count), len(tables.envelope) - 1)
    dark = tables.dark[_index(frames, hz)] * (tables.envelope[at] * level)
    bright_level = tables.bright_envelope[at] * level
    sides = (hz * (1 - _DETUNE), hz * (1 + _DETUNE))
    bright = np.stack([tables.bright[_index(frames, side)] * bright_level for side in sides])
    return dark, bright


def _index(frames: NDArray[np.float64], hz: float) -> NDArray[np.int64]:
    """Where in the table each frame reads; from the count of frames, so that nothing drifts."""
    return (frames * (hz * _TABLE / RATE_HZ)).astype(np.int64) & (_TABLE - 1)
