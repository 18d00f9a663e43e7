"""What the hearts of the panel play: each output is switched for all of them, while they play."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from bridge.errors import BeatbridgeError, UserError
from bridge.live.performer import Performer
from bridge.osc.contract import Target
from bridge.osc.send import parse_target
from bridge.sinks import Instrument, Playing, Seat, Sink

Message = dict[str, Any]
WHAT = ("drums", "notes", "cc")
"""All that a style has."""
_NOTE_ON = 0x90


@dataclass(slots=True)
class Player:
    """One heart, as outputs know it."""

    performer: Performer
    seat: Seat


class SharedInstrument(Instrument, Protocol):
    """One that the last of its users closes."""

    users: int


class Metered:
    """An instrument, and what was struck on it."""

    def __init__(self, instrument: SharedInstrument) -> None:
        self._instrument = instrument
        self.count = 0
        """Notes so far."""
        self.velocity = 0
        """Of the last, 1-127."""

    @property
    def users(self) -> int:
        """The last of them closes it."""
        return self._instrument.users

    @users.setter
    def users(self, count: int) -> None:
        self._instrument.users = count

    def send(self, message: bytes) -> None:
        """Play one message now.

        Raises:
            BeatbridgeError: it is gone.
        """
        if message[0] & 0xF0 == _NOTE_ON and message[2]:
            self.count += 1
            self.velocity = message[2]
        self._instrument.send(message)

    def close(self) -> None:
        """One user less."""
        self._instrument.close()


@dataclass(frozen=True, slots=True)
class Shared:
    """An instrument that all hearts play, each by a sink of its own; one user is ours."""

    instrument: Metered
    make: Callable[[Seat], Sink]
    """A sink that plays a note a beat."""


class Outputs:
    """Outputs by name, each on or off; a heart that joins gets a sink of all that are on."""

    def __init__(self, targets: list[str]) -> None:
        """Begin with OSC to some targets.

        Raises:
            UserError: a target that cannot be found.
        """
        self.names = list(targets)
        """Of the targets, as told."""
        self.targets: list[Target] = [parse_target(text) for text in targets]
        """Every heart's OSC goes here; changed in place."""
        self.midi: str | None = None
        self.sound = False
        self.style, self.style_on = "default", False
        self.says: dict[str, str] = {}
        """By output, why it is not on though it was asked for."""
        self._shared: dict[str, Shared] = {}
        self._seen: dict[str, int] = {}
        self._playing: Callable[[], Playing] | None = None
        self._players: dict[int, tuple[Player, dict[str, Sink]]] = {}

    def join(self, heart: int, player: Player) -> None:
        """A heart comes in."""
        self._players[heart] = (player, {})
        for name in self._shared:
            self._attach(heart, name)

    def leave(self, heart: int) -> None:
        """A heart has ended; its sinks were closed with it. Another may be the first now."""
        self._players.pop(heart, None)
        if self._playing is not None and self._players and heart < min(self._players):
            self.switch_style(self.style, True)

    def add_target(self, text: str) -> None:
        """Send OSC to one more receiver.

        Raises:
            UserError: not HOST:PORT, or there already.
        """
        target = parse_target(text)
        if target in self.targets:
            raise UserError(f"{text}: OSC goes there already")
        self.targets.append(target)
        self.names.append(text)

    def remove_target(self, text: str) -> None:
        """Send OSC there no longer."""
        if text in self.names:
            del self.targets[self.names.index(text)]
            self.names.remove(text)

    async def switch_midi(self, port: str | None) -> None:
        """Play on another MIDI port, or on none.

        Raises:
            BeatbridgeError: the port is not to be had; the one before plays no longer.
        """
        from bridge.sinks.midi.notes import MidiSink
        from bridge.sinks.midi.port import open_port

        await self._off("midi")
        self.midi = None
        if port is None:
            return
        opened = Metered(await asyncio.to_thread(open_port, port))

        def make(seat: Seat) -> Sink:
            return MidiSink(opened, seat.profile, seat.channel)

        self.midi = port
        self._on("midi", Shared(opened, make))

    async def switch_sound(self, on: bool) -> None:
        """Sound here, on the speakers of this computer, or no longer.

        Raises:
            UnavailableError: this computer has no sound device.
        """
        from bridge.sinks.sound import NOTES, SoundSink
        from bridge.sound.output import LiveVoice, MiniaudioOutput

        await self._off("sound")
        self.sound = False
        if not on:
            return
        try:
            voice = Metered(await asyncio.to_thread(lambda: LiveVoice(MiniaudioOutput(), NOTES)))
        except BeatbridgeError as error:
            self.says["sound"] = str(error)
            raise

        def make(seat: Seat) -> Sink:
            return SoundSink(voice, NOTES[(seat.channel - 1) % len(NOTES)])

        self.sound = True
        self._on("sound", Shared(voice, make))

    def switch_style(self, name: str, on: bool) -> None:
        """Let the first heart play a style on every instrument, or a note a beat again.

        Raises:
            UserError: there is no such style.
        """
        from bridge.clips.style_file import load_style
        from bridge.mapping import profile as profiles
        from bridge.sinks.style import playing

        load_style(name)  # says what is wrong with it
        self.style, self.style_on = name, on
        self._playing = (lambda: playing(load_style(name), WHAT, profiles.load([]))) if on else None
        for output in self._shared:
            for heart in self._players:
                self._detach(heart, output)
                self._attach(heart, output)

    async def close(self) -> None:
        """End all of them."""
        for name in list(self._shared):
            await self._off(name)

    def meters(self) -> dict[str, list[Any]]:
        """What was struck since last asked, as ``Receivers.meters`` has it."""
        found: dict[str, list[Any]] = {}
        for name, shared in self._shared.items():
            struck = shared.instrument
            if struck.count != self._seen.get(name, 0):
                self._seen[name] = struck.count
                found[name] = [struck.velocity / 127, str(struck.velocity), None, True]
        return found

    def _on(self, name: str, shared: Shared) -> None:
        self._shared[name] = shared
        self._seen[name] = 0
        for heart in self._players:
            self._attach(heart, name)

    def _attach(self, heart: int, name: str) -> None:
        player, sinks = self._players[heart]
        shared = self._shared[name]
        shared.instrument.users += 1
        first = heart == min(self._players)
        if self._playing is not None and first:
            sinks[name] = self._playing().start(shared.instrument, None, print)
        else:
            sinks[name] = shared.make(player.seat)
        player.performer.add(sinks[name])

    def _detach(self, heart: int, name: str) -> None:
        player, sinks = self._players[heart]
        if (sink := sinks.pop(name, None)) is not None:
            with contextlib.suppress(BeatbridgeError):  # an instrument that has gone
                player.performer.drop(sink)

    async def _off(self, name: str) -> None:
        self.says.pop(name, None)
        if name not in self._shared:
            return
        for heart in self._players:
            self._detach(heart, name)
        # Lets the last note ring out, and waits for it.
        await asyncio.to_thread(self._shared.pop(name).instrument.close)

    def message(self, styles: list[Message], ports: list[str], no_ports: str | None) -> Message:
        """The section of the page that shows them."""
        return {
            "k": "outputs",
            "sound": {"on": self.sound, "error": self.says.get("sound")},
            "midi": {"port": self.midi, "ports": ports, "error": self.says.get("midi") or no_ports},
            "targets": self.names,
            "style": {"on": self.style_on, "name": self.style},
            "styles": styles,
        }
