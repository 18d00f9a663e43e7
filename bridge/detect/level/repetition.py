"""Whether what stands out repeats as a heart's beats do: shape, height and time of the last few.

How precisely they must repeat depends on how clean the signal is: a knock on the cable comes in a
clean signal and is like no other, an ECG in noise is like itself as far as the noise lets it.
"""

from collections import deque
from dataclasses import dataclass
from math import log

from bridge.detect.rhythm.candidate import ABRUPT_COST, Candidate, correlation

REMEMBERED = 8
"""Beats that a new one is compared with; the one that it fits best counts."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How precisely beats must repeat. Off by as much as allowed costs as much as stated."""

    best: float
    """Evidence of a perfect repetition."""
    shape_cost: float
    shape_off: float
    shape_off_in_noise: float
    """Of the correlation's distance from 1; the last times the squared share of the noise."""
    height_cost: float
    height_off: float
    height_off_in_noise: float
    """Of the natural logarithm of heights; the last times the share of the noise."""
    tell: float
    """Evidence from which beats are told."""


WITH_JUMPS = Asked(1.15, 0.5, 0.06, 2.0, 0.3, 0.08, 0.5, 0.8)
WITHOUT_JUMPS = Asked(1.0, 0.8, 0.03, 0.3, 0.5, 0.08, 0.5, 2.0)
"""Where the rate shows what is a knock, and where only precise repetition can tell. Chosen on
CPSC2019, noise stress and ``simulate.not_a_heart`` for at most one knock told in a quarter of an
hour, and no other noise; half the first two tolerances silence one record of CPSC2019 in fifty
more."""
FARTHEST_OFF = 4.0
"""What is off by so many times that is not alike at all."""
GAP_COST = 1.5
FREE_GAP_CHANGE = 0.25
UNKNOWN_GAP_CHANGE = 0.25
"""Evidence that a change of interval by 1 (natural logarithm) beyond the second costs: fibrillation
changes by 0.2-0.3. The third is assumed of the second beat, before which there is no interval."""
AGAINST = 0.75
"""No single beat speaks against a heart by more: an artefact, an ectopic beat."""
MOST = 4.0
"""Evidence beyond this is not saved up."""


class Repetition:
    """Evidence that the last beats are a heart's."""

    def __init__(self) -> None:
        self.evidence = 0.0
        self._beats: deque[tuple[Candidate, float | None]] = deque(maxlen=REMEMBERED)

    def add(self, c: Candidate, gap: float | None, noise_share: float) -> None:
        """One more beat, ``gap`` s after the one before, where noise is so high beside it."""
        if self._beats:
            asked = WITHOUT_JUMPS if c.jump is None else WITH_JUMPS
            weight = max(_likeness(c, gap, b, g, noise_share, asked) for b, g in self._beats)
            weight = max(-AGAINST, weight)
            if c.is_abrupt:
                weight = -ABRUPT_COST
            self.evidence = min(MOST, max(0.0, self.evidence + weight))
        self._beats.append((c, gap))

    def correct(self, c: Candidate) -> None:
        """The last beat is rather this candidate; another may still be like what it seemed."""
        self._beats.append((c, self._beats[-1][1]))


def _likeness(
    c: Candidate,
    gap: float | None,
    other: Candidate,
    its_gap: float | None,
    noise: float,
    asked: Asked,
) -> float:
    shape_off = (1.0 - correlation(c.shape, other.shape)) / (
        asked.shape_off + asked.shape_off_in_noise * noise * noise
    )
    height_off = abs(log(c.height / other.height)) / (
        asked.height_off + asked.height_off_in_noise * noise
    )
    change = abs(log(gap / its_gap)) if gap and its_gap else UNKNOWN_GAP_CHANGE
    return (
        asked.best
        - asked.shape_cost * min(FARTHEST_OFF, shape_off)
        - asked.height_cost * min(FARTHEST_OFF, height_off)
        - GAP_COST * max(0.0, change - FREE_GAP_CHANGE)
    )
