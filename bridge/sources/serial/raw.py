"""Streams of 16-bit readings without framing, high byte or low byte first. Pure; any chunking."""

from dataclasses import dataclass

import numpy as np

HIGH_BYTES = (0x03, 0x0F, 0x3F)
"""Largest high byte of a 10-bit, a 12-bit and a 14-bit converter."""
SMOOTH = 0.35
"""Read in the right order, readings change by less than this share of what they change by read in
the wrong one, where the low byte of noise is the high one."""

DISTINCT = 0.9
"""So much smoother is one order than another that it must be the right one."""
ONLY = "1"
"""Name of a raw stream's only column."""
WINDOW_BYTES = 512
UNFIT_SHARE = 0.2
"""More of the bytes of a window are no part of a reading: out of step, or no such stream."""


@dataclass(frozen=True, slots=True)
class RawForm:
    """How two bytes make a reading."""

    big_endian: bool
    max_high: int
    """The largest high byte: 255 where all 16 bits are used."""

    @property
    def bits(self) -> int:
        """Of the converter, as far as its readings show."""
        return 8 + self.max_high.bit_length()


def _pairs(data: bytes, skip: int, big_endian: bool) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    whole = (len(data) - skip) // 2 * 2
    kind = ">u2" if big_endian else "<u2"
    return np.frombuffer(data[skip : skip + whole], kind).astype(np.int64)


def _roughness(data: bytes, skip: int, big_endian: bool) -> float:
    """Usual change from one reading to the next, were the bytes to be read so.

    A few stray bytes make jumps that count no more than twenty usual steps.
    """
    steps = np.abs(np.diff(_pairs(data, skip, big_endian)))
    return float(np.minimum(steps, 20.0 * float(np.median(steps)) + 20.0).mean())


def raw_form(data: bytes) -> tuple[RawForm, int, bool] | None:
    """What raw stream these bytes are.

    Where every other byte is small (a converter of up to 14 bits), that is the high byte; its
    partner is the one that makes the readings smoother, which shows when the high byte changes.
    Full 16-bit readings are told by being much smoother in one order than in the other. Where both
    orders fit, the high byte comes first (seed 002).

    Returns:
        Its form, the number of bytes to skip to be in step, and whether the order is sure; None
        where it is no such stream.
    """
    if len(data) < 48:
        return None
    columns = [np.frombuffer(data[skip::2], np.uint8) for skip in (0, 1)]
    for limit in HIGH_BYTES:
        small = [float((column <= limit).mean()) for column in columns]
        high = int(np.argmax(small))
        # Two columns of small bytes say nothing: NULs that a plug made, most likely.
        if small[high] < 0.9 or small[1 - high] > 0.9:
            continue
        big, little = _roughness(data, high, True), _roughness(data, 1 - high, False)
        sure = min(big, little) < DISTINCT * max(big, little)
        if big <= little or not sure:
            return RawForm(True, limit), high, sure
        return RawForm(False, limit), 1 - high, sure
    best, skip, big_endian, second, worst = _orders(data)
    if len(data) >= 256 and best < SMOOTH * worst:
        return RawForm(big_endian, 255), skip, best < DISTINCT * second
    return None


def _orders(data: bytes) -> tuple[float, int, bool, float, float]:
    """The smoothest way to read the bytes: roughness, skip, order; of the second and the worst."""
    ways = [(_roughness(data, skip, big), skip, big) for skip in (0, 1) for big in (True, False)]
    ways.sort(key=lambda way: (way[0], not way[2]))
    return (*ways[0], ways[1][0], ways[-1][0])


class RawStream:
    """Reads a raw stream, and comes back into step after a lost byte where the high byte shows it.

    With the high byte first, a low byte that could also be a high one may be the high byte of the
    next reading, after a loss. Only then is the reading held back until the next byte tells: a high
    byte again means all is well, anything larger that the pair started one byte later.
    """

    def __init__(self, form: RawForm = RawForm(True, HIGH_BYTES[0])) -> None:
        self.rejected = 0
        """Bytes that could not be part of a reading."""
        self.lead_off = False
        self.fits = True
        """What came last still was such a stream, and in step."""
        self.form = form
        self._window = bytearray()
        self._rejected_before = 0
        self._first: int | None = None
        self._second: int | None = None

    def feed(self, data: bytes) -> list[dict[str, float]]:
        """Take the next bytes; return the readings they complete, each in the column ``ONLY``."""
        take = self._big if self.form.big_endian else self._little
        readings: list[int] = []
        for byte in data:
            take(byte, readings)
            self._window.append(byte)
            if len(self._window) == WINDOW_BYTES:
                self._check()
        return [{ONLY: float(reading)} for reading in readings]

    def _check(self) -> None:
        """See whether the last bytes fit, and whether another order would make them smoother."""
        self.fits = self.rejected - self._rejected_before < UNFIT_SHARE * WINDOW_BYTES
        self._rejected_before = self.rejected
        window = bytes(self._window)
        self._window.clear()
        pending = sum(each is not None for each in (self._first, self._second)) % 2
        skip = (len(window) + pending) % 2
        best, at, big_endian, _, _ = _orders(window)
        if self.fits and best < DISTINCT * _roughness(window, skip, self.form.big_endian):
            self.form = RawForm(big_endian, self.form.max_high)
            self._first = window[-1] if (len(window) + at) % 2 else None
            self._second = None

    def _big(self, byte: int, readings: list[int]) -> None:
        limit = self.form.max_high
        if self._first is None:
            if byte > limit:
                self.rejected += 1
            else:
                self._first = byte
        elif self._second is None:
            if byte > limit or limit == 255:
                readings.append(self._first << 8 | byte)
                self._first = None
            else:
                self._second = byte
        elif byte > limit:
            self.rejected += 1
            readings.append(self._second << 8 | byte)
            self._first = self._second = None
        else:
            readings.append(self._first << 8 | self._second)
            self._first, self._second = byte, None

    def _little(self, byte: int, readings: list[int]) -> None:
        if self._first is None:
            self._first = byte
        elif byte > self.form.max_high:  # no high byte: one was lost, and this is a low one
            self.rejected += 1
            self._first = byte
        else:
            readings.append(byte << 8 | self._first)
            self._first = None
