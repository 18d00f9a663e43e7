"""``--map``: the rows of a map, sent to the programs they move, and the file watched for edits.

Editing the file while it plays takes effect at once; an error in it changes nothing and is said.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from time import perf_counter

from bridge.errors import BeatbridgeError, UserError
from bridge.events import Event, Relearn, SampleChunk
from bridge.mapping.values import Said, Values
from bridge.osc.send import Sender
from bridge.patchbay.bay import GROUP, Bay, Out
from bridge.patchbay.load import Map, load
from bridge.patchbay.message import split
from bridge.sinks import Seat, Sink
from bridge.sinks.midi.port import MidiPort, open_port

TICK_SECONDS = 0.02
"""Knobs glide in steps of this, and notes end by it."""
WATCH_TICKS = 25
"""A file is looked at twice a second."""


def open_sinks(argument: str, seats: Sequence[Seat]) -> list[Sink]:
    """One sink a heart; they share the rows, the socket and the ports of the map.

    Raises:
        UserError: naming file, line and key; or no such MIDI port.
    """
    patchbay = Patchbay(argument, [seat.name for seat in seats], seats[0].notice)
    return [patchbay.member(seat) for seat in seats]


class Patchbay:
    """One map at work for all hearts of a run."""

    def __init__(self, argument: str, hearts: list[str], notice: Callable[[str], None]) -> None:
        """Load the map and open what it needs.

        Args:
            argument: as ``--map`` takes it.
            hearts: the names of those who play.
            notice: shows a line to the user.
        """
        self._argument = argument
        self._hearts = hearts
        self._notice = notice
        self._ports: dict[str, MidiPort] = {}
        self._members = 0
        self._ticking: asyncio.Task[None] | None = None
        self._status: dict[str, Said] = {}
        self._seen = 0
        self._at = perf_counter()
        path = Path(argument.rpartition("@")[0] or argument)
        self._path = path if path.is_file() else None
        self._seen = self._stamp()
        self._bay = self._bay_of(load(argument))
        self._sender = Sender([])

    def member(self, seat: Seat) -> "Member":
        """The sink of one heart."""
        self._members += 1
        return Member(self, seat)

    def said(self, heart: str, said: Said) -> None:
        """Something is said of a heart, or of the group."""
        if self._ticking is None:
            self._ticking = asyncio.get_running_loop().create_task(self._tick())
        if said.path == "/status":
            self._status[heart] = said
        self._send(self._bay.said(heart, said, self._time()))

    def forget(self, heart: str) -> None:
        """Learn the ranges of a heart anew."""
        self._bay.forget(heart)

    def left(self, heart: str) -> None:
        """A heart has ended; with the last of them everything is let go."""
        self._send(self._bay.end(heart))
        self._members -= 1
        if self._members:
            return
        if self._ticking is not None:
            self._ticking.cancel()
        try:
            self._send(self._bay.end(GROUP))
        finally:
            self._sender.close()
            for port in self._ports.values():
                port.__exit__(None, None, None)

    def _time(self) -> float:
        """Seconds since the map was opened."""
        return perf_counter() - self._at

    def _bay_of(self, wanted: Map) -> Bay:
        for row in wanted.rows:
            if row.heart not in ("", GROUP, *self._hearts):
                raise UserError(
                    f"map {wanted.name}: {row.name} follows {row.heart}, and nobody is called so; "
                    f"here are {', '.join(self._hearts)}"
                )
            if row.midi is not None and row.midi not in self._ports:
                self._ports[row.midi] = open_port(row.midi)
        return Bay(wanted.rows, self._hearts)

    def _send(self, outs: Iterable[Out]) -> None:
        for out in outs:
            if out.row.osc is not None:
                self._sender.send_to(out.data, out.row.osc)
            elif out.row.midi is not None:
                for message in split(out.data):
                    self._ports[out.row.midi].send(message)

    async def _tick(self) -> None:
        ticks = 0
        while True:
            await asyncio.sleep(TICK_SECONDS)
            ticks += 1
            with contextlib.suppress(BeatbridgeError):  # the next value meets it again, and says so
                self._send(self._bay.tick(self._time()))
            if self._path is not None and ticks % WATCH_TICKS == 0:
                self._watch()

    def _stamp(self) -> int:
        with contextlib.suppress(OSError):
            return self._path.stat().st_mtime_ns if self._path is not None else 0
        return self._seen  # gone for a moment, as some editors do

    def _watch(self) -> None:
        stamp = self._stamp()
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            bay = self._bay_of(load(self._argument))
        except BeatbridgeError as error:
            self._notice(f"{error}; the map stays as it was")
            return
        self._send(self._bay.release())
        self._bay = bay
        for heart, status in self._status.items():
            self._send(bay.said(heart, status, self._time()))
        self._notice(f"map {self._path}: read anew")


class Member:
    """What one heart says, on its way to the rows."""

    def __init__(self, patchbay: Patchbay, seat: Seat) -> None:
        self._patchbay = patchbay
        self._name = seat.name
        self._values = Values(seat.profile)

    def samples(self, chunk: SampleChunk) -> None:
        """The raw signal moves nothing; its scope version arrives as Wave events."""

    def event(self, event: Event, age_s: float) -> None:
        """Hand on what is said of it."""
        if isinstance(event, Relearn):
            self._patchbay.forget(self._name)
        for said in self._values.push(event, age_s):
            self._patchbay.said(self._name, said)

    def group(self, said: Said) -> None:
        """Something is said of all hearts together."""
        self._patchbay.said(GROUP, said)

    def close(self) -> None:
        """The heart has ended."""
        self._patchbay.left(self._name)
