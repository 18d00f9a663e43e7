"""How strongly, and where in its cycle, a series of late values swings at each of many frequencies.

The generalised Lomb-Scargle periodogram (M. Zechmeister and M. Kuerster 2009, Astron Astrophys
496:577-584: weights and a floating mean), with weights that fade into the past.
"""

from collections import deque
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


class Swing(NamedTuple):
    """What one series does at each frequency, each of shape (frequencies,)."""

    share: Floats
    """0-1: how much of its variance a wave of that frequency explains."""
    turn: NDArray[np.complex128]
    """Where in its cycle that wave is now: unit phasors, angle 0 at its crest."""


class Swings:
    """The last half minute of one series, and the waves in it."""

    def __init__(self, frequencies_hz: Floats) -> None:
        self._frequencies_hz = frequencies_hz
        self._values: deque[tuple[float, float]] = deque()

    def add(self, t: float, value: float) -> None:
        """Take the next value, at ``t`` s, rising."""
        self._values.append((t, value))

    def leave(self, now: float) -> None:
        """Let go of what is too old at ``now``, s."""
        while self._values and self._values[0][0] < now - WINDOW_S:
            self._values.popleft()

    def __len__(self) -> int:
        return len(self._values)

    @property
    def span_s(self) -> float:
        """Time from the oldest value to the newest."""
        return self._values[-1][0] - self._values[0][0] if self._values else 0.0

    def fit(self, now: float) -> Swing:
        """Fit a wave of each frequency, beside a straight line, to the values as of ``now``, s."""
        t, x = np.array(self._values).T
        t = t - now
        weight = np.exp(t / MEMORY_S)
        weight /= weight.sum()
        t_less, x = t - weight @ t, x - weight @ x
        x = x - t_less * ((weight @ (t_less * x)) / max(float(weight @ (t_less * t_less)), 1e-12))
        phase = 2.0 * np.pi * np.outer(self._frequencies_hz, t)
        cos, sin = np.cos(phase), np.sin(phase)
        cos -= (cos @ weight)[:, None]
        sin -= (sin @ weight)[:, None]
        cc, ss, cs = (cos * cos) @ weight, (sin * sin) @ weight, (cos * sin) @ weight
        yc, ys = cos @ (weight * x), sin @ (weight * x)
        determinant = np.maximum(cc * ss - cs * cs, 1e-12)
        a, b = (yc * ss - ys * cs) / determinant, (ys * cc - yc * cs) / determinant
        share = (a * yc + b * ys) / max(float(weight @ (x * x)), 1e-12)
        wave = a - 1j * b
        return Swing(np.clip(share, 0.0, 1.0), wave / np.maximum(np.abs(wave), 1e-12))
