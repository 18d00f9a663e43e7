"""Beat times -> Interval over a whole recording: Lipponen and Tarvainen (2019), as published.

The published text leaves the first and last beats open; here windows end where the record ends and
a missing difference is 0. Constants and decision regions are those of ``bridge.intervals.walk``.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.events import Interval, Label
from bridge.gaps import LONGEST_INTERVAL_S
from bridge.intervals.walk import ALPHA, MEDIAN_WINDOW, THRESHOLD_WINDOW, Walk

Floats = NDArray[np.float64]


class Classified(NamedTuple):
    """What became of each interval."""

    labels: list[Label]
    """As the paper's decision algorithm gives them, one an interval."""
    corrected_ms: Floats
    """Normal-to-normal intervals, shape (n,). A missed beat leaves half its interval; an extra beat
    leaves NaN and joins its interval to the next; the others are interpolated by a cubic spline
    through the intervals that stand."""


def classify(ibi_ms: Floats, breaks: NDArray[np.bool_] | None = None) -> Classified:
    """Label and correct the intervals of a whole recording.

    Args:
        ibi_ms: intervals, ms, shape (n,).
        breaks: shape (n,), true where an interval does not follow the one before (after a gap).
    """
    n = len(ibi_ms)
    labels = [Label.NORMAL] * n
    if n < 3:
        return Classified(labels, ibi_ms.astype(np.float64))
    breaks = np.zeros(n, np.bool_) if breaks is None else breaks.copy()
    breaks[0] = True
    step_ms = np.where(breaks, 0.0, np.diff(ibi_ms, prepend=ibi_ms[0]))
    median_ms = np.nanmedian(_around(ibi_ms, MEDIAN_WINDOW), axis=1)
    offset_ms = ibi_ms - median_ms
    offset_ms[offset_ms < 0.0] *= 2.0  # an interval can lengthen without end, but not shorten
    th1 = ALPHA * _quartile_deviations(np.abs(step_ms[~breaks]), np.cumsum(~breaks) - 1)
    th2 = ALPHA * _quartile_deviations(np.abs(offset_ms), np.arange(n))
    steps = np.concatenate(([0.0], _ratio(step_ms, th1), [0.0, 0.0, 0.0]))  # steps[i + 1] is i's
    offsets = np.abs(_ratio(offset_ms, th2))
    joined = np.append(ibi_ms[1:], np.nan) + ibi_ms
    joined[np.append(breaks[1:], True)] = np.nan
    looks_extra = np.abs(joined - median_ms) < th2
    looks_missed = np.abs(ibi_ms / 2.0 - median_ms) < th2

    walk = Walk()
    scaled, extra, missed = steps.tolist(), looks_extra.tolist(), looks_missed.tolist()
    for i, offset in enumerate(offsets.tolist()):
        four = scaled[i], scaled[i + 1], scaled[i + 2], scaled[i + 3]
        labels[i] = walk.label(four, offset, extra[i], missed[i])
    return Classified(labels, _correct(ibi_ms, labels))


def judge(
    beats_t: Floats, gaps_t: Sequence[float] = (), max_ibi_ms: float = 1000.0 * LONGEST_INTERVAL_S
) -> list[Interval]:
    """Return the judged intervals of a whole recording, in order.

    Args:
        beats_t: times of the beats, s, rising, shape (n,).
        gaps_t: times at which the signal was lost; no interval spans one.
        max_ibi_ms: a longer pause is a gap.
    """
    if len(beats_t) < 2:
        return []
    ibi_ms = np.diff(beats_t) * 1000.0
    gap = ibi_ms > max_ibi_ms
    lost = np.searchsorted(beats_t, np.asarray(gaps_t, np.float64), side="right")
    gap[lost[(lost > 0) & (lost < len(beats_t))] - 1] = True
    breaks = np.concatenate(([True], gap[:-1]))[~gap]
    t, ibi_ms = beats_t[1:][~gap], ibi_ms[~gap]
    labels, corrected_ms = classify(ibi_ms, breaks)
    for i, label in enumerate(labels[:-1]):
        if label is Label.EXTRA and np.isnan(corrected_ms[i]):
            labels[i + 1] = Label.EXTRA  # it carries the joined interval, and so is marked
    return [
        Interval(t, ibi, None if np.isnan(nn) else nn, label, after_gap)
        for t, ibi, nn, label, after_gap in zip(
            t.tolist(), ibi_ms.tolist(), corrected_ms.tolist(), labels, breaks.tolist(), strict=True
        )
    ]


def _around(values: Floats, width: int) -> Floats:
    """Windows of odd ``width`` centred on each value, NaN outside: shape (n, width)."""
    padded = np.pad(values, width // 2, constant_values=np.nan)
    return np.lib.stride_tricks.sliding_window_view(padded, width)


def _quartile_deviations(values: Floats, at: NDArray[np.int64]) -> Floats:
    """Half the distance of the quartiles of the 91 values around each place in ``at``."""
    if not len(values):
        return np.zeros(len(at))
    ranked = np.sort(_around(values, THRESHOLD_WINDOW), axis=1)
    count = np.sum(np.isfinite(ranked), axis=1)
    rows = np.arange(len(values))

    def quantile(share: float) -> Floats:
        place = share * (count - 1)
        below = place.astype(np.int64)
        low, high = ranked[rows, below], ranked[rows, np.minimum(below + 1, count - 1)]
        return np.asarray(low + (place - below) * (high - low))

    return np.asarray(0.5 * (quantile(0.75) - quantile(0.25)))[np.clip(at, 0, len(values) - 1)]


def _ratio(values: Floats, thresholds: Floats) -> Floats:
    """Values over thresholds; without any spread every deviation is infinitely far out."""
    infinite = np.where(values == 0.0, 0.0, np.copysign(np.inf, values))
    return np.divide(values, thresholds, out=infinite, where=thresholds > 0.0)


def _correct(ibi_ms: Floats, labels: list[Label]) -> Floats:
    corrected_ms = ibi_ms.astype(np.float64)
    wrong = np.zeros(len(labels), np.bool_)
    joined = False
    for i, label in enumerate(labels):
        if joined:
            corrected_ms[i] += ibi_ms[i - 1]
            joined = False
        elif label is Label.EXTRA:
            corrected_ms[i] = np.nan
            joined = True
        elif label is Label.MISSED:
            corrected_ms[i] /= 2.0
        elif label is not Label.NORMAL:
            wrong[i] = True
    stands = ~wrong & np.isfinite(corrected_ms)
    if wrong.any():
        corrected_ms[wrong] = _interpolate(np.cumsum(ibi_ms), corrected_ms, stands, wrong)
    return corrected_ms


def _interpolate(
    t_ms: Floats, nn_ms: Floats, stands: NDArray[np.bool_], wrong: NDArray[np.bool_]
) -> Floats:
    """Read the wrong intervals off a spline through the others, held at its ends and its range."""
    known = np.flatnonzero(stands)
    if not len(known):
        return np.full(int(wrong.sum()), np.nan)
    if len(known) < 4:
        return np.interp(t_ms[wrong], t_ms[known], nn_ms[known])
    where = np.clip(t_ms[wrong], t_ms[known[0]], t_ms[known[-1]])
    values = natural_spline(t_ms[known], nn_ms[known], where)
    return np.clip(values, nn_ms[known].min(), nn_ms[known].max())


def natural_spline(x: Floats, y: Floats, at: Floats) -> Floats:
    """Evaluate the cubic spline through (x, y) that ends without curvature.

    Written out because importing scipy's takes longer than the rest of an analysis.

    Args:
        x: rising, shape (n,), n > 2.
        y: shape (n,).
        at: within x, shape (m,).
    """
    h = np.diff(x)
    slope = np.diff(y) / h
    # The second derivatives m solve h[i-1] m[i-1] + 2 (h[i-1] + h[i]) m[i] + h[i] m[i+1]
    # = 6 (slope[i] - slope[i-1]): a tridiagonal system, by elimination (Thomas).
    right = (6.0 * np.diff(slope)).tolist()
    diagonal = (2.0 * (h[1:] + h[:-1])).tolist()
    beside = h[1:-1].tolist()
    for i, between in enumerate(beside):
        factor = between / diagonal[i]
        diagonal[i + 1] -= factor * between
        right[i + 1] -= factor * right[i]
    m = np.zeros(len(x))
    for i in range(len(right) - 1, -1, -1):
        following = beside[i] * m[i + 2] if i < len(beside) else 0.0
        m[i + 1] = (right[i] - following) / diagonal[i]
    k = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(h) - 1)
    a, b = (x[k + 1] - at) / h[k], (at - x[k]) / h[k]
    bend = ((a**3 - a) * m[k] + (b**3 - b) * m[k + 1]) * h[k] ** 2 / 6.0
    return np.asarray(a * y[k] + b * y[k + 1] + bend)
