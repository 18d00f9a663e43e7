"""A rhythm that has still to prove itself, and the one that was lost a short while ago.

Noise makes a good chain of candidates now and then; it never goes on being one for long.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

NEW_BEATS = 2
"""Beats that a trial takes at least: what was picked out of noise seldom goes on even so long."""
MEMORY_S = 20.0
"""For so long a rhythm that was lost is remembered ..."""
KNOWN = 12
"""... if it had so many intervals."""
USUAL_OF = 30
"""Its usual interval is the median of its last so many."""
ALIKE = 0.25
"""Periods of one rhythm differ by no more than this, as a logarithm."""


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate that was taken for a beat."""

    at: float
    strength: float
    """0.5 for a usual beat."""
    quality: float
    late: bool


class Trial:
    """Holds beats back until the evidence for their rhythm suffices."""

    def __init__(self, held: list[Found], enough: float) -> None:
        self.enough = enough
        """Evidence at which the beats are told."""
        self._held = held
        self._least = len(held) + NEW_BEATS

    def verdict(self, found: list[Found], evidence: float) -> list[Found]:
        """All the beats once they are to be told, the newest as it is and those before it late.

        ``NEW_BEATS`` must have come since the trial began.
        """
        self._held += found
        if evidence < self.enough or len(self._held) < self._least:
            return []
        return [*(replace(beat, late=True) for beat in self._held[:-1]), self._held[-1]]


class Memory:
    """What the rhythm was that was lost last."""

    def __init__(self) -> None:
        self._lost: tuple[float, float] | None = None

    def lose(self, t: float, intervals_s: Sequence[float]) -> None:
        """A rhythm ended with a beat at t; these were its last intervals."""
        if len(intervals_s) >= KNOWN:
            self._lost = (t, sorted(intervals_s)[len(intervals_s) // 2])

    def knows(self, t: float, period_s: float) -> bool:
        """Whether a period found at t is that of the rhythm that was lost a short while ago."""
        if self._lost is None or t - self._lost[0] > MEMORY_S:
            return False
        return abs(log(period_s / self._lost[1])) < ALIKE
