"""Beat -> Beat and Interval, live: the interbeat interval at once, a verdict on it two beats later.

The verdict is that of Lipponen and Tarvainen (2019), see ``bridge.intervals.walk``, on trailing
windows. ``bridge.intervals.whole`` does the paper itself over a whole recording.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import median

from bridge.events import Beat, Interval, Label
from bridge.gaps import LONGEST_INTERVAL_S
from bridge.intervals.walk import ALPHA, MEDIAN_WINDOW, THRESHOLD_WINDOW, Walk

LOOKAHEAD = 2
"""Intervals that must follow before one can be judged: S22 looks two differences ahead."""

GAPS_KEPT = 64
"""Losses of signal remembered until a beat passes them: memory stays bounded without beats."""

FEW = 20
"""With fewer differences than this their quartiles say little, and the wider floor holds."""
FLOOR, FLOOR_WHILE_FEW = 0.03, 0.15
"""Least live thresholds, as shares of the median interval. They are not in the paper, which sees
the whole record: a window that has just begun, or a paced heart, has no spread to measure."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An interval not yet judged."""

    t: float
    ibi_ms: float
    step_ms: float
    """Difference to the interval before, 0 after a gap."""
    after_gap: bool


class Rhythm:
    """Sets each beat's interval and judges the intervals.

    A beat is never held back. An interval comes out two intervals later, or at the next gap or
    ``flush`` if that is sooner. Both come in rising order of time.
    """

    def __init__(self, max_ibi_ms: float = 1000.0 * LONGEST_INTERVAL_S) -> None:
        """Begin without history; ``max_ibi_ms`` is the longest pause that is still an interval."""
        self._max_ibi_ms = max_ibi_ms
        self._waiting: deque[_Waiting] = deque()
        self._recent: deque[float] = deque(maxlen=MEDIAN_WINDOW)
        self._steps: deque[float] = deque(maxlen=THRESHOLD_WINDOW)
        self._offsets: deque[float] = deque(maxlen=THRESHOLD_WINDOW)
        self._gaps: deque[float] = deque(maxlen=GAPS_KEPT)
        self._last_t: float | None = None
        self._begin_run()

    def push(self, beat: Beat) -> list[Beat | Interval]:
        """Take the next beat; return it with ``ibi_ms`` set, then the intervals judged with it.

        Raises:
            ValueError: the beat is not later than the one before.
        """
        judged: list[Interval] = []
        ibi_ms = None
        if self._last_t is not None:
            ibi_ms = (beat.t - self._last_t) * 1000.0
            if ibi_ms <= 0.0:
                raise ValueError(f"beats must rise in time: {beat.t} s follows {self._last_t} s")
            if ibi_ms > self._max_ibi_ms or self._gap_before(beat.t):
                judged = self.flush()
                self._begin_run()
                ibi_ms = None
        self._last_t = beat.t
        if ibi_ms is not None:
            self._await(beat.t, ibi_ms)
            if len(self._waiting) > LOOKAHEAD:
                judged.append(self._judge())
        return [replace(beat, ibi_ms=ibi_ms), *judged]

    def gap(self, t: float) -> list[Interval]:
        """Note that the signal was lost at ``t``, s; judge what still waits.

        No interval spans ``t``. A detector may still tell of a beat before it afterwards.
        """
        self._gaps.append(t)
        return self.flush()

    def flush(self) -> list[Interval]:
        """Judge what still waits on what is known."""
        return [self._judge() for _ in range(len(self._waiting))]

    def _gap_before(self, t: float) -> bool:
        """Whether the signal was lost between the last beat and one at ``t``."""
        spanned = False
        while self._gaps and self._gaps[0] < t:
            lost_t = self._gaps.popleft()
            spanned |= self._last_t is not None and lost_t >= self._last_t
        return spanned

    def _begin_run(self) -> None:
        """Drop what may only be compared within one unbroken run of beats."""
        self._after_gap = True
        self._step_before_ms = 0.0
        self._half_ms: float | None = None
        self._trusted_ms: float | None = None
        self._walk = Walk()

    def _await(self, t: float, ibi_ms: float) -> None:
        step_ms = 0.0
        if not self._after_gap:
            step_ms = ibi_ms - self._recent[-1]
            self._steps.append(abs(step_ms))
        self._recent.append(ibi_ms)
        self._waiting.append(_Waiting(t, ibi_ms, step_ms, self._after_gap))
        self._after_gap = False

    def _judge(self) -> Interval:
        now = self._waiting[0]
        middle = median(self._recent)
        offset = now.ibi_ms - middle
        offset *= 2.0 if offset < 0.0 else 1.0
        self._offsets.append(abs(offset))
        floor = middle * (FLOOR_WHILE_FEW if len(self._steps) < FEW else FLOOR)
        th1 = max(ALPHA * quartile_deviation(self._steps), floor)
        th2 = max(ALPHA * quartile_deviation(self._offsets), floor)
        label = self._label(now, middle, abs(offset) / th2, th1, th2)
        nn_ms: float | None
        if self._half_ms is not None:
            label, nn_ms, self._half_ms = Label.EXTRA, self._half_ms + now.ibi_ms, None
        elif label is Label.EXTRA:
            nn_ms, self._half_ms = None, now.ibi_ms
        elif label is Label.MISSED:
            nn_ms = now.ibi_ms / 2.0
        elif label is Label.NORMAL:
            nn_ms = now.ibi_ms
        else:
            nn_ms = self._bridge(middle, th2)
        if nn_ms is not None:
            self._trusted_ms = nn_ms
        self._step_before_ms = now.step_ms
        self._waiting.popleft()
        return Interval(now.t, now.ibi_ms, nn_ms, label, now.after_gap)

    def _label(self, now: _Waiting, middle: float, offset: float, th1: float, th2: float) -> Label:
        """Label the interval that has waited longest."""
        here, next1, next2 = (*(waiting.step_ms / th1 for waiting in self._waiting), 0.0, 0.0)[:3]
        following = self._waiting[1].ibi_ms if len(self._waiting) > 1 else math.inf
        return self._walk.label(
            (self._step_before_ms / th1, here, next1, next2),
            offset,
            looks_extra=abs(now.ibi_ms + following - middle) < th2,
            looks_missed=abs(now.ibi_ms / 2.0 - middle) < th2,
        )

    def _bridge(self, middle: float, th2: float) -> float:
        """Interpolate from the last trusted interval to the first plausible one that follows."""
        for ahead, waiting in enumerate(self._waiting):
            if ahead and abs(waiting.ibi_ms - middle) < th2:
                if self._trusted_ms is None:
                    return waiting.ibi_ms
                return self._trusted_ms + (waiting.ibi_ms - self._trusted_ms) / (ahead + 1)
        return middle if self._trusted_ms is None else self._trusted_ms


def quartile_deviation(values: Iterable[float]) -> float:
    """Half the distance between the quartiles (linear interpolation), 0 for fewer than two."""
    ranked = sorted(values)
    if len(ranked) < 2:
        return 0.0
    return (_quantile(ranked, 0.75) - _quantile(ranked, 0.25)) / 2.0


def _quantile(ranked: list[float], share: float) -> float:
    place = share * (len(ranked) - 1)
    below = int(place)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (place - below) * (ranked[above] - ranked[below])
