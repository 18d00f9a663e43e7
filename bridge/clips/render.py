"""One session and one style to one clip."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from bridge.clips.cells import (
    CHANNELS,
    controller_values,
    line_channels,
    line_pitch,
    line_velocity,
)
from bridge.clips.clip import NO_NOTES, Clip, Lane, Ticks, Track, lane_of, notes_of
from bridge.clips.drums import cell_ticks, drum_notes
from bridge.clips.grid import SteadyTime, Timeline, bar_ticks, declared_metre, parse_fraction
from bridge.clips.scale import Scales, lane_at
from bridge.clips.session import Session
from bridge.clips.style import DRUMS, LaneStyle, Line, Style
from bridge.clips.tempo import HeartTime, heart_time
from bridge.errors import UserError

What = Literal["drums", "notes", "cc"]
_MICROSECONDS_A_MINUTE = 60_000_000
_ROUNDING = 1e-6
"""Cells by which a session may miss a cell's end: times are decimal, ticks are not."""


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """The time that the clips of one session share."""

    timeline: Timeline
    cells: int
    """Cells that hold data; the last may be cut short by the end of the session."""
    length: int
    """Ticks, up to the end of the last bar."""
    metre: tuple[int, int]
    tempo_tick: Ticks
    tempo_us: Ticks
    locators: tuple[tuple[int, str], ...]

    @property
    def bars(self) -> int:
        """Bars of the declared metre, as Live counts them."""
        return self.length // bar_ticks(self.metre)


def setting_of(session: Session, style: Style, *, tempo_map: bool = False) -> Setting:
    """Lay a session out in music.

    Raises:
        UserError: it is shorter than a bar, or has no beats to take a tempo from.
    """
    cell, bar = style.grid.cell_ticks, style.grid.cells * style.grid.cell_ticks
    metre = declared_metre(style.grid.cells, cell)
    if tempo_map:
        heart = _heart(session)
        timeline: Timeline = heart
        tempo_tick, tempo_us = heart.knot_tick[:-1], heart.tempo_us()
        changes = np.diff(tempo_us, prepend=0) != 0
        tempo_tick, tempo_us = tempo_tick[changes], tempo_us[changes]
    else:
        timeline = SteadyTime(style.grid.ticks_a_second)
        tempo_tick = np.zeros(1, np.int64)
        tempo_us = np.array([round(_MICROSECONDS_A_MINUTE / style.grid.tempo)])
    end = float(timeline.ticks(np.array([session.seconds]))[0])
    cells = int(np.ceil(end / cell - _ROUNDING))
    if cells < style.grid.cells:
        a_bar = float(timeline.seconds(np.array([bar]))[0]) if not tempo_map else 0.0
        takes = f", where a bar takes {a_bar:.3g} s" if a_bar else ", less than a bar"
        raise UserError(f"only {session.seconds:.3g} s long{takes}")
    whole_bar = bar_ticks(metre)
    length = -(-cells * cell // whole_bar) * whole_bar
    marks = session.own_markers()
    at = np.rint(timeline.ticks(np.array([mark.t for mark in marks]))).astype(np.int64)
    locators = tuple((max(tick, 0), m.text) for tick, m in zip(at.tolist(), marks, strict=True))
    return Setting(timeline, cells, length, metre, tempo_tick, tempo_us, locators)


def _heart(session: Session) -> HeartTime:
    if session.beats_t is None:
        raise UserError("a table has no beats to take a tempo from: give the signal or the beats")
    return heart_time(session.beats(), session.seconds, session.unbroken())


def render(what: What, session: Session, style: Style, scales: Scales, setting: Setting) -> Clip:
    """Render one clip.

    Raises:
        UserError: the session lacks what this clip is made of.
    """
    make = {"drums": _drums, "notes": _notes, "cc": _cc}[what]
    return _clip(f"{session.name} {what}", make(session, style, scales, setting), setting)


def tempo_clip(session: Session, setting: Setting) -> Clip:
    """The clip that makes Live offer to import the tempo: a note across the whole length."""
    whole = notes_of(np.zeros(1, np.int64), setting.length, 60, 64)
    return _clip(f"{session.name} tempo", (Track("Tempo", 0, whole),), setting)


def _clip(name: str, tracks: tuple[Track, ...], setting: Setting) -> Clip:
    return Clip(
        name,
        tuple(_ended(track, setting.length) for track in tracks),
        setting.length,
        setting.metre,
        setting.tempo_tick,
        setting.tempo_us,
        setting.locators,
    )


def _ended(track: Track, end: int) -> Track:
    """No note sounds beyond the clip: the last cell of a slow line may reach over its end."""
    notes = track.notes
    return replace(track, notes=replace(notes, length=np.minimum(notes.length, end - notes.tick)))


def _drums(session: Session, style: Style, scales: Scales, setting: Setting) -> tuple[Track, ...]:
    column = style.zones.column
    if column not in session.columns:
        raise UserError(f"no {column} to play drums by")
    if style.drums.engine == "beats" and len(session.beats()) < 2:
        raise UserError(
            "this style plays heartbeats, and there are none: give the signal or the beats"
        )
    notes = drum_notes(session, style, scales, setting.timeline, setting.cells)
    ticks = cell_ticks(style, setting.cells)
    lanes = _lanes(style.drums.lanes, session, style, scales, setting, ticks)
    name = f"{column}_Drums" if style.drums.channel == DRUMS else f"{column}_Tones"
    return (Track(name, style.drums.channel - 1, notes, lanes),)


def _notes(session: Session, style: Style, scales: Scales, setting: Setting) -> tuple[Track, ...]:
    lines = [line for line in style.notes.lines if line.column in session.columns]
    if not lines:
        wanted = ", ".join(line.column for line in style.notes.lines) or "any line in the style"
        raise UserError(f"no {wanted} to play notes by")
    return tuple(
        _line(line, channel, session, style, scales, setting)
        for channel, line in zip(line_channels(style), lines, strict=False)
    )


def _line(
    line: Line, channel: int, session: Session, style: Style, scales: Scales, setting: Setting
) -> Track:
    """A measure climbs the scale of the moment's mode, one note a cell."""
    notes, cell = style.notes, parse_fraction(line.cell)
    ticks = np.arange(0, setting.cells * style.grid.cell_ticks, cell, dtype=np.int64)
    seconds = setting.timeline.seconds(ticks)
    values = session.at(line.column, seconds)
    share = scales.share(style.scope, line.column, values, seconds)
    mode = None
    if notes.mode_column in session.columns:
        mode = session.at(notes.mode_column, seconds)
    pitch = line_pitch(notes, line, share, mode)
    own = lane_of(notes.own_controller, ticks, controller_values(share))
    others = _lanes(notes.lanes, session, style, scales, setting, ticks)
    played = notes_of(ticks, cell, pitch, line_velocity(notes, share))
    return Track(f"{line.column}_Notes", channel, played, (own, *others))


def _cc(session: Session, style: Style, scales: Scales, setting: Setting) -> tuple[Track, ...]:
    every = parse_fraction(style.cc.every)
    ticks = np.arange(0, setting.cells * style.grid.cell_ticks, every, dtype=np.int64)
    tracks = []
    for channel, lane in zip(CHANNELS, style.cc.lanes, strict=False):
        lanes = _lanes((lane,), session, style, scales, setting, ticks)
        if lanes:
            name = f"{lane.column}_CC{lane.controller}"
            tracks.append(Track(name, channel, NO_NOTES, lanes))
    if not tracks:
        wanted = ", ".join(lane.column for lane in style.cc.lanes) or "any lane in the style"
        raise UserError(f"no {wanted} to draw lanes of")
    return tuple(tracks)


def _lanes(
    styles: tuple[LaneStyle, ...],
    session: Session,
    style: Style,
    scales: Scales,
    setting: Setting,
    ticks: Ticks,
) -> tuple[Lane, ...]:
    seconds = setting.timeline.seconds(ticks)
    lanes = (lane_at(session, s, scales, style.scope, seconds, ticks) for s in styles)
    return tuple(lane for lane in lanes if lane is not None)
