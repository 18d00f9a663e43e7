"""Lomb-Scargle band powers of many windows from running sums that never drift.

The periodogram of a window is made of sums over its beats, and it does not care where time begins
(it is shift-invariant), so a beat's terms are the same in every window that holds it. They are kept
in fixed point: integer sums are exact in any order, so that adding and removing beats for hours
gives the very same sum as starting afresh, live and offline alike.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bridge.hrv.measures import (
    BANDS_HZ,
    Floats,
    band_powers,
    cubic_fft,
    frequency_grid,
    periodogram,
)

Integers = NDArray[np.int64]

_ONE = 2.0**36
"""Fixed-point 1: a term is wrong by 7e-12 at most, and 2^15 beats of 4 s still fit 63 bits."""
_MIDDLE_MS = 1000.0
"""Taken from every interval before it is multiplied, to keep terms small; it cancels."""
_TERMS = 6
_LEAST_FOR_SPLINE = 4
"""Intervals that ``cubic_fft`` takes."""


class BandSpectrum:
    """The grid, the weights and the sums for one length of window."""

    def __init__(self, window_s: float) -> None:
        """Prepare the frequency grid for windows of this length, s."""
        self.frequencies_hz = frequency_grid(window_s)
        self._weights = _band_weights(self.frequencies_hz)

    def none(self) -> tuple[Integers, Integers]:
        """Return the sums over no interval: shapes (1, 6, frequencies) and (1,)."""
        return np.zeros((1, _TERMS, len(self.frequencies_hz)), np.int64), np.zeros(1, np.int64)

    def terms(self, t_s: Floats, nn_ms: Floats) -> tuple[Integers, Integers]:
        """Return each interval's terms, fixed point.

        Args:
            t_s: times of the beats that end the intervals, s, shape (n,).
            nn_ms: the intervals, ms, shape (n,).

        Returns:
            Terms over frequency (y cos, y sin, cos, sin, cos^2, cos sin), shape
            (n, 6, frequencies), and the intervals themselves, shape (n,).
        """
        y = nn_ms - _MIDDLE_MS
        phase = (2.0 * np.pi) * np.outer(t_s, self.frequencies_hz)
        terms = np.empty((len(t_s), _TERMS, len(self.frequencies_hz)))
        cos, sin = np.cos(phase), np.sin(phase)
        terms[:, 0], terms[:, 1] = y[:, None] * cos, y[:, None] * sin
        terms[:, 2], terms[:, 3] = cos, sin
        terms[:, 4], terms[:, 5] = cos * cos, cos * sin
        terms *= _ONE
        return np.rint(terms, out=terms).astype(np.int64), np.rint(y * _ONE).astype(np.int64)

    def powers(self, density: Floats) -> Floats:
        """Return VLF, LF and HF power, ms^2, shape (..., 3), of densities (..., frequencies)."""
        return np.asarray(density @ self._weights)

    def density(self, sums: Integers, y_sums: Integers, count: NDArray[np.int64],
                span_s: Floats) -> Floats:  # fmt: skip
        """Return the density, ms^2/Hz, of windows given the sums over their intervals.

        Args:
            sums: summed terms, shape (windows, 6, frequencies).
            y_sums: summed intervals, shape (windows,).
            count: number of intervals in each, greater than 1, shape (windows,).
            span_s: time from the first to the last ending beat in each, s, shape (windows,).

        Returns:
            Shape (windows, frequencies).
        """
        yc, ys, c, s, cc, cs = np.moveaxis(sums, 1, 0) / _ONE
        n = count[:, None].astype(np.float64)
        mean = (y_sums / _ONE)[:, None] / n
        power = periodogram(yc - mean * c, ys - mean * s, cc, n - cc, cs)
        spacing_s = (span_s / (count - 1))[:, None]
        return np.asarray(2.0 * spacing_s * power)


def fft_powers(
    t_s: Floats, nn_ms: Floats, breaks: NDArray[np.bool_], least_ms: float
) -> tuple[float, float, float] | None:
    """Return VLF, LF and HF power, ms^2, of one window by ``cubic_fft``.

    A spline through a hole would invent what was lost there: only the longest run of intervals
    without a hole counts.

    Args:
        t_s: times of the beats that end the intervals, s, shape (n,).
        nn_ms: the intervals, ms, shape (n,).
        breaks: true where an interval does not follow the one before, shape (n,).
        least_ms: None is returned where no run is as long.
    """
    edges = [0, *(np.flatnonzero(breaks[1:]) + 1).tolist(), len(nn_ms)]
    runs = [(float(nn_ms[a:b].sum()), a, b) for a, b in pairwise(edges)]
    longest_ms, a, b = max(runs, default=(0.0, 0, 0))
    if longest_ms < least_ms or b - a < _LEAST_FOR_SPLINE:
        return None
    bands = band_powers(*cubic_fft(t_s[a:b], nn_ms[a:b]))
    return bands.vlf_ms2, bands.lf_ms2, bands.hf_ms2


def _band_weights(frequencies_hz: Floats) -> Floats:
    """Return the weights of the trapezoidal rule over each band, shape (frequencies, 3)."""
    step_hz = frequencies_hz[1] - frequencies_hz[0]
    weights = np.zeros((len(frequencies_hz), len(BANDS_HZ)))
    for column, edges in enumerate(BANDS_HZ.values()):
        first, last = (int(np.argmin(np.abs(frequencies_hz - edge))) for edge in edges)
        weights[first : last + 1, column] = step_hz
        weights[[first, last], column] = step_hz / 2.0
    return weights
