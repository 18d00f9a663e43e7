"""Measures of a whole recording's shape: fluctuation scaling and regularity. Offline only."""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DFA_BOXES = (4, 16)
"""Shortest and longest box, beats: the short-term exponent as Peng et al. (1995) have it. NeuroKit2
takes 4-11 by default, Kubios 4-12."""
LEAST_FOR_DFA = 64
"""Intervals: four of the longest boxes, so that each point of the line is a mean of several."""
ENTROPY_LENGTH = 2
ENTROPY_TOLERANCE = 0.2
"""Share of the standard deviation within which two intervals are alike; Richman and Moorman's."""
LEAST_FOR_ENTROPY = 100
"""Intervals: 10 to the power of the length, the least that Richman and Moorman (2000) advise."""


def dfa_alpha1(nn_ms: Floats) -> float | None:
    """Short-term scaling exponent of detrended fluctuation analysis; None where it has no meaning.

    C.-K. Peng et al. (1995), Chaos 5(1):82-87: the intervals less their mean are summed up, cut
    into boxes that do not overlap, and a straight line is taken from each; the exponent is the
    slope of the logarithm of what is left over that of the box. White noise has 0.5, 1/f noise 1.

    Args:
        nn_ms: successive intervals without a gap, shape (n,).
    """
    if len(nn_ms) < LEAST_FOR_DFA or not np.ptp(nn_ms):
        return None
    profile = np.cumsum(nn_ms - np.mean(nn_ms))
    boxes = np.arange(DFA_BOXES[0], DFA_BOXES[1] + 1)
    left = [_fluctuation(profile, int(box)) for box in boxes]
    if min(left) <= 0.0:
        return None
    return float(np.polyfit(np.log(boxes), np.log(left), 1)[0])


def _fluctuation(profile: Floats, box: int) -> float:
    """Root mean square of the profile less a straight line in each box."""
    rows = profile[: len(profile) // box * box].reshape(-1, box)
    x = np.arange(box) - (box - 1) / 2.0
    rows = rows - rows.mean(axis=1, keepdims=True)
    slope = rows @ x / (x @ x)
    return math.sqrt(float(np.mean((rows - np.outer(slope, x)) ** 2)))


def sample_entropy(nn_ms: Floats) -> float | None:
    """Sample entropy, length 2, tolerance 0.2 SD (n - 1); None where it has no meaning.

    J. S. Richman and J. R. Moorman (2000), Am J Physiol 278:H2039-H2049: minus the logarithm of the
    share of pairs of intervals in a row that, alike for two, are alike for a third. 0 is regular.

    Args:
        nn_ms: successive intervals without a gap, shape (n,).
    """
    if len(nn_ms) < LEAST_FOR_ENTROPY or not np.ptp(nn_ms):
        return None
    tolerance = ENTROPY_TOLERANCE * float(np.std(nn_ms, ddof=1))
    last = len(nn_ms) - ENTROPY_LENGTH
    first, second, third = nn_ms[:last], nn_ms[1 : last + 1], nn_ms[2:]
    order = np.argsort(first, kind="stable")
    first, second, third = first[order], second[order], third[order]
    alike = alike_too = 0
    for apart in range(1, last):  # sorted: beyond the first distance without a pair there is none
        near = first[apart:] - first[:-apart] <= tolerance
        if not near.any():
            break
        near &= np.abs(second[apart:] - second[:-apart]) <= tolerance
        alike += int(near.sum())
        alike_too += int((near & (np.abs(third[apart:] - third[:-apart]) <= tolerance)).sum())
    return math.log(alike / alike_too) if alike_too else None
