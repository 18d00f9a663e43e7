"""The ranges whose ends become 0 and 1: fixed ones, and one that is learned from the session."""

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass
from itertools import islice
from math import ceil, exp, floor
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bridge.mapping.curve import Level

# Chosen, not fitted: they trade how soon a knob uses its whole way against how long a climax stays
# its top.
WINDOW_S = 600
"""The session that counts: the last ten minutes, one value a second, whatever the beat rate."""
TAIL = 0.05
"""From the 5th to the 95th percentile: a value in twenty may be an artefact."""
ENOUGH = 20
"""Seconds of values before percentiles mean something: one in twenty is then one."""
RECENT = 5
"""The median of so many seconds is believed at once, so that two artefacts in a row are not."""
NARROW_S = 120.0
"""Time constant with which a range that is too wide narrows."""
FIRST_SHARE, LEAST_SHARE = 0.25, 0.1
"""The width to begin with, and the least one, as a share of the fixed range of the same value."""
_LONGEST_STEP_S = 5.0
"""A longer silence counts as so much: nothing is learned from what is not heard."""


class Range(Protocol):
    """Where a value lies between two ends."""

    def share(self, value: float) -> float:
        """The value's place, 0-1, held to it."""

    def push(self, t: float, value: float) -> None:
        """Take note of a value at ``t`` seconds."""

    def forget(self) -> None:
        """Begin anew."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A range that stays as it is. Ends that are equal put every value in the middle."""

    low: float
    high: float

    def share(self, value: Level) -> Level:
        """The place of a value, or of an array of them, held to 0-1."""
        if self.low == self.high:
            return value * 0 + 0.5
        share = (value - self.low) / (self.high - self.low)
        if isinstance(share, np.ndarray):
            return np.clip(share, 0.0, 1.0)
        return min(1.0, max(0.0, share))

    def push(self, t: float, value: float) -> None:
        """There is nothing to learn."""

    def forget(self) -> None:
        """There is nothing to forget."""


class Learned:
    """Robust percentiles of the last ten minutes; widens at once, narrows in minutes.

    A value of every second is kept. The range reaches from the 5th to the 95th percentile of them,
    and at least to the median of the last five. The work of a value does not grow with the session.
    """

    __slots__ = ("_aim", "_now", "_seconds", "_slot", "_sorted", "_t", "_unit", "_value")

    def __init__(self, unit: Fixed | None = None) -> None:
        """Begin without knowledge.

        Args:
            unit: a fixed range of the same value, where one is known. It is no limit: it tells how
                wide the first range is, and the narrowest. Without, both have no width at all,
                which puts a value that never changes in the middle.
        """
        self._unit = unit
        self.forget()

    def forget(self) -> None:
        """Begin anew, with the next value."""
        self._now = self._unit or Fixed(0.0, 0.0)
        self._aim: Fixed | None = None
        """Where the range should be by all that is kept."""
        self._t: float | None = None
        self._slot, self._value = 0, 0.0
        self._seconds: deque[tuple[int, float]] = deque()
        self._sorted: list[float] = []

    @property
    def now(self) -> Fixed:
        """The range as it stands."""
        return self._now

    @property
    def low(self) -> float:
        """What is 0 as it stands."""
        return self._now.low

    @property
    def high(self) -> float:
        """What is 1 as it stands."""
        return self._now.high

    def share(self, value: Level) -> Level:
        """The place of a value in the range as it stands, held to 0-1."""
        return self._now.share(value)

    def quantiles(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values below which such shares of the kept values lie.

        As long as there are few, as if all values of the range came equally often.
        """
        if len(self._sorted) < ENOUGH:
            return self.low + (self.high - self.low) * shares
        return np.quantile(self._sorted, shares)

    def push(self, t: float, value: float) -> None:
        """Learn from a value; of those of one second the last counts."""
        if self._t is None:
            self._now = self._first(value)
            self._t, self._slot, self._value = t, floor(t), value
            return
        self._narrow(min(max(t - self._t, 0.0), _LONGEST_STEP_S))
        self._t = max(t, self._t)
        if floor(t) > self._slot:
            self._keep()
            self._slot = floor(t)
            self._widen()
        self._value = value

    def _first(self, value: float) -> Fixed:
        unit = self._unit or Fixed(value, value)
        width = FIRST_SHARE * (unit.high - unit.low)
        low = min(max(value - width / 2, unit.low), unit.high - width)
        return Fixed(min(low, value), max(low + width, value))

    def _keep(self) -> None:
        self._seconds.append((self._slot, self._value))
        insort(self._sorted, self._value)
        while self._seconds[0][0] <= self._slot - WINDOW_S:
            _, old = self._seconds.popleft()
            del self._sorted[bisect_left(self._sorted, old)]

    def _widen(self) -> None:
        """Reach at once as far as what is kept says, and note how far that is."""
        if len(self._sorted) < RECENT:
            return
        from statistics import median  # brings fractions and decimals, for who learns only

        recent = median(value for _, value in islice(reversed(self._seconds), RECENT))
        low = high = recent
        if len(self._sorted) >= ENOUGH:
            tail = ceil(TAIL * (len(self._sorted) - 1))
            low, high = min(recent, self._sorted[tail]), max(recent, self._sorted[-1 - tail])
            least = LEAST_SHARE * (self._unit.high - self._unit.low) if self._unit else 0.0
            missing = max(0.0, least - (high - low))
            low, high = low - missing / 2, high + missing / 2
            self._aim = Fixed(low, high)
        self._now = Fixed(min(self._now.low, low), max(self._now.high, high))

    def _narrow(self, passed: float) -> None:
        if self._aim is not None:
            left = exp(-passed / NARROW_S)
            self._now = Fixed(
                self._aim.low + (self._now.low - self._aim.low) * left,
                self._aim.high + (self._now.high - self._aim.high) * left,
            )
