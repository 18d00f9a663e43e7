"""Drum hits: zones that fill a bar, euclidean patterns, or the heartbeats themselves."""

import numpy as np
from numpy.typing import NDArray

from bridge.clips.clip import Notes, notes_of
from bridge.clips.grid import Timeline, even_order
from bridge.clips.scale import Scales, zones_at
from bridge.clips.session import Column, Session
from bridge.clips.style import GM, RACK, Style, zone_count

_PADS = {"rack": RACK, "gm": GM}


def drum_rows(style: Style) -> tuple[int, ...]:
    """All drums that a style can sound: those of the zones, lowest zone first, or the voices'."""
    drums = style.drums
    if drums.engine != "zones":
        return tuple(sorted({voice.note for voice in drums.voices}))
    pads = _pads(style)
    return tuple(dict.fromkeys(pads[zone % len(pads)] for zone in range(zone_count(style))))


def _pads(style: Style) -> tuple[int, ...]:
    notes = style.drums.notes
    return _PADS[notes] if isinstance(notes, str) else notes


def drum_notes(
    session: Session, style: Style, scales: Scales, timeline: Timeline, cells: int
) -> Notes:
    """The hits of a session over so many cells of the grid."""
    engine = {"zones": _zone_hits, "euclid": _euclid_hits, "beats": _beat_hits}[style.drums.engine]
    return engine(session, style, scales, timeline, cells)


def cell_ticks(style: Style, cells: int) -> NDArray[np.int64]:
    """Where the cells begin, before any swing."""
    return np.arange(cells, dtype=np.int64) * style.grid.cell_ticks


def _swung(style: Style, cell: NDArray[np.int64]) -> NDArray[np.int64]:
    late = round(style.grid.swing * style.grid.cell_ticks)
    return cell * style.grid.cell_ticks + (cell % 2) * late


def velocities(session: Session, style: Style, scales: Scales, seconds: Column) -> Column:
    """How hard to hit at each moment, before it is rounded and held to 1-127."""
    column = style.drums.velocity_from
    if column not in session.columns:
        column = style.zones.column
    values = session.at(column, seconds)
    if style.drums.velocity == "value":
        return values
    low, high = style.drums.velocity
    return low + (high - low) * scales.share(style.scope, column, values, seconds)


def _zone_hits(
    session: Session, style: Style, scales: Scales, timeline: Timeline, cells: int
) -> Notes:
    drums, bar = style.drums, style.grid.cells
    seconds = timeline.seconds(cell_ticks(style, cells))
    zone = zones_at(session, style, scales, seconds)
    velocity = np.rint(velocities(session, style, scales, seconds)).astype(np.int64)
    place = np.arange(cells) % bar
    order = even_order(bar) if drums.order == "even" else drums.order
    pads = _pads(style)
    hit, pitch = [], []
    for layer, own_cell in enumerate(order):
        on = zone >= layer if drums.layers == "cumulative" else zone == layer
        at = np.flatnonzero(on & (place == own_cell))
        hit.append(at)
        pitch.append(np.full(len(at), pads[layer % len(pads)]))
    cell = np.concatenate(hit)
    return notes_of(_swung(style, cell), drums.length_ticks, np.concatenate(pitch), velocity[cell])


def _euclid_hits(
    session: Session, style: Style, scales: Scales, timeline: Timeline, cells: int
) -> Notes:
    """Each voice spreads its hits over the bar as evenly as whole cells allow.

    The k hits of n cells are those at which (cell x k) mod n < k: Bjorklund's patterns, turned
    (G. Toussaint, The Euclidean Algorithm Generates Traditional Musical Rhythms, 2005). The zone
    at the start of a bar decides the bar, so that a pattern is never cut.
    """
    bar = style.grid.cells
    ticks = cell_ticks(style, cells)
    bars = timeline.seconds(ticks[::bar])
    zone = np.repeat(zones_at(session, style, scales, bars), bar)[:cells]
    velocity = velocities(session, style, scales, timeline.seconds(ticks))
    top = max(zone_count(style) - 1, 1)
    hit, pitch, loud = [], [], []
    for voice in style.drums.voices:
        low, high = voice.hits
        hits = np.minimum(np.rint(low + (high - low) * zone / top).astype(np.int64), bar)
        at = np.flatnonzero((np.arange(cells) + voice.rotate) % bar * hits % bar < hits)
        hit.append(at)
        pitch.append(np.full(len(at), voice.note))
        loud.append(velocity[at] * voice.velocity)
    cell = np.concatenate(hit)
    return notes_of(
        _swung(style, cell),
        style.drums.length_ticks,
        np.concatenate(pitch),
        np.rint(np.concatenate(loud)).astype(np.int64),
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
