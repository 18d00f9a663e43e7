"""Values to 0-1, 0-127 and zones: over which sessions a span is taken, and along which curve."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bridge.clips.cells import controller_values, zone_edges, zones_of
from bridge.clips.clip import Lane, lane_of
from bridge.clips.session import Column, Session, Spreads
from bridge.clips.style import LaneStyle, Scope, Style
from bridge.mapping.curve import parse_curve
from bridge.mapping.stage import LowPass

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


def zones_at(session: Session, style: Style, scales: Scales, seconds: Column) -> NDArray[np.int64]:
    """The zone at each moment, 0 for the lowest. The last zone has no upper bound."""
    column = style.zones.column
    values = session.at(column, seconds)
    zones = np.empty(len(values), np.int64)
    for at, spreads in scales.pieces(style.scope, seconds):
        zones[at] = zones_of(zone_edges(style, spreads[column]), values[at])
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
    levels = parse_curve(style.curve)(
        scales.share(style.scope or scope, style.column, values, seconds)
    )
    if style.smooth_seconds:
        smooth = LowPass(style.smooth_seconds)
        moments = zip(seconds.tolist(), levels.tolist(), strict=True)
        levels = np.array([smooth.push(t, level) for t, level in moments])
    return lane_of(style.controller, ticks, controller_values(levels))
