"""The stages in a line: detector, rhythm, HRV, status. No I/O, no clock: time is in the items.

The live driver and the offline driver call the same ``push``, and so hear the same beats.
"""

from bridge.detect import Detector, make_detector
from bridge.events import Beat, Event, Interval, Quality, SampleChunk
from bridge.hrv_live import RollingHrv
from bridge.rhythm import Rhythm
from bridge.status import StatusTracker
from bridge.wave import Scope

GAP_SECONDS = 0.25
"""A hole in the samples of at least this length could hide a beat: no interval spans it."""


class Pipeline:
    """Turns one heart's samples (or ready-made beats) into events, in the order to be sent."""

    def __init__(self, kind: str = "auto") -> None:
        """Begin empty; ``kind`` is the detector's, see ``make_detector``."""
        self._kind = kind
        self._detector: Detector | None = None
        self._rhythm = Rhythm()
        self._hrv = RollingHrv()
        self._status = StatusTracker()
        self._scope = Scope()
        self._end: float | None = None

    def push(self, item: SampleChunk | Beat) -> list[Event]:
        """Take the next samples, or a beat from a source that sends beats.

        Raises:
            ValueError: the sampling rate changed within a session.
        """
        if isinstance(item, Beat):
            return self._take([item])
        events: list[Event] = []
        if self._detector is None:
            self._detector = make_detector(self._kind, item.rate_hz)
        elif self._end is not None and item.t - self._end > GAP_SECONDS:
            events += self._take(self._rhythm.gap(self._end))
        self._end = item.end
        events += self._take(self._detector.push(item))
        events += self._status.tick(item.end)
        events += self._scope.push(item)
        return events

    def tick(self, t: float) -> list[Event]:
        """Note that it is ``t`` and nothing came: the sensor may be lost."""
        return list(self._status.tick(t))

    def flush(self) -> list[Event]:
        """The session has ended: return what can still be said."""
        events = self._take(self._detector.flush() if self._detector else [])
        return events + self._take(self._rhythm.flush())

    def forget(self) -> None:
        """Forget learned thresholds and ranges."""
        if self._detector:
            self._detector.forget()
        self._scope = Scope()

    def _take(self, found: list[Beat | Quality] | list[Interval] | list[Beat]) -> list[Event]:
        events: list[Event] = []
        for each in found:
            if isinstance(each, Beat):
                judged = self._rhythm.push(each)
                events += judged
                events += self._status.push(judged[0])
            elif isinstance(each, Quality):
                events.append(each)
                events += self._status.push(each)
        return events
