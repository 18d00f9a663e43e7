"""Interval -> HrvSnapshot: heart-rate variability over rolling windows, a few microseconds a beat.

An interval belongs to a window when both of its beats lie inside it. Every sum is kept in exact
integers, so that an hour of adding and removing leaves no error behind.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from bridge.errors import UserError
from bridge.events import HrvSnapshot, Interval
from bridge.hrv.coherence import coherence
from bridge.hrv.exact import Held, Sums, fixed
from bridge.hrv.measures import Floats
from bridge.hrv.spectrum import BandSpectrum, fft_powers

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
    coherence_s: float = 64.0
    """As McCraty and Tomasino (2004) have it: six breaths at the resonance of 0.1 Hz."""
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
WINDOWS_S = (2.0, 3600.0)
"""Shortest and longest window, s: two beats of a slow heart, and an hour."""


def parse_windows(text: str) -> tuple[float, float, float]:
    """``6.4/120/180`` as lengths for rate, time and frequency domain, s; ``60/180`` is 60/60/180.

    Raises:
        UserError: not two or three lengths that windows can have.
    """
    low, high = WINDOWS_S
    try:
        lengths = [float(part) for part in text.split("/")]
    except ValueError:
        lengths = []
    if len(lengths) not in (2, 3) or not all(low <= length <= high for length in lengths):
        raise UserError(
            f"--windows {text}: write seconds for rate, time and frequency domain, as in "
            f"6.4/120/180, or for both domains, as in 60/180; each {low:g} to {high:g}"
        )
    return lengths[0], lengths[-2], lengths[-1]


Timed: TypeAlias = tuple[float, Held]
"""When the beat was that begins an interval, s, and the interval."""


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
        least = windows.coverage, windows.frequency_intervals
        self._bands = _Spectrum(windows.frequency_s, *least, windows.spectrum)
        self._resonance = _Spectrum(windows.coherence_s, *least)
        self._spectrum_every_s = spectrum_every_s
        self._spectrum_t = -math.inf
        self._spectral: dict[str, float | None] = {}
        self._before: int | None = None
        self._t = -math.inf

    def push(self, interval: Interval) -> HrvSnapshot:
        """Take the next judged interval; return the measures as of its time."""
        if interval.nn_ms is None:
            self._before = None
        else:
            if interval.after_gap:
                self._before = None
            held = Held(fixed(interval.nn_ms), self._before)
            start = interval.t - interval.ibi_ms / 1000.0
            for window in (self._rate, self._time):
                window.add((start, held))
            for spectrum in (self._bands, self._resonance):
                spectrum.add((start, interval.t, interval.nn_ms, held.before is None))
            self._before = held.nn
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
            self._spectral = self._look(t)
        rate, time, windows = self._rate.sums, self._time.sums, self._windows
        measures, coverage = time.measures(), self._time.coverage
        filled = time.n >= windows.time_intervals and coverage >= windows.coverage
        steps = coverage >= windows.step_coverage and time.steps >= windows.time_intervals - 1
        return HrvSnapshot(
            t=t,
            coverage=coverage,
            bpm=rate.measures().bpm if rate.n >= windows.rate_intervals else None,
            sdnn_ms=measures.sdnn_ms if filled else None,
            rmssd_ms=measures.rmssd_ms if steps else None,
            sdsd_ms=measures.sdsd_ms if steps else None,
            pnn20=measures.pnn20 if steps else None,
            pnn50=measures.pnn50 if steps else None,
            sd1_ms=measures.sd1_ms if steps else None,
            sd2_ms=measures.sd2_ms if steps and filled else None,
            **self._spectral,
        )

    def _look(self, t: float) -> dict[str, float | None]:
        """What the spectra of the windows that end at ``t`` say."""
        vlf, lf, hf = self._bands.powers(t) or (None, None, None)
        density = self._resonance.density(t)
        found = None if density is None else coherence(self._resonance.frequencies_hz, density)
        return {
            "vlf_ms2": vlf,
            "lf_ms2": lf,
            "hf_ms2": hf,
            "lf_hf": lf / hf if lf is not None and hf else None,
            "coherence": found.share if found else None,
            "resonance_hz": found.resonance_hz if found else None,
        }


class _Window:
    """Exact sums over the intervals that lie inside one rolling window."""

    def __init__(self, length_s: float) -> None:
        self._length_s = length_s
        self._held: deque[Timed] = deque()
        self.sums = Sums()

    @property
    def coverage(self) -> float:
        """Share of the window that its intervals cover, 0-1."""
        return min(1.0, self.sums.ms / (1000.0 * self._length_s))

    def add(self, timed: Timed) -> None:
        """Take the next interval."""
        self._held.append(timed)
        self.sums.add(timed[1])

    def leave(self, t: float) -> None:
        """Let go of what is no longer inside the window that ends at ``t``."""
        while self._held and self._held[0][0] < t - self._length_s:
            self.sums.add(self._held.popleft()[1], -1)
            if self._held:  # its difference is to one outside
                start, first = self._held[0]
                self.sums.add_step(first, -1)
                self._held[0] = start, Held(first.nn, None)


Judged: TypeAlias = tuple[float, float, float, bool]
"""Times of the beats that begin and end an interval, s; the interval, ms; whether it is broken off
from the one before."""


class _Spectrum:
    """The spectrum of one rolling window; its sums catch up only when one is due."""

    def __init__(
        self,
        length_s: float,
        coverage: float,
        intervals: int,
        made: Literal["lomb", "fft"] = "lomb",
    ) -> None:
        """Begin empty: ``coverage`` and ``intervals`` are the least that it is made of."""
        self._length_s, self._coverage, self._intervals = length_s, coverage, intervals
        self._made = made
        self._spectrum = BandSpectrum(length_s)
        self.frequencies_hz = self._spectrum.frequencies_hz
        self._sums, self._y_sums = self._spectrum.none()
        self._summed: deque[Judged] = deque()
        self._fresh: deque[Judged] = deque()

    def add(self, judged: Judged) -> None:
        """Take the next interval."""
        self._fresh.append(judged)

    def powers(self, t: float) -> tuple[float, float, float] | None:
        """Return VLF, LF and HF, ms^2, of the window that ends at ``t``; None if not filled."""
        if self._made == "fft":
            if not self._is_filled(t):
                return None
            _, ends, nn_ms, broken = np.array(self._summed).T
            least_ms = 1000.0 * self._coverage * self._length_s
            return fft_powers(ends, nn_ms, broken.astype(np.bool_), least_ms)
        density = self.density(t)
        if density is None:
            return None
        vlf, lf, hf = self._spectrum.powers(density).tolist()
        return vlf, lf, hf

    def density(self, t: float) -> Floats | None:
        """Return Lomb-Scargle's density of the window that ends at ``t``; None if not filled."""
        if not self._is_filled(t):
            return None
        span_s = np.array([self._summed[-1][1] - self._summed[0][1]])
        count = np.array([len(self._summed)])
        density: Floats = self._spectrum.density(self._sums, self._y_sums, count, span_s)[0]
        return density

    def _is_filled(self, t: float) -> bool:
        """Move on to the window that ends at ``t``; whether its intervals cover enough of it."""
        oldest = t - self._length_s
        gone = []
        while self._summed and self._summed[0][0] < oldest:
            gone.append(self._summed.popleft())
        while self._fresh and self._fresh[0][0] < oldest:
            self._fresh.popleft()
        self._shift(gone, -1)
        self._shift(list(self._fresh), 1)
        self._summed.extend(self._fresh)
        self._fresh.clear()
        covered_s = sum(nn_ms for _, _, nn_ms, _ in self._summed) / 1000.0
        enough = len(self._summed) >= self._intervals
        return enough and covered_s >= self._coverage * self._length_s

    def _shift(self, intervals: list[Judged], sign: int) -> None:
        if intervals and self._made == "lomb":
            _, t, nn_ms, _ = np.array(intervals).T
            terms, y = self._spectrum.terms(t, nn_ms)
            self._sums += sign * terms.sum(axis=0)
            self._y_sums += sign * y.sum()
