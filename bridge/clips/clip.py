"""What a clip is: frozen values in ticks, before they become bytes or a picture."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

PPQ = 480
"""Ticks a quarter note, as in the seed's files."""

Ticks = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Notes:
    """Notes in rising order of tick; those of one pitch never overlap. Arrays of one length."""

    tick: Ticks
    length: Ticks
    """At least 1."""
    pitch: Ticks
    velocity: Ticks
    """1-127."""

    def __len__(self) -> int:
        return len(self.tick)


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """One controller: a point wherever its value changes. It holds its value in between."""

    controller: int
    tick: Ticks
    value: Ticks
    """0-127."""


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """What sounds on one channel."""

    name: str
    channel: int
    """0-15; 9 is General MIDI's drum channel."""
    notes: Notes
    lanes: tuple[Lane, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One clip: its tracks, and the time they live in."""

    name: str
    tracks: tuple[Track, ...]
    length: int
    """Ticks, whole bars."""
    metre: tuple[int, int]
    """As the file declares it: one that Live can show."""
    tempo_tick: Ticks
    """Where the tempo changes; the first is 0."""
    tempo_us: Ticks
    """Microseconds a quarter note from there on."""
    locators: tuple[tuple[int, str], ...] = ()
    """Ticks and names of markers and phases."""


NO_NOTES = Notes(*(np.empty(0, np.int64) for _ in range(4)))


def notes_of(
    tick: NDArray[np.int64],
    length: NDArray[np.int64] | int,
    pitch: NDArray[np.int64] | int,
    velocity: NDArray[np.int64] | int,
) -> Notes:
    """Put notes in order, hold velocities to 1-127, and end a note where its pitch starts again.

    Of several notes of one pitch at one tick the loudest stays.
    """
    tick = np.asarray(tick, np.int64)
    length, pitch, velocity = (
        np.broadcast_to(np.asarray(array, np.int64), tick.shape)
        for array in (length, pitch, velocity)
    )
    velocity = np.clip(velocity, 1, 127)
    first_tick = tick.min(initial=0)
    span = tick.max(initial=0) - first_tick + 1
    order = np.argsort((pitch * span + tick - first_tick) * 128 - velocity, kind="stable")
    tick, length, pitch, velocity = (a[order] for a in (tick, length, pitch, velocity))
    first = np.ones(len(tick), bool)
    first[1:] = (np.diff(tick) > 0) | (np.diff(pitch) != 0)
    tick, length, pitch, velocity = (a[first] for a in (tick, length, pitch, velocity))
    length = np.maximum(length, 1)
    same = pitch[:-1] == pitch[1:]
    length[:-1][same] = np.minimum(length[:-1], np.diff(tick))[same]
    order = np.argsort(tick * 128 + pitch, kind="stable")
    return Notes(tick[order], length[order], pitch[order], velocity[order])


def lane_of(controller: int, tick: NDArray[np.int64], value: NDArray[np.int64]) -> Lane:
    """Keep the points at which the value changes."""
    keep = np.ones(len(value), bool)
    keep[1:] = np.diff(value) != 0
    return Lane(controller, tick[keep], np.clip(value[keep], 0, 127))


def at_resolution(clip: Clip, ppq: int) -> Clip:
    """The clip with so many ticks a quarter note, for programs that take no other.

    Coarser ticks move notes to the nearest one. Of what then meets, the loudest of one pitch and
    the last of a lane or tempo stay.
    """

    def ticks(own: Ticks) -> Ticks:
        return np.round(own * (ppq / PPQ)).astype(np.int64)

    def last_of(tick: Ticks) -> NDArray[np.bool_]:
        return np.append(np.diff(tick) > 0, np.ones(min(len(tick), 1), bool))

    def notes(own: Notes) -> Notes:
        tick = ticks(own.tick)
        return notes_of(tick, ticks(own.tick + own.length) - tick, own.pitch, own.velocity)

    def lane(own: Lane) -> Lane:
        tick = ticks(own.tick)
        keep = last_of(tick)
        return lane_of(own.controller, tick[keep], own.value[keep])

    tempo_tick = ticks(clip.tempo_tick)
    keep = last_of(tempo_tick)
    return replace(
        clip,
        tracks=tuple(
            replace(each, notes=notes(each.notes), lanes=tuple(map(lane, each.lanes)))
            for each in clip.tracks
        ),
        length=round(clip.length * ppq / PPQ),
        tempo_tick=tempo_tick[keep],
        tempo_us=clip.tempo_us[keep],
        locators=tuple((round(tick * ppq / PPQ), name) for tick, name in clip.locators),
    )
