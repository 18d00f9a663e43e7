"""How far a heart swings as one: the share of its variability that lies at one resonance.

R. McCraty and D. Tomasino (2004), HeartMath Research Center 04-010, take the highest peak between
0.04 and 0.26 Hz, the power within 0.030 Hz around it, and all power; their ratio, peak over rest,
has no upper end, so it is told here as the share of all, ratio / (1 + ratio).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PEAK_HZ = (0.04, 0.26)
"""Where the resonance may lie: 2.4 to 15.6 breaths a minute."""
WIDTH_HZ = 0.030
"""Power this far around the peak belongs to it: the width of a line in a window of 64 s."""


class Coherence(NamedTuple):
    """The resonance of one window."""

    share: float
    """0-1: power around the peak over all power from 0.003 to 0.4 Hz."""
    resonance_hz: float
    """Where the peak is."""


def coherence(frequencies_hz: Floats, density: Floats) -> Coherence | None:
    """Find the resonance of a spectrum; None where it has no peak, or no power.

    A spectrum that only falls from 0.04 Hz on is a drift, which has no resonance.

    Args:
        frequencies_hz: evenly spaced, shape (n,).
        density: shape (n,).
    """
    inside = (frequencies_hz[1:-1] >= PEAK_HZ[0]) & (frequencies_hz[1:-1] <= PEAK_HZ[1])
    tops = (density[1:-1] > density[:-2]) & (density[1:-1] >= density[2:])
    peaks = np.flatnonzero(inside & tops) + 1
    if not len(peaks):
        return None
    peak = int(peaks[np.argmax(density[peaks])])
    near = np.abs(frequencies_hz - frequencies_hz[peak]) <= WIDTH_HZ / 2.0 + 1e-9
    share = _area(density, near) / _area(density, np.ones_like(near))
    return Coherence(share, float(frequencies_hz[peak]))


def _area(density: Floats, where: NDArray[np.bool_]) -> float:
    """The trapezoidal rule for even spacing, in steps."""
    d = density[where]
    return float(d.sum() - (d[0] + d[-1]) / 2.0)
