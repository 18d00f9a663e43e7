"""A session as music sees it: columns over time without gaps, beats, markers, and its phases."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from bridge.events import Marker
from bridge.mapping.curve import Level
from bridge.mapping.range import Fixed
from bridge.phases import Phase, phases_between
from bridge.steps import median_step

Column = NDArray[np.float64]
_BIN = 0.01
"""Width of the bins that quantiles are read from, in the unit of the measure."""


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """One recorded session, or one phase of it."""

    name: str
    start: float
    """Seconds on the session clock at which it begins; ``end`` is where it is over."""
    end: float
    columns: dict[str, tuple[Column, Column]] = field(default_factory=dict)
    """Measure -> (times, values), unknown rows left out; a measure without values is absent."""
    beats_t: Column | None = None
    """Beat times, where the recording has beats."""
    markers: tuple[Marker, ...] = ()
    remarks: tuple[str, ...] = ()
    """What was noticed while it was read."""
    broken_t: Column | None = None
    """Those of ``beats_t`` after which beats are missing: a gap, or one that was judged missed."""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.start

    def at(self, measure: str, seconds: Column) -> Column:
        """A measure at moments counted from the start: interpolated inside, held at the ends.

        Rows in which it is unknown do not count, so that a gap is bridged in a straight line.
        """
        times, values = self.columns[measure]
        return np.interp(seconds + self.start if self.start else seconds, times, values)

    def own_values(self, measure: str) -> Column:
        """The known values between start and end."""
        times, values = self.columns[measure]
        if self.start <= times[0] and self.end > times[-1]:
            return values
        inside = values[(times >= self.start) & (times < self.end)]
        return inside if len(inside) else self.at(measure, np.zeros(1))

    def beats(self) -> Column:
        """Beats between start and end, counted from the start; empty where there are none."""
        if self.beats_t is None:
            return np.empty(0)
        inside = (self.beats_t >= self.start) & (self.beats_t < self.end)
        return self.beats_t[inside] - self.start

    def unbroken(self) -> NDArray[np.bool_]:
        """Of each of ``beats``: whether the interval that it begins is one heartbeat long."""
        if self.beats_t is None:
            return np.empty(0, np.bool_)
        own_t = self.beats_t[(self.beats_t >= self.start) & (self.beats_t < self.end)]
        if self.broken_t is None:
            return np.ones(len(own_t), np.bool_)
        return np.asarray(~np.isin(own_t, self.broken_t))

    def own_markers(self) -> tuple[Marker, ...]:
        """Markers between start and end, counted from the start."""
        return tuple(
            Marker(marker.t - self.start, marker.text)
            for marker in self.markers
            if self.start <= marker.t < self.end
        )

    def phases(self) -> tuple["Session", ...]:
        """The session cut at its markers, each part named after the marker it begins with.

        What lies before the first marker is ``start``. Without markers the session is one phase.
        """
        parts = phases_between(self.markers, self.start, self.end)
        return tuple(
            replace(self, name=part.name, start=part.start, end=part.end, remarks=())
            for part in parts or (Phase(self.name, self.start, self.end),)
        )


def session_of(
    name: str,
    columns: dict[str, Column],
    *,
    beats_t: Column | None = None,
    broken_t: Column | None = None,
    markers: Iterable[Marker] = (),
    seconds: float | None = None,
    remarks: tuple[str, ...] = (),
) -> Session:
    """Make a session of a table.

    Args:
        name: what its clips are called after.
        columns: ``t`` in s, rising, and measures, NaN where unknown.
        beats_t: beat times, s.
        broken_t: those after which beats are missing.
        markers: named moments.
        seconds: how long the session is; by default each row lasts one median step.
        remarks: what was noticed while it was read.
    """
    times = columns["t"]
    if seconds is None:
        seconds = float(times[-1]) + median_step(times)
    known: dict[str, tuple[Column, Column]] = {}
    for measure, values in columns.items():
        if measure == "t":
            continue
        finite = np.isfinite(values)
        if finite.all():
            known[measure] = (times, values)
        elif finite.any():
            known[measure] = (times[finite], values[finite])
    return Session(name, 0.0, seconds, known, beats_t, tuple(markers), remarks, broken_t)


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Which values a measure takes over a phase, a file or a batch. Spreads add up in any order."""

    low: float
    high: float
    counts: dict[int, int] = field(default_factory=dict)
    """How many values fall into each bin of a hundredth of a unit, where quantiles are wanted."""
    low_from: str = ""
    high_from: str = ""
    """The sessions that have these values."""

    def join(self, other: "Spread") -> "Spread":
        """The spread over both."""
        counts = dict(self.counts)
        for bin_, count in other.counts.items():
            counts[bin_] = counts.get(bin_, 0) + count
        low, low_from = min((self.low, self.low_from), (other.low, other.low_from))
        high, high_from = max((self.high, self.high_from), (other.high, other.high_from))
        return Spread(low, high, counts, low_from, high_from)

    def share(self, values: Level) -> Level:
        """Values as 0-1 of the span, held to it; a span of nothing gives the middle."""
        return Fixed(self.low, self.high).share(values)

    def quantiles(self, shares: Column) -> Column:
        """The values below which such shares of all values lie, to a bin."""
        bins = np.array(sorted(self.counts))
        heights = np.cumsum([self.counts[bin_] for bin_ in bins.tolist()])
        at = np.searchsorted(heights, shares * heights[-1], side="left")
        return np.asarray((bins[np.minimum(at, len(bins) - 1)] + 1) * _BIN, np.float64)


Spreads = dict[str, Spread]


def spreads_of(session: Session, *, counted: str | None = None) -> Spreads:
    """The spread of every measure of a session; of ``counted`` with its distribution."""
    spreads = {}
    for measure in session.columns:
        values = session.own_values(measure)
        counts: dict[int, int] = {}
        if measure == counted:
            bins, n = np.unique(np.floor(values / _BIN).astype(np.int64), return_counts=True)
            counts = dict(zip(bins.tolist(), n.tolist(), strict=True))
        low, high = float(values.min()), float(values.max())
        spreads[measure] = Spread(low, high, counts, session.name, session.name)
    return spreads


def join_spreads(all_spreads: Iterable[Spreads]) -> Spreads:
    """The spreads over several sessions; the order does not matter."""
    joined: Spreads = {}
    for spreads in all_spreads:
        for measure, spread in spreads.items():
            joined[measure] = joined[measure].join(spread) if measure in joined else spread
    return joined
