"""How far a signal looks like a heart's at all: a part of every beat's quality.

What shape alone cannot tell from a heart, as walking, is told, and told as poor.
"""

from bridge.detect.rhythm.acceptance import interpolate
from bridge.detect.signal.description import SignalDescription

UPRIGHT = ((0.3, 0.0), (0.6, 1.0))
"""What is left of a pulse's quality by how much steeper it rises than it falls, ``uprightness``:
walking and random waves have -0.2 to 0.5, pulses of shared/data 0.5 and more (95 %)."""
SPARSE = ((3.2, 0.0), (4.2, 1.0))
SPARSE_INTERVAL_S = 0.6
"""The same of an ECG's by its ``sparseness`` in the low band: walking has 2.5-3.7, ECGs of
shared/data 4 and more (90 % of CPSC2019, 99 % of others), less in proportion where the beats are
nearer together than the last. A steeper end (4.8) gives noise stress 0.5 points and takes wide
paced beats."""


class Likeness:
    """Remembers what the last seconds were like."""

    def __init__(self) -> None:
        self._upright = 1.0
        self._sparseness: float | None = None

    def observe(self, sign: int, signal: SignalDescription) -> None:
        """Note one more description; beats point up (sign 1) or down (-1)."""
        if signal.uprightness is not None:
            self._upright = interpolate(sign * signal.uprightness, UPRIGHT)
        self._sparseness = signal.sparseness

    def of(self, interval_s: float) -> float:
        """How far it looks like a heart whose beats are so far apart, 0-1."""
        if self._sparseness is None:
            return self._upright
        near = min(1.0, interval_s / SPARSE_INTERVAL_S)
        return self._upright * interpolate(self._sparseness / near, SPARSE)
