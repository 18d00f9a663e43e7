"""Beats of a pulse wave (PPG): the steep upstrokes of a finger, ear or camera signal."""

import numpy as np

from bridge.detect.adaptive import AdaptiveDetector
from bridge.detect.rhythm.candidate import Candidate, Peak, correlation, unit
from bridge.detect.rhythm.tracker import Tracker
from bridge.detect.signal.description import SignalDescription, Verdict
from bridge.detect.signal.filter import Floats, Prefilter, decimation_step, maxima
from bridge.detect.signal.periodicity import is_tone, periodicity, uprightness
from bridge.detect.signal.upstrokes import shows_upstrokes

WANTED_HZ = 100.0
"""About the rate worked at, Hz: a pulse has little above 10 Hz; more costs time. F1 within 0.1: 70
to 200."""
KERNEL_BEFORE_S = 0.13
KERNEL_AFTER_S = 0.07
"""The slope is the difference of two half sine waves, so long before and after, s: longer is
steadier in noise, and what lies after is delay. Chosen on shared/data. F1 within 0.1:
KERNEL_BEFORE_S 0.13 to 0.182; KERNEL_AFTER_S 0.049 to 0.07."""
NEIGHBOURS_S = 0.010
"""A candidate is steeper than its neighbours so near (s; before it twice as far). F1 within 0.1:
0.005 to 0.02."""
LONGEST_JUDGED_AFTER_S = 0.09
"""A candidate is judged at most so long after it, s, so that it is told within 0.1 s."""
SHAPE_BEFORE_S = 0.45
SHAPE_AFTER_S = 0.07
"""The part of the signal that is a beat's shape, s about the steepest point: the foot and what
leads to it, and as much of the upstroke as is known by then. Chosen on shared/data. F1 within 0.1:
SHAPE_BEFORE_S 0.45 to 0.517; SHAPE_AFTER_S 0.07 to 0.14."""
RISE_S = 0.20
"""The foot, from which a pulse's height is taken, lies no further before the steepest point, s: a
slow upstroke takes 0.2-0.3 s. F1 within 0.1: 0.2 only."""
BLUR_S = 0.07
"""Shapes are compared without what is faster than this, s: converter noise. F1 within 0.1: 0.07
only."""
PERIOD_WINDOW_S = 6.0
"""How periodic it is, is judged on so much, s: three beats of a slow heart. F1 within 0.1: 5.1 to
6."""
LEAST_PERIOD_WINDOW = 0.5
"""... and not before this part of it has come."""
LEAST_POLARITY_S = 1.0
"""Which way up it is, is not asked of less signal than this, s: one beat of most hearts."""
TONE_PERIODS = 2.5
"""Where the signal ends, so many periods must do to say whether it is a mere tone."""
BEFORE_FIRST = 0.4
"""Beats are looked at from so many periods before the first of them: its upstroke belongs to them.
F1 within 0.1: 0.2 to 0.56."""
SETTLED_LOOKS = 4
"""While the beats are beyond doubt, the signal is looked at only every 2 s: it costs time."""
HISTORY_S = 12.0
"""Signal kept, s: more than anything looks back."""


class PulseMorphology:
    """A beat is a maximum of the slope, measured by a smooth odd kernel."""

    def __init__(self, rate_hz: float) -> None:
        step = decimation_step(rate_hz, WANTED_HZ)
        self.fs = rate_hz / step
        self.neighbours = max(1, round(NEIGHBOURS_S * self.fs))
        self.neighbours_before = max(1, round(2 * NEIGHBOURS_S * self.fs))
        longest = max(2, int(LONGEST_JUDGED_AFTER_S * self.fs))
        after = max(1, min(round(KERNEL_AFTER_S * self.fs), longest - self.neighbours))
        self.judged_after = after + self.neighbours
        self.told_after = 0.0
        before = max(1, round(KERNEL_BEFORE_S * self.fs))
        kernel = np.concatenate([-_lobe(before), [0.0], _lobe(after)])
        self.prefilter = Prefilter(step, [kernel], after, round(HISTORY_S * self.fs))
        self._before = round(SHAPE_BEFORE_S * self.fs)
        self._rise = max(1, round(RISE_S * self.fs))
        self._window = round(PERIOD_WINDOW_S * self.fs)
        self._after = min(round(SHAPE_AFTER_S * self.fs), self.judged_after)
        self._blur = round(BLUR_S * self.fs)
        ramp = np.arange(self._before + self._after + 1, dtype=float)
        self._ramp = unit(ramp - ramp.mean())
        self.settled_looks = SETTLED_LOOKS
        self.reset()

    def reset(self) -> None:
        """Forget what came before."""
        self._since = self.prefilter.n

    def peaks(self, start: int, stop: int) -> list[Peak]:
        """Maxima of the slope, where beats may point up, and minima, where they may point down."""
        first = start - self.neighbours_before
        f = self.prefilter.filtered(first, stop + self.neighbours)
        both = [
            *maxima(f, self.neighbours_before, self.neighbours),
            *maxima(-f, self.neighbours_before, self.neighbours),
        ]
        slopes = ((first + i, float(f[i])) for i in sorted(both))
        return [Peak(i, slope, 1 if slope > 0 else -1, np.inf) for i, slope in slopes]

    def soonest_peak(self, start: int, stop: int) -> int:
        """The next: the slope always rises or falls, and either may end there."""
        return start

    def candidate(self, peak: Peak) -> Candidate | None:
        """Height over the foot, fiducial and shape."""
        index, sign = peak.index, peak.sign
        first = index - self._before - self._blur
        x = self.prefilter.decimated(max(first, 0), index + self._after + 1)
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
        shape = shape - correlation(shape, self._ramp) * self._ramp
        a, b, c = self.prefilter.filtered(index - 1, index + 2).tolist()
        bend = a - 2 * b + c
        part = 0.5 * (a - c) / bend if bend else 0.0
        return Candidate(index / self.fs, index + part, size, unit(shape), sign=sign)

    def description(self, index: int) -> SignalDescription:
        """Which way up it is, and how periodic."""
        t, x = index / self.fs, self._last_seconds(index)
        if len(x) < LEAST_POLARITY_S * self.fs:
            return SignalDescription(t)
        up = uprightness(x, self.fs)
        if len(x) < LEAST_PERIOD_WINDOW * self._window:
            return SignalDescription(t, uprightness=up)
        return SignalDescription(t, uprightness=up, periodicity=periodicity(x, self.fs))

    def assess(
        self, index: int, period_s: float, beats: int, sign: int, ending: bool = False
    ) -> Verdict:
        """Whether the last seconds are a mere tone, or the beats clearly upstrokes."""
        x = self._last_seconds(index)
        whole = round((beats - 1 + BEFORE_FIRST) * period_s * self.fs) + self.judged_after
        if is_tone(x[-whole:], self.fs, period_s):
            return Verdict.NOISE
        if shows_upstrokes(x[-whole:], self.fs, sign):
            return Verdict.CLEAR
        needed = TONE_PERIODS * period_s * self.fs if ending else LEAST_PERIOD_WINDOW * self._window
        noise = len(x) < needed or is_tone(x, self.fs, period_s)
        return Verdict.NOISE if noise else Verdict.DOUBTFUL

    def _last_seconds(self, index: int) -> Floats:
        start = max(self.prefilter.first, self._since, index + 1 - self._window)
        return self.prefilter.decimated(min(start, index), index + 1)


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
    return AdaptiveDetector(rate_hz, PulseMorphology(rate_hz), Tracker())
