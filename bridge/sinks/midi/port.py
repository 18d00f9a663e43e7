"""MIDI output ports: found by a part of their name, in whichever MIDI system this machine has."""

import contextlib
import time
from types import TracebackType
from typing import Any, Self

from bridge.errors import BeatbridgeError, UserError
from bridge.quiet import quiet_libraries

CLIENT = "beatbridge"
VIRTUAL = "virtual"
_SETTLE_S = 0.1
"""JACK hands messages on once a period: what is sent before a connection stands, or just before it
is closed, is lost. Some periods of the longest usual length (1024 at 44.1 kHz)."""


class MidiPort:
    """An open output port."""

    def __init__(self, out: Any, name: str) -> None:
        self._out = out
        self.name = name
        self.users = 1
        """Several sinks may share it; the last to leave closes it."""

    def send(self, message: bytes) -> None:
        """Send one message now.

        Raises:
            BeatbridgeError: the port is gone.
        """
        import rtmidi

        try:
            self._out.send_message(message)
        except rtmidi.RtMidiError as error:
            raise BeatbridgeError(f"MIDI port {self.name}: {error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the port, once what was sent has gone out."""
        self.users -= 1
        if self.users:
            return
        time.sleep(_SETTLE_S)
        self._out.close_port()
        self._out.delete()


def open_port(wanted: str) -> MidiPort:
    """Open the output port whose name is, or contains, ``wanted`` (any case).

    ``virtual`` opens a port of our own that other programs can connect to (not on Windows).

    Raises:
        UserError: no MIDI system, no such port, or several; the message lists what is there.
    """
    outs = _outs()
    if wanted.lower() == VIRTUAL:
        return _open_virtual(outs)
    found = [(out, at, name) for out in outs for at, name in enumerate(out.get_ports())]
    exact = [each for each in found if each[2] == wanted]
    matches = exact or [each for each in found if wanted.lower() in each[2].lower()]
    names = ", ".join(repr(name) for _, _, name in found) or "none"
    if len(matches) != 1:
        problem = "is no MIDI output" if not matches else "fits several MIDI outputs"
        raise UserError(f"{wanted!r} {problem}; there are: {names} (or {VIRTUAL})")
    out, at, name = matches[0]
    _close_others(outs, out)
    try:
        out.open_port(at, name=CLIENT)
    except Exception as error:  # each MIDI system has its own
        raise BeatbridgeError(f"MIDI port {name}: {error}") from None
    time.sleep(_SETTLE_S)
    return MidiPort(out, name)


def output_names() -> list[str]:
    """The names of all MIDI outputs.

    Raises:
        UserError: this machine has no MIDI system.
    """
    outs = _outs()
    names = [name for out in outs for name in out.get_ports()]
    _close_others(outs, None)
    return names


def _outs() -> list[Any]:
    """A client in every MIDI system that answers."""
    try:
        import rtmidi
    except ImportError as error:
        raise UserError(f"MIDI ports need python-rtmidi ({error})") from None
    outs = []
    for api in rtmidi.get_compiled_api():
        with quiet_libraries(), contextlib.suppress(rtmidi.SystemError):  # not running here
            outs.append(rtmidi.MidiOut(api, name=CLIENT))
    if not outs:
        systems = ", ".join(rtmidi.get_api_display_name(api) for api in rtmidi.get_compiled_api())
        raise UserError(f"this machine has no MIDI system running (looked for: {systems})")
    return outs


def _open_virtual(outs: list[Any]) -> MidiPort:
    import rtmidi

    _close_others(outs, outs[0])
    try:
        outs[0].open_virtual_port(CLIENT)
    except (NotImplementedError, rtmidi.RtMidiError):
        raise UserError(
            "Windows has no virtual MIDI ports: install loopMIDI and name its port"
        ) from None
    return MidiPort(outs[0], CLIENT)


def _close_others(outs: list[Any], kept: Any) -> None:
    for out in outs:
        if out is not kept:
            out.delete()
