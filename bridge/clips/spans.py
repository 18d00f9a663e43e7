"""What a style lays the heart's values over while it plays: fixed, learned, or recorded spans."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from bridge.clips.cells import Span
from bridge.clips.session import Spread
from bridge.clips.style import Style, measures_of
from bridge.mapping.profile import Profile
from bridge.mapping.range import Fixed, Learned

NORM = {
    "HR": "bpm", "SDNN": "sdnn", "RMSSD": "rmssd", "VLF": "vlf", "LF": "lf", "HF": "hf",
    "LF_HF": "lf_hf",
}  # fmt: skip
"""The columns of tables, by the names of profiles."""


LEAST_MS2 = 1.0
"""No session has a band that never reaches this power, in ms^2; in s^2 none ever does."""


@dataclass(frozen=True, slots=True)
class Spans:
    """A span for each measure that a style uses."""

    of: Mapping[str, Span]

    def push(self, t: float, heart: Mapping[str, float]) -> None:
        """Learn, where something is learned, from what the heart says at ``t`` seconds."""
        for measure, span in self._learned():
            if measure in heart:
                span.push(t, heart[measure])

    def forget(self) -> None:
        """Begin anew: another person, another sensor."""
        for _, span in self._learned():
            span.forget()

    def _learned(self) -> Iterator[tuple[str, Learned]]:
        return ((name, span) for name, span in self.of.items() if isinstance(span, Learned))


def learns_zones(style: Style) -> bool:
    """Whether its zones last equally long, which only a whole session could tell."""
    return style.zones.edges == "quantile"


def spans_of(
    style: Style,
    what: Collection[str],
    profile: Profile,
    sessions: Mapping[str, Spread] | None = None,
) -> Spans:
    """Choose the spans of a live performance.

    Args:
        style: what is played.
        what: which clips of it.
        profile: its ranges, fixed or learned; quantiles are learned in any case.
        sessions: the spreads of recorded sessions, which come before the profile's ranges.

    Raises:
        UserError: the style uses a measure that is neither in the profile nor in the sessions.
    """
    spans: dict[str, Span] = {}
    for measure in sorted(measures_of(style, what)):
        if sessions is not None and measure in sessions:
            spans[measure] = _in_ms2(measure, sessions[measure])
        elif measure in NORM:
            row = profile.norm[NORM[measure]]
            learned = row.learned or (measure == style.zones.column and learns_zones(style))
            fixed = Fixed(row.low, row.high)
            spans[measure] = Learned(fixed) if learned else Spread(fixed.low, fixed.high)
    return Spans(spans)


def _in_ms2(measure: str, spread: Spread) -> Spread:
    """Band powers are ms^2; tables of the seed's scripts hold s^2, a million times less."""
    if measure not in ("VLF", "LF", "HF") or spread.high >= LEAST_MS2:
        return spread
    counts = {bin_ * 1_000_000: count for bin_, count in spread.counts.items()}
    return Spread(spread.low * 1e6, spread.high * 1e6, counts)
