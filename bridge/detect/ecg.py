"""Beats of an electrocardiogram: the R peak, found by the energy of the QRS complex."""

import numpy as np

from bridge.detect.adaptive import AdaptiveDetector
from bridge.detect.rhythm.candidate import Candidate, Peak, unit
from bridge.detect.rhythm.tracker import Tracker
from bridge.detect.signal.description import SignalDescription
from bridge.detect.signal.filter import Floats, Prefilter, decimation_step, maxima
from bridge.detect.signal.noise import NOISE_FLOOR, upper_median

WANTED_HZ = 200.0
"""About the rate worked at, Hz: the QRS complex has little above 40 Hz (Thakor and others 1984);
more costs time. Range not measured."""
CENTRE_HZ = 14.0
SIGMA_S = 0.020
HALF_KERNEL_S = 0.045
"""The band that QRS energy is measured in (Pan and Tompkins 1985: 5-15 Hz), the length of its
Gaussian window as a standard deviation, and where that is cut. A higher band is better where
muscles and electrodes disturb, a lower one finds wide complexes; a shorter kernel tells sooner and
less well. Chosen on shared/data; range not measured."""
HIGHEST_CENTRE = 0.3
"""... but no higher than this part of the working rate."""
NEIGHBOURS_BEFORE_S = 0.030
NEIGHBOURS_S = 0.010
"""A candidate is the highest energy so far around, s: more drops notches of a complex, and tells
later. Chosen on shared/data; range not measured."""
LONGEST_JUDGED_AFTER_S = 0.076
"""A candidate is judged at most so long after it, s, so that it is told within 0.1 s of R."""
TOLD_AFTER_S = 0.060
"""A beat is told no sooner than this after R, s. Narrow complexes are sure some 40 ms after R, wide
ones 60-90: an even rhythm is worth more than those 20 ms. Chosen on shared/data."""
BACK_S = 0.070
REACH_S = 0.040
"""R is sought so far before and after the energy's maximum, s: wide complexes, as far as is known
by then. Chosen on shared/data; range not measured."""
FIRST_WEIGHT = 0.35
"""A smaller deflection is R where it comes before one larger by no more than this part: an RS
complex. Chosen on simulated complexes; range not measured."""
R_PEAKS_FROM_HZ = 35.0
"""With fewer samples a second a complex is one or two of them: its energy's peak is its place."""
SMOOTH_FROM_HZ = 120.0
"""From this rate on, three samples (1, 2, 1) are averaged before R is sought: they are shorter than
R. Chosen on simulated noise; range not measured."""

SHAPE_BEFORE_S = 0.07
SHAPE_AFTER_S = 0.05
"""The part of the signal that is a beat's shape, s about the energy's maximum: the complex without
its T wave."""

LEAST_COUNTS = 3.0
"""A converter's own steps are no beats: a line that wavers between two counts, or creeps. A complex
is at least so many of the signal's smallest steps high; more loses small signals."""
COMPLEX_S = 0.10
"""A QRS complex may have several maxima of energy, up to so far apart, s: wide ones last 0.12 s and
more."""
BEATS_REMEMBERED = 8
"""Beats in which each kind of a bigeminy or trigeminy occurs more than once."""
WINDOW_S = 4.0
"""How noisy the signal is, is judged on so much of it, s: two beats of the slowest heart. Chosen
on shared/data; range not measured."""
HISTORY_S = 12.0
"""Signal kept, s: more than anything looks back."""
SHORTEST_PIECE_S, LONGEST_PIECE_S = 0.5, 1.5
"""The energy's peak is taken of each piece of about a period between these lengths, s."""


class EcgMorphology:
    """A beat is a maximum of energy around 14 Hz, whatever the polarity of the complex."""

    def __init__(self, rate_hz: float) -> None:
        step = decimation_step(rate_hz, WANTED_HZ)
        self.fs = rate_hz / step
        half = max(1, round(HALF_KERNEL_S * self.fs))
        k = np.arange(-half, half + 1) / self.fs
        centre = min(CENTRE_HZ, HIGHEST_CENTRE * self.fs)
        window = np.exp(-0.5 * (k / SIGMA_S * centre / CENTRE_HZ) ** 2)
        odd = window * np.sin(2 * np.pi * centre * k)
        even = window * np.cos(2 * np.pi * centre * k)
        even -= window * even.sum() / window.sum()
        odd /= np.abs(odd).sum()
        even /= np.abs(even).sum()
        self.prefilter = Prefilter(step, [odd, even], half, round(HISTORY_S * self.fs))
        self._reach = max(1, round(REACH_S * self.fs))
        self._back = max(1, round(BACK_S * self.fs))
        self._before = max(4, round(SHAPE_BEFORE_S * self.fs))
        self._after = max(1, round(SHAPE_AFTER_S * self.fs))
        longest = max(2, int(LONGEST_JUDGED_AFTER_S * self.fs))
        self.neighbours = max(1, min(round(NEIGHBOURS_S * self.fs), longest - half))
        self._smooth = self.fs >= SMOOTH_FROM_HZ
        self.neighbours_before = max(1, round(NEIGHBOURS_BEFORE_S * self.fs))
        self._reach = min(self._reach, longest - 1 - self._smooth)
        self.judged_after = max(half + self.neighbours, self._reach + 1 + self._smooth)
        self._after = min(self._after, self.judged_after)
        self.told_after = TOLD_AFTER_S * self.fs
        self._steps = np.arange(self._back + self._reach + 2 * (1 + self._smooth) + 1)
        self._place = np.arange(self._before + self._after + 1)
        self.settled_looks = 1
        self.reset()

    def reset(self) -> None:
        """Forget how finely the signal is counted."""
        self._resolution = 0.0

    def peaks(self, start: int, stop: int) -> list[Peak]:
        """Maxima of the energy."""
        first = start - self.neighbours_before
        f = self.prefilter.filtered(first, stop + self.neighbours)
        found = maxima(f, self.neighbours_before, self.neighbours)
        return [Peak(first + i, float(f[i]), 1, float(f[i]) ** 0.5) for i in found]

    def candidate(self, peak: Peak) -> Candidate | None:
        """Amplitude, shape and R peak."""
        index, height = peak.index, peak.highest
        if index < self._before + self._back + 2:
            return None
        x = self.prefilter.decimated(index - self._before, index + self._after + 1)
        if np.ptp(x) < LEAST_COUNTS * self._resolution:
            return None
        # Few samples show a complex differently each time: move them to where it is.
        a, b, c = self.prefilter.filtered(index - 1, index + 2).tolist()
        part = 0.5 * (a - c) / (a - 2.0 * b + c) if a + c < 2.0 * b else 0.0
        x = np.interp(self._place[1:-1] + part, self._place, x)
        shape = unit(x - float(np.add.accumulate(x)[-1]) / len(x))
        if self.fs < R_PEAKS_FROM_HZ:
            return Candidate(index / self.fs, index + part, height, shape)
        up, down, polarity = self._r_peak(index)
        return Candidate(index / self.fs, up, height, shape, fiducial_down=down, polarity=polarity)

    def _r_peak(self, index: int) -> tuple[float, float, float]:
        """The highest and the lowest point near the energy's maximum, and which of them is R.

        The third is above 0 where R points up: to where the complex reaches further, unless a
        smaller deflection comes first, as in an RS complex.
        """
        back, ahead = self._back, self._reach
        pad = 1 + self._smooth
        x = self.prefilter.decimated(index - back - pad, index + ahead + pad + 1)
        start, stop = 0.5 * float(x[0] + x[1]), 0.5 * float(x[-2] + x[-1])
        y = x - (start + (stop - start) / (len(x) - 1) * self._steps)
        if self._smooth:
            y = y[:-2] + 2.0 * y[1:-1] + y[2:]
        up, high = _top(y)
        down, low = _top(-y)
        polarity = (high - low) / max(high, low, 1e-300)
        polarity += FIRST_WEIGHT if up < down else -FIRST_WEIGHT
        first = index - back - 1
        return first + up, first + down, polarity

    def description(self, index: int) -> SignalDescription:
        """How noisy it is between the beats; notes how finely the signal is counted."""
        first = max(self.prefilter.first, index + 1 - round(WINDOW_S * self.fs))
        steps = np.abs(np.diff(self.prefilter.decimated(first, index + 1)))
        smallest = float(steps.min(where=steps > 0, initial=np.inf))
        self._resolution = smallest if steps.any() else 0.0
        energy = self._last_seconds(index)
        floor = upper_median(energy[::4]) ** 0.5 if len(energy) else None
        return SignalDescription(index / self.fs, noise_floor=floor)

    def is_noise(self, index: int, period_s: float, beats: int, ending: bool = False) -> bool:
        """Whether what looks like beats does not stand out from what is between them."""
        energy = self._last_seconds(index)[-round(beats * period_s * self.fs) :]
        size = round(max(SHORTEST_PIECE_S, min(LONGEST_PIECE_S, period_s)) * self.fs)
        pieces = max(1, len(energy) // size)
        peaks = energy[len(energy) - pieces * size :].reshape(pieces, size).max(axis=1)
        return upper_median(energy) > NOISE_FLOOR**2 * upper_median(peaks)

    def _last_seconds(self, index: int) -> Floats:
        """The energy, as far as the samples up to ``index`` show it."""
        end = index + 1 - self.prefilter.after
        start = max(self.prefilter.first, self.prefilter.before, end - round(WINDOW_S * self.fs))
        return self.prefilter.filtered(start, max(start, end))


def _top(y: Floats) -> tuple[float, float]:
    """Place (between samples) and height of the highest of the inner values."""
    i = int(y[1:-1].argmax()) + 1
    a, b, c = float(y[i - 1]), float(y[i]), float(y[i + 1])
    bend = a - 2.0 * b + c
    part = 0.5 * (a - c) / bend if bend < 0 else 0.0
    return i + min(max(part, -1.0), 1.0), b


def ecg_detector(rate_hz: float) -> AdaptiveDetector:
    """A detector for one ECG lead of either polarity."""
    return AdaptiveDetector(rate_hz, EcgMorphology(rate_hz), Tracker(COMPLEX_S, BEATS_REMEMBERED))
