"""What the columns of a sketch's output are: a clock, a signal, or neither. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

REGULAR = 0.5
"""A column is in this share of the lines of the most frequent one, or it comes with each beat only
(PulseSensor's B and Q)."""
STEADY_CHANGES = 8.0
STEADY_SHARE = 0.5
"""A column that changes in fewer of its lines, and less often a second, holds its value between
beats or minutes: a rate, a temperature. A pulse changes in nearly every line at 20 to 100 lines a
second, and a hundred times a second at 1 kHz."""
FEW_VALUES = 3
"""Flags, thresholds, and milliseconds since the line before have no more values than this."""
CLOCK_UNITS = (1e3, 1e6, 1.0)
"""Clock readings a second: ``millis``, ``micros``, seconds with a fraction."""
CLOCK_OFF = 0.35
"""A clock advances as fast as the time in which the lines arrived, give or take a burst."""
RISES = 0.98

_READY_MADE = re.compile(
    r"(?:^|[^a-z])(?:bpm|hr|heart ?rate|ibi|rr|avg|mean|sdnn|rmssd|hrv|spo2|o2|valid|hz|fps|"
    r"samples|threshold|beats?|delta|confidence|status|state)(?:[^a-z]|$)|valid$|bpm$"
)


class Role(StrEnum):
    """What a column is."""

    CLOCK = "clock"
    """The board's time."""
    COUNTER = "counter"
    """Counts the lines."""
    READY_MADE = "ready-made"
    """Says by its name that it was computed: a rate, an average, a flag. Never a signal."""
    RARE = "rare"
    """Is not in most lines."""
    STEADY = "steady"
    """Holds its value: at present no signal."""
    SIGNAL = "signal"
    """May be a heart."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column as it was in the last seconds."""

    name: str
    role: Role
    unit: float = 0.0
    """Of a clock: its readings a second."""


def classify(rows: Sequence[dict[str, float]], seconds: float) -> list[Column]:
    """Tell what the columns of these rows are.

    Args:
        rows: of at least two seconds.
        seconds: in which they arrived.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    values = {name: np.array([row[name] for row in rows if name in row]) for name in names}
    most = max((len(column) for column in values.values()), default=0)
    return [_column(name, values[name], most, seconds) for name in names]


def _column(name: str, values: Floats, most: int, seconds: float) -> Column:
    if len(values) < REGULAR * most:
        return Column(name, Role.RARE)
    if _READY_MADE.search(name.lower().replace("_", " ")):
        return Column(name, Role.READY_MADE)
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return Column(name, Role.STEADY)
    steps = np.diff(values)
    unit = clock_unit(values, seconds)
    if unit is not None:
        return Column(name, Role.CLOCK, unit)
    if steps[0] > 0 and (np.abs(steps - steps[0]) < 1e-9).mean() > RISES:
        return Column(name, Role.COUNTER)
    changes = np.count_nonzero(steps)
    steady = changes < STEADY_SHARE * len(steps) and changes < STEADY_CHANGES * seconds
    if steady or len(np.unique(values)) <= FEW_VALUES:
        return Column(name, Role.STEADY)
    return Column(name, Role.SIGNAL)


def clock_unit(values: Floats, seconds: float) -> float | None:
    """Readings a second of a column that is a clock, or None. It may wrap once."""
    steps = np.diff(values)
    rising = steps >= 0
    if rising.mean() < RISES and np.count_nonzero(~rising) > 1:
        return None
    if np.count_nonzero(steps > 0) < 0.5 * len(steps) or seconds <= 0:
        return None
    advance = float(steps[rising].sum()) / seconds
    for unit in CLOCK_UNITS:
        if abs(advance / unit - 1.0) < CLOCK_OFF:
            return unit
    return None


class Clock:
    """The board's clock column as seconds that never go back: counters of 16 and 32 bits wrap."""

    def __init__(self, unit: float) -> None:
        self.unit = unit
        self._last: float | None = None
        self._add = 0.0

    def seconds(self, reading: float) -> float:
        """The time of a reading, s."""
        if self._last is not None and reading < self._last:
            # A wrap is a step back over nearly the whole range; anything else a new start.
            for bits in (16, 32):
                if 0.9 * 2**bits < self._last < 2**bits and reading < 0.1 * 2**bits:
                    self._add += 2**bits
                    break
            else:
                self._add += self._last - reading + self.unit
        self._last = reading
        return (reading + self._add) / self.unit


def body_name(column: str) -> str:
    """A column's name as a part of an OSC address: ``gsr``, ``skin_temp``, ``column2``."""
    name = re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")
    return f"column{name}" if not name or name.isdigit() else name


def find(names: Sequence[str], wanted: str) -> str | None:
    """The column that a person means by its label or by its place from 1, or None."""
    for name in names:
        if name.lower() == wanted.lower() or body_name(name) == wanted.lower():
            return name
    return names[int(wanted) - 1] if wanted.isdigit() and 0 < int(wanted) <= len(names) else None
