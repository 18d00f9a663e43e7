"""The numbered, checked frames of our own firmware: bytes in, readings out. Pure; any chunking.

The same format, in C++, is ``firmware/pulse_stream/frame.h``.

A frame carries one instant. It is a row of 14-bit numbers, each sent as two bytes of seven bits,
the low seven first (as MIDI does): a header, one reading a sensor, and the check. Only the first
byte of a frame has its highest bit set, so that whatever was lost, the next frame's start is seen::

    header    bits 0-12: number of the instant (0 ... 8191, 0 ...), bit 13: sensors - 1
    reading   0 ... 2^bits - 1 (an Arduino's are 0-1023), once a sensor
    check     CRC-14 over the seven-bit bytes before it, low bits first

Between frames there may be text. One line of it counts, the greeting, which ends in the same check
as four hexadecimal digits::

    beatbridge pulse_stream 1 ready rate=1000 channels=1 bits=10 *321B

The check (x^14 + x^13 + x^11 + x^10 + x^9 + x^6 + x^4 + x^2 + x + 1) finds every error of up to
five bits and every burst of up to 14, so any damage to two neighbouring bytes. Of frames with other
damage one in 16,384 passes; of frames with a doubled byte, where a reading beyond its range helps,
one in 260,000 or fewer. A dropped byte makes a frame short and never passes. Then the number speaks
too: a frame far from its place in the row counts only once a second one follows it, so that pure
noise gives a reading once in four billion bytes (four days at 115,200 baud).
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PROTOCOL_VERSION = 1
CRC_POLYNOMIAL = 0x3A9D
"""Low bit first, x^14 implied. Found by trying all of them: Hamming distance 6 for codewords of up
to 70 bits."""
CRC_START = 0x3FFF
SEQUENCE_BITS = 13
SEQUENCE_PERIOD = 1 << SEQUENCE_BITS
"""A longer loss in one piece (8.2 s at 1 kHz) is counted short by whole periods."""
NEAR = 64
"""A frame that skips fewer instants than this is taken at its word; after a longer loss two frames
in a row must agree, so that a frame that came twice or out of noise does not move time."""
MAX_LINE_BYTES = 128

START = b"\nstart\n"
"""Asks the board for frames, numbered from 0; it answers with a greeting. The line end before it
closes whatever stray bytes the board may have heard."""
STOP = b"\nstop\n"
"""Asks the board to wait; it answers with a greeting, and again every half second."""

_GREETING = re.compile(
    rb"beatbridge (?P<name>[a-z_]{1,20}) (?P<version>\d{1,3}) (?P<state>ready|frames|text) "
    rb"rate=(?P<rate>[1-9]\d{0,4}) channels=(?P<channels>[12]) bits=(?P<bits>\d{1,2}) "
    rb"\*(?P<check>[0-9A-F]{4})\s*$"
)


@dataclass(frozen=True, slots=True)
class Greeting:
    """What the board says it is: every half second while it waits, and in answer to a command."""

    name: str
    """Of the sketch."""
    version: int
    """Of the protocol; ``PROTOCOL_VERSION`` is the one that this parser reads."""
    state: str
    """``ready``: waits for ``START``. ``frames``: frames follow, from number 0. ``text``: numbers
    for the Serial Plotter follow."""
    rate_hz: int
    channels: int
    bits: int
    """Readings are 0 ... 2^bits - 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """A run of readings without a loss inside."""

    index: int
    """Number of the first instant, counted from the start of the stream; it never wraps. (Where
    the greeting was missed, counting goes on from the number of the first frame.)"""
    lost: int
    """Instants lost between the run before (or the start of the stream) and this one."""
    values: NDArray[np.int16]
    """Shape (n, channels)."""


def _crc_table() -> tuple[int, ...]:
    table = []
    for septet in range(128):
        crc = septet
        for _ in range(7):
            crc = (crc >> 1) ^ (CRC_POLYNOMIAL if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


_TABLE = _crc_table()


def crc14(data: bytes | bytearray) -> int:
    """The check over the low seven bits of each byte."""
    crc = CRC_START
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0x7F] ^ (crc >> 7)
    return crc


def encode(number: int, readings: tuple[int, ...]) -> bytes:
    """The frame of one instant, as the board sends it: what the C++ is tested against.

    Args:
        number: of the instant; taken modulo ``SEQUENCE_PERIOD``.
        readings: one or two, each 0-16383.
    """
    words = [number % SEQUENCE_PERIOD | (len(readings) - 1) << SEQUENCE_BITS, *readings]
    body = bytes(part for word in words for part in (word & 0x7F, word >> 7))
    check = crc14(body)
    return bytes((0x80 | body[0], *body[1:], check & 0x7F, check >> 7))


class FrameParser:
    """Takes the board's bytes apart. Nothing that fails its check comes out."""

    def __init__(self) -> None:
        self.greeting: Greeting | None = None
        """The latest."""
        self.accepted = 0
        """Instants."""
        self.lost = 0
        """Instants that were sent (their numbers are missing) and did not arrive whole."""
        self.rejected = 0
        """Frames cut short, failing their check, or out of place."""
        self.stray = 0
        """Bytes of text, or of what failed its check, that belong to no greeting."""
        self._frame = bytearray()
        self._size = 0
        self._line = bytearray()
        self._next: int | None = None
        self._far: int | None = None
        self._run: list[tuple[int, ...]] = []
        self._run_index = 0
        self._run_lost = 0
        self._channels = 0
        self._bits = 14

    def feed(self, data: bytes) -> list[Greeting | Samples]:
        """Take the next bytes; return the greetings and readings they complete, in order."""
        items: list[Greeting | Samples] = []
        for byte in data:
            if byte & 0x80:
                if self._frame:
                    self.rejected += 1
                self._end_line(items, whole=False)
                self._frame.clear()
                self._frame.append(byte)
            elif self._frame:
                self._frame.append(byte)
                if len(self._frame) == 2:
                    self._size = 8 if byte & 0x40 else 6
                elif len(self._frame) == self._size:
                    self._end_frame(items)
            else:
                self._text(items, byte)
        self._end_run(items)
        return items

    def _text(self, items: list[Greeting | Samples], byte: int) -> None:
        self._line.append(byte)
        if byte == 0x0A or len(self._line) > MAX_LINE_BYTES:
            self._end_line(items, whole=True)

    def _end_frame(self, items: list[Greeting | Samples]) -> None:
        frame = self._frame
        words = [frame[i] & 0x7F | frame[i + 1] << 7 for i in range(0, self._size, 2)]
        damaged = words[-1] != crc14(frame[:-2]) or max(words[1:-1]) >> self._bits
        rest = bytes(frame[1:])
        frame.clear()
        if damaged:
            self.rejected += 1
            for byte in rest:  # a board that was reset in mid-frame goes on with its greeting
                self._text(items, byte)
            return
        number = words[0] % SEQUENCE_PERIOD
        if not self._in_place(number):
            self._far = number
            self.rejected += 1
            return
        self._far = None
        lost = 0 if self._next is None else (number - self._next) % SEQUENCE_PERIOD
        index = number if self._next is None else self._next + lost
        readings = tuple(words[1:-1])
        if lost or len(readings) != self._channels or not self._run:
            self._end_run(items)
            self._run_index, self._run_lost = index, lost
            self._channels = len(readings)
        self._run.append(readings)
        self.accepted += 1
        self.lost += lost
        self._next = index + 1

    def _in_place(self, number: int) -> bool:
        """True where the number follows the last instant's, or that of a frame just put off."""
        before = (None if self._next is None else self._next - 1, self._far)
        return any(
            last is not None and 1 <= (number - last) % SEQUENCE_PERIOD <= NEAR for last in before
        )

    def _end_run(self, items: list[Greeting | Samples]) -> None:
        if self._run:
            values = np.array(self._run, dtype=np.int16)
            items.append(Samples(self._run_index, self._run_lost, values))
            self._run = []

    def _end_line(self, items: list[Greeting | Samples], *, whole: bool) -> None:
        """A line of text is over, at its end or because a frame cuts it off."""
        if not self._line:
            return
        line = bytes(self._line)
        self._line.clear()
        found = _GREETING.search(line) if whole else None
        if found is None or crc14(line[found.start() : line.rindex(b" *")]) != int(
            found["check"], 16
        ):
            self.stray += len(line.strip(b"\r\n"))
            return
        self._end_run(items)
        self.stray += found.start()
        self._next = 0
        self._bits = int(found["bits"])
        self.greeting = Greeting(
            name=found["name"].decode(),
            version=int(found["version"]),
            state=found["state"].decode(),
            rate_hz=int(found["rate"]),
            channels=int(found["channels"]),
            bits=int(found["bits"]),
        )
        items.append(self.greeting)
