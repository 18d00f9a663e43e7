"""The last few beats one by one: a heart may have two kinds of them, in turn or now and then.

A premature beat is unlike the usual ones in shape, height and time; it is like the one before it.
"""

from collections import deque
from dataclasses import dataclass
from math import log

from bridge.detect.rhythm.candidate import Candidate, evidence, likeness

PRECISELY = 0.9
"""A single earlier beat counts as being of the same kind above this likeness."""


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A beat and the interval that ended with it, s."""

    beat: Candidate
    gap: float


class Company:
    """Remembers up to ``size`` beats; with 0, none."""

    def __init__(self, size: int) -> None:
        self._members: deque[Member] = deque(maxlen=size)

    def add(self, beat: Candidate, gap: float) -> None:
        """One more beat, ``gap`` s after the one before."""
        self._members.append(Member(beat, gap))

    def leave(self) -> None:
        """Forget them all."""
        self._members.clear()

    def likest(self, c: Candidate) -> float:
        """The closest likeness to one of them if it is precise, else 0."""
        best = max((likeness(c.shape, m.beat.shape) for m in self._members), default=0.0)
        return best if best > PRECISELY else 0.0

    def speaks(self, c: Candidate, gap: float, clear: float, slack: float, least: float) -> float:
        """Evidence of a beat measured against that one it fits best; at least ``least``."""
        for m in self._members:
            least = max(
                least,
                evidence(
                    likeness(c.shape, m.beat.shape),
                    clear,
                    abs(log(gap / m.gap)),
                    abs(log(c.height / m.beat.height)),
                    slack,
                ),
            )
        return least
