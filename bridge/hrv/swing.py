"""How strongly, and where in its cycle, a series of late values swings at each of many frequencies.

The generalised Lomb-Scargle periodogram (M. Zechmeister and M. Kuerster 2009, Astron Astrophys
496:577-584: weights and a floating mean), with weights that fade into the past.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MEMORY_S = 12.0
"""Time constant with which values lose weight. On five healthy recordings with a breathing channel
8 s follow sooner but take chance for a breath (80 % of the rates are right within 2 a minute, 85 of
12 s, 90 of 15 s); 15 s are silent for longer."""
WINDOW_S = 2.5 * MEMORY_S
"""Values older than this weigh less than a twelfth, and are let go."""
_ROOM = 128
"""Values that there is room for at first: half a minute of a fast heart, twice."""


class Swing(NamedTuple):
    """What one series does at each frequency, each of shape (frequencies,)."""

    share: Floats
    """0-1: how much of its variance a wave of that frequency explains."""
    turn: NDArray[np.complex128]
    """Where in its cycle that wave is now: unit phasors, angle 0 at its crest."""


class Swings:
    """The last half minute of one series, and the waves in it."""

    def __init__(self, frequencies_hz: Floats) -> None:
        self._angular = 2.0 * np.pi * frequencies_hz
        self._values = np.empty((_ROOM, 2))
        # Of each value, at its own time: cos, sin, cos^2 and cos sin of each frequency. A fit only
        # weighs them, and turns what it finds to its own moment.
        self._terms = np.empty((_ROOM, 4, len(frequencies_hz)))
        self._first = self._stop = 0

    def add(self, t: float, value: float) -> None:
        """Take the next value, at ``t`` s, rising."""
        if self._stop == len(self._values):
            self._make_room()
        self._values[self._stop] = t, value
        cos, sin, cos_cos, cos_sin = self._terms[self._stop]
        phase = self._angular * t
        np.cos(phase, out=cos)
        np.sin(phase, out=sin)
        np.multiply(cos, cos, out=cos_cos)
        np.multiply(cos, sin, out=cos_sin)
        self._stop += 1

    def _make_room(self) -> None:
        """Move what is held to the front, into twice the room where it fills more than half."""
        held = len(self)
        room = len(self._values) * (2 if 2 * held > len(self._values) else 1)
        for name in ("_values", "_terms"):
            old: Floats = getattr(self, name)
            new = np.empty((room, *old.shape[1:]))
            new[:held] = old[self._first : self._stop]
            setattr(self, name, new)
        self._first, self._stop = 0, held

    def leave(self, now: float) -> None:
        """Let go of what is too old at ``now``, s."""
        while self._first < self._stop and self._values[self._first, 0] < now - WINDOW_S:
            self._first += 1

    def __len__(self) -> int:
        return self._stop - self._first

    @property
    def span_s(self) -> float:
        """Time from the oldest value to the newest."""
        if not len(self):
            return 0.0
        return float(self._values[self._stop - 1, 0] - self._values[self._first, 0])

    def fit(self, now: float) -> Swing:
        """Fit a wave of each frequency, beside a straight line, to the values as of ``now``, s."""
        t, x = self._values[self._first : self._stop].T
        t = t - now
        weight = np.exp(t / MEMORY_S)
        weight /= weight.sum()
        t_less, x = t - weight @ t, x - weight @ x
        x = x - t_less * ((weight @ (t_less * x)) / max(float(weight @ (t_less * t_less)), 1e-12))
        terms = self._terms[self._first : self._stop].reshape(len(t), -1)
        means, with_x = (np.stack((weight, weight * x)) @ terms).reshape(2, 4, -1)
        mean_cos, mean_sin, cos_cos, cos_sin = means
        yc, ys = with_x[:2]  # x has no mean
        cc, ss = cos_cos - mean_cos * mean_cos, 1.0 - cos_cos - mean_sin * mean_sin
        cs = cos_sin - mean_cos * mean_sin
        determinant = np.maximum(cc * ss - cs * cs, 1e-12)
        a, b = (yc * ss - ys * cs) / determinant, (ys * cc - yc * cs) / determinant
        share = (a * yc + b * ys) / max(float(weight @ (x * x)), 1e-12)
        wave = (a - 1j * b) * np.exp(1j * self._angular * now)
        return Swing(np.clip(share, 0.0, 1.0), wave / np.maximum(np.abs(wave), 1e-12))
