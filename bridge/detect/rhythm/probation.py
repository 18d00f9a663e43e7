"""A rhythm on probation, still to be told to anybody, and the one that was lost lately.

Noise makes a good chain of candidates now and then; it never goes on being one for long.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

NEW_BEATS = 2
"""Beats that probation takes at least: what was picked out of noise seldom goes on even so long.
Each more costs an interval until the first beat is told. Chosen on the noises of
``simulate.not_a_heart``. F1 within 0.1: 2 to 4."""
MEMORY_S = 20.0
"""For so long a lost rhythm is remembered, s: a hand that moved, a plug that was out. Longer trusts
a rate that may have changed. Chosen on shared/data. F1 within 0.1: 10 to 40."""
LEAST_INTERVALS = 12
"""A rhythm of fewer intervals is not remembered: it may have been noise. Chosen on
``simulate.not_a_heart``. F1 within 0.1: 6 to 24."""
INTERVALS_KEPT = 30
"""Its usual interval is the median of its last so many: half a minute. F1 within 0.1: 15 to 60."""
SAME_PERIOD = 0.25
"""Periods of one rhythm differ by no more than this (natural logarithm: 22 % down, 28 % up). F1
within 0.1: 0.125 to 0.5."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A candidate that was accepted as a beat."""

    fiducial: float
    """In (parts of) decimated samples."""
    strength: float
    """0-1; 0.5 for a usual beat."""
    quality: float
    """0-1, how well it fits the beats before."""
    late: bool
    """Found by looking back."""


class Probation:
    """Holds beats back until the evidence for their rhythm suffices."""

    def __init__(self, held: list[Detection], enough: float) -> None:
        self.enough = enough
        """Evidence at which the beats are told."""
        self._held = held
        self._least = len(held) + NEW_BEATS

    def review(self, found: list[Detection], evidence: float) -> list[Detection]:
        """All the beats once they are to be told, the newest as it is and those before it late.

        ``NEW_BEATS`` must have come since probation began.
        """
        self._held += found
        if evidence < self.enough or len(self._held) < self._least:
            return []
        return [*(replace(beat, late=True) for beat in self._held[:-1]), self._held[-1]]


class LostRhythm:
    """What the rhythm was that was lost last."""

    def __init__(self) -> None:
        self._lost: tuple[float, float] | None = None

    def remember(self, t: float, intervals_s: Sequence[float]) -> None:
        """A rhythm ended with a beat at t; these were its last intervals."""
        if len(intervals_s) >= LEAST_INTERVALS:
            self._lost = (t, sorted(intervals_s)[len(intervals_s) // 2])

    def resembles(self, t: float, period_s: float) -> bool:
        """Whether a period found at t is that of the rhythm that was lost a short while ago."""
        if self._lost is None or t - self._lost[0] > MEMORY_S:
            return False
        return abs(log(period_s / self._lost[1])) < SAME_PERIOD
