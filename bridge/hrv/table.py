"""Judged intervals -> a table of a whole session: the rolling measures at every 0.1 s, vectorised.

The numbers are those that ``RollingHrv`` gives at the same instants: a window reaches back from its
row, and the sums are the same exact integers. Only windows that differ are worked out.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.events import Interval
from bridge.hrv.exact import ONE, deviation_ms, fixed, root_mean_square_ms
from bridge.hrv.measures import Floats, normal_intervals
from bridge.hrv.rolling import DEFAULT_WINDOWS, HrvWindows
from bridge.hrv.spectrum import BandSpectrum, fft_powers

COLUMNS = ("t", "HR", "SDNN", "RMSSD", "VLF", "LF", "HF", "LF_HF")

_BLOCK = 64
"""Windows worked out at a time: their sums stay in the processor's cache, and memory is bounded."""

_Indices = NDArray[np.int64]


def hrv_table(
    intervals: Sequence[Interval],
    end_s: float,
    step_s: float = 0.1,
    windows: HrvWindows = DEFAULT_WINDOWS,
    start_s: float = 0.0,
    centred: bool = False,
) -> dict[str, Floats]:
    """Return the columns ``t,HR,SDNN,RMSSD,VLF,LF,HF,LF_HF``, each of shape (rows,).

    Args:
        intervals: in rising order of time.
        end_s: rows run up to, but not including, this time.
        step_s: from row to row.
        windows: lengths of the windows.
        start_s: time of the first row.
        centred: windows lie around their row; by default they end there, as live.

    Returns:
        s, beats a minute, ms, ms, ms^2, ms^2, ms^2 and a ratio; NaN where a window is not filled.
    """
    t = start_s + np.arange(max(0, math.ceil((end_s - start_s) / step_s - 1e-9))) * step_s
    starts, ends, nn_ms, breaks = normal_intervals(intervals)
    sums = _ExactSums(nn_ms, breaks)

    def rolling(length_s: float) -> tuple[_Indices, _Indices, _Indices]:
        until = t + length_s / 2.0 if centred else t
        first = np.searchsorted(starts, until - length_s, side="left")
        stop = np.maximum(np.searchsorted(ends, until, side="right"), first)
        new = np.append(True, (np.diff(first) != 0) | (np.diff(stop) != 0))[: len(t)]
        return first[new], stop[new], np.cumsum(new) - 1

    table = {name: np.full(len(t), np.nan) for name in COLUMNS}
    table["t"] = t
    first, stop, row = rolling(windows.rate_s)
    table["HR"] = sums.rate(first, stop, windows)[row]
    first, stop, row = rolling(windows.time_s)
    sdnn_ms, rmssd_ms = sums.spread(first, stop, windows)
    table["SDNN"], table["RMSSD"] = sdnn_ms[row], rmssd_ms[row]
    first, stop, row = rolling(windows.frequency_s)
    filled = sums.coverage(first, stop, windows.frequency_s) >= windows.coverage
    filled &= stop - first >= windows.frequency_intervals
    powers = np.full((len(first), 3), np.nan)
    powers[filled] = _band_powers(ends, nn_ms, breaks, first[filled], stop[filled], windows)
    table["VLF"], table["LF"], table["HF"] = powers[row].T
    table["LF_HF"] = np.divide(
        table["LF"], table["HF"], out=table["LF_HF"], where=table["HF"] > 0.0
    )
    return table


class _ExactSums:
    """Cumulative sums of intervals and differences in Python's unbounded integers."""

    def __init__(self, nn_ms: Floats, breaks: NDArray[np.bool_]) -> None:
        nn = np.array([fixed(each) for each in nn_ms.tolist()], object)
        step = np.where(breaks, 0, nn - np.roll(nn, 1)) if len(nn) else nn
        self._nn, self._squares = _cumulative(nn), _cumulative(nn * nn)
        self._steps = np.append(0, np.cumsum(~breaks)).astype(np.int64)
        self._step_squares = _cumulative(step * step)

    def rate(self, first: _Indices, stop: _Indices, windows: HrvWindows) -> Floats:
        """Beats a minute over each window of intervals ``first`` up to ``stop``."""
        n = stop - first
        enough = n >= windows.rate_intervals
        out = np.full(len(n), np.nan)
        total = (self._nn[stop] - self._nn[first])[enough]
        out[enough] = 60_000.0 * ONE * n[enough] / total.astype(np.float64)
        return out

    def coverage(self, first: _Indices, stop: _Indices, length_s: float) -> Floats:
        """Share of each window that its intervals cover."""
        covered = (self._nn[stop] - self._nn[first]).astype(np.float64)
        return np.asarray(covered / (ONE * 1000.0 * length_s))

    def spread(self, first: _Indices, stop: _Indices, windows: HrvWindows) -> tuple[Floats, Floats]:
        """SDNN and RMSSD, ms, of each window."""
        sdnn_ms, rmssd_ms = np.full(len(first), np.nan), np.full(len(first), np.nan)
        coverage = self.coverage(first, stop, windows.time_s)
        filled = (coverage >= windows.coverage) & (stop - first >= windows.time_intervals)
        a, b = first[filled], stop[filled]
        totals, squares = self._nn[b] - self._nn[a], self._squares[b] - self._squares[a]
        sdnn_ms[filled] = list(map(deviation_ms, (b - a).tolist(), totals, squares))
        after = np.minimum(first + 1, stop)  # the first interval's difference is to one outside
        steps = self._steps[stop] - self._steps[after]
        filled = (coverage >= windows.step_coverage) & (steps >= windows.time_intervals - 1)
        a, b = after[filled], stop[filled]
        squares = self._step_squares[b] - self._step_squares[a]
        rmssd_ms[filled] = list(map(root_mean_square_ms, steps[filled].tolist(), squares))
        return sdnn_ms, rmssd_ms


def _cumulative(values: NDArray[np.object_]) -> NDArray[np.object_]:
    """Sums of everything before each index: shape (n + 1,)."""
    return np.append(np.array([0], object), np.cumsum(values))


def _band_powers(
    t: Floats,
    nn_ms: Floats,
    breaks: NDArray[np.bool_],
    first: _Indices,
    stop: _Indices,
    windows: HrvWindows,
) -> Floats:
    """VLF, LF and HF power, ms^2, of each window: shape (windows, 3)."""
    if windows.spectrum == "fft":
        least_ms = 1000.0 * windows.coverage * windows.frequency_s
        unknown = (np.nan, np.nan, np.nan)
        each = [
            fft_powers(t[a:b], nn_ms[a:b], breaks[a:b], least_ms) or unknown
            for a, b in zip(first, stop, strict=True)
        ]
        return np.array(each).reshape(-1, 3)
    spectrum = BandSpectrum(windows.frequency_s)
    powers = np.empty((len(first), 3))
    sums, y_sums = spectrum.none()  # over everything before each interval from ``low`` to ``high``
    low = high = int(first[0]) if len(first) else 0
    for at in range(0, len(first), _BLOCK):
        a, b = first[at : at + _BLOCK], stop[at : at + _BLOCK]
        terms, y = spectrum.terms(t[high : b[-1]], nn_ms[high : b[-1]])
        gone = min(a[0], high) - low
        sums = np.concatenate((sums[gone:], sums[-1] + np.cumsum(terms, axis=0)))
        y_sums = np.concatenate((y_sums[gone:], y_sums[-1] + np.cumsum(y)))
        low, high = low + int(gone), int(b[-1])
        windows_sums = sums[b - low] - sums[a - low], y_sums[b - low] - y_sums[a - low]
        density = spectrum.density(*windows_sums, b - a, t[b - 1] - t[a])
        powers[at : at + _BLOCK] = spectrum.powers(density)
    return powers
