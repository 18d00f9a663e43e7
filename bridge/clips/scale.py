"""Values to 0-1, 0-127 and zones: over which sessions a span is taken, and along which curve."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bridge.clips.clip import Lane, lane_of
from bridge.clips.session import Column, Session, Spread, Spreads
from bridge.clips.style import Curve, LaneStyle, Scope, Style, zone_count

Scales = Mapping[Scope, Spreads]
"""The spreads over the batch, over the file, and over the phase that is being rendered."""


def bend(share: Column, curve: Curve) -> Column:
    """0-1 to 0-1: ``log`` opens up what is small, ``exp`` what is large, over one decade."""
    if curve == "log":
        return np.log10(1 + 9 * share)
    if curve == "exp":
        return (10**share - 1) / 9
    return share


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
    edges = zone_edges(style, scales[style.scope][column])
    return np.searchsorted(edges, session.at(column, seconds), side="left").astype(np.int64)


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
    spread = scales[style.scope or scope][style.column]
    shares = bend(spread.share(values), style.curve)
    return lane_of(style.controller, ticks, np.rint(shares * 127).astype(np.int64))


def _moving_average(values: Column, width: int) -> Column:
    """Centred, over an odd count of samples; the ends are held."""
    half = width // 2
    if half < 1:
        return values
    padded = np.concatenate(
        ([0.0], np.cumsum(np.pad(values, half, mode="edge")))
    )  # fmt: skip
    return (padded[2 * half + 1 :] - padded[: -2 * half - 1]) / (2 * half + 1)
