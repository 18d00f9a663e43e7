"""Clips as Standard MIDI Files (format 1), written in one go: the events of a track are arrays.

The bytes follow "The Complete MIDI 1.0 Detailed Specification", Standard MIDI Files 1.0.
"""

import re
import struct
from urllib.parse import quote, unquote

import numpy as np
from numpy.typing import NDArray

from bridge.clips.clip import PPQ, Clip, Track, at_resolution

_NOTE, _CONTROL = 0x90, 0xB0
_TEXT, _NAME, _MARKER, _END, _TEMPO, _METRE = 0x01, 0x03, 0x06, 0x2F, 0x51, 0x58
_MAX_TEMPO_US = 0xFFFFFF
_OFF_FIRST, _THEN_LANES, _ON_LAST = 0, 1, 2
"""Order within a tick: a pitch ends before it starts again, a lane is set before a note sounds."""


def encode(clip: Clip, source: str = "", ppq: int = PPQ) -> bytes:
    """Return the file. The same clip always gives the same bytes.

    Args:
        clip: in ticks of ``PPQ``.
        source: a line of text kept in the file: which session it was made from.
        ppq: ticks a quarter note of the file.
    """
    if ppq != PPQ:
        clip = at_resolution(clip, ppq)
    chunks = [_conductor(clip, source), *(_track(track, clip.length) for track in clip.tracks)]
    header = struct.pack(">4sIHHH", b"MThd", 6, 1, len(chunks), ppq)
    return header + b"".join(struct.pack(">4sI", b"MTrk", len(c)) + c for c in chunks)


def source_mark(source: str) -> str:
    """How a file says what it was made from, in letters that no format changes."""
    return f"{_MADE}{quote(source, safe='/ ')};"


def source_of(head: bytes) -> str | None:
    """What the beginning of a clip or picture says it was made from; None in anybody else's."""
    found = re.search(rb"%b([^;]*);" % _MADE.encode(), head)
    return unquote(found.group(1).decode("ascii", "replace")) if found else None


_MADE = "beatbridge clip of "


def _conductor(clip: Clip, source: str) -> bytes:
    """The first track: source, metre, tempo and locators."""
    numerator, denominator = clip.metre
    events = [
        (0, _meta(_TEXT, source_mark(source).encode())),
        (0, _meta(_METRE, bytes((numerator, denominator.bit_length() - 1, 24, 8)))),
    ]
    tempo_us = np.clip(clip.tempo_us, 1, _MAX_TEMPO_US).tolist()
    events += [
        (tick, _meta(_TEMPO, us.to_bytes(3, "big")))
        for tick, us in zip(clip.tempo_tick.tolist(), tempo_us, strict=True)
    ]
    events += [(tick, _meta(_MARKER, text.encode())) for tick, text in clip.locators]
    events.sort(key=lambda event: event[0])
    out = bytearray()
    now = 0
    for tick, message in events:
        out += _length(tick - now) + message
        now = tick
    return bytes(out) + _length(max(clip.length - now, 0)) + _meta(_END, b"")


def _track(track: Track, length: int) -> bytes:
    ticks, order, status, first, second = [], [], [], [], []

    def add(tick: NDArray[np.int64], when: int, kind: int, a: object, b: object) -> None:
        ticks.append(tick)
        order.append(np.full(len(tick), when))
        status.append(np.full(len(tick), kind | track.channel))
        first.append(np.broadcast_to(np.asarray(a), tick.shape))
        second.append(np.broadcast_to(np.asarray(b), tick.shape))

    notes = track.notes
    add(notes.tick + notes.length, _OFF_FIRST, _NOTE, notes.pitch, 0)
    for lane in track.lanes:
        add(lane.tick, _THEN_LANES, _CONTROL, lane.controller, lane.value)
    add(notes.tick, _ON_LAST, _NOTE, notes.pitch, notes.velocity)
    tick = np.concatenate(ticks)
    ranks = np.argsort(tick * 4 + np.concatenate(order), kind="stable")
    tick = tick[ranks]
    events = _events(
        tick, *(np.concatenate(parts)[ranks].astype(np.uint8) for parts in (status, first, second))
    )
    last = int(tick[-1]) if len(tick) else 0
    name = b"\0" + _meta(_NAME, track.name.encode())
    return name + events + _length(max(length - last, 0)) + _meta(_END, b"")


def _events(
    tick: NDArray[np.int64],
    status: NDArray[np.uint8],
    first: NDArray[np.uint8],
    second: NDArray[np.uint8],
) -> bytes:
    """Channel messages in rising order of tick, with running status, as bytes."""
    delta = np.diff(tick, prepend=0)
    delta_bytes = 1 + (delta >= 1 << 7) + (delta >= 1 << 14) + (delta >= 1 << 21)
    says_status = np.ones(len(tick), bool)
    says_status[1:] = status[1:] != status[:-1]
    ends = np.cumsum(delta_bytes + says_status + 2)
    out = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    out[ends - 1] = second
    out[ends - 2] = first
    out[(ends - 3)[says_status]] = status[says_status]
    last = ends - 3 - says_status
    out[last] = delta & 0x7F
    for septet in range(1, 4):
        longer = delta_bytes > septet
        out[last[longer] - septet] = (delta[longer] >> 7 * septet) & 0x7F | 0x80
    return out.tobytes()


def _meta(kind: int, data: bytes) -> bytes:
    return bytes((0xFF, kind)) + _length(len(data)) + data


def _length(number: int) -> bytes:
    """A variable-length quantity."""
    septets = [number & 0x7F]
    while number := number >> 7:
        septets.append(number & 0x7F | 0x80)
    return bytes(reversed(septets))
