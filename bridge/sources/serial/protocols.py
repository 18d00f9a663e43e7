"""Which of the serial protocols a stream speaks, told by its first bytes. Pure.

Text lines are in ``lines``, raw 16-bit streams in ``raw``; the numbered frames of our own firmware,
which say by themselves what they are, in ``frames``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bridge.sources.serial.lines import Lines, parse
from bridge.sources.serial.raw import RawStream, raw_form

SNIFF_BYTES = 48
"""Enough for a few lines of text or 24 raw readings."""
LOOK_BACK_BYTES = 512
"""Only the newest bytes are looked at: whatever noise the plug made is soon forgotten."""
FEW_LINES = 2
"""Whole rows of numbers that make a stream one of text."""
TEXT_SHARE = 0.85
"""Of the bytes of a text, so many are text; signs such as a heart or a degree are others."""

_TEXT = frozenset(range(0x20, 0x7F)) | frozenset(b"\t\r\n")


class LineProtocol(Protocol):
    """A parser of one serial protocol."""

    rejected: int
    """Bytes (raw stream) or lines (text) that should have been a reading and were none."""
    lead_off: bool
    """The sensor says that it is on no skin."""
    fits: bool
    """What came last still was of this protocol, as far as the parser can tell."""

    def feed(self, data: bytes) -> list[dict[str, float]]:
        """Take the next bytes; return the rows of numbers they complete, by column."""


BY_NAME: dict[str, Callable[[], LineProtocol]] = {
    "raw": RawStream,
    "lines": Lines,
    "pulsesensor": Lines,
}
"""What ``protocol=`` may name, beside ``auto`` and ``frames``."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a stream is."""

    parser: LineProtocol
    """Fresh."""
    skip: int
    """Bytes that it should pass over."""
    name: str
    sure: bool
    """False where more bytes may still show another order of the two bytes of a reading."""


def recognise(data: bytes) -> Found | None:
    """Tell what these bytes are; None while they cannot tell."""
    recent = data[-LOOK_BACK_BYTES:]
    if len(recent) < SNIFF_BYTES:
        return None
    skipped = len(data) - len(recent)
    # Noise of the plug (NULs above all) may come before healthy lines, but not between them.
    text = recent.lstrip(b"\0")
    texts = sum(byte in _TEXT for byte in text)
    if text and texts >= TEXT_SHARE * len(text):
        lines = text.replace(b"\r", b"\n").split(b"\n")[1:-1]
        rows = sum(parse(line.decode("utf-8", "replace")) is not None for line in lines)
        return Found(Lines(), 0, "lines of numbers", True) if rows >= FEW_LINES else None
    found = raw_form(recent)
    if found is None:
        return None
    form, skip, sure = found
    order = "high byte first" if form.big_endian else "low byte first"
    name = f"raw 16-bit stream ({form.bits} bits, {order})"
    return Found(RawStream(form), (skipped + skip) % 2, name, sure)
