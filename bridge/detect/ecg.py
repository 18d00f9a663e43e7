"""Beats of an electrocardiogram: the R peak, found by the energy of the QRS complex."""

import numpy as np

from bridge.detect.adaptive import AdaptiveDetector
from bridge.detect.front import Front, maxima, step_for
from bridge.detect.period import NOTHING, Periodicity
from bridge.detect.tracker import Candidate, Tracker, unit

WANTED_HZ = 200.0
CENTRE_HZ = 14.0
SIGMA_S = 0.020
HALF_KERNEL_S = 0.045
RIM_S = 0.030
REACH_S = 0.040
SHAPE_BEFORE_S = 0.07
SHAPE_AFTER_S = 0.05


class EcgForm:
    """A beat is a maximum of energy around 14 Hz, whatever the polarity of the complex."""

    def __init__(self, rate_hz: float) -> None:
        step = step_for(rate_hz, WANTED_HZ)
        self.fs = rate_hz / step
        half = max(1, round(HALF_KERNEL_S * self.fs))
        k = np.arange(-half, half + 1) / self.fs
        window = np.exp(-0.5 * (k / SIGMA_S) ** 2)
        odd = window * np.sin(2 * np.pi * CENTRE_HZ * k)
        even = window * np.cos(2 * np.pi * CENTRE_HZ * k)
        even -= window * even.sum() / window.sum()
        odd /= np.abs(odd).sum()
        even /= np.abs(even).sum()
        self.front = Front(step, [odd, even], round(12 * self.fs))
        self._reach = max(1, round(REACH_S * self.fs))
        self._before = max(1, round(SHAPE_BEFORE_S * self.fs))
        self._after = max(1, round(SHAPE_AFTER_S * self.fs))
        self.rim = max(1, round(RIM_S * self.fs))
        self.ahead = max(half + self.rim, self._after, self._reach + 2)
        self.tracker = Tracker()
        self.reset()

    def reset(self) -> None:
        """Forget the polarity."""
        self._sign = 0.0

    def peaks(self, start: int, stop: int) -> list[tuple[int, float]]:
        """Maxima of the energy."""
        first = start - self.rim
        f = self.front.f(first, stop + self.rim)
        return [(first + i, float(f[i])) for i in maxima(f, self.rim)]

    def describe(self, index: int, height: float) -> Candidate | None:
        """Amplitude, shape and R peak."""
        size = height**0.5
        if size <= 0 or index < self._before + self._reach + 2:
            return None
        x = self.front.x(index - self._before, index + self._after + 1)
        shape = unit(x - float(np.add.accumulate(x)[-1]) / len(x))
        return Candidate(index / self.fs, self._r_peak(index), size, shape)

    def _r_peak(self, index: int) -> float:
        """The extremum of the smoothed signal near the energy's maximum, on the usual side."""
        reach = self._reach
        x = self.front.x(index - reach - 2, index + reach + 3)
        x = x - 0.5 * (x[0] + x[-1])
        y = x[:-2] + 2.0 * x[1:-1] + x[2:]
        inner = y[1:-1]
        high, low = float(inner.max()), -float(inner.min())
        self._sign += 0.1 * ((high - low) / max(abs(high), abs(low), 1e-300) - self._sign)
        upward = self._sign >= 0
        i = int(inner.argmax() if upward else inner.argmin()) + 1
        a, b, c = y[i - 1], y[i], y[i + 1]
        bend = a - 2 * b + c
        part = 0.5 * float((a - c) / bend) if bend else 0.0
        return index - reach + i - 1 + min(max(part, -1.0), 1.0)

    def watch(self, index: int) -> None:
        """Nothing to be learned but from the beats."""

    def period(self, index: int) -> Periodicity | None:
        """Not asked: a QRS complex is clear or not there."""
        return NOTHING


def ecg_detector(rate_hz: float) -> AdaptiveDetector:
    """A detector for one ECG lead of either polarity."""
    return AdaptiveDetector(rate_hz, EcgForm(rate_hz))
