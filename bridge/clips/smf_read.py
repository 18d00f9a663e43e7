"""The channel messages of a MIDI file, as arrays: what a player needs of it, in little memory.

mido, which reads clips for Live, keeps half a kilobyte a message; ours are twelve bytes.
"""

from array import array

import numpy as np
from numpy.typing import NDArray

from bridge.clips.score import Score
from bridge.errors import UserError

DEFAULT_TEMPO_US = 500_000
"""Microseconds a quarter note where a file names no tempo (Standard MIDI File 1.0)."""
_TWO_DATA_BYTES = (0x80, 0x90, 0xA0, 0xB0, 0xE0)
_META, _END, _TEMPO = 0xFF, 0x2F, 0x51


def decode(data: bytes, name: str) -> Score:
    """Read a file of type 0 or 1; its tempo changes are followed.

    Args:
        data: the whole file.
        name: how errors call it.

    Raises:
        UserError: it is no MIDI file, or is damaged, or its tracks do not play together.
    """
    if data[:4] != b"MThd":
        raise UserError(f"{name}: not a MIDI file (it does not begin with MThd)")
    form, division = int.from_bytes(data[8:10], "big"), int.from_bytes(data[12:14], "big")
    if form == 2:
        raise UserError(f"{name}: tracks of a type 2 file do not play together")
    if division & 0x8000:
        raise UserError(f"{name}: counts time in SMPTE frames; export it with ticks per beat")
    ticks, bytes_, tempi = array("q"), bytearray(), [(0, DEFAULT_TEMPO_US)]
    end = 0
    try:
        if not division:
            raise ValueError("0 ticks a beat")
        at = 8 + int.from_bytes(data[4:8], "big")
        for _ in range(int.from_bytes(data[10:12], "big")):
            kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "big")
            at += 8
            if len(kind) < 4 or at + size > len(data):
                raise IndexError
            if kind == b"MTrk":
                end = max(end, _track(data[at : at + size], ticks, bytes_, tempi))
            at += size
    except IndexError:
        raise UserError(f"{name}: a damaged MIDI file (it ends too early)") from None
    except ValueError as error:
        raise UserError(f"{name}: a damaged MIDI file ({error})") from None
    tick = np.frombuffer(ticks, np.int64)
    order = np.argsort(tick, kind="stable")
    seconds = _seconds(np.append(tick[order], end), tempi, division)
    messages = np.frombuffer(bytes_, np.uint8).reshape(-1, 3)[order]
    return Score(seconds[:-1], messages, float(seconds[-1]))


def _track(track: bytes, ticks: "array[int]", out: bytearray, tempi: list[tuple[int, int]]) -> int:
    """Add a track's messages and tempi; return the tick at which it ends."""
    at = tick = status = 0
    while at < len(track):
        delta, at = _quantity(track, at)
        tick += delta
        if track[at] & 0x80:
            status, at = track[at], at + 1
        elif not status:
            raise ValueError("a message without a status")
        if status < 0xF0:
            two = status & 0xF0 in _TWO_DATA_BYTES
            ticks.append(tick)
            out += bytes((status, min(track[at], 127), min(track[at + 1], 127) if two else 0))
            at += 1 + two
            continue
        kind = track[at] if status == _META else -1
        size, at = _quantity(track, at + (status == _META))
        if at + size > len(track):
            raise IndexError
        if kind == _TEMPO and size == 3:
            tempi.append((tick, int.from_bytes(track[at : at + 3], "big")))
        at += size
        if kind == _END:
            break
        status = 0
    return tick


def _quantity(track: bytes, at: int) -> tuple[int, int]:
    """A variable-length quantity, and where it ends."""
    value = 0
    while True:
        value = value << 7 | track[at] & 0x7F
        at += 1
        if track[at - 1] < 0x80:
            return value, at


def _seconds(
    tick: NDArray[np.int64], tempi: list[tuple[int, int]], division: int
) -> NDArray[np.float64]:
    steady = dict(sorted(tempi, key=lambda each: each[0]))  # of several at one tick the last holds
    knots = np.array(list(steady), np.int64)
    second_a_tick = np.array(list(steady.values())) / (1e6 * division)
    starts = np.concatenate(([0.0], np.cumsum(np.diff(knots) * second_a_tick[:-1])))
    piece = np.searchsorted(knots, tick, side="right") - 1
    return np.asarray(starts[piece] + (tick - knots[piece]) * second_a_tick[piece], np.float64)
