"""What pulse sensors say over a serial line: bytes in, readings out. Pure; any chunking.

Three forms are told apart: the raw big-endian 16-bit stream of seed 002, PulseSensor's S/B/Q
lines, and one bare number a line. The numbered frames of our own firmware are in ``frames``.
"""

import re
from typing import Protocol

MAX_HIGH_BYTE = 3
"""A 10-bit reading's high byte is 0-3."""
MAX_LINE_BYTES = 64
"""Longer lines are not a sensor's; a stream without line ends must not fill the memory."""
SNIFF_BYTES = 48
"""Enough for eight lines of text or 24 raw readings."""

_NUMBER = re.compile(rb"[+-]?\d{1,9}(\.\d{1,9})?")
_TEXT = frozenset(
    b"0123456789+-.,;:# \t\r\n_/=()abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)


class LineProtocol(Protocol):
    """A parser of one serial protocol."""

    name: str
    usual_hz: float | None
    """The rate of every such stream; None where it must be measured."""
    rejected: int
    """Bytes (raw stream) or lines (text) that could not be a reading."""

    def feed(self, data: bytes) -> list[float]:
        """Take the next bytes; return the readings they complete."""


class RawStream:
    """Big-endian unsigned 16-bit readings of a 10-bit converter, without framing (seed 002).

    A low byte of 0-3 could also be the high byte of the next reading, after a lost byte. Only then
    is the reading held back until the next byte tells: a high byte again means all is well,
    anything larger means that a byte was lost and that the pair started one byte later.
    """

    name = "raw 16-bit stream"
    usual_hz: float | None = 1000.0
    """Seed 002 sends a reading each millisecond."""

    def __init__(self) -> None:
        self.rejected = 0
        self._high: int | None = None
        self._low: int | None = None

    def feed(self, data: bytes) -> list[float]:
        """Take the next bytes; return the readings (0-1023) they complete."""
        readings: list[float] = []
        for byte in data:
            if self._high is None:
                if byte > MAX_HIGH_BYTE:
                    self.rejected += 1
                else:
                    self._high = byte
            elif self._low is None:
                if byte > MAX_HIGH_BYTE:
                    readings.append(float(self._high << 8 | byte))
                    self._high = None
                else:
                    self._low = byte
            elif byte > MAX_HIGH_BYTE:
                self.rejected += 1
                readings.append(float(self._low << 8 | byte))
                self._high = self._low = None
            else:
                readings.append(float(self._high << 8 | self._low))
                self._high, self._low = byte, None
        return readings


class _Lines:
    """Splits bytes into lines and keeps the rest for the next chunk."""

    def __init__(self) -> None:
        self.rejected = 0
        self._rest = b""
        self._in_step = False

    def _lines(self, data: bytes) -> list[bytes]:
        lines = (self._rest + data).replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > MAX_LINE_BYTES:
            self.rejected += 1
            self._rest = b""
            self._in_step = False
        if not self._in_step and lines:
            # The port was opened in the middle of a line: half a number is a wrong number.
            self._in_step = True
            lines = lines[1:]
        return [line.strip() for line in lines if line.strip()]


class NumberLines(_Lines):
    """One bare number a line, as ``Serial.println(analogRead(A0))`` sends it."""

    name = "one number a line"
    usual_hz: float | None = None

    def feed(self, data: bytes) -> list[float]:
        """Take the next bytes; return the numbers of the lines they complete."""
        readings = []
        for line in self._lines(data):
            if _NUMBER.fullmatch(line):
                readings.append(float(line))
            else:
                self.rejected += 1
        return readings


class PulseSensorLines(_Lines):
    """PulseSensor's ``S<reading>``, ``B<bpm>``, ``Q<ibi>`` lines.

    Only ``S`` is used: the board's own beats are worse than ours, and without a finger invented.
    """

    name = "PulseSensor lines"
    usual_hz: float | None = None

    def feed(self, data: bytes) -> list[float]:
        """Take the next bytes; return the readings of the S lines they complete."""
        readings = []
        for line in self._lines(data):
            if line[:1] == b"S" and _NUMBER.fullmatch(line[1:]):
                readings.append(float(line[1:]))
            elif not (line[:1] in (b"B", b"Q") and _NUMBER.fullmatch(line[1:])):
                self.rejected += 1
        return readings


BY_NAME: dict[str, type[RawStream] | type[NumberLines] | type[PulseSensorLines]] = {
    "raw": RawStream,
    "pulsesensor": PulseSensorLines,
    "lines": NumberLines,
}


def recognise(data: bytes) -> LineProtocol | None:
    """Return a fresh parser for what these first bytes are, or None while they cannot tell.

    Text never holds a byte of 0-3 and a raw stream has one in every two, so that the two cannot be
    taken for each other whatever the readings are.
    """
    if len(data) < SNIFF_BYTES:
        return None
    recent = data[-4 * SNIFF_BYTES :]
    high = sum(byte <= MAX_HIGH_BYTE for byte in recent)
    if high >= 0.4 * len(recent):
        return RawStream()
    if all(byte in _TEXT for byte in recent):
        lines = [line.strip() for line in recent.replace(b"\r", b"\n").split(b"\n")[1:-1]]
        lines = [line for line in lines if line]
        if any(line[:1] in b"SBQ" and _NUMBER.fullmatch(line[1:]) for line in lines):
            return PulseSensorLines()
        if sum(_NUMBER.fullmatch(line) is not None for line in lines) > len(lines) / 2:
            return NumberLines()
    return None
