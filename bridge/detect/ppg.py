"""Beats of a pulse wave (PPG): the steep upstrokes of a finger, ear or camera signal."""

import numpy as np

from bridge.detect.adaptive import AdaptiveDetector
from bridge.detect.rhythm.candidate import Candidate, likeness, unit
from bridge.detect.rhythm.periodicity import is_tone, periodicity, uprightness
from bridge.detect.rhythm.probation import Found
from bridge.detect.rhythm.tracker import Tracker
from bridge.detect.signal.filter import Floats, Front, maxima, step_for

WANTED_HZ = 100.0
KERNEL_BEFORE_S = 0.13
KERNEL_AFTER_S = 0.07
RIM_S = 0.010
LONGEST_AHEAD_S = 0.09
SHAPE_BEFORE_S = 0.45
RISE_S = 0.20
BLUR_S = 0.07
PERIOD_WINDOW_S = 6.0
SHAPE_AFTER_S = 0.07


class PulseForm:
    """A beat is a maximum of the slope, measured by a smooth odd kernel."""

    def __init__(self, rate_hz: float) -> None:
        step = step_for(rate_hz, WANTED_HZ)
        self.fs = rate_hz / step
        self.rim = max(1, round(RIM_S * self.fs))
        self.rim_before = max(1, round(2 * RIM_S * self.fs))
        longest = max(2, int(LONGEST_AHEAD_S * self.fs))
        after = max(1, min(round(KERNEL_AFTER_S * self.fs), longest - self.rim))
        self.ahead = after + self.rim
        self.hold = 0.0
        before = max(1, round(KERNEL_BEFORE_S * self.fs))
        kernel = np.concatenate([-_lobe(before), [0.0], _lobe(after)])
        self.front = Front(step, [kernel], after, round(12 * self.fs))
        self._before = round(SHAPE_BEFORE_S * self.fs)
        self._rise = max(1, round(RISE_S * self.fs))
        self._window = round(PERIOD_WINDOW_S * self.fs)
        self._after = min(round(SHAPE_AFTER_S * self.fs), self.ahead)
        self._blur = round(BLUR_S * self.fs)
        ramp = np.arange(self._before + self._after + 1, dtype=float)
        self._ramp = unit(ramp - ramp.mean())
        self.tracker = Tracker()
        self.reset()

    def reset(self) -> None:
        """Forget the polarity."""
        self._lean = 0.0
        self._since = self.front.n

    def peaks(self, start: int, stop: int) -> list[tuple[int, float]]:
        """Maxima of the slope (height above 0) and minima (below 0)."""
        first = start - self.rim_before
        f = self.front.f(first, stop + self.rim)
        both = [
            *maxima(f, self.rim_before, self.rim),
            *maxima(-f, self.rim_before, self.rim),
        ]
        return [(first + i, float(f[i])) for i in sorted(both)]

    def describe(self, index: int, height: float) -> Candidate | None:
        """Polarity, fiducial and shape."""
        sign = 1 if height > 0 else -1
        if self.tracker.locked and sign != self.tracker.sign:
            return None
        first = index - self._before - self._blur
        x = self.front.x(max(first, 0), index + self._after + 1)
        if first < 0:
            # A beat at the very start: nothing is known of before.
            x = np.concatenate([np.full(-first, x[0]), x])
        x = _box(_box(x - x[0], self._blur // 2 + 1), self._blur - self._blur // 2 + 1)
        x = sign * x
        at = self._before - self._blur // 2
        low = float(x[at - self._rise : at + 1].min())
        size = float(x[at:].max()) - low
        if size <= 0:
            return None
        shape = x - float(np.add.accumulate(x)[-1]) / len(x)
        shape = shape - likeness(shape, self._ramp) * self._ramp
        a, b, c = self.front.f(index - 1, index + 2).tolist()
        bend = a - 2 * b + c
        part = 0.5 * (a - c) / bend if bend else 0.0
        return Candidate(index / self.fs, index + part, size, unit(shape), sign=sign)

    def watch(self, index: int) -> list[Found]:
        """Which way up is it, and how periodic?"""
        tracker = self.tracker
        half_second = round(0.5 * self.fs)
        if tracker.locked and not tracker.in_doubt and index % (4 * half_second):
            return []
        x = self._last_seconds(index)
        if len(x) < self.fs:
            return []
        if not tracker.locked:
            # What came before may not have been a heart.
            self._lean *= 0.75
        self._lean += uprightness(x, self.fs)
        self._lean = max(-4.0, min(4.0, self._lean))
        if self._lean * tracker.sign < (-1.5 if tracker.locked else 0.0):
            tracker.turn(-tracker.sign)
        if len(x) < 0.5 * self._window:
            return []
        return tracker.listen(index / self.fs, periodicity(x, self.fs))

    def hum(self, index: int, period_s: float, beats: int, ending: bool = False) -> bool:
        """Whether the last seconds are a mere tone."""
        x = self._last_seconds(index)
        needed = 2.5 * period_s * self.fs if ending else 0.5 * self._window
        return len(x) < needed or is_tone(x, self.fs, period_s)

    def _last_seconds(self, index: int) -> Floats:
        start = max(self.front.first, self._since, index + 1 - self._window)
        return self.front.x(min(start, index), index + 1)


def _lobe(size: int) -> Floats:
    """Half a sine wave of area 1."""
    lobe: Floats = np.sin(np.pi * np.arange(1, size + 1) / (size + 1))
    lobe /= lobe.sum()
    return lobe


def _box(x: Floats, width: int) -> Floats:
    """Sums of ``width`` neighbours; shorter by ``width - 1``."""
    sums = np.add.accumulate(x)
    result = sums[width - 1 :].copy()
    result[1:] -= sums[:-width]
    return result


def pulse_detector(rate_hz: float) -> AdaptiveDetector:
    """A detector for pulse waves of either polarity."""
    return AdaptiveDetector(rate_hz, PulseForm(rate_hz))
