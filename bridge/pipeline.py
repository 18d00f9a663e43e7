"""The stages in a line: detector, rhythm, HRV, status. No I/O, no clock: time is in the items.

The live driver and the offline driver call the same ``push``, and so hear the same beats.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bridge.detect import Detector, make_detector
from bridge.events import Beat, Event, Interval, Quality, SampleChunk, Status
from bridge.gaps import HIDES_A_BEAT_S, BeatGaps
from bridge.hrv.rolling import RollingHrv
from bridge.intervals.online import Rhythm
from bridge.intervals.rate import SmoothedRate
from bridge.status import StatusTracker
from bridge.wave import Scope

TICK_SECONDS = 0.05
"""How often a running signal is asked whether its beats have stopped."""


class Pipeline:
    """Turns one heart's samples (or ready-made beats) into events, in the order to be sent.

    The methods are generators: a beat comes out before the work that follows from it (a spectrum
    takes milliseconds) is done. Take all that they give.
    """

    def __init__(self, kind: str = "auto") -> None:
        """Begin empty; ``kind`` is the detector's, see ``make_detector``."""
        self._kind = kind
        self._detector: Detector | None = None
        self._rhythm = Rhythm()
        self._beat_gaps = BeatGaps()
        self._rate = SmoothedRate()
        self._hrv = RollingHrv()
        self._status = StatusTracker()
        self._scope = Scope()
        self._rate_hz = 0.0
        self._end: float | None = None
        self._missing = 0.0
        self._quality_t = 0.0
        self._ticked = 0.0

    def push(self, item: SampleChunk | Beat) -> Iterator[Event]:
        """Take the next samples, or a beat from a source that sends beats.

        Raises:
            UserError: a rate that no detector takes.
        """
        if isinstance(item, Beat):
            if (lost_t := self._beat_gaps.push(item.t)) is not None:
                yield from self._judge(self._rhythm.gap(lost_t))
            yield from self._take((item,))
            return
        if self._detector is None or item.rate_hz != self._rate_hz:
            yield from self._flush_detector()
            self._detector = make_detector(self._kind, item.rate_hz)
            self._rate_hz = item.rate_hz
        end = item.end
        hole = 0.0 if self._end is None else item.t - self._end
        if hole * item.rate_hz > 0.5:  # less is rounding
            self._missing += hole
        if self._end is not None and hole > HIDES_A_BEAT_S:
            yield from self._judge(self._rhythm.gap(self._end))
        self._end = end
        if found := self._detector.push(item):
            yield from self._take(found)
        if end >= self._ticked + TICK_SECONDS:
            self._ticked = end
            yield from self.tick(end)
        if points := self._scope.push(item):
            yield from points

    def tick(self, t: float) -> Iterator[Event]:
        """Note that it is ``t``, whether or not anything came: the sensor may be lost."""
        yield from self._changes(self._status.tick(t))

    def flush(self) -> Iterator[Event]:
        """The session has ended: give what can still be said."""
        yield from self._flush_detector()
        yield from self._judge(self._rhythm.flush())

    def forget(self) -> None:
        """Forget learned thresholds and ranges."""
        if self._detector is not None:
            self._detector.forget()
        self._scope = Scope()

    def _flush_detector(self) -> Iterator[Event]:
        if self._detector is not None:
            yield from self._take(self._detector.flush())

    def _take(self, found: Iterable[Beat | Quality]) -> Iterator[Event]:
        for each in found:
            if isinstance(each, Quality):
                each = self._less_what_is_missing(each)
                yield each
                yield from self._changes(self._status.push(each))
                continue
            beat, *intervals = self._rhythm.push(each)
            assert isinstance(beat, Beat)
            yield replace(beat, bpm=self._rate.push(beat))
            yield from self._changes(self._status.push(each))
            yield from self._judge(intervals)

    def _changes(self, changes: Iterable[Status]) -> Iterator[Event]:
        for change in changes:
            yield change
            yield self._hrv.at(change.t)

    def _less_what_is_missing(self, quality: Quality) -> Quality:
        """Samples that were lost on the way count against the signal, however good the rest is."""
        since = max(quality.t - self._quality_t, 1e-9)
        share = min(1.0, self._missing / since)
        self._quality_t, self._missing = quality.t, 0.0
        return Quality(quality.t, quality.value * (1.0 - share))

    def _judge(self, intervals: Iterable[Beat | Interval]) -> Iterator[Event]:
        for interval in intervals:
            if isinstance(interval, Interval):
                yield interval
                yield self._hrv.push(interval)
