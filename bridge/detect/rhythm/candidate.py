"""A place where a beat may be, and how far it speaks for a heart."""

from dataclasses import dataclass

import numpy as np

from bridge.detect.signal.filter import Floats

MOST_A_BEAT = 1.65
"""What one beat can add to the evidence: ``evidence(1, 1, 0, 0, ...)``."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A place where a beat may be. Times are in seconds of the decimated signal."""

    t: float
    """Where the filter peaks."""
    at: float
    """The fiducial, in (parts of) decimated samples."""
    height: float
    """How large it is, above 0."""
    shape: Floats
    """The signal around it: mean 0, norm 1; all 0 where it is flat."""
    at_down: float | None = None
    """The fiducial if it should turn out that the beats' main deflection points down."""
    lean: float = 1.0
    """Above 0 where the main deflection points up."""
    sign: int = 1
    """1 where it points up in the signal as it came, -1 where it points down."""


def likeness(a: Floats, b: Floats) -> float:
    """Correlation of two shapes, -1 to 1; summed in order, so that it never depends on memory."""
    return float(np.add.accumulate(a * b)[-1])


def unit(shape: Floats) -> Floats:
    """Scale a shape to norm 1."""
    norm = float(np.add.accumulate(shape * shape)[-1]) ** 0.5
    return shape / norm if norm > 0 else shape


def evidence(
    alike: float, clear: float, gap_change: float, height_change: float, slack: float
) -> float:
    """How far a beat speaks for a heart (above 0) or against it (below 0).

    Args:
        alike: correlation of its shape with that of the beats before.
        clear: 1 where nothing else stands out between the beats, 0 where something as high does.
        gap_change: absolute logarithm of its interval relative to the usual one.
        height_change: absolute logarithm of its height relative to the usual one.
        slack: how much may stand out between the beats without harm, 0-1.
    """
    return (
        3.0 * (alike * min(1.0, max(0.0, clear + slack)) - 0.45)
        - 2.0 * max(0.0, gap_change - 0.1)
        - 1.5 * max(0.0, height_change - 0.3)
    )
