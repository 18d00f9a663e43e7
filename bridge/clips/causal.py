"""A style, cell by cell: what sounds now, from what the heart says now. No clock, no look ahead.

The clips of a recorded session, over the same spans, hold the same notes at the same cells.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

import numpy as np

from bridge.clips.cells import (
    CHANNELS,
    euclid_hits,
    line_channels,
    line_pitch,
    line_velocity,
    swing_ticks_of,
    velocities_of,
    zone_edges,
    zone_hits,
    zone_of_a_bar,
)
from bridge.clips.grid import parse_fraction
from bridge.clips.spans import Spans
from bridge.clips.style import LaneStyle, Style, zone_count
from bridge.mapping.curve import parse_curve
from bridge.mapping.stage import LowPass

FORECAST_BEATS = 5
"""The median of so many intervals is taken for the next one: one ectopic beat does not bend it."""


@dataclass(frozen=True, slots=True)
class Note:
    """A note that begins with the cell, or a little later."""

    channel: int
    """0-15."""
    pitch: int
    velocity: int
    """1-127."""
    length: int
    """Ticks."""
    late: int = 0
    """Ticks after the cell: the swing."""


@dataclass(frozen=True, slots=True)
class Control:
    """A controller that changes with the cell."""

    channel: int
    controller: int
    value: int
    """0-127."""


@dataclass(frozen=True, slots=True)
class Echo:
    """A note that begins so many seconds after its heartbeat."""

    after_s: float
    note: Note


Sound: TypeAlias = Note | Control


class _Lane:
    """One controller: smoothed, and told when it changes."""

    def __init__(self, style: LaneStyle, channel: int, every: int) -> None:
        self.style, self.channel, self.every = style, channel, every
        self._curve = parse_curve(style.curve)
        self._smooth = LowPass(style.smooth_seconds)
        self._told: int | None = None

    def at(self, t: float, spans: Spans, heart: Mapping[str, float]) -> Control | None:
        """What to send at ``t``, if anything."""
        value = heart.get(self.style.column)
        span = spans.of.get(self.style.column)
        if value is None or span is None:
            return None
        level = self._smooth.push(t, self._curve(span.share(value)))
        told = round(level * 127)
        if told == self._told:
            return None
        self._told = told
        return Control(self.channel, self.style.controller, max(0, min(127, told)))


class CellStage:
    """Plays one style for one heart.

    ``cell`` is called for every cell of the grid in turn, ``beat`` for every heartbeat. What is
    unknown is silent: no measure of the zones, no drums.
    """

    def __init__(self, style: Style, what: Collection[str], spans: Spans) -> None:
        """Take a style, which of its clips to play (``drums``, ``notes``, ``cc``), and spans."""
        self._style, self._spans = style, spans
        self._drums = "drums" in what
        self._lines = list(zip(line_channels(style), style.notes.lines, strict=False))
        self._lines = self._lines if "notes" in what else []
        self._table = hit_table(style)
        self._one_zone_a_bar = zone_of_a_bar(style)
        self._late = swing_ticks_of(style)
        self._bar: int | None = None
        """Number of the bar that plays, and its borders of zones."""
        self._edges: list[float] = []
        self._bar_zone: int | None = None
        """The first that was known in it."""
        self._intervals: deque[float] = deque(maxlen=FORECAST_BEATS)
        cell = style.grid.cell_ticks
        self._lanes = [
            _Lane(lane, style.drums.channel - 1, cell) for lane in style.drums.lanes if self._drums
        ]
        for channel, line in self._lines:
            every = parse_fraction(line.cell)
            own = LaneStyle(line.column, style.notes.own_controller)
            self._lanes += [_Lane(lane, channel, every) for lane in (own, *style.notes.lanes)]
        if "cc" in what:
            every = parse_fraction(style.cc.every)
            tracks = zip(CHANNELS, style.cc.lanes, strict=False)
            self._lanes += [_Lane(lane, channel, every) for channel, lane in tracks]

    @property
    def ticks(self) -> int:
        """Ticks a cell."""
        return self._style.grid.cell_ticks

    @property
    def plays_beats(self) -> bool:
        """Whether heartbeats themselves sound."""
        return self._drums and self._style.drums.engine == "beats"

    def cell(self, number: int, t: float, heart: Mapping[str, float]) -> list[Sound]:
        """What begins with a cell.

        Args:
            number: of the cell, from the start of the music.
            t: when it is, in seconds of any steady clock; only differences count.
            heart: the measures known at this moment, by the columns of tables.

        Returns:
            Controllers first, so that the notes sound with them.
        """
        self._spans.push(t, heart)
        if self._drums and number // self._style.grid.cells != self._bar:
            self._begin_bar(number // self._style.grid.cells)
        tick = number * self.ticks
        lanes = [
            lane.at(t, self._spans, heart)
            for lane in self._lanes
            if _begins(tick, self.ticks, lane.every)
        ]
        sounds: list[Sound] = [control for control in lanes if control is not None]
        if self._drums and not self.plays_beats:
            sounds += self._hits(number, heart)
        for channel, line in self._lines:
            length = parse_fraction(line.cell)
            value, span = heart.get(line.column), self._spans.of.get(line.column)
            if value is None or span is None or not _begins(tick, self.ticks, length):
                continue
            notes, share = self._style.notes, span.share(np.array([value]))
            mode = heart.get(notes.mode_column)
            pitch = line_pitch(notes, line, share, None if mode is None else np.array([mode]))
            velocity = int(line_velocity(notes, share)[0])
            sounds.append(_note(channel, int(pitch[0]), velocity, length))
        return sounds

    def beat(self, interval_s: float | None, heart: Mapping[str, float]) -> list[Echo]:
        """What a heartbeat sounds, for styles that play heartbeats; the beat itself comes first.

        Voices that lie between this beat and the next rest on a forecast of the next: whoever plays
        them drops those that are still to come when the next beat is there.

        Args:
            interval_s: since the beat before, where that is known.
            heart: as for ``cell``.
        """
        style, drums = self._style, self._style.drums
        if interval_s is None:
            self._intervals.clear()
        else:
            self._intervals.append(interval_s)
        if not self.plays_beats:
            return []
        if self._bar is None:
            self._begin_bar(0)
        zone, velocity = self._zone(heart), self._velocity(heart)
        if zone is None or velocity is None:
            return []
        ahead = median(self._intervals) if self._intervals else None
        top = max(zone_count(style) - 1, 1)
        echoes = []
        for voice in drums.voices:
            low, high = voice.hits
            hits = int(np.rint(low + (high - low) * zone / top))
            if ahead is None:
                hits = min(hits, 1) if voice.offset == 0 else 0
            for k in range(hits):
                share = voice.offset + (1 - voice.offset) * k / hits
                note = _note(
                    drums.channel - 1,
                    voice.note,
                    round(velocity * voice.velocity),
                    drums.length_ticks,
                )
                echoes.append(Echo(share * (ahead or 0.0), note))
        return sorted(echoes, key=lambda echo: echo.after_s)

    def forget(self) -> None:
        """Forget learned ranges."""
        self._spans.forget()

    def _hits(self, number: int, heart: Mapping[str, float]) -> list[Note]:
        zone, velocity = self._zone(heart), self._velocity(heart)
        if zone is None or velocity is None:
            return []
        if self._one_zone_a_bar:
            zone = self._bar_zone = zone if self._bar_zone is None else self._bar_zone
        bar, drums = self._style.grid.cells, self._style.drums
        late = self._late if number % 2 else 0
        return [
            _note(drums.channel - 1, pitch, round(velocity * share), drums.length_ticks, late)
            for pitch, share in self._table[zone][number % bar].items()
        ]

    def _begin_bar(self, number: int) -> None:
        """Zones that are learned move at bar lines only, and so do euclidean patterns."""
        self._bar = number
        edges = zone_edges(self._style, self._spans.of[self._style.zones.column])
        self._edges = edges.tolist()
        self._bar_zone = None

    def _zone(self, heart: Mapping[str, float]) -> int | None:
        value = heart.get(self._style.zones.column)
        return None if value is None else bisect_left(self._edges, value)

    def _velocity(self, heart: Mapping[str, float]) -> float | None:
        column = self._style.drums.velocity_from
        if column not in heart or column not in self._spans.of:
            column = self._style.zones.column
        if column not in heart:
            return None
        value = heart[column]
        return velocities_of(self._style, value, self._spans.of[column].share(value))


def hit_table(style: Style) -> list[list[dict[int, float]]]:
    """For each zone and each cell of the bar: what sounds, and the share of the velocity it has.

    The rules of ``cells``, asked once for everything, because a cell has no time to ask.
    """
    bar = style.grid.cells
    if style.drums.engine == "beats":
        return []
    rule = {"zones": zone_hits, "euclid": euclid_hits}[style.drums.engine]
    table = []
    for zone in range(zone_count(style)):
        found = rule(style, np.arange(bar), np.full(bar, zone), np.ones(bar))
        cells: list[dict[int, float]] = [{} for _ in range(bar)]
        for at, pitch, share in zip(found.at, found.pitch.tolist(), found.velocity, strict=True):
            cells[at][pitch] = max(float(share), cells[at].get(pitch, 0.0))
        table.append(cells)
    return table


def _begins(tick: int, cell: int, every: int) -> bool:
    """Whether something that comes every so many ticks begins within the cell at ``tick``."""
    return -tick % every < cell


def _note(channel: int, pitch: int, velocity: int, length: int, late: int = 0) -> Note:
    return Note(channel, pitch, max(1, min(127, velocity)), length, late)
