"""Drum hits: zones that fill a bar, euclidean patterns, or the heartbeats themselves."""

import numpy as np
from numpy.typing import NDArray

from bridge.clips.cells import (
    Hits,
    euclid_hits,
    pads,
    swing_ticks,
    velocities_of,
    zone_hits,
    zone_of_a_bar,
)
from bridge.clips.clip import Notes, notes_of
from bridge.clips.grid import Timeline
from bridge.clips.scale import Scales, zones_at
from bridge.clips.session import Column, Session
from bridge.clips.style import Style, zone_count


def drum_rows(style: Style) -> tuple[int, ...]:
    """All drums that a style can sound: those of the zones, lowest zone first, or the voices'."""
    drums = style.drums
    if drums.engine != "zones":
        return tuple(sorted({voice.note for voice in drums.voices}))
    drum = pads(style)
    return tuple(dict.fromkeys(drum[zone % len(drum)] for zone in range(zone_count(style))))


def drum_notes(
    session: Session, style: Style, scales: Scales, timeline: Timeline, cells: int
) -> Notes:
    """The hits of a session over so many cells of the grid."""
    play = _beat_hits if style.drums.engine == "beats" else _cell_hits
    return play(session, style, scales, timeline, cells)


def cell_ticks(style: Style, cells: int) -> NDArray[np.int64]:
    """Where the cells begin, before any swing."""
    return np.arange(cells, dtype=np.int64) * style.grid.cell_ticks


def velocities(session: Session, style: Style, scales: Scales, seconds: Column) -> Column:
    """How hard to hit at each moment, before it is rounded and held to 1-127."""
    column = style.drums.velocity_from
    if column not in session.columns:
        column = style.zones.column
    values = session.at(column, seconds)
    return velocities_of(style, values, scales.share(style.scope, column, values, seconds))


def _cell_hits(
    session: Session, style: Style, scales: Scales, timeline: Timeline, cells: int
) -> Notes:
    ticks = cell_ticks(style, cells)
    velocity = velocities(session, style, scales, timeline.seconds(ticks))
    bar = style.grid.cells if zone_of_a_bar(style) else 1
    zone = zones_at(session, style, scales, timeline.seconds(ticks[::bar]))
    zone = np.repeat(zone, bar)[:cells]
    rule = {"zones": zone_hits, "euclid": euclid_hits}[style.drums.engine]
    cell = np.arange(cells)
    return _notes(style, cell, rule(style, cell, zone, velocity))


def _notes(style: Style, cell: NDArray[np.int64], hits: Hits) -> Notes:
    cell = cell[hits.at]
    return notes_of(
        cell * style.grid.cell_ticks + swing_ticks(style, cell),
        style.drums.length_ticks,
        hits.pitch,
        np.rint(hits.velocity).astype(np.int64),
    )


def _beat_hits(
    session: Session, style: Style, scales: Scales, timeline: Timeline, cells: int
) -> Notes:
    """Every heartbeat sounds when it happened; further voices lie between it and the next."""
    beats = session.beats()
    length = style.drums.length_ticks
    intervals = np.diff(beats)
    usual = float(np.median(intervals)) if len(intervals) else 0.0
    intervals = np.append(intervals, usual)
    whole = session.unbroken()  # nothing is played into a gap
    zone = zones_at(session, style, scales, beats)
    velocity = velocities(session, style, scales, beats)
    top = max(zone_count(style) - 1, 1)
    moment, pitch, loud = [], [], []
    for voice in style.drums.voices:
        low, high = voice.hits
        hits = np.rint(low + (high - low) * zone / top).astype(np.int64)
        if voice.offset == 0:
            hits = np.where(whole, hits, np.minimum(hits, 1))
        else:
            hits = np.where(whole, hits, 0)
        for k in range(int(hits.max(initial=0))):
            at = np.flatnonzero(hits > k)
            share = voice.offset + (1 - voice.offset) * k / hits[at]
            moment.append(beats[at] + share * intervals[at])
            pitch.append(np.full(len(at), voice.note))
            loud.append(velocity[at] * voice.velocity)
    tick = np.rint(timeline.ticks(np.concatenate(moment))).astype(np.int64)
    last = cells * style.grid.cell_ticks
    inside = (tick >= 0) & (tick < last)
    return notes_of(
        tick[inside],
        length,
        np.concatenate(pitch)[inside],
        np.rint(np.concatenate(loud)).astype(np.int64)[inside],
    )
