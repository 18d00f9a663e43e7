"""Beats of an electrocardiogram: the R peak, found by the energy of the QRS complex."""

import numpy as np

from bridge.detect.adaptive import AdaptiveDetector
from bridge.detect.rhythm.candidate import Candidate, unit
from bridge.detect.rhythm.probation import Found
from bridge.detect.rhythm.tracker import Tracker
from bridge.detect.signal.filter import Floats, Front, maxima, step_for

WANTED_HZ = 200.0
CENTRE_HZ = 14.0
SIGMA_S = 0.020
HALF_KERNEL_S = 0.045
RIM_BEFORE_S = 0.030
RIM_S = 0.010
LONGEST_AHEAD_S = 0.076
HOLD_S = 0.060
"""Narrow complexes are sure some 40 ms after R, wide ones 60-90: an even rhythm is worth more than
those 20 ms."""
BACK_S = 0.070
REACH_S = 0.040
FIRST = 0.35
TOPS_FROM_HZ = 35.0
"""With fewer samples a second a complex is one or two of them: its energy's peak is its place."""
SMOOTH_FROM_HZ = 120.0

SHAPE_BEFORE_S = 0.07
SHAPE_AFTER_S = 0.05

LEAST_COUNTS = 3.0
"""A converter's own steps are no beats: a line that wavers between two counts, or creeps."""
COMPLEX_S = 0.10
"""A QRS complex may have several maxima of energy, up to so far apart."""
COMPANY = 8
"""Beats in which each kind of a bigeminy or trigeminy occurs more than once."""
WINDOW_S = 4.0
"""How noisy the signal is, is judged on so much of it."""
MURMUR = 0.28
"""Where the usual energy (as a root) is more of its peaks than this, nothing stands out: in ECGs
it is 0.01-0.26, in noise, hum and tremor 0.30 and more."""
DROWNED = 0.5
"""Evidence that each half second of so much murmur takes from the rhythm that is followed."""
CLEAN = 0.04
NOISY = 0.08
"""Usual energy between beats relative to a beat's: nothing to mind, and too much for trust."""


class EcgForm:
    """A beat is a maximum of energy around 14 Hz, whatever the polarity of the complex."""

    def __init__(self, rate_hz: float) -> None:
        step = step_for(rate_hz, WANTED_HZ)
        self.fs = rate_hz / step
        half = max(1, round(HALF_KERNEL_S * self.fs))
        k = np.arange(-half, half + 1) / self.fs
        centre = min(CENTRE_HZ, 0.3 * self.fs)
        window = np.exp(-0.5 * (k / SIGMA_S * centre / CENTRE_HZ) ** 2)
        odd = window * np.sin(2 * np.pi * centre * k)
        even = window * np.cos(2 * np.pi * centre * k)
        even -= window * even.sum() / window.sum()
        odd /= np.abs(odd).sum()
        even /= np.abs(even).sum()
        self.front = Front(step, [odd, even], half, round(12 * self.fs))
        self._reach = max(1, round(REACH_S * self.fs))
        self._back = max(1, round(BACK_S * self.fs))
        self._before = max(4, round(SHAPE_BEFORE_S * self.fs))
        self._after = max(1, round(SHAPE_AFTER_S * self.fs))
        longest = max(2, int(LONGEST_AHEAD_S * self.fs))
        self.rim = max(1, min(round(RIM_S * self.fs), longest - half))
        self._smooth = self.fs >= SMOOTH_FROM_HZ
        self.rim_before = max(1, round(RIM_BEFORE_S * self.fs))
        self._reach = min(self._reach, longest - 1 - self._smooth)
        self.ahead = max(half + self.rim, self._reach + 1 + self._smooth)
        self._after = min(self._after, self.ahead)
        self.hold = HOLD_S * self.fs
        self._steps = np.arange(self._back + self._reach + 2 * (1 + self._smooth) + 1)
        self._place = np.arange(self._before + self._after + 1)
        self.tracker = Tracker(COMPLEX_S, COMPANY)
        self.reset()

    def reset(self) -> None:
        """Forget how finely the signal is counted."""
        self._count = 0.0

    def peaks(self, start: int, stop: int) -> list[tuple[int, float]]:
        """Maxima of the energy."""
        first = start - self.rim_before
        f = self.front.f(first, stop + self.rim)
        return [(first + i, float(f[i])) for i in maxima(f, self.rim_before, self.rim)]

    def describe(self, index: int, height: float) -> Candidate | None:
        """Amplitude, shape and R peak."""
        size = height**0.5
        if size <= self.tracker.least_height or index < self._before + self._back + 2:
            return None
        x = self.front.x(index - self._before, index + self._after + 1)
        if np.ptp(x) < LEAST_COUNTS * self._count:
            return None
        # Few samples show a complex differently each time: move them to where it is.
        a, b, c = self.front.f(index - 1, index + 2).tolist()
        part = 0.5 * (a - c) / (a - 2.0 * b + c) if a + c < 2.0 * b else 0.0
        x = np.interp(self._place[1:-1] + part, self._place, x)
        shape = unit(x - float(np.add.accumulate(x)[-1]) / len(x))
        if self.fs < TOPS_FROM_HZ:
            return Candidate(index / self.fs, index + part, size, shape)
        up, down, lean = self._tops(index)
        return Candidate(index / self.fs, up, size, shape, at_down=down, lean=lean)

    def _tops(self, index: int) -> tuple[float, float, float]:
        """The highest and the lowest point near the energy's maximum, and which of them is R.

        The third is above 0 where R points up: to where the complex reaches further, unless a
        smaller deflection comes first, as in an RS complex.
        """
        back, ahead = self._back, self._reach
        pad = 1 + self._smooth
        x = self.front.x(index - back - pad, index + ahead + pad + 1)
        start, stop = 0.5 * float(x[0] + x[1]), 0.5 * float(x[-2] + x[-1])
        y = x - (start + (stop - start) / (len(x) - 1) * self._steps)
        if self._smooth:
            y = y[:-2] + 2.0 * y[1:-1] + y[2:]
        up, high = _top(y)
        down, low = _top(-y)
        lean = (high - low) / max(high, low, 1e-300)
        lean += FIRST if up < down else -FIRST
        first = index - back - 1
        return first + up, first + down, lean

    def watch(self, index: int) -> list[Found]:
        """How noisy is it between the beats, and how finely counted?"""
        x = self.front.x(max(self.front.first, index + 1 - round(WINDOW_S * self.fs)), index + 1)
        steps = np.abs(np.diff(x))
        self._count = float(steps.min(where=steps > 0, initial=np.inf)) if steps.any() else 0.0
        level = self.tracker.level
        energy = self._last_seconds(index)
        if level > 0 and len(energy):
            share = _middle(energy[::4]) ** 0.5 / level
            self.tracker.noisiness = max(0.0, min(1.0, (share - CLEAN) / (NOISY - CLEAN)))
            if share > MURMUR:
                self.tracker.doubt(DROWNED)
        return []

    def hum(self, index: int, period_s: float, beats: int, ending: bool = False) -> bool:
        """Whether what looks like beats does not stand out from what is between them."""
        energy = self._last_seconds(index)[-round(beats * period_s * self.fs) :]
        size = round(max(0.5, min(1.5, period_s)) * self.fs)
        pieces = max(1, len(energy) // size)
        peaks = energy[len(energy) - pieces * size :].reshape(pieces, size).max(axis=1)
        return _middle(energy) > MURMUR**2 * _middle(peaks)

    def _last_seconds(self, index: int) -> Floats:
        """The energy, as far as the samples up to ``index`` show it."""
        end = index + 1 - self.front.after
        start = max(self.front.first, self.front.before, end - round(WINDOW_S * self.fs))
        return self.front.f(start, max(start, end))


def _middle(values: Floats) -> float:
    """The upper median; numpy's own takes longer to find out what it was given."""
    return float(np.partition(values, len(values) // 2)[len(values) // 2])


def _top(y: Floats) -> tuple[float, float]:
    """Place (between samples) and height of the highest of the inner values."""
    i = int(y[1:-1].argmax()) + 1
    a, b, c = float(y[i - 1]), float(y[i]), float(y[i + 1])
    bend = a - 2.0 * b + c
    part = 0.5 * (a - c) / bend if bend < 0 else 0.0
    return i + min(max(part, -1.0), 1.0), b


def ecg_detector(rate_hz: float) -> AdaptiveDetector:
    """A detector for one ECG lead of either polarity."""
    return AdaptiveDetector(rate_hz, EcgForm(rate_hz))
