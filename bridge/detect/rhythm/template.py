"""What the beats of the rhythm that is followed are like: height, interval, shape, where R is."""

from collections import deque
from itertools import islice, pairwise

from bridge.detect.rhythm.candidate import Candidate, likeness, unit
from bridge.detect.rhythm.probation import USUAL_OF

MEDIAN_OF = 7
"""The interval that is expected is the median of the last so many."""
TALLER = 0.35
"""So quickly the level follows a change of height: the power of it that one beat brings."""
NEWEST = 0.15
"""Share of the newest beat in the usual shape, if it is like it at all."""
LIKE = 0.3
TURN = 0.25
"""The main deflection of a complex has turned where its average lean is beyond this."""


class Usual:
    """Learned from a chain of beats, then from each further one."""

    def __init__(self, chain: list[Candidate]) -> None:
        gaps = [b.t - a.t for a, b in pairwise(chain)]
        self.last = chain[-1]
        self.level = _median([c.height for c in chain])
        """Height of a usual beat."""
        self.intervals: deque[float] = deque(gaps, maxlen=USUAL_OF)
        """The last ones, s."""
        self.interval = _median(gaps)
        """The one that is expected, s."""
        template = chain[0].shape
        for c in chain[1:]:
            template = template + c.shape
        self._template = unit(template)
        self._lean = sum(c.lean for c in chain) / len(chain)
        self._downward = self._lean < 0

    def alike(self, c: Candidate) -> float:
        """Correlation of its shape with the usual one."""
        return likeness(c.shape, self._template)

    def take(self, c: Candidate) -> None:
        """One more beat."""
        alike = self.alike(c)
        self.intervals.append(c.t - self.last.t)
        self.interval = _median(list(islice(reversed(self.intervals), MEDIAN_OF)))
        self.level *= min(max(c.height / self.level, 0.3), 3.0) ** TALLER
        if alike > LIKE:
            self._template = unit((1.0 - NEWEST) * self._template + NEWEST * c.shape)
        self._lean += 0.1 * (c.lean - self._lean)
        if self._lean * (-1 if self._downward else 1) < -TURN:
            self._downward = not self._downward
        self.last = c

    def place(self, c: Candidate) -> float:
        """The fiducial of a beat, in (parts of) decimated samples."""
        return c.at_down if self._downward and c.at_down is not None else c.at


def _median(values: list[float]) -> float:
    """The upper of the two middle ones where their number is even: one that has occurred."""
    return sorted(values)[len(values) // 2]
