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
from bridge.patchbay.play import RowPlay
from bridge.sinks import Seat, Sink
from bridge.sinks.maps.learn import STEP_SECONDS, height
from bridge.sinks.midi.port import MidiPort, open_port

TICK_SECONDS = 0.02
"""Knobs glide in steps of this, and notes end by it."""
WATCH_TICKS = 25
"""A file is looked at twice a second."""
_STANDING = ("/status", "/group/count")
"""Said on a change only, and true until then: rows that come later are told of it."""


def open_sinks(argument: str, seats: Sequence[Seat]) -> list[Sink]:
    """One sink a heart; they share the rows, the socket and the ports of the map.

    Raises:
        UserError: naming file, line and key; or no such MIDI port.
    """
    file = MapFile(argument, [seat.name for seat in seats])
    patchbay = Patchbay(file.read(), file.hearts, seats[0].notice, file)
    return [patchbay.member(seat) for seat in seats]


class MapFile:
    """A map as ``--map`` names it, read again when its file has changed."""

    def __init__(self, argument: str, hearts: list[str]) -> None:
        """Take note of the argument, and of the names of those who play."""
        self.hearts = hearts
        self._argument = argument
        path = Path(argument.rpartition("@")[0] or argument)
        self.path = path if path.is_file() else None
        self._seen = 0
        self._seen = self._stamp()

    def read(self) -> Map:
        """Read it.

        Raises:
            UserError: naming file, line and key; or a heart that does not play.
        """
        found = load(self._argument)
        for row in found.rows:
            if row.heart not in ("", GROUP, *self.hearts):
                raise UserError(
                    f"map {found.name}: {row.name} follows {row.heart}, and nobody is called so; "
                    f"here are {', '.join(self.hearts)}"
                )
        return found

    def changed(self) -> bool:
        """Whether the file is another than when last asked."""
        before, self._seen = self._seen, self._stamp()
        return self._seen != before

    def _stamp(self) -> int:
        with contextlib.suppress(OSError):
            return self.path.stat().st_mtime_ns if self.path is not None else 0
        return self._seen  # gone for a moment, as some editors do


class Patchbay:
    """One map at work for all hearts of a run; the last of its users closes it."""

    def __init__(
        self,
        wanted: Map,
        hearts: list[str],
        notice: Callable[[str], None],
        file: MapFile | None = None,
    ) -> None:
        """Open what the map needs.

        Args:
            wanted: the map.
            hearts: the names of those who play; rows that name none follow the first.
            notice: shows a line to the user.
            file: looked at for edits.

        Raises:
            UserError: no such MIDI port.
        """
        self.users = 0
        self._notice = notice
        self._file = file
        self._ports: dict[str, MidiPort] = {}
        self._ticking: asyncio.Task[None] | None = None
        self._lent: RowPlay | None = None
        self._status: dict[str, Said] = {}
        self._at = perf_counter()
        self._bay = Bay([], hearts)
        self._sender = Sender([])
        self.use(wanted, hearts)

    @property
    def rows(self) -> list[RowPlay]:
        """The rows at work, in the order of the map."""
        return self._bay.rows

    def use(self, wanted: Map, hearts: list[str]) -> None:
        """Play other rows from now on, or for other hearts; what sounds ends.

        Raises:
            UserError: no such MIDI port; everything stays as it was.
        """
        self.open_ports(wanted)
        self._lent = None
        self._send(self._bay.release())
        self._bay = Bay(wanted.rows, hearts)
        self._tell_status()

    def open_ports(self, wanted: Map) -> None:
        """Open what a map needs and is not open yet; may be called beforehand, for it takes time.

        Raises:
            UserError: no such MIDI port.
        """
        for row in wanted.rows:
            if row.midi is not None and row.midi not in self._ports:
                self._ports[row.midi] = open_port(row.midi)

    def member(self, seat: Seat) -> "Member":
        """The sink of one heart."""
        self.users += 1
        return Member(self, seat)

    def said(self, heart: str, said: Said) -> None:
        """Something is said of a heart, or of the group."""
        if self._ticking is None:
            self._ticking = asyncio.get_running_loop().create_task(self._tick())
        if said.path in _STANDING:
            self._status[heart] = said
        if self._lent is None:
            self._send(self._bay.said(heart, said, self._time()))

    def forget(self, heart: str) -> None:
        """Learn the ranges of a heart anew."""
        self._bay.forget(heart)

    def left(self, heart: str) -> None:
        """A heart has ended."""
        self._status.pop(heart, None)
        self._send(self._bay.end(heart))
        self.close()

    def close(self) -> None:
        """One user less; with the last of them everything is let go."""
        self.users -= 1
        if self.users:
            return
        if self._ticking is not None:
            # From any thread: the last note of a MIDI port needs a moment to go out.
            self._ticking.get_loop().call_soon_threadsafe(self._ticking.cancel)
        self._lent = None
        try:
            self._send(self._bay.release())
            self._send(self._bay.end(GROUP))
        finally:
            self._sender.close()
            for port in self._ports.values():
                port.__exit__(None, None, None)

    async def lend(self, row: int, seconds: float) -> None:
        """Move one row up and down, so that the other side can learn it; all others hold still.

        Args:
            row: its place in the map, from 0.
            seconds: how long. One that acts at beats strikes once a second.
        """
        self._send(self._bay.release())
        play = self._lent = self.rows[row]
        begun = self._time()
        struck = -1
        try:
            while (passed := self._time() - begun) < seconds and self._lent is play:
                if not play.row.is_beat:
                    self._send_row(play, play.lend(self._time(), height(passed)))
                elif int(passed) > struck:
                    struck = int(passed)
                    self._send_row(play, play.lend(self._time(), 0.8))
                else:
                    self._send_row(play, play.tick(self._time()))
                await asyncio.sleep(STEP_SECONDS)
        finally:
            self._send_row(play, play.release())
            if self._lent is play:
                self._lent = None
                self._tell_status()

    def _time(self) -> float:
        """Seconds since the map was opened."""
        return perf_counter() - self._at

    def _tell_status(self) -> None:
        for heart, status in self._status.items():
            self._send(self._bay.said(heart, status, self._time()))

    def _send_row(self, play: RowPlay, found: list[bytes]) -> None:
        self._send(Out(play.row, data) for data in found)

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
            if self._lent is None:
                with contextlib.suppress(BeatbridgeError):  # the next value meets it, and says so
                    self._send(self._bay.tick(self._time()))
            if self._file is not None and ticks % WATCH_TICKS == 0 and self._file.changed():
                self._read_anew(self._file)

    def _read_anew(self, file: MapFile) -> None:
        try:
            self.use(file.read(), file.hearts)
        except BeatbridgeError as error:
            self._notice(f"{error}; the map stays as it was")
            return
        self._notice(f"map {file.path}: read anew")


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
