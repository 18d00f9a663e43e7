"""Plays a style in time: cells at their moments, notes that end, nothing twice. Reads no clock."""

import heapq
from collections.abc import Callable, Mapping
from itertools import count
from typing import NamedTuple

from bridge.clips.causal import CellStage, Control, Sound
from bridge.clips.clock import Clock

IDLE_S = 0.02
"""How often a clock that stands still is asked again."""
LEAD_S = 0.01
"""So long before its moment a cell is decided: at the moment itself there is only sending to do."""
LATE_S = 0.5
"""A cell may come late by this, or by its own length if that is longer: a busy machine loses none.
Beyond it, when the machine slept, cells are left out."""
_NOTE_ON, _NOTE_OFF, _CONTROL = 0x90, 0x80, 0xB0
_OFF, _TURN, _ON = range(3)
"""At one moment notes end, then controllers move, then others begin."""


class _Waiting(NamedTuple):
    due: float
    order: int
    number: int
    """In the order in which they were decided; which sounding of its pitch an end belongs to."""
    sound: Sound
    off: float = 0.0
    """When the note ends."""
    echo: bool = False
    """A guess of what follows a heartbeat: the next heartbeat ends it."""


class Groove:
    """One style on one clock, sent as MIDI messages.

    ``advance`` is called when it last asked to be, or earlier, or late: a cell is decided once and
    what it holds is sent at the first call from its moment on. What is far too late is left out, so
    that there is never a burst.
    """

    def __init__(
        self,
        stage: CellStage,
        clock: Clock,
        send: Callable[[bytes], None],
        lead_s: float = LEAD_S,
    ) -> None:
        """Wait for ``advance``.

        Args:
            stage: the style.
            clock: tells which cell is when.
            send: takes MIDI messages.
            lead_s: how long before its moment a cell is decided.
        """
        self.stage = stage
        self.clock = clock
        self.left_out = 0
        """Cells that came too late to be played."""
        self.moved: set[tuple[int, int]] = set()
        """Channels, 0-15, and controllers that were sent."""
        self.played: set[int] = set()
        """Channels on which notes began."""
        self._send = send
        self._lead_s = lead_s
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
            if due - self._lead_s <= now:
                self._cell(due, now, heart)
            elif self._waiting and self._waiting[0].due <= now:
                self._take(heapq.heappop(self._waiting))
            else:
                decide = due - self._lead_s
                return min(decide, self._waiting[0].due) if self._waiting else decide

    def beat(self, now: float, at: float, ibi_s: float | None, heart: Mapping[str, float]) -> None:
        """A heartbeat that happened ``at``: for styles that play heartbeats."""
        self._waiting = [each for each in self._waiting if not each.echo]
        heapq.heapify(self._waiting)
        if not self.clock.running(now):
            return
        for echo in self.stage.beat(ibi_s, heart):
            due = max(now, at + echo.after_s)
            length = self.clock.moment(echo.note.length) - self.clock.moment(0)
            self._later(due, _ON, echo.note, due + length, echo=True)

    def silence(self) -> None:
        """End what sounds, and drop what was to come."""
        self._waiting.clear()
        for channel, pitch in sorted(self._sounding):
            self._send(bytes((_NOTE_OFF | channel, pitch, 0)))
        self._sounding.clear()

    def _cell(self, due: float, now: float, heart: Mapping[str, float]) -> None:
        ticks = self.stage.ticks
        length = self.clock.moment((self._next + 1) * ticks) - due
        if now - due > max(length, LATE_S):
            current = max(int(self.clock.tick(now) // ticks), self._next + 1)
            self.left_out += current - self._next
            self._next = current
            return
        tick = self._next * ticks
        for sound in self.stage.cell(self._next, due, heart):
            if isinstance(sound, Control):
                self._later(due, _TURN, sound)
            else:
                begin = tick + sound.late
                off = self.clock.moment(begin + sound.length)
                self._later(self.clock.moment(begin) if sound.late else due, _ON, sound, off)
        self._next += 1

    def _later(
        self, due: float, order: int, sound: Sound, off: float = 0.0, echo: bool = False
    ) -> None:
        waiting = _Waiting(due, order, next(self._numbers), sound, off, echo)
        heapq.heappush(self._waiting, waiting)

    def _take(self, waiting: _Waiting) -> None:
        sound, number = waiting.sound, waiting.number
        if isinstance(sound, Control):
            self.moved.add((sound.channel, sound.controller))
            self._send(bytes((_CONTROL | sound.channel, sound.controller, sound.value)))
            return
        key = sound.channel, sound.pitch
        if waiting.order == _OFF:
            if self._sounding.get(key) == number:
                del self._sounding[key]
                self._send(bytes((_NOTE_OFF | sound.channel, sound.pitch, 0)))
            return
        if key in self._sounding:
            self._send(bytes((_NOTE_OFF | sound.channel, sound.pitch, 0)))
        self._sounding[key] = number
        self.played.add(sound.channel)
        self._send(bytes((_NOTE_ON | sound.channel, sound.pitch, sound.velocity)))
        heapq.heappush(self._waiting, waiting._replace(due=waiting.off, order=_OFF, echo=False))
