"""A style as one list of numbers, by which a patch without a script plays it cell by cell.

The rules are those of ``causal``: which cells, above which value they sound, how hard.
"""

from dataclasses import dataclass
from itertools import chain

from bridge.clips.causal import hit_table
from bridge.clips.cells import Span, swing_ticks_of, zone_edges, zone_of_a_bar
from bridge.clips.spans import Spans
from bridge.clips.style import LaneStyle, Style
from bridge.errors import UserError
from bridge.mapping.range import Learned

MEASURES = ("HR", "SDNN", "RMSSD", "VLF", "LF", "HF", "LF_HF")
"""A measure's number is its place here, from 1; 0 is none."""
LANES = 2
MOST_ROWS = 96
"""What the device's lists hold."""
BELOW_ALL, ABOVE_ALL = -1e6, 1e9
"""No measure is lower or higher. Whole powers and small, so that 32 bits hold them exactly."""
REST_TICKS = 10
"""A note ends so long before its own cell comes again, so that it never ends the next one."""
HEAD = 19
"""Numbers before the rows; what they and a row's five are: the contract's ``/grid/style``."""
ROW = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A note of one cell, for values above one border and up to another."""

    cell: int
    note: int
    above: float
    up_to: float
    share: float
    """Of the velocity, 0-1."""


def table_of(style: Style, spans: Spans) -> tuple[float, ...]:
    """The drums of a style and up to two lanes, as a head and then row after row.

    Raises:
        UserError: the style cannot be played so: its ranges are learned, or it plays heartbeats.
    """
    drums, grid = style.drums, style.grid
    if drums.engine == "beats":
        raise UserError("this style plays heartbeats, not a grid: the device's mode Beat does that")
    rows = rows_of(style, spans)
    if len(rows) > MOST_ROWS:
        raise UserError(
            f"this style has {len(rows)} notes in its table; a device holds {MOST_ROWS}"
        )
    bar = grid.cells * grid.cell_ticks
    head: list[float] = [
        grid.cell_ticks, swing_ticks_of(style), grid.cells,
        max(1, min(drums.length_ticks, bar - REST_TICKS)), int(zone_of_a_bar(style)),
        _number(style.zones.column), _number(drums.velocity_from),
        *_velocity(style, spans),
    ]  # fmt: skip
    for lane in (*drums.lanes, *[None] * LANES)[:LANES]:
        head += _lane(lane, spans)
    return (*head, *chain.from_iterable((r.cell, r.note, r.above, r.up_to, r.share) for r in rows))


def left_out(style: Style) -> list[str]:
    """What of the drum clip a table does not hold, in words."""
    lanes = style.drums.lanes
    words = [f"lane {lane.column}: the device plays {LANES}" for lane in lanes[LANES:]]
    return words + [
        f"lane {lane.column}: straight and at once, without curve and smoothing"
        for lane in lanes[:LANES]
        if lane.curve != "linear" or lane.smooth_seconds
    ]


def rows_of(style: Style, spans: Spans) -> list[Row]:
    """The notes of the bar, cell by cell, each with the values for which it sounds.

    Raises:
        UserError: the borders of its zones are learned while it plays.
    """
    edges = zone_edges(style, _fixed(style.zones.column, spans)).tolist()
    borders = [BELOW_ALL, *edges, ABOVE_ALL]
    zones, rows = hit_table(style), []
    for cell in range(style.grid.cells):
        for note in sorted({note for zone in zones for note in zone[cell]}):
            shares = [zone[cell].get(note) for zone in zones]
            begin = 0
            for zone in range(1, len(shares) + 1):
                if zone < len(shares) and shares[zone] == shares[begin]:
                    continue
                share = shares[begin]
                if share is not None:
                    rows.append(Row(cell, note, borders[begin], borders[zone], share))
                begin = zone
    return rows


def _velocity(style: Style, spans: Spans) -> tuple[float, float, float, float]:
    """Offset and slope over the measure, and the limits."""
    if style.drums.velocity == "value":
        return 0.0, 1.0, 1.0, 127.0
    first, last = style.drums.velocity
    span = _fixed(style.drums.velocity_from, spans)
    if span.high <= span.low:
        middle = (first + last) / 2
        return middle, 0.0, middle, middle
    slope = (last - first) / (span.high - span.low)
    return first - slope * span.low, slope, min(first, last), max(first, last)


def _lane(lane: LaneStyle | None, spans: Spans) -> tuple[float, ...]:
    if lane is None:
        return 0, 0, 0.0, 1.0
    span = _fixed(lane.column, spans)
    half = 0.5 * (span.high <= span.low)  # a span of nothing gives the middle
    return _number(lane.column), lane.controller, span.low - half, span.high + half


def _number(measure: str) -> int:
    if measure not in MEASURES:
        raise UserError(f"the device does not hear {measure}: it knows {', '.join(MEASURES)}")
    return MEASURES.index(measure) + 1


def _fixed(measure: str, spans: Spans) -> Span:
    span = spans.of[measure]
    if isinstance(span, Learned):
        raise UserError(
            f"the range of {measure} is learned while it plays, which a table cannot: give a "
            "recorded session with --scale-from, or a profile with fixed ranges"
        )
    return span
