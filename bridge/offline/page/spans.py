"""What is shaded across all rows of a page: phases, and where no interval could be told."""

from itertools import pairwise
from typing import Any

from bridge.analysis.analyze import Analysis
from bridge.analysis.plot.look import PHASES
from bridge.phases import phases_between


def phases_in(analysis: Analysis, begin: float, end: float) -> list[dict[str, Any]]:
    """The phases, with their colours; none where there are no markers."""
    return [
        {"name": phase.name, "from": phase.start, "to": phase.end, "colour": colour}
        for phase, colour in zip(
            phases_between(analysis.recording.markers, begin, end),
            PHASES * (len(analysis.recording.markers) + 1),
            strict=False,
        )
    ]


def gaps_in(analysis: Analysis) -> list[tuple[float, float]]:
    """From beat to beat where a signal was lost, so that no interval is told, s."""
    told = {each.t for each in analysis.intervals}
    return [(a.t, b.t) for a, b in pairwise(analysis.beats) if b.t not in told]
