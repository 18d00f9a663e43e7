"""The last few beats one by one: a heart may have two kinds of them, in turn or now and then.

An ectopic beat is unlike the template in shape, height and time; it is like the ectopic before.
"""

from collections import deque
from dataclasses import dataclass
from math import log

from bridge.detect.rhythm.candidate import Candidate, correlation, evidence

SAME_KIND = 0.9
"""A single earlier beat counts as being of the same kind above this correlation: lower lets noise
in that looks like one of eight beats, higher misses ectopic beats that vary. Chosen on shared/data
and simulated bigeminy. F1 within 0.1: 0.45 to 1.8."""


@dataclass(frozen=True, slots=True, eq=False)
class RecentBeat:
    """A beat and the interval that ended with it, s."""

    beat: Candidate
    gap: float


class RecentBeats:
    """Remembers up to ``size`` beats; with 0, none."""

    def __init__(self, size: int) -> None:
        self._beats: deque[RecentBeat] = deque(maxlen=size)

    def add(self, beat: Candidate, gap: float) -> None:
        """One more beat, ``gap`` s after the one before."""
        self._beats.append(RecentBeat(beat, gap))

    def clear(self) -> None:
        """Forget them all."""
        self._beats.clear()

    def best_match(self, c: Candidate) -> float:
        """The highest correlation with one of them if that is of the same kind, else 0."""
        best = max((correlation(c.shape, m.beat.shape) for m in self._beats), default=0.0)
        return best if best > SAME_KIND else 0.0

    def best_evidence(
        self, c: Candidate, gap: float, clearance: float, slack: float, least: float
    ) -> float:
        """Evidence of a beat measured against that one it fits best; at least ``least``."""
        for m in self._beats:
            least = max(
                least,
                evidence(
                    correlation(c.shape, m.beat.shape),
                    clearance,
                    abs(log(gap / m.gap)),
                    abs(log(c.height / m.beat.height)),
                    slack,
                ),
            )
        return least
