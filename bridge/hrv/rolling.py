"""Interval -> HrvSnapshot: heart-rate variability over rolling windows, a few microseconds a beat.

An interval belongs to a window when both of its beats lie inside it. Every sum is kept in exact
integers, so that an hour of adding and removing leaves no error behind.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bridge.events import HrvSnapshot, Interval
from bridge.hrv.spectrum import BandSpectrum, fft_powers

ONE = 1 << 48
"""Fixed-point ms: a float of 16 ms or more is represented exactly."""
STEPS_S = 10.0
"""Time of beats that measures made of differences need, s, if the window is not shorter still."""


@dataclass(frozen=True, slots=True)
class HrvWindows:
    """Lengths of the windows, how their spectrum is made, and when one is filled enough.

    Intervals must cover half of the time-domain window for SDNN, 30 s by default, but only 10 s of
    it for what is made of differences (RMSSD, SDSD, pNN): Munoz et al. (2015), PLoS ONE
    10:e0138921, found as much to be valid. They must cover half of the frequency-domain window for
    the bands, 90 s by default, between the minute that the Task Force (1996) asks for HF and the
    two it asks for LF. The rate takes two intervals.
    """

    rate_s: float = 10.0
    time_s: float = 60.0
    frequency_s: float = 180.0
    coverage: float = 0.5
    """Least share of a window that intervals must cover, 0-1."""
    rate_intervals: int = 2
    """Least number of intervals in the window."""
    time_intervals: int = 8
    frequency_intervals: int = 16
    spectrum: Literal["lomb", "fft"] = "lomb"
    """Lomb-Scargle on the intervals as they are, or the FFT of the cubic-resampled intervals."""

    @property
    def step_coverage(self) -> float:
        """Least share of the time-domain window for measures made of differences."""
        return min(self.coverage, STEPS_S / self.time_s)


DEFAULT_WINDOWS = HrvWindows()


@dataclass(frozen=True, slots=True)
class _Held:
    """An interval inside a window, ms in fixed point."""

    start: float
    t: float
    nn: int
    step: int | None
    """Difference to the interval before; None across a gap."""


class RollingHrv:
    """Follows the judged intervals of one heart.

    The time domain costs the same for each beat however long the window is; the spectrum is worked
    out anew once ``spectrum_every_s`` of session time have passed, and held in between.
    """

    def __init__(
        self, windows: HrvWindows = DEFAULT_WINDOWS, spectrum_every_s: float = 1.0
    ) -> None:
        """Begin with empty windows."""
        self._windows = windows
        self._rate = _Window(windows.rate_s)
        self._time = _Window(windows.time_s)
        self._bands = _Bands(windows)
        self._spectrum_every_s = spectrum_every_s
        self._spectrum_t = -math.inf
        self._powers: tuple[float, float, float] | None = None
        self._before: int | None = None
        self._t = -math.inf

    def push(self, interval: Interval) -> HrvSnapshot:
        """Take the next judged interval; return the measures as of its time."""
        if interval.nn_ms is None:
            self._before = None
        else:
            nn = round(interval.nn_ms * ONE)
            if interval.after_gap:
                self._before = None
            step = None if self._before is None else nn - self._before
            held = _Held(interval.t - interval.ibi_ms / 1000.0, interval.t, nn, step)
            for window in (self._rate, self._time):
                window.add(held)
            self._bands.add(held.start, interval.t, interval.nn_ms)
            self._before = nn
        return self.at(interval.t)

    def at(self, t: float) -> HrvSnapshot:
        """Return the measures of the windows that end at ``t``, s, or at the last ``t`` if later.

        With no new beats the windows empty themselves as time goes on.
        """
        self._t = t = max(t, self._t)
        for window in (self._rate, self._time):
            window.leave(t)
        if t - self._spectrum_t >= self._spectrum_every_s:
            self._spectrum_t = t
            self._powers = self._bands.powers(t)
        rate, time, windows = self._rate, self._time, self._windows
        enough = time.n >= windows.time_intervals
        filled = enough and time.coverage >= windows.coverage
        steps = time.coverage >= windows.step_coverage and time.steps >= windows.time_intervals - 1
        vlf, lf, hf = self._powers or (None, None, None)
        return HrvSnapshot(
            t=t,
            coverage=time.coverage,
            bpm=60_000.0 * ONE * rate.n / rate.sum if rate.n >= windows.rate_intervals else None,
            sdnn_ms=_deviation(time.n, time.sum, time.squares) if filled else None,
            rmssd_ms=math.sqrt(time.step_squares / time.steps) / ONE if steps else None,
            sdsd_ms=_deviation(time.steps, time.step_sum, time.step_squares) if steps else None,
            pnn20=time.over20 / time.steps if steps else None,
            pnn50=time.over50 / time.steps if steps else None,
            vlf_ms2=vlf,
            lf_ms2=lf,
            hf_ms2=hf,
            lf_hf=lf / hf if lf is not None and hf else None,
        )


class _Window:
    """Exact sums over the intervals that lie inside one rolling window."""

    def __init__(self, length_s: float) -> None:
        self._length_s = length_s
        self._held: deque[_Held] = deque()
        self.n = self.sum = self.squares = 0
        self.steps = self.step_sum = self.step_squares = self.over20 = self.over50 = 0

    @property
    def coverage(self) -> float:
        """Share of the window that its intervals cover, 0-1."""
        return min(1.0, self.sum / (ONE * 1000.0 * self._length_s))

    def add(self, held: _Held) -> None:
        """Take the next interval."""
        self._held.append(held)
        self._count(held.nn, 1)
        self._count_step(held.step, 1)

    def leave(self, t: float) -> None:
        """Let go of what is no longer inside the window that ends at ``t``."""
        while self._held and self._held[0].start < t - self._length_s:
            gone = self._held.popleft()
            self._count(gone.nn, -1)
            self._count_step(gone.step, -1)
            if self._held and self._held[0].step is not None:
                first = self._held[0]
                self._count_step(first.step, -1)
                self._held[0] = _Held(first.start, first.t, first.nn, None)

    def _count(self, nn: int, sign: int) -> None:
        self.n += sign
        self.sum += sign * nn
        self.squares += sign * nn * nn

    def _count_step(self, step: int | None, sign: int) -> None:
        if step is not None:
            self.steps += sign
            self.step_sum += sign * step
            self.step_squares += sign * step * step
            self.over20 += sign * (abs(step) > 20 * ONE)
            self.over50 += sign * (abs(step) > 50 * ONE)


class _Bands:
    """Band powers of one rolling window; its sums catch up only when a spectrum is due."""

    def __init__(self, windows: HrvWindows) -> None:
        self._windows = windows
        self._spectrum = BandSpectrum(windows.frequency_s)
        self._sums, self._y_sums = self._spectrum.none()
        self._summed: deque[tuple[float, float, float]] = deque()
        self._fresh: deque[tuple[float, float, float]] = deque()

    def add(self, start: float, t: float, nn_ms: float) -> None:
        """Take the next interval."""
        self._fresh.append((start, t, nn_ms))

    def powers(self, t: float) -> tuple[float, float, float] | None:
        """Return VLF, LF and HF, ms^2, of the window that ends at ``t``; None if not filled."""
        oldest = t - self._windows.frequency_s
        gone = []
        while self._summed and self._summed[0][0] < oldest:
            gone.append(self._summed.popleft())
        while self._fresh and self._fresh[0][0] < oldest:
            self._fresh.popleft()
        self._shift(gone, -1)
        self._shift(list(self._fresh), 1)
        self._summed.extend(self._fresh)
        self._fresh.clear()
        n = len(self._summed)
        covered_s = sum(nn_ms for _, _, nn_ms in self._summed) / 1000.0
        if (
            n < self._windows.frequency_intervals
            or covered_s < self._windows.coverage * self._windows.frequency_s
        ):
            return None
        if self._windows.spectrum == "fft":
            _, ends, nn_ms = np.array(self._summed).T
            return fft_powers(ends, nn_ms)
        span_s = self._summed[-1][1] - self._summed[0][1]
        vlf, lf, hf = self._spectrum.powers(
            self._sums, self._y_sums, np.array([n]), np.array([span_s])
        )[0].tolist()
        return vlf, lf, hf

    def _shift(self, intervals: list[tuple[float, float, float]], sign: int) -> None:
        if intervals and self._windows.spectrum == "lomb":
            _, t, nn_ms = np.array(intervals).T
            terms, y = self._spectrum.terms(t, nn_ms)
            self._sums += sign * terms.sum(axis=0)
            self._y_sums += sign * y.sum()


def _deviation(n: int, total: int, squares: int) -> float:
    """Sample standard deviation, ms, from exact sums; 0 for fewer than two values."""
    return math.sqrt((n * squares - total * total) / (n * (n - 1))) / ONE if n > 1 else 0.0
