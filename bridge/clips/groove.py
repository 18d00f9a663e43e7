"""Plays a style in time: cells at their moments, notes that end, nothing twice. Reads no clock."""

import heapq
from collections.abc import Callable, Mapping
from itertools import count
from typing import NamedTuple

from bridge.clips.causal import CellStage, Control, Note
from bridge.clips.clock import Clock

IDLE_S = 0.02
"""How often a clock that stands still is asked again."""
_NOTE_ON, _NOTE_OFF, _CONTROL = 0x90, 0x80, 0xB0
_OFF, _ON = 0, 1
"""At one moment notes end before others begin."""


class _Waiting(NamedTuple):
    due: float
    order: int
    number: int
    note: Note
    off: float
    """When the note ends."""
    token: int
    """Which sounding of its pitch an end belongs to."""
    echo: bool
    """A guess of what follows a heartbeat: the next heartbeat ends it."""


class Groove:
    """One style on one clock, sent as MIDI messages.

    ``advance`` is called when it last asked to be, or earlier, or late: a cell is played once, at
    the first call from its moment on. More than a cell late it is left out, so that there is never
    a burst.
    """

    def __init__(self, stage: CellStage, clock: Clock, send: Callable[[bytes], None]) -> None:
        self.stage = stage
        self.clock = clock
        self.left_out = 0
        """Cells that came too late to be played."""
        self.moved: set[tuple[int, int]] = set()
        """Channels, 0-15, and controllers that were sent."""
        self.played: set[int] = set()
        """Channels on which notes began."""
        self._send = send
        self._stretch = 0
        self._next = 0
        self._numbers = count()
        self._waiting: list[_Waiting] = []
        self._sounding: dict[tuple[int, int], int] = {}

    def advance(self, now: float, heart: Mapping[str, float]) -> float:
        """Play what is due by ``now``; return when there is more to do.

        Args:
            now: seconds, of the clock's clock.
            heart: the measures known now, by the columns of tables.
        """
        if not self.clock.running(now):
            self.silence()
            return now + IDLE_S
        ticks = self.stage.ticks
        if self.clock.stretch != self._stretch:
            self.silence()
            self._stretch = self.clock.stretch
            self._next = -(-self.clock.start // ticks)
        while True:
            due = self.clock.moment(self._next * ticks)
            if self._waiting and self._waiting[0].due <= min(due, now):
                self._take(heapq.heappop(self._waiting))
            elif due <= now:
                self._cell(due, now, heart)
            else:
                return min(due, self._waiting[0].due) if self._waiting else due

    def beat(self, now: float, at: float, ibi_s: float | None, heart: Mapping[str, float]) -> None:
        """A heartbeat that happened ``at``: for styles that play heartbeats."""
        self._waiting = [each for each in self._waiting if not each.echo]
        heapq.heapify(self._waiting)
        if not self.clock.running(now):
            return
        for echo in self.stage.beat(ibi_s, heart):
            due = max(now, at + echo.after_s)
            length = self.clock.moment(echo.note.length) - self.clock.moment(0)
            self._begin(due, echo.note, due + length, now, echo=True)

    def silence(self) -> None:
        """End what sounds, and drop what was to come."""
        self._waiting.clear()
        for channel, pitch in sorted(self._sounding):
            self._send(bytes((_NOTE_OFF | channel, pitch, 0)))
        self._sounding.clear()

    def _cell(self, due: float, now: float, heart: Mapping[str, float]) -> None:
        ticks = self.stage.ticks
        if now >= self.clock.moment((self._next + 1) * ticks):
            current = max(int(self.clock.tick(now) // ticks), self._next + 1)
            self.left_out += current - self._next
            self._next = current
            return
        tick = self._next * ticks
        for sound in self.stage.cell(self._next, due, heart):
            if isinstance(sound, Control):
                self.moved.add((sound.channel, sound.controller))
                self._send(bytes((_CONTROL | sound.channel, sound.controller, sound.value)))
            else:
                begin = tick + sound.late
                off = self.clock.moment(begin + sound.length)
                self._begin(self.clock.moment(begin) if sound.late else due, sound, off, now)
        self._next += 1

    def _begin(self, due: float, note: Note, off: float, now: float, echo: bool = False) -> None:
        if due > now:
            waiting = _Waiting(due, _ON, next(self._numbers), note, off, 0, echo)
            heapq.heappush(self._waiting, waiting)
            return
        key = note.channel, note.pitch
        if key in self._sounding:
            self._send(bytes((_NOTE_OFF | note.channel, note.pitch, 0)))
        token = next(self._numbers)
        self._sounding[key] = token
        self.played.add(note.channel)
        self._send(bytes((_NOTE_ON | note.channel, note.pitch, note.velocity)))
        heapq.heappush(self._waiting, _Waiting(off, _OFF, token, note, off, token, False))

    def _take(self, waiting: _Waiting) -> None:
        note = waiting.note
        if waiting.order == _ON:
            self._begin(waiting.due, note, waiting.off, waiting.due)
        elif self._sounding.get((note.channel, note.pitch)) == waiting.token:
            del self._sounding[note.channel, note.pitch]
            self._send(bytes((_NOTE_OFF | note.channel, note.pitch, 0)))
