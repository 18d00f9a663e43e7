"""The stages in a line: beats, rhythm, HRV, status. No I/O, no clock: time is in the items.

The first of them (``beats``) finds the same beats offline; rhythm and HRV are told here as they
come, where offline judges them with the whole recording in view.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bridge.beats import BeatFinder, Found, Gap
from bridge.body import BodyValues
from bridge.events import (
    Battery,
    Beat,
    BodyChunk,
    Contact,
    Event,
    Foretold,
    Interval,
    Link,
    Marker,
    Quality,
    SampleChunk,
    State,
    Status,
)
from bridge.hrv.breath import Breathing
from bridge.hrv.rolling import RollingHrv
from bridge.intervals.next_beat import NextBeat
from bridge.intervals.online import Rhythm
from bridge.intervals.rate import SmoothedRate
from bridge.status import StatusTracker
from bridge.wave import Scope

TICK_SECONDS = 0.05
"""How often a running signal is asked whether its beats have stopped."""


class Pipeline:
    """Turns what one heart's source says into events, in the order to be sent.

    The methods are generators: a beat comes out before the work that follows from it (a spectrum
    takes milliseconds) is done. Take all that they give.
    """

    def __init__(self, kind: str = "auto") -> None:
        """Begin empty; ``kind`` is the detector's, see ``make_detector``."""
        self._beats = BeatFinder(kind)
        self._rhythm = Rhythm()
        self._rate = SmoothedRate()
        self._hrv = RollingHrv()
        self._breathing = Breathing()
        self._next = NextBeat()
        self._status = StatusTracker()
        self._scope = Scope()
        self._body = BodyValues()
        self._touched = True
        self._ticked = 0.0

    def push(
        self, item: SampleChunk | Beat | BodyChunk | Contact | Battery | Foretold | Marker
    ) -> Iterator[Event]:
        """Take what a source says next: samples, a beat where it sends beats, or news of itself.

        Raises:
            UserError: a rate that no detector takes.
        """
        if isinstance(item, Beat) and item.predicted:
            if self._touched:
                yield replace(item, bpm=self._rate.value)
        elif isinstance(item, SampleChunk | Beat):
            # What a sensor sends that touches nobody is no pulse, whatever it looks like.
            if self._touched:
                yield from self._take(self._beats.push(item), arrived=isinstance(item, Beat))
                if isinstance(item, SampleChunk):
                    yield from self._after(item)
        elif isinstance(item, BodyChunk):
            yield from self._body.push(item)
        else:
            yield item
            if isinstance(item, Contact):
                yield from self._contact(item)

    def quiet_s(self) -> float:
        """For how long, s of signal, no beat can come of what comes next, whatever it is.

        Curves (``Wave``, ``Breath``) go on meanwhile, and a loss is told that much later.
        """
        return self._beats.quiet_s()

    def tick(self, t: float) -> Iterator[Event]:
        """Note that it is ``t``, whether or not anything came: the sensor may be lost."""
        yield from self._changes(self._status.tick(t))
        yield from self._breathing.until(t)

    def flush(self) -> Iterator[Event]:
        """The session has ended: give what can still be said."""
        yield from self._take(self._beats.flush())
        yield from self._judge(self._rhythm.flush())

    def forget(self) -> None:
        """Forget learned thresholds and ranges."""
        self._beats.forget()
        self._scope = Scope()

    def _take(self, found: Iterable[Found], arrived: bool = False) -> Iterator[Event]:
        """Take what was found; ``arrived``: in a packet, perhaps long after it happened."""
        for each in found:
            if isinstance(each, Gap):
                yield from self._judge(self._rhythm.gap(each.t))
            elif isinstance(each, Quality):
                yield each
                yield from self._changes(self._status.push(each))
            else:
                beat, *intervals = self._rhythm.push(each)
                assert isinstance(beat, Beat)
                yield replace(beat, bpm=self._rate.push(beat))
                # The way of a packet is no silence of the heart.
                known = replace(each, sure_t=each.t) if arrived else each
                yield from self._changes(self._status.push(known))
                guess = self._next.push(beat)
                if guess is not None and self._status.state is State.LIVE and not beat.late:
                    yield guess
                yield from self._judge(intervals)
                yield from self._breathing.push(beat)

    def _after(self, chunk: SampleChunk) -> Iterator[Event]:
        end = chunk.end
        if end >= self._ticked + TICK_SECONDS:
            self._ticked = end
            yield from self.tick(end)
        yield from self._scope.push(chunk)

    def _contact(self, contact: Contact) -> Iterator[Event]:
        """Without skin there is no pulse; a sensor that reconnects is given the usual time."""
        self._touched = contact.link is not Link.NO_CONTACT
        if not self._touched:
            yield from self._changes(self._status.lose(contact.t))
            yield from self._judge(self._rhythm.gap(contact.t))

    def _changes(self, changes: Iterable[Status]) -> Iterator[Event]:
        for change in changes:
            yield change
            yield self._hrv.at(change.t)

    def _judge(self, intervals: Iterable[Beat | Interval]) -> Iterator[Event]:
        for interval in intervals:
            if isinstance(interval, Interval):
                yield interval
                yield self._hrv.push(interval)
