"""MIDI clock from a drum machine or a DAW, stamped as it comes, in the MIDI system's thread."""

import contextlib
from collections.abc import Callable
from time import perf_counter
from typing import Any

from bridge.errors import BeatbridgeError, UserError
from bridge.quiet import quiet_libraries
from bridge.sinks.midi.port import CLIENT, VIRTUAL

_CLOCK_BYTES = frozenset((0xF2, 0xF8, 0xFA, 0xFB, 0xFC))


class MidiClockIn:
    """An open input port that hands on what a clock says."""

    def __init__(self, port: Any) -> None:
        self._port = port

    def close(self) -> None:
        """Hear no more."""
        self._port.cancel_callback()
        self._port.close_port()
        self._port.delete()


def open_clock(wanted: str, hear: Callable[[float, bytes], None]) -> MidiClockIn:
    """Listen to the MIDI input whose name is, or contains, ``wanted`` (any case).

    Args:
        wanted: or ``virtual``, for a port of our own that others can connect to (not on Windows).
        hear: called with the time (``perf_counter``) and the bytes of each message of a clock.

    Raises:
        UserError: no MIDI system, no such port, or several; the message lists what is there.
    """
    ins = _ins()
    found = [(port, at, name) for port in ins for at, name in enumerate(port.get_ports())]
    exact = [each for each in found if each[2] == wanted]
    matches = exact or [each for each in found if wanted.lower() in each[2].lower()]
    virtual = wanted.lower() == VIRTUAL
    if not virtual and len(matches) != 1:
        names = ", ".join(repr(name) for _, _, name in found) or "none"
        problem = "is no MIDI input" if not matches else "fits several MIDI inputs"
        raise UserError(f"--clock midi: {wanted!r} {problem}; there are: {names} (or {VIRTUAL})")
    port, at, name = (ins[0], 0, VIRTUAL) if virtual else matches[0]
    for other in ins:
        if other is not port:
            other.delete()
    port.ignore_types(sysex=True, timing=False, active_sense=True)  # or no pulse ever comes
    port.set_callback(_hand_on(hear))
    try:
        if virtual:
            port.open_virtual_port("clock")
        else:
            port.open_port(at, name="clock")
    except Exception as error:  # each MIDI system has its own
        raise BeatbridgeError(f"MIDI port {name}: {error}") from None
    return MidiClockIn(port)


def _hand_on(
    hear: Callable[[float, bytes], None],
) -> Callable[[tuple[list[int], float], Any], None]:
    def came(event: tuple[list[int], float], _: Any) -> None:
        now = perf_counter()
        message, _delta = event
        if message[0] in _CLOCK_BYTES:
            hear(now, bytes(message))

    return came


def _ins() -> list[Any]:
    """A client in every MIDI system that answers."""
    try:
        import rtmidi
    except ImportError as error:
        raise UserError(f"MIDI ports need python-rtmidi ({error})") from None
    ins = []
    for api in rtmidi.get_compiled_api():
        with quiet_libraries(), contextlib.suppress(rtmidi.SystemError):  # not running here
            ins.append(rtmidi.MidiIn(api, name=CLIENT))
    if not ins:
        raise UserError("this machine has no MIDI system running")
    return ins
