"""Receivers that the hearts of the panel move: maps whose rows are changed while they play.

What changes a row works on its text, in the panel's process; here the text is played.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bridge.errors import BeatbridgeError, UserError
from bridge.mapping.values import Said
from bridge.panel.outputs import Player
from bridge.patchbay.bay import GROUP
from bridge.patchbay.load import Map, parse
from bridge.patchbay.play import RowPlay
from bridge.sinks import Sink
from bridge.sinks.maps.sink import Patchbay

MOST_RECEIVERS = 12
LEND_S = 12.0
"""How long a row moves by itself: three times up and down."""


@dataclass(slots=True)
class Used:
    """One receiver at work."""

    text: str
    map: Map
    patchbay: Patchbay
    moving: asyncio.Task[None] | None = None
    seen: dict[int, int] = field(default_factory=dict)
    """By row, how many of its messages the meters have shown."""
    failed: str = ""
    """What was last told to have failed."""


class Receivers:
    """Those that are used, by name; every heart goes to all of them."""

    def __init__(self, notice: Callable[[str], None]) -> None:
        """Begin with none; ``notice`` shows a line to the user."""
        self._notice = notice
        self._used: dict[str, Used] = {}
        self._players: dict[int, tuple[Player, dict[str, Sink]]] = {}

    @property
    def texts(self) -> dict[str, str]:
        """The TOML of each, by its name."""
        return {name: used.text for name, used in self._used.items()}

    def join(self, heart: int, player: Player) -> None:
        """A heart comes in."""
        self._players[heart] = (player, {})
        for name in self._used:
            self._attach(heart, name)
        self._take_places()

    def leave(self, heart: int) -> None:
        """A heart has ended; its sinks were closed with it."""
        self._players.pop(heart, None)
        self._take_places()

    def group(self, said: Said) -> None:
        """Something is said of all hearts together."""
        for used in self._used.values():
            try:
                used.patchbay.said(GROUP, said)
            except BeatbridgeError as error:  # a port that has gone; told once, not at every beat
                if used.failed != str(error):
                    used.failed = str(error)
                    self._notice(used.failed)

    async def use(self, name: str, text: str) -> None:
        """Play a receiver's rows, or other rows than before.

        Raises:
            UserError: a fault in the text, by line and key; no such MIDI port; too many receivers.
        """
        wanted = await asyncio.to_thread(parse, name, text)
        used = self._used.get(name)
        if used is not None:
            await asyncio.to_thread(used.patchbay.open_ports, wanted)
            used.patchbay.use(wanted, self._names())
            used.text, used.map = text, wanted
            return
        if len(self._used) >= MOST_RECEIVERS:
            raise UserError(f"{MOST_RECEIVERS} receivers are moved already; remove one first")
        patchbay = await asyncio.to_thread(Patchbay, wanted, self._names(), self._notice)
        patchbay.users = 1
        self._used[name] = Used(text, wanted, patchbay)
        for heart in self._players:
            self._attach(heart, name)
        self._take_places()  # hearts may have come and gone meanwhile

    async def remove(self, name: str) -> None:
        """Move a receiver no longer; what sounds there ends."""
        used = self._used.pop(name, None)
        if used is None:
            return
        if used.moving is not None:
            used.moving.cancel()
        for player, sinks in self._players.values():
            if (sink := sinks.pop(name, None)) is not None:
                with contextlib.suppress(BeatbridgeError):  # a port that has gone
                    player.performer.drop(sink)
        await asyncio.to_thread(used.patchbay.close)

    def move(self, name: str, row: int) -> None:
        """Move one row by itself for a while, so that the other side can learn it.

        Raises:
            UserError: there is no such row.
        """
        used = self._used.get(name)
        if used is None or not 0 <= row < len(used.map.rows):
            raise UserError("this row is no longer there")
        if used.moving is not None:
            used.moving.cancel()
        used.moving = asyncio.ensure_future(used.patchbay.lend(row, LEND_S))
        used.moving.add_done_callback(self._moved)

    def meters(self) -> dict[str, list[Any]]:
        """What left since last asked, by receiver and row.

        Returns:
            Each the level in its range 0-1, the value, where the value that it follows stands in
            its input range (or None), and whether it acts at beats.
        """
        found: dict[str, list[Any]] = {}
        for name, used in self._used.items():
            for at, play in enumerate(used.patchbay.rows):
                meter = play.meter
                if meter.count != used.seen.get(at, 0):
                    used.seen[at] = meter.count
                    level, value = round(meter.level, 3), f"{meter.value:.4g}"
                    found[f"{name}/{at}"] = [level, value, _input(play), play.row.is_beat]
        return found

    async def close(self) -> None:
        """End all of them."""
        for name in list(self._used):
            await self.remove(name)

    def _names(self) -> list[str]:
        """Of the hearts, the first of them first."""
        return [self._players[heart][0].seat.name for heart in sorted(self._players)] or [""]

    def _attach(self, heart: int, name: str) -> None:
        player, sinks = self._players[heart]
        sinks[name] = self._used[name].patchbay.member(player.seat)
        player.performer.add(sinks[name])

    def _take_places(self) -> None:
        """Rows that name no heart follow the first: it may be another now."""
        for used in self._used.values():
            used.patchbay.use(used.map, self._names())

    def _moved(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and isinstance(error := task.exception(), BeatbridgeError):
            self._notice(str(error))


def _input(play: RowPlay) -> float | None:
    row = play.row
    if play.held is None or row.learned:
        return None
    return round(min(1.0, max(0.0, (play.held - row.low) / (row.high - row.low))), 3)
