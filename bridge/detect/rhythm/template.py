"""What a usual beat of the rhythm that is followed is like: height, interval, shape, polarity."""

from collections import deque
from itertools import islice, pairwise

from bridge.detect.rhythm.candidate import Candidate, correlation, unit
from bridge.detect.rhythm.probation import INTERVALS_KEPT

EXPECTED_FROM = 7
"""The interval that is expected is the median of the last so many: fewer follow a change sooner,
more are not misled by ectopic beats. Chosen on shared/data. F1 within 0.1: 4 to 14."""
LEVEL_POWER = 0.35
"""So quickly the level follows a change of height: the power of it that one beat brings, 0-1. More
follows a moving finger, less is not misled by an artefact. Chosen on shared/data. F1 within 0.1:
0.175 to 0.35."""
LEAST_STEP = 0.3
MOST_STEP = 3.0
"""A height counts as no less and no more than this part of the level, so that no single beat ruins
it. Chosen on shared/data. F1 within 0.1: LEAST_STEP 0.15 to 0.6; MOST_STEP 2.1 to 6."""
NEWEST_SHARE = 0.15
"""Share of the newest beat in the template: the average reaches back some six beats. Chosen on
shared/data. F1 within 0.1: 0.15 only."""
LEAST_MATCH = 0.3
"""A beat correlated less than this with the template leaves it as it is: an ectopic beat. Chosen on
shared/data. F1 within 0.1: 0.15 to 0.345."""
POLARITY_SHARE = 0.1
POLARITY_TURN = 0.25
"""The complex's main deflection counts as turned where its running average, of which each new beat
is so much, lies so far (-1.35 to 1.35) on the other side: sooner would move fiducials to and fro.
Chosen on shared/data. F1 within 0.1: POLARITY_SHARE 0.05 to 0.2; POLARITY_TURN 0.125 to 0.5."""


class Template:
    """Learned from a chain of beats, then from each further one."""

    def __init__(self, chain: list[Candidate]) -> None:
        gaps = [b.t - a.t for a, b in pairwise(chain)]
        self.last = chain[-1]
        self.level = _median([c.height for c in chain])
        """Height of a usual beat."""
        self.intervals: deque[float] = deque(gaps, maxlen=INTERVALS_KEPT)
        """The last ones, s."""
        self.interval = _median(gaps)
        """The one that is expected, s."""
        shape = chain[0].shape
        for c in chain[1:]:
            shape = shape + c.shape
        self._shape = unit(shape)
        self._polarity = sum(c.polarity for c in chain) / len(chain)
        self._downward = self._polarity < 0

    def match(self, c: Candidate) -> float:
        """Correlation of its shape with the usual one, -1 to 1."""
        return correlation(c.shape, self._shape)

    def learn(self, c: Candidate) -> None:
        """One more beat."""
        match = self.match(c)
        self.intervals.append(c.t - self.last.t)
        self.interval = _median(list(islice(reversed(self.intervals), EXPECTED_FROM)))
        self.level *= min(max(c.height / self.level, LEAST_STEP), MOST_STEP) ** LEVEL_POWER
        if match > LEAST_MATCH:
            self._shape = unit((1.0 - NEWEST_SHARE) * self._shape + NEWEST_SHARE * c.shape)
        self._polarity += POLARITY_SHARE * (c.polarity - self._polarity)
        if self._polarity * (-1 if self._downward else 1) < -POLARITY_TURN:
            self._downward = not self._downward
        self.last = c

    def fiducial(self, c: Candidate) -> float:
        """Where a beat of this rhythm is timed, in (parts of) decimated samples."""
        return c.fiducial_down if self._downward and c.fiducial_down is not None else c.fiducial


def _median(values: list[float]) -> float:
    """The upper of the two middle ones where their number is even: one that has occurred."""
    return sorted(values)[len(values) // 2]
