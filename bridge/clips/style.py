"""Musical choices as frozen, checked values. ``style_file`` reads them from TOML."""

from collections.abc import Collection
from dataclasses import dataclass
from dataclasses import field as default
from typing import Literal

from bridge.clips.grid import parse_fraction, parse_signature
from bridge.errors import UserError
from bridge.mapping.curve import parse_curve

Follow = Literal["grid", "clock"]
Scope = Literal["batch", "file", "phase"]
TEMPOS = (20.0, 999.0)
"""Beats a minute that Live can play."""
DRUMS = 10
"""General MIDI's drum channel, as musicians count."""
PITCH_CLASSES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
RACK = tuple(range(36, 128))
"""Drum Rack pads from C1 up (36 in MIDI)."""
GM = (36, 42, 38, 46, 37, 39, 45, 44, 50, 51, 54, 56, 70, 75, 76, 49)
"""General MIDI: kick, closed hat, snare, open hat, side stick, clap, low tom, pedal hat, high tom,
ride, tambourine, cowbell, maracas, claves, wood block, crash."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What holds for any session; the tests of the shipped styles measure it."""

    key: tuple[str, ...] = ()
    """Names of the only notes that sound, where they have a pitch: C, C#, D ..."""
    hits_a_bar: tuple[int, ...] = ()
    """Least and most drum hits in a bar."""
    more_hits_with: str = ""
    """The measure with which bars fill."""
    louder_with: str = ""
    """The measure with which hits become louder."""
    every_beat: int = -1
    """The drum that sounds at every heartbeat."""

    def __post_init__(self) -> None:
        for note in self.key:
            if note not in PITCH_CLASSES:
                raise UserError(f"promise.key: {note!r} is none of {', '.join(PITCH_CLASSES)}")
        if len(self.hits_a_bar) not in (0, 2):
            raise UserError("promise.hits_a_bar: write the least and the most, as in [1, 16]")

    def sentence(self) -> str:
        """The promise in words; empty where nothing is promised."""
        parts = []
        if self.hits_a_bar:
            least, most = self.hits_a_bar
            hits = f"{most} hit{'s' * (most > 1)}"
            hits = hits if least == most else f"{least} to {hits}"
            more = f", more with {self.more_hits_with}" if self.more_hits_with else ""
            parts.append(f"{hits} a bar{more}")
        if self.every_beat >= 0:
            parts.append(f"note {self.every_beat} at every heartbeat")
        if self.louder_with:
            parts.append(f"louder with {self.louder_with}")
        if self.key:
            parts.append(f"every pitched note one of {' '.join(self.key)}")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Grid:
    """Time: how data falls on beats and bars."""

    tempo: float = 75.0
    signature: str = "16/16"
    """The upper number is the count of cells in a bar of the pattern."""
    cell: str = "1/32"
    cell_seconds: float = 0.1
    """With ``follow = "grid"``, seconds of data a cell, at any tempo."""
    follow: Follow = "grid"
    swing: float = 0.0
    """By how much of a cell every second one comes late, 0-0.75."""

    def __post_init__(self) -> None:
        within("grid.tempo", self.tempo, *TEMPOS, "Live's range")
        within("grid.cell_seconds", self.cell_seconds, 0.001, 3600)
        within("grid.swing", self.swing, 0, 0.75)
        parse_signature(self.signature, "grid.signature")
        parse_fraction(self.cell)

    @property
    def cells(self) -> int:
        """Cells in a bar of the pattern."""
        return parse_signature(self.signature)[0]

    @property
    def cell_ticks(self) -> int:
        """Ticks a cell."""
        return parse_fraction(self.cell)

    @property
    def ticks_a_second(self) -> float:
        """Ticks of music for a second of data."""
        if self.follow == "grid":
            return self.cell_ticks / self.cell_seconds
        return self.tempo * 8  # 480 ticks a quarter note, tempo / 60 quarter notes a second


@dataclass(frozen=True, slots=True)
class Zones:
    """How the span of a measure is cut."""

    column: str = "HR"
    edges: Literal["equal", "quantile"] | tuple[float, ...] = "equal"
    """Equal parts of the span, equal parts of the time, or the inner borders themselves."""


@dataclass(frozen=True, slots=True)
class LaneStyle:
    """One controller that follows a measure."""

    column: str
    controller: int
    curve: str = "linear"
    """As of ``mapping.curve.parse_curve``."""
    smooth_seconds: float = 0.0
    """Time constant of a low pass: so long after a step 63 % of it are done."""
    scope: Scope | None = None
    """Over what 0-127 spans, where it is not the style's own scope."""

    def __post_init__(self) -> None:
        within("controller", self.controller, 0, 119)
        parse_curve(self.curve)
        within("smooth_seconds", self.smooth_seconds, 0, 3600)


@dataclass(frozen=True, slots=True)
class Voice:
    """A drum of the ``euclid`` or ``beats`` engine."""

    note: int
    hits: tuple[int, int] = (1, 1)
    """How often it sounds - a bar of cells, or a heartbeat - in the lowest and the highest zone."""
    rotate: int = 0
    """``euclid``: by how many cells its pattern is turned."""
    offset: float = 0.0
    """``beats``: how far behind the heartbeat, as a share of the interval."""
    velocity: float = 1.0
    """Share of the drums' velocity."""

    def __post_init__(self) -> None:
        within("note", self.note, 0, 127)
        within("hits", min(self.hits), 0, 92)
        within("hits", max(self.hits), 0, 92)
        within("offset", self.offset, 0, 0.95)
        within("velocity", self.velocity, 0.01, 1)


@dataclass(frozen=True, slots=True)
class Drums:
    """The drum clip."""

    channel: int = DRUMS
    """1-16; pitched styles sound on another than General MIDI's drums."""
    engine: Literal["zones", "euclid", "beats"] = "zones"
    order: Literal["even"] | tuple[int, ...] = "even"
    """``zones``: the cell that each zone switches on."""
    layers: Literal["cumulative", "single"] = "cumulative"
    """``zones``: a zone keeps the hits of those below it; or that at a bar's start sounds alone."""
    notes: Literal["rack", "gm"] | tuple[int, ...] = "rack"
    """``zones``: the drum of each zone."""
    voices: tuple[Voice, ...] = ()
    """``euclid`` and ``beats``: the drums."""
    velocity_from: str = "HR"
    velocity: Literal["value"] | tuple[int, int] = "value"
    """The measure itself, rounded; or from - to over its span (to < from turns it round)."""
    length: str = "1/32"
    lanes: tuple[LaneStyle, ...] = ()

    def __post_init__(self) -> None:
        within("drums.channel", self.channel, 1, 16)
        parse_fraction(self.length)
        if self.engine != "zones" and not self.voices:
            raise UserError(f"drums.voices: engine {self.engine!r} needs at least one voice")
        if isinstance(self.velocity, tuple):
            for velocity in self.velocity:
                within("drums.velocity", velocity, 1, 127)
        if isinstance(self.notes, tuple):
            for note in self.notes:
                within("drums.notes", note, 0, 127)

    @property
    def length_ticks(self) -> int:
        """Ticks a hit is held."""
        return parse_fraction(self.length)


@dataclass(frozen=True, slots=True)
class Line:
    """One melodic line: a measure that climbs a scale."""

    column: str
    root: int
    cell: str

    def __post_init__(self) -> None:
        within("root", self.root, 0, 127)
        parse_fraction(self.cell)


@dataclass(frozen=True, slots=True)
class NoteLines:
    """The note clip."""

    lines: tuple[Line, ...] = ()
    major: tuple[int, ...] = (0, 2, 4, 5, 7, 9, 11)
    minor: tuple[int, ...] = (0, 2, 3, 5, 7, 10, 11)
    mode_column: str = "LF_HF"
    major_above: float = 2.0
    """The value of ``mode_column`` at which the mode turns."""
    major_when: Literal["above", "below"] = "above"
    """Major where it is greater than this, as the seed's script plays it, minor otherwise and where
    it is missing; or major where it is less, as its author describes it."""
    velocity: tuple[int, int] = (80, 120)
    own_controller: int = 1
    """Carries the line's own measure."""
    lanes: tuple[LaneStyle, ...] = ()

    def __post_init__(self) -> None:
        within("notes.own_controller", self.own_controller, 0, 119)
        for velocity in self.velocity:
            within("notes.velocity", velocity, 1, 127)
        for scale in (self.major, self.minor):
            if not scale:
                raise UserError("notes.major and notes.minor: a scale has at least one step")


@dataclass(frozen=True, slots=True)
class Lanes:
    """The controller clip: a track a measure."""

    lanes: tuple[LaneStyle, ...] = ()
    every: str = "1/32"
    """How finely the lanes are looked at."""

    def __post_init__(self) -> None:
        parse_fraction(self.every)


@dataclass(frozen=True, slots=True)
class Style:
    """Everything musical about a rendering."""

    description: str = ""
    scope: Scope = "batch"
    """Over what spans and zones are taken: all files together, each file, or each phase."""
    promise: Promise = default(default_factory=Promise)
    grid: Grid = default(default_factory=Grid)
    zones: Zones = default(default_factory=Zones)
    drums: Drums = default(default_factory=Drums)
    notes: NoteLines = default(default_factory=NoteLines)
    cc: Lanes = default(default_factory=Lanes)


def zone_count(style: Style) -> int:
    """How many zones the style cuts: one for each cell of the order, or given by the borders."""
    if style.drums.engine != "zones" and isinstance(style.zones.edges, tuple):
        return len(style.zones.edges) + 1
    return style.grid.cells if style.drums.order == "even" else len(style.drums.order)


def measures_of(style: Style, what: Collection[str] = ("drums", "notes", "cc")) -> frozenset[str]:
    """The measures that clips of these kinds are made of."""
    used = {style.zones.column}
    if "drums" in what:
        used |= {style.drums.velocity_from, *(lane.column for lane in style.drums.lanes)}
    if "notes" in what:
        used |= {line.column for line in style.notes.lines} | {style.notes.mode_column}
        used |= {lane.column for lane in style.notes.lanes}
    if "cc" in what:
        used |= {lane.column for lane in style.cc.lanes}
    return frozenset(used)


def within(key: str, value: float, low: float, high: float, why: str = "") -> None:
    """Refuse a number out of its range.

    Raises:
        UserError: names the key and the range.
    """
    if not low <= value <= high:
        reason = f" ({why})" if why else ""
        raise UserError(f"{key} = {value:g}: it must lie in {low:g} to {high:g}{reason}")
