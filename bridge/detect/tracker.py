"""Which candidates are beats: finds a heart's rhythm in them, then holds on to it causally."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from math import log

import numpy as np
from numpy.typing import NDArray

from bridge.detect.period import Periodicity

FASTEST_S = 0.25
"""No interval is shorter: 240 beats a minute."""
SLOWEST_S = 2.3
"""No interval of a rhythm to be learned is longer: 26 beats a minute."""

MOST_A_BEAT = 1.65
"""What one beat can add to the evidence: ``evidence(1, 1, 0, 0, ...)``."""

ENOUGH = 2.4
"""Evidence at which a rhythm counts as found ..."""
MOST = 4.0
"""... and more than which is not saved up for worse times."""
SEEK_SLACK = 0.3
HOLD_SLACK = 0.6

CLEAR = 2.4
"""Evidence below which a periodicity is asked for."""

COMB_ENOUGH = 1.1
COMB_AGAIN = 0.7
PROBATION = 0.3
PROBATION_AGAIN = 0.6
MEMORY_S = 20.0
LEAST_HEIGHT = 0.08
PROOFS = 1
RELEASE = 2.4
USUAL = 0.42
USUAL_AT_FIRST = 0.5

NEEDED = (
    (0.3, 1.5),
    (0.45, 1.0),
    (0.6, 0.75),
    (0.75, 0.55),
    (0.9, 0.42),
    (1.3, 0.40),
    (1.6, 0.30),
    (2.2, 0.18),
    (3.0, 0.12),
)
"""Score a candidate needs (1 for a usual beat), by the time since the last beat in intervals."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A place where a beat may be. Times are in seconds of the decimated signal."""

    t: float
    """Where the filter peaks."""
    at: float
    """The fiducial, in (parts of) decimated samples."""
    height: float
    """How large it is, above 0."""
    shape: NDArray[np.float64]
    """The signal around it: mean 0, norm 1; all 0 where it is flat."""
    at_down: float | None = None
    """The fiducial if it should turn out that the beats' main deflection points down."""
    lean: float = 1.0
    """Above 0 where the main deflection points up."""
    sign: int = 1
    """1 where it points up in the signal as it came, -1 where it points down."""


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate that was taken for a beat."""

    at: float
    strength: float
    quality: float
    late: bool


def likeness(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Correlation of two shapes, -1 to 1; summed in order, so that it never depends on memory."""
    return float(np.add.accumulate(a * b)[-1])


def unit(shape: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale a shape to norm 1."""
    norm = float(np.add.accumulate(shape * shape)[-1]) ** 0.5
    return shape / norm if norm > 0 else shape


def between(x: float, points: tuple[tuple[float, float], ...]) -> float:
    """Piecewise linear interpolation, held at the ends."""
    x0, y0 = points[0]
    if x <= x0:
        return y0
    for x1, y1 in points[1:]:
        if x < x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
        x0, y0 = x1, y1
    return y0


def evidence(
    alike: float, clear: float, gap_change: float, height_change: float, slack: float
) -> float:
    """How far a beat speaks for a heart (above 0) or against it (below 0).

    Args:
        alike: correlation of its shape with that of the beats before.
        clear: 1 where nothing else stands out between the beats, 0 where something as high does.
        gap_change: absolute logarithm of its interval relative to the usual one.
        height_change: absolute logarithm of its height relative to the usual one.
        slack: how much may stand out between the beats without harm, 0-1.
    """
    return (
        3.0 * (alike * min(1.0, max(0.0, clear + slack)) - 0.45)
        - 2.0 * max(0.0, gap_change - 0.1)
        - 1.5 * max(0.0, height_change - 0.3)
    )


class Tracker:
    """Learns a rhythm from candidates, then accepts or rejects each as it comes."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Nothing is known."""
        self.sign = 1
        self._of_sign: dict[int, deque[Candidate]] = {1: deque(maxlen=80), -1: deque(maxlen=80)}
        self._recent = self._of_sign[1]
        self._before: tuple[float, float] | None = None
        self._unlock()

    def turn(self, sign: int) -> None:
        """From now on the beats are the candidates of this sign."""
        if sign != self.sign:
            self.sign = sign
            self._recent = self._of_sign[sign]
            self._lose()

    def _lose(self) -> None:
        """The rhythm is lost; remember it for a while."""
        if self._last is not None and self._withheld is None:
            self._before = (self._last.t, self._interval)
        self._unlock()

    def _unlock(self) -> None:
        self._last: Candidate | None = None
        self._level = 0.0
        self._interval = 0.0
        self._intervals: deque[float] = deque(maxlen=7)
        self._template: NDArray[np.float64] | None = None
        self._passed: list[tuple[float, Candidate]] = []
        self._good = 0.0
        self._lean = 0.0
        self._downward = False
        self.evidence = 0.0
        self._withheld: list[Found] | None = None
        self._proven_at = 0
        self._hums = 0
        self._rhythmic = 0.0

    @property
    def locked(self) -> bool:
        """Whether a rhythm is being followed."""
        return self._last is not None

    def judge(self, c: Candidate, hum: Callable[[float], bool]) -> list[Found]:
        """Decide on the next candidate; older ones may come with it, marked late.

        ``hum`` says whether the signal up to now, of a period in s, may be one; asked before a
        rhythm is believed.
        """
        self._of_sign[c.sign].append(c)
        if c.sign != self.sign:
            return []
        if self._last is not None:
            if c.t - self._last.t <= max(2.5, 3.2 * self._interval):
                return self._hold(c)
            self._lose()
        return self._seek(hum)

    @property
    def least_height(self) -> float:
        """No candidate below this can be a beat; 0 while no rhythm is followed."""
        return LEAST_HEIGHT * self._level

    @property
    def in_doubt(self) -> bool:
        """Whether the beats alone do not say clearly that this is a heart."""
        return self.evidence < CLEAR

    def listen(self, t: float, found: Periodicity) -> list[Found]:
        """Weigh how periodic the signal up to t is; called about twice a second while in doubt."""
        if len(self._recent) < 3:
            return []
        if found.is_hum:
            self._hums += 1
            if self._hums >= 2 and self._last is not None:
                self._lose()
                self._hums = 2
            return []
        self._hums = 0
        if self._last is not None:
            if self.evidence < CLEAR:
                usual = USUAL if self._withheld is None else USUAL_AT_FIRST
                self.evidence = min(RELEASE + 0.1, self.evidence + 3.0 * (found.strength - usual))
                if self.evidence < 0:
                    self._lose()
            return self._release([])
        self._rhythmic = max(0.0, self._rhythmic + found.strength - 0.5)
        if self._rhythmic < 0.12 or found.strength < 0.5 or found.overtones > 1.0:
            return []
        again = self._is_back(t, found.period_s)
        chain = self._comb(t, found, COMB_AGAIN if again else COMB_ENOUGH)
        if not chain:
            return []
        self._lock(chain, PROBATION_AGAIN if again else PROBATION)
        self._withheld = self._announce(chain)
        self._proven_at = len(chain) + PROOFS
        return []

    def quality(self, t: float) -> float:
        """0-1, of the signal up to t."""
        if self._last is None or self._withheld is not None:
            return 0.0
        silence = (t - self._last.t) / max(self._interval, FASTEST_S)
        return max(0.0, min(1.0, self._good * between(silence, ((1.5, 1.0), (3.0, 0.0)))))

    def _seek(self, hum: Callable[[float], bool]) -> list[Found]:
        best: list[Candidate] = []
        most = ENOUGH
        for chain in self._chains():
            total = self._weigh(chain, most)
            if total > most:
                best, most = chain, total
        if not best or hum((best[-1].t - best[0].t) / (len(best) - 1)):
            return []
        self._lock(best, min(MOST, most))
        found = self._announce(best)
        return [*found[:-1], replace(found[-1], late=False)]

    def _chains(self) -> list[list[Candidate]]:
        """For each possible interval before the newest candidate, the beats before it."""
        newest = self._recent[-1]
        chains = []
        between_them = 0.0
        for seed in islice(reversed(self._recent), 1, None):
            gap = newest.t - seed.t
            if gap > SLOWEST_S or between_them > 0.9 * newest.height:
                break
            if gap >= FASTEST_S and 0.5 < seed.height / newest.height < 2.0:
                chain = [newest, seed]
                self._walk_back(chain, gap, 6)
                if len(chain) >= 3:
                    chains.append(chain[::-1])
            between_them = max(between_them, seed.height)
        return chains

    def _walk_back(self, chain: list[Candidate], period: float, most: int) -> None:
        """Extend a chain (newest first) with the best candidate about a period earlier."""
        while len(chain) < most:
            last = chain[-1]
            best, best_score = None, 0.0
            for c in reversed(self._recent):
                gap = (last.t - c.t) / period
                if gap > 1.4:
                    break
                if gap < 0.7 or not 0.4 < c.height / last.height < 2.5:
                    continue
                score = c.height * (1.0 - 1.5 * abs(gap - 1.0))
                if score > best_score:
                    best, best_score = c, score
            if best is None:
                return
            period = 0.5 * (period + last.t - best.t)
            chain.append(best)

    def _weigh(self, chain: list[Candidate], least: float) -> float:
        """Evidence of a chain; anything below ``least`` where it cannot reach that."""
        total = 0.0
        gap_before: float | None = None
        for done, (a, b) in enumerate(pairwise(chain), 1):
            gap = b.t - a.t
            total += evidence(
                likeness(a.shape, b.shape),
                self._clear(a, b, 0.5 * (a.height + b.height)),
                abs(log(gap / gap_before)) if gap_before else 0.0,
                abs(log(b.height / a.height)),
                SEEK_SLACK,
            )
            gap_before = gap
            if total + MOST_A_BEAT * (len(chain) - 1 - done) < least:
                break
        return total

    def _clear(self, a: Candidate, b: Candidate, height: float) -> float:
        others = 0.0
        for c in reversed(self._recent):
            if c.t <= a.t:
                break
            if c.t < b.t:
                others = max(others, c.height)
        return max(-1.0, 1.0 - others / height)

    def _is_back(self, t: float, period: float) -> bool:
        """Whether this is the rhythm that was lost a short while ago."""
        if self._before is None or t - self._before[0] > MEMORY_S:
            return False
        return abs(log(period / self._before[1])) < 0.25

    def _comb(self, t: float, found: Periodicity, enough: float) -> list[Candidate]:
        """The highest chain of this period that ends within the last one, if it stands out."""
        best: list[Candidate] = []
        best_height = 0.0
        for last in reversed(self._recent):
            if last.t < t - 1.15 * found.period_s:
                break
            chain = [last]
            self._walk_back(chain, found.period_s, 6)
            height = sum(c.height for c in chain) / len(chain)
            if len(chain) >= 4 and height > best_height:
                best, best_height = chain[::-1], height
        if not best:
            return []
        total = 4.0 * (found.strength - 0.5)
        links = len(best) - 1
        for a, b in pairwise(best):
            total += likeness(a.shape, b.shape) / links
            total += 2.0 * self._clear(a, b, best_height) / links
            total -= abs(log(b.height / a.height)) / links
            total -= 2.0 * abs(log((b.t - a.t) / found.period_s)) / links
        return best if total > enough else []

    def _lock(self, chain: list[Candidate], evidence_so_far: float) -> None:
        heights = sorted(c.height for c in chain)
        gaps = [b.t - a.t for a, b in pairwise(chain)]
        self._level = heights[len(heights) // 2]
        self._intervals.extend(gaps)
        self._interval = sorted(gaps)[len(gaps) // 2]
        template = chain[0].shape
        for c in chain[1:]:
            template = template + c.shape
        self._template = unit(template)
        self._lean = sum(c.lean for c in chain) / len(chain)
        self._downward = self._lean < 0
        self._last = chain[-1]
        self.evidence = evidence_so_far
        self._good = min(1.0, evidence_so_far / ENOUGH)
        self._passed = []

    def _announce(self, chain: list[Candidate]) -> list[Found]:
        highest = max(c.height for c in chain)
        return [Found(self._place(c), c.height / highest, self._good, late=True) for c in chain]

    def _release(self, found: list[Found]) -> list[Found]:
        """Hold back what was found until a rhythm found by its period alone has proved itself."""
        if self._withheld is None:
            return found
        self._withheld += found
        if self.evidence < RELEASE or len(self._withheld) < self._proven_at:
            return []
        found = [*(replace(f, late=True) for f in self._withheld[:-1]), self._withheld[-1]]
        self._withheld = None
        return found

    def _hold(self, c: Candidate) -> list[Found]:
        assert self._last is not None
        assert self._template is not None
        gap = c.t - self._last.t
        if gap < FASTEST_S or c.height < self.least_height:
            return []
        relative = gap / self._interval
        level = self._level
        if relative < 0.7:
            level = max(level, 0.9 * self._last.height)
        alike = likeness(c.shape, self._template)
        score = min(2.0, c.height / level * (0.35 + 0.65 * max(0.0, alike)))
        if score < between(relative, NEEDED):
            self._passed.append((score, c))
            return []
        found = self._look_back(c) if relative > 1.55 else []
        found.append(self._accept(c, alike, late=False))
        found = self._release(found)
        if self.evidence < 0:
            self._lose()
        return found

    def _look_back(self, c: Candidate) -> list[Found]:
        """The beat that seems to be missing between the last one and this one."""
        assert self._last is not None
        best: Candidate | None = None
        best_score = 0.15
        for score, p in self._passed:
            before = (p.t - self._last.t) / self._interval
            after = (c.t - p.t) / self._interval
            if before > 0.6 and after > 0.6 and score > best_score:
                best, best_score = p, score
        if best is None:
            return []
        assert self._template is not None
        return [self._accept(best, likeness(best.shape, self._template), late=True)]

    def _accept(self, c: Candidate, alike: float, late: bool) -> Found:
        assert self._last is not None
        assert self._template is not None
        gap = c.t - self._last.t
        weight = evidence(
            alike,
            self._clear(self._last, c, 0.5 * (c.height + self._level)),
            abs(log(gap / self._interval)),
            abs(log(c.height / self._level)),
            HOLD_SLACK,
        )
        self.evidence = min(MOST, self.evidence + weight)
        fit = max(0.0, min(1.0, 0.5 + 0.5 * weight))
        self._good += 0.3 * (fit - self._good)
        self._intervals.append(gap)
        ordered = sorted(self._intervals)
        self._interval = ordered[len(ordered) // 2]
        strength = min(1.0, 0.5 * c.height / self._level)
        change = min(max(c.height / self._level, 0.3), 3.0)
        self._level *= change**0.35
        if alike > 0.3:
            self._template = unit(0.85 * self._template + 0.15 * c.shape)
        self._lean += 0.1 * (c.lean - self._lean)
        if self._lean * (-1 if self._downward else 1) < -0.25:
            self._downward = not self._downward
        self._last = c
        self._passed = [(s, p) for s, p in self._passed if p.t > c.t]
        return Found(self._place(c), strength, fit, late)

    def _place(self, c: Candidate) -> float:
        return c.at_down if self._downward and c.at_down is not None else c.at
