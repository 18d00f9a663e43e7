"""What sounds at cells of the grid, given what the heart says there: the rules of all styles.

Everything is worked out for arrays of cells, whole sessions or one cell at a time, and no cell
looks at another. So clips and the live player have one set of rules.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bridge.clips.grid import even_order
from bridge.clips.style import GM, RACK, Line, NoteLines, Style, zone_count
from bridge.mapping.curve import Level

Cells = NDArray[np.int64]
Values = NDArray[np.float64]
CHANNELS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15)
"""All but General MIDI's drum channel."""
_PADS = {"rack": RACK, "gm": GM}


class Span(Protocol):
    """What a measure is laid over."""

    @property
    def low(self) -> float:
        """The value that is 0."""

    @property
    def high(self) -> float:
        """The value that is 1."""

    def share(self, values: Level) -> Level:
        """Values as 0-1 of the span, held to it."""

    def quantiles(self, shares: Values) -> Values:
        """The values below which such shares of all values lie."""


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Hits at some of the cells. Arrays of one length."""

    at: NDArray[np.intp]
    """Which of the cells that were asked about."""
    pitch: Cells
    velocity: Values
    """Before it is rounded and held to 1-127."""


def zone_edges(style: Style, span: Span) -> Values:
    """The inner borders of the zones, rising. A value on a border belongs to the zone below."""
    edges, zones = style.zones.edges, zone_count(style)
    if isinstance(edges, tuple):
        return np.array(edges)
    if edges == "quantile":
        return span.quantiles(np.arange(1, zones) / zones)
    return np.linspace(span.low, span.high, zones + 1)[1:-1]


def zones_of(edges: Values, values: Values) -> Cells:
    """The zone of each value, 0 for the lowest. The last has no upper bound."""
    return np.searchsorted(edges, values, side="left").astype(np.int64)


def velocities_of(style: Style, values: Level, shares: Level) -> Level:
    """How hard to hit, not rounded, by the measure itself or by its share of its span."""
    if style.drums.velocity == "value":
        return values
    low, high = style.drums.velocity
    return low + (high - low) * shares


def pads(style: Style) -> tuple[int, ...]:
    """The drum of each zone."""
    notes = style.drums.notes
    return _PADS[notes] if isinstance(notes, str) else notes


def zone_of_a_bar(style: Style) -> bool:
    """Whether the zone at the start of a bar decides all of it, so that no pattern is cut."""
    drums = style.drums
    return drums.engine == "euclid" or (drums.engine == "zones" and drums.layers == "single")


def zone_hits(style: Style, cell: Cells, zone: Cells, velocity: Values) -> Hits:
    """Each zone switches on one more cell of the bar, or its own alone.

    Args:
        style: whose order, layers and drums.
        cell: numbers of cells, from the start of the music.
        zone: the zone at each, or at the start of its bar (see ``zone_of_a_bar``).
        velocity: at each.
    """
    drums, bar = style.drums, style.grid.cells
    place = cell % bar
    order = even_order(bar) if drums.order == "even" else drums.order
    drum = pads(style)
    hit, pitch = [np.empty(0, np.intp)], [np.empty(0, np.int64)]
    for layer, own_cell in enumerate(order):
        here = place == own_cell
        if not here.any():
            continue  # most of them, when one cell is asked about
        on = zone >= layer if drums.layers == "cumulative" else zone == layer
        at = np.flatnonzero(on & here)
        hit.append(at)
        pitch.append(np.full(len(at), drum[layer % len(drum)]))
    found = np.concatenate(hit)
    return Hits(found, np.concatenate(pitch), velocity[found])


def euclid_hits(style: Style, cell: Cells, zone: Cells, velocity: Values) -> Hits:
    """Each voice spreads its hits over the bar as evenly as whole cells allow.

    The k hits of n cells are those at which (cell x k) mod n < k: Bjorklund's patterns, turned
    (G. Toussaint, The Euclidean Algorithm Generates Traditional Musical Rhythms, 2005).

    Args:
        style: whose voices.
        cell: numbers of cells, from the start of the music.
        zone: the zone at the start of each cell's bar.
        velocity: at each cell.
    """
    bar, top = style.grid.cells, max(zone_count(style) - 1, 1)
    hit, pitch, loud = [], [], []
    for voice in style.drums.voices:
        low, high = voice.hits
        hits = np.minimum(np.rint(low + (high - low) * zone / top).astype(np.int64), bar)
        at = np.flatnonzero((cell + voice.rotate) % bar * hits % bar < hits)
        hit.append(at)
        pitch.append(np.full(len(at), voice.note))
        loud.append(velocity[at] * voice.velocity)
    return Hits(np.concatenate(hit), np.concatenate(pitch), np.concatenate(loud))


def swing_ticks(style: Style, cell: Cells) -> Cells:
    """By how many ticks each cell is late."""
    return (cell % 2) * swing_ticks_of(style)


def swing_ticks_of(style: Style) -> int:
    """By how many ticks every second cell is late."""
    return round(style.grid.swing * style.grid.cell_ticks)


def line_pitch(notes: NoteLines, line: Line, shares: Values, mode: Values | None) -> Cells:
    """The note of a line: the share climbs the scale of the moment's mode.

    Args:
        notes: the scales, and where which holds.
        line: whose root.
        shares: of the line's measure, 0-1.
        mode: the measure that decides the mode; None where the session does not have it.
    """
    major = np.zeros(len(shares), bool)
    if mode is not None:
        turn = notes.major_above
        major = mode > turn if notes.major_when == "above" else mode < turn
    steps = np.where(major, _degrees(notes.major, shares), _degrees(notes.minor, shares))
    pitch: Cells = np.clip(line.root + steps, 0, 127)
    return pitch


def _degrees(scale: tuple[int, ...], share: Values) -> Cells:
    steps = np.minimum((share * len(scale)).astype(np.int64), len(scale) - 1)
    degrees: Cells = np.array(scale, np.int64)[steps]
    return degrees


def line_velocity(notes: NoteLines, shares: Values) -> Cells:
    """How hard a line's note is."""
    low, high = notes.velocity
    return np.rint(low + (high - low) * shares).astype(np.int64)


def line_channels(style: Style) -> tuple[int, ...]:
    """The channels of note lines, 0-15: neither General MIDI's drums nor the style's own."""
    return tuple(c for c in CHANNELS if c != style.drums.channel - 1)


def controller_values(levels: Values) -> Cells:
    """Levels of 0-1 as 0-127."""
    return np.rint(levels * 127).astype(np.int64)
