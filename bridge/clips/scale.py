"""Values to 0-1, 0-127 and zones: over which sessions a span is taken, and along which curve."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bridge.clips.clip import Lane, lane_of
from bridge.clips.session import Column, Session, Spread, Spreads
from bridge.clips.style import LaneStyle, Scope, Style, zone_count
from bridge.mapping.curve import parse_curve

Selection: TypeAlias = slice | NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Scales:
    """The spreads that values are laid over: of the batch, of the file, and of each phase."""

    batch: Spreads
    file: Spreads
    phases: tuple[tuple[float, Spreads], ...]
    """Where each phase begins, in seconds of what is rendered, rising from 0."""

    def one_piece(self, scope: Scope) -> bool:
        """Whether all moments share one span."""
        return scope != "phase" or len(self.phases) == 1

    def pieces(self, scope: Scope, seconds: Column) -> Iterator[tuple[Selection, Spreads]]:
        """Which of the moments are laid over which spreads."""
        if self.one_piece(scope):
            one = {"batch": self.batch, "file": self.file, "phase": self.phases[0][1]}[scope]
            yield slice(None), one
            return
        starts = np.array([start for start, _ in self.phases])
        phase = np.maximum(np.searchsorted(starts, seconds, side="right") - 1, 0)
        for number in np.unique(phase).tolist():
            yield np.flatnonzero(phase == number), self.phases[number][1]

    def share(self, scope: Scope, column: str, values: Column, seconds: Column) -> Column:
        """The values of a measure at the given moments as 0-1 of its span."""
        shares = np.empty(len(values))
        for at, spreads in self.pieces(scope, seconds):
            shares[at] = spreads[column].share(values[at])
        return shares


def zone_edges(style: Style, spread: Spread) -> Column:
    """The inner borders of the zones, rising. A value on a border belongs to the zone below."""
    edges, zones = style.zones.edges, zone_count(style)
    if isinstance(edges, tuple):
        return np.array(edges)
    if edges == "quantile":
        return spread.quantiles(np.arange(1, zones) / zones)
    return np.linspace(spread.low, spread.high, zones + 1)[1:-1]


def zones_at(session: Session, style: Style, scales: Scales, seconds: Column) -> NDArray[np.int64]:
    """The zone at each moment, 0 for the lowest. The last zone has no upper bound."""
    column = style.zones.column
    values = session.at(column, seconds)
    zones = np.empty(len(values), np.int64)
    for at, spreads in scales.pieces(style.scope, seconds):
        zones[at] = np.searchsorted(zone_edges(style, spreads[column]), values[at], side="left")
    return zones


def lane_at(
    session: Session,
    style: LaneStyle,
    scales: Scales,
    scope: Scope,
    seconds: Column,
    ticks: NDArray[np.int64],
) -> Lane | None:
    """A measure as a controller over the given moments; None where the session does not have it."""
    if style.column not in session.columns:
        return None
    values = session.at(style.column, seconds)
    if style.smooth_seconds and len(seconds) > 1:
        step = float(seconds[-1] - seconds[0]) / (len(seconds) - 1)
        values = _moving_average(values, round(style.smooth_seconds / step))
    shares = scales.share(style.scope or scope, style.column, values, seconds)
    return lane_of(
        style.controller, ticks, np.rint(parse_curve(style.curve)(shares) * 127).astype(np.int64)
    )


def _moving_average(values: Column, width: int) -> Column:
    """Centred, over an odd count of samples; the ends are held."""
    half = width // 2
    if half < 1:
        return values
    padded = np.concatenate(
        ([0.0], np.cumsum(np.pad(values, half, mode="edge")))
    )  # fmt: skip
    return np.asarray((padded[2 * half + 1 :] - padded[: -2 * half - 1]) / (2 * half + 1))
