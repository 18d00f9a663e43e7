"""What a row sends: one OSC message or a few MIDI bytes, built of a number that fits. Pure.

Nothing leaves that is out of range or of a wrong type: most receivers take that without a word
(ZynAddSubFX turns an integer of 300 into 44, SooperLooper plays at nine times the rate).
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from pythonosc.osc_message_builder import OscMessageBuilder

Argument: TypeAlias = tuple[str, str | None]
"""A tag and a fixed value, or None where the row's value goes. The tags are OSC's ``i``, ``f`` and
``s``, and ``b`` for a boolean, which travels as ``T`` or ``F``."""

_NOTE_OFF, _NOTE_ON, _CONTROL, _PROGRAM, _PRESSURE, _BEND = 0x80, 0x90, 0xB0, 0xC0, 0xD0, 0xE0
_LSB = 32
"""The fine half of controller n is controller n + 32 (MIDI 1.0, for n below 32)."""


@dataclass(frozen=True, slots=True)
class OscForm:
    """An OSC address and its arguments, one of them the value."""

    address: str
    arguments: tuple[Argument, ...] = (("f", None),)

    @property
    def whole(self) -> bool:
        """Whether the value is a whole number."""
        return ("i", None) in self.arguments or ("b", None) in self.arguments

    def build(self, value: float | str) -> bytes:
        """The datagram."""
        template, at, pack = _template(self)
        if at is None:
            return self.encode(value)
        number = float(value)
        return template[:at] + pack(round(number) if self.whole else number) + template[at + 4 :]

    def encode(self, value: float | str) -> bytes:
        """The datagram, argument by argument."""
        builder = OscMessageBuilder(self.address)
        for tag, fixed in self.arguments:
            argument = _CAST[tag](value if fixed is None else fixed)
            builder.add_arg(argument, ("T" if argument else "F") if tag == "b" else tag)
        return builder.build().dgram


@cache
def _template(form: OscForm) -> tuple[bytes, int | None, Callable[[float], bytes]]:
    """A datagram, and where its value is: encoding afresh costs more than all else in a row.

    The value is looked for by encoding two that differ in every byte; a word or a boolean has no
    fixed place.
    """
    pack = struct.Struct(">i" if form.whole else ">f").pack
    if not {("i", None), ("f", None)} & set(form.arguments):
        return b"", None, pack
    one, other = form.encode(_ONE), form.encode(_OTHER)
    at = next(n for n, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
    return one, at, pack


_ONE, _OTHER = 0.0, float(0x01010101)
"""As ``i`` they differ in every byte; as ``f`` in the first, and a value begins with its first."""
_CAST: dict[str, Callable[[Any], int | float | str]] = {
    "i": lambda value: round(float(value)),
    "f": float,
    "s": str,
    "b": lambda value: float(value) >= 0.5,
}


@dataclass(frozen=True, slots=True)
class MidiForm:
    """One kind of MIDI message on one channel."""

    kind: str
    """One of ``MIDI_TOP``."""
    number: int = 0
    """Of the controller or the note."""
    channel: int = 1
    """1-16."""

    @property
    def whole(self) -> bool:
        """MIDI knows whole numbers only."""
        return True

    def build(self, value: float | str) -> bytes:
        """The bytes: one message, or for 14 bits in a controller two."""
        on = self.channel - 1
        level = round(float(value))
        low, high = level & 0x7F, level >> 7
        match self.kind:
            case "cc":
                return bytes((_CONTROL | on, self.number, level))
            case "cc14":  # coarse first: the fine half adds to it
                coarse = (_CONTROL | on, self.number, high)
                return bytes((*coarse, _CONTROL | on, self.number + _LSB, low))
            case "bend":
                return bytes((_BEND | on, low, high))
            case "pressure":
                return bytes((_PRESSURE | on, level))
            case "program":
                return bytes((_PROGRAM | on, level))
            case _:
                return self.note_on(self.number, level)

    def note_on(self, note: int, velocity: int) -> bytes:
        """A note begins; a velocity of 0 would end it."""
        return bytes((_NOTE_ON | (self.channel - 1), note, max(1, velocity)))

    def note_off(self, note: int) -> bytes:
        """It ends."""
        return bytes((_NOTE_OFF | (self.channel - 1), note, 0))


MIDI_TOP = {
    "cc": 127.0,
    "cc14": 16383.0,
    "bend": 16383.0,
    "pressure": 127.0,
    "program": 127.0,
    "note": 127.0,
}
"""The kinds of MIDI messages, and the largest value of each; the smallest is 0."""

Form: TypeAlias = OscForm | MidiForm


def split(data: bytes) -> list[bytes]:
    """Channel messages one by one, as a port takes them."""
    found, at = [], 0
    while at < len(data):
        length = 2 if data[at] & 0xF0 in (_PROGRAM, _PRESSURE) else 3
        found.append(data[at : at + length])
        at += length
    return found
