"""A session's phases: the stretches from one marker to the next. Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from bridge.errors import UserError
from bridge.events import Marker

BEFORE = "start"
"""What lies before the first marker is called."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A named stretch of a session, s on its clock; the end is not part of it."""

    name: str
    start: float
    end: float


def phases_between(markers: Iterable[Marker], start: float, end: float) -> list[Phase]:
    """Cut a session at its markers; each part is named after the marker it begins with.

    Without a marker inside there is no phase.
    """
    marks = [mark for mark in sorted(markers, key=lambda m: m.t) if start <= mark.t < end]
    if marks and marks[0].t > start:
        marks.insert(0, Marker(start, BEFORE))
    return [
        Phase(mark.text, mark.t, following.t)
        for mark, following in pairwise([*marks, Marker(end, "")])
        if following.t > mark.t
    ]


def parse_clock(text: str) -> float | None:
    """``90``, ``1:30`` or ``1:01:30`` as seconds; None for anything else."""
    parts = text.strip().split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    fine = len(parts) <= 3 and all(math.isfinite(n) and n >= 0 for n in numbers)
    if not fine or any(n >= 60 for n in numbers[1:]):
        return None
    return sum(n * 60.0**place for place, n in enumerate(reversed(numbers)))


def parse_mark(text: str) -> Marker:
    """``6:00=stress`` as a marker.

    Raises:
        UserError: it is not a time, an equals sign and a name.
    """
    time, _, name = text.partition("=")
    t = parse_clock(time)
    if t is None or not name.strip():
        raise UserError(
            f"--mark {text}: write when a phase begins and its name, as in 0=rest or 6:00=stress"
        )
    return Marker(t, name.strip())
