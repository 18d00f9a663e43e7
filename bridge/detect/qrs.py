"""What beats look like in an electrocardiogram: QRS complexes, found by their energy in a band.

Timed at the R peak. Two bands stand beside each other, see ``ecg``.
"""

from dataclasses import dataclass

import numpy as np

from bridge.detect.rhythm.candidate import Candidate, Peak, unit
from bridge.detect.signal.description import SignalDescription, Verdict
from bridge.detect.signal.filter import Floats, Prefilter, decimation_step, maxima
from bridge.detect.signal.noise import CLEAR_FLOOR, NOISE_FLOOR, upper_median

HIGHEST_CENTRE = 0.3
"""A band's centre is no higher than this part of the working rate."""
LONGEST_JUDGED_AFTER_S = 0.076
"""A candidate is judged at most so long after it, s, so that it is told within 0.1 s of R."""
TOLD_AFTER_S = 0.050
"""A beat is told no sooner than this after R, s. Narrow complexes are sure some 40 ms after R, wide
ones 60-90: an even rhythm is worth more than those 20 ms. Chosen on shared/data."""
REACH_S = 0.040
"""R is sought so far after the energy's maximum, s. Chosen on shared/data. F1 within 0.1: 0.02 to
0.08."""
FIRST_WEIGHT = 0.35
"""A smaller deflection is R where it comes before one larger by no more than this part: an RS
complex. Chosen on simulated complexes. F1 within 0.1: 0.175 to 0.7."""
R_PEAKS_FROM_HZ = 35.0
"""With fewer samples a second a complex is one or two of them: its energy's peak is its place."""
SMOOTH_FROM_HZ = 120.0
"""From this rate on, three samples (1, 2, 1) are averaged before R is sought: they are shorter than
R. Chosen on simulated noise. F1 within 0.1: 60 to 240."""

SHAPE_BEFORE_S = 0.07
SHAPE_AFTER_S = 0.05
"""The part of the signal that is a beat's shape, s about the energy's maximum: the complex without
its T wave."""

LEAST_COUNTS = 3.0
"""A converter's own steps are no beats: a line that wavers between two counts, or creeps. A complex
is at least so many of the signal's smallest steps high; more loses small signals."""
WINDOW_S = 4.0
"""How noisy the signal is, is judged on so much of it, s: two beats of the slowest heart. Chosen on
shared/data. F1 within 0.1: 2 to 8."""
HISTORY_S = 12.0
"""Signal kept, s: more than anything looks back."""
SPARSENESS_WINDOW_S = 3.0
LEAST_SPARSENESS_S = 0.8
"""How sparse the energy is, is judged on so much of it, s, and not before the second has come. Of
2, 3 and 5 s the last tells noise best and takes longest (AUC .992, .996, .998). F1 within 0.1:
SPARSENESS_WINDOW_S 1.5 to 3.45; LEAST_SPARSENESS_S 0.4 to 1.6."""
ON_A_RAIL = 0.2
"""Where more than this part of the last seconds is exactly at their highest or lowest value, the
converter is saturated, and what comes off the rail is no complex."""
JUMPS_FROM_HZ = 200.0
"""With fewer samples a second any complex jumps from one to the next; three even beats are then the
quickest evidence, else two like ones."""
SHORTEST_PIECE_S, LONGEST_PIECE_S = 0.5, 1.5
"""The energy's peak is taken of each piece of about a period between these lengths, s."""


@dataclass(frozen=True, slots=True)
class Band:
    """Where the energy of QRS complexes is measured, and how a maximum of it is looked at."""

    wanted_hz: float
    """About the rate worked at, Hz; more costs time."""
    centre_hz: float
    sigma_s: float
    """Length of the Gaussian window, s, as a standard deviation."""
    half_kernel_s: float
    """Where the window is cut, s: what lies after is delay."""
    neighbours_before_s: float
    neighbours_s: float
    """A candidate is the highest energy so far around, s: more drops notches of a complex, and
    tells later."""
    back_s: float
    """R is sought so far before the energy's maximum, s."""

    def kernels(self, fs: float) -> tuple[list[Floats], int]:
        """A pair in quadrature for a signal of fs Hz, and the samples on either side of 0."""
        half = max(1, round(self.half_kernel_s * fs))
        k = np.arange(-half, half + 1) / fs
        centre = min(self.centre_hz, HIGHEST_CENTRE * fs)
        window = np.exp(-0.5 * (k / self.sigma_s * centre / self.centre_hz) ** 2)
        odd = window * np.sin(2 * np.pi * centre * k)
        even = window * np.cos(2 * np.pi * centre * k)
        even -= window * even.sum() / window.sum()
        odd /= np.abs(odd).sum()
        even /= np.abs(even).sum()
        return [odd, even], half


LOW = Band(200.0, 14.0, 0.020, 0.045, 0.030, 0.010, 0.070)
"""The band of Pan and Tompkins (1985: 5-15 Hz): wide complexes are as high in it as narrow ones.
Chosen on shared/data; range not measured."""
HIGH = Band(250.0, 25.0, 0.020, 0.050, 0.100, 0.015, 0.045)
"""Above what electrodes, muscles under strain and T waves disturb, where wide complexes are low:
the same plain detector has F1 84 in the band at 14 Hz and 90-93 here on CPSC2019. Chosen
on its records in shared/data and on noise stress 119e06: 20-36 Hz and 12-25 ms stay within 3
points."""


class QrsMorphology:
    """A beat is a maximum of energy in a band, whatever the polarity of the complex."""

    def __init__(self, rate_hz: float, band: Band = LOW) -> None:
        step = decimation_step(rate_hz, band.wanted_hz)
        self.fs = rate_hz / step
        kernels, half = band.kernels(self.fs)
        self.prefilter = Prefilter(step, kernels, half, round(HISTORY_S * self.fs))
        self._reach = max(1, round(REACH_S * self.fs))
        self._back = max(1, round(band.back_s * self.fs))
        self._before = max(4, round(SHAPE_BEFORE_S * self.fs))
        self._after = max(1, round(SHAPE_AFTER_S * self.fs))
        longest = max(2, int(LONGEST_JUDGED_AFTER_S * self.fs))
        self.neighbours = max(1, min(round(band.neighbours_s * self.fs), longest - half))
        self._smooth = self.fs >= SMOOTH_FROM_HZ
        self.neighbours_before = max(1, round(band.neighbours_before_s * self.fs))
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

    def soonest_peak(self, start: int, stop: int) -> int:
        """Of the values known after ``start`` only the highest can be, as none is out of reach."""
        before = self.neighbours_before
        if stop <= start:
            return start
        f = self.prefilter.filtered(start - before, stop)
        at = int(f[before:].argmax())
        return start + at if f[at : at + before].max() < f[before + at] else stop

    def candidate(self, peak: Peak) -> Candidate | None:
        """Amplitude, shape and R peak."""
        index, height = peak.index, peak.highest
        if index < self._before + self._back + 2:
            return None
        x = self.prefilter.decimated(index - self._before, index + self._after + 1)
        values = x.tolist()  # so few are sooner compared one by one
        span = max(values) - min(values)
        if span < LEAST_COUNTS * self._resolution or span <= 0.0:
            return None
        steps = x[1:] - x[:-1]
        rises = steps.tolist()
        jump = max(max(rises), -min(rises)) / span if self.fs >= JUMPS_FROM_HZ else None
        # Few samples show a complex differently each time: move them to where it is.
        a, b, c = self.prefilter.filtered(index - 1, index + 2).tolist()
        part = 0.5 * (a - c) / (a - 2.0 * b + c) if a + c < 2.0 * b else 0.0
        if part < 0.0:
            moved = x[:-2] + steps[:-1] * (self._place[1:-1] + part - self._place[:-2])
        else:
            moved = x[1:-1] + steps[1:] * (self._place[1:-1] + part - self._place[1:-1])
        shape = unit(moved - float(np.add.accumulate(moved)[-1]) / len(moved))
        if self.fs < R_PEAKS_FROM_HZ:
            return Candidate(index / self.fs, index + part, height, shape, jump=jump)
        up, down, polarity = self._r_peak(index)
        return Candidate(index / self.fs, up, height, shape, down, polarity, jump=jump)

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
        inner = y[1:-1]
        top, bottom = int(inner.argmax()), int(inner.argmin())
        up, high = _between(top + 1, *y[top : top + 3].tolist())
        down, low = _between(bottom + 1, *(-y[bottom : bottom + 3]).tolist())
        polarity = (high - low) / max(high, low, 1e-300)
        polarity += FIRST_WEIGHT if up < down else -FIRST_WEIGHT
        first = index - back - 1
        return first + up, first + down, polarity

    def description(self, index: int) -> SignalDescription:
        """How noisy it is between the beats; notes how finely the signal is counted."""
        first = max(self.prefilter.first, index + 1 - round(WINDOW_S * self.fs))
        x = self.prefilter.decimated(first, index + 1)
        steps = np.abs(x[1:] - x[:-1])
        steps = steps[steps > 0.0]
        self._resolution = float(np.minimum.reduce(steps)) if len(steps) else 0.0
        energy = self._last_seconds(index)
        floor = upper_median(energy[::4]) ** 0.5 if len(energy) else None
        rails = np.maximum.reduce(x), np.minimum.reduce(x)
        saturated = max(np.count_nonzero(x == rail) for rail in rails) > ON_A_RAIL * len(x)
        sparseness = None if saturated else self._sparseness(energy)
        return SignalDescription(index / self.fs, noise_floor=floor, sparseness=sparseness)

    def _sparseness(self, energy: Floats) -> float | None:
        """Kurtosis of the envelope: the mean square of the energy over its squared mean."""
        energy = energy[-round(SPARSENESS_WINDOW_S * self.fs) :]
        if len(energy) < LEAST_SPARSENESS_S * self.fs:
            return None
        mean = float(np.add.accumulate(energy)[-1]) / len(energy)
        square = float(np.add.accumulate(energy * energy)[-1]) / len(energy)
        return square / (mean * mean) if mean > 0.0 else None

    def assess(
        self, index: int, period_s: float, beats: int, sign: int, ending: bool = False
    ) -> Verdict:
        """Whether what looks like beats does not stand out from what is between them."""
        energy = self._last_seconds(index)[-round(beats * period_s * self.fs) :]
        size = round(max(SHORTEST_PIECE_S, min(LONGEST_PIECE_S, period_s)) * self.fs)
        pieces = max(1, len(energy) // size)
        peaks = energy[len(energy) - pieces * size :].reshape(pieces, size).max(axis=1)
        share = upper_median(energy) / max(upper_median(peaks), 1e-300)
        if share > NOISE_FLOOR**2:
            return Verdict.NOISE
        clear = share < CLEAR_FLOOR**2 and self.fs < JUMPS_FROM_HZ
        return Verdict.CLEAR if clear else Verdict.DOUBTFUL

    def _last_seconds(self, index: int) -> Floats:
        """The energy, as far as the samples up to ``index`` show it."""
        end = index + 1 - self.prefilter.after
        start = max(self.prefilter.first, self.prefilter.before, end - round(WINDOW_S * self.fs))
        return self.prefilter.filtered(start, max(start, end))


def _between(i: int, a: float, b: float, c: float) -> tuple[float, float]:
    """Place (between samples) and height of the highest value, which is that at i, of the three."""
    bend = a - 2.0 * b + c
    part = 0.5 * (a - c) / bend if bend < 0 else 0.0
    return i + min(max(part, -1.0), 1.0), b
