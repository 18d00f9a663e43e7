"""Which candidates are beats: finds a heart's rhythm in them, then holds on to it causally."""

import itertools
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FASTEST_S = 0.26
"""No interval is shorter: 230 beats a minute."""
SLOWEST_S = 2.2
"""No interval of a rhythm to be learned is longer: 27 beats a minute."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A place where a beat may be. Times are in seconds of the decimated signal."""

    t: float
    """Where the filter peaks."""
    at: float
    """The fiducial, in (parts of) decimated samples."""
    height: float
    """Of the filter's peak, above 0."""
    shape: NDArray[np.float64]
    """The signal around it: mean 0, norm 1; all 0 where it is flat."""


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


def _between(x: float, points: tuple[tuple[float, float], ...]) -> float:
    """Piecewise linear interpolation, held at the ends."""
    x0, y0 = points[0]
    if x <= x0:
        return y0
    for x1, y1 in points[1:]:
        if x < x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
        x0, y0 = x1, y1
    return y0


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
"""Height a candidate needs, relative to a usual beat's, by its time since the last beat relative
to a usual interval."""


class Tracker:
    """Learns a rhythm from candidates, then accepts or rejects each as it comes."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Nothing is known."""
        self._recent: deque[Candidate] = deque(maxlen=64)
        self._locked = False
        self._last: Candidate | None = None
        self._level = 0.0
        self._interval = 0.0
        self._intervals: deque[float] = deque(maxlen=7)
        self._template: NDArray[np.float64] | None = None
        self._passed: list[tuple[float, Candidate]] = []
        self._good = 0.0

    def judge(self, candidate: Candidate) -> list[Found]:
        """Decide on the next candidate; older ones may come with it, marked late."""
        if self._locked and self._last is not None:
            if candidate.t - self._last.t > max(2.5, 3.2 * self._interval):
                self.reset()
            else:
                return self._hold(candidate)
        self._recent.append(candidate)
        return self._seek()

    def quality(self, t: float) -> float:
        """0-1, of the signal up to t."""
        if not self._locked or self._last is None:
            return 0.0
        silence = (t - self._last.t) / max(self._interval, FASTEST_S)
        return max(0.0, min(1.0, self._good * _between(silence, ((1.5, 1.0), (3.0, 0.0)))))

    def _seek(self) -> list[Found]:
        chain = self._chain()
        if len(chain) < 3:
            return []
        gaps = [b.t - a.t for a, b in itertools.pairwise(chain)]
        alike = [likeness(a.shape, b.shape) for a, b in itertools.pairwise(chain)]
        heights = [c.height for c in chain]
        ratio = max(max(a / b, b / a) for a, b in itertools.pairwise(gaps))
        members = {id(c) for c in chain}
        others = [c.height for c in self._recent if c.t > chain[0].t - 0.3 and id(c) not in members]
        contrast = max(others, default=0.0) / min(heights)
        mean_alike = sum(alike) / len(alike)
        sure = (
            (len(chain) >= 3 and contrast < 0.6 and min(alike) > 0.9 and ratio < 1.3)
            or (len(chain) >= 4 and contrast < 0.8 and mean_alike > 0.8 and ratio < 1.6)
            or (len(chain) >= 5 and contrast < 0.95 and mean_alike > 0.75 and ratio < 1.5)
        )
        if not sure:
            return []
        self._locked = True
        self._level = sorted(heights)[len(heights) // 2]
        self._intervals.extend(gaps)
        self._interval = sorted(gaps)[len(gaps) // 2]
        template = chain[0].shape
        for c in chain[1:]:
            template = template + c.shape
        self._template = unit(template)
        self._last = chain[-1]
        self._good = max(0.0, mean_alike)
        self._passed = []
        self._recent.clear()
        newest = chain[-1]
        return [
            Found(c.at, min(1.0, c.height / max(heights)), self._good, c is not newest)
            for c in chain
        ]

    def _chain(self) -> list[Candidate]:
        """The newest candidate and those before it that could be the beats before it."""
        newest = self._recent[-1]
        chain = [newest]
        for c in reversed(self._recent):
            if c is newest:
                continue
            gap = chain[0].t - c.t
            if c.height < 0.6 * chain[0].height:
                continue
            if gap < FASTEST_S or gap > SLOWEST_S or c.height > 1.8 * chain[0].height:
                break
            chain.insert(0, c)
            if len(chain) == 5:
                break
        return chain

    def _hold(self, c: Candidate) -> list[Found]:
        assert self._last is not None
        assert self._template is not None
        gap = c.t - self._last.t
        if gap < FASTEST_S or c.height < 0.08 * self._level:
            return []
        relative = gap / self._interval
        level = self._level
        if relative < 0.7:
            level = max(level, 0.9 * self._last.height)
        alike = likeness(c.shape, self._template)
        score = c.height / level * (0.35 + 0.65 * max(0.0, alike))
        score = min(score, 2.0)
        if score < _between(relative, NEEDED):
            self._passed.append((score, c))
            return []
        found = []
        if relative > 1.55:
            found = self._look_back(c)
        found.append(self._accept(c, alike, late=False))
        return found

    def _look_back(self, c: Candidate) -> list[Found]:
        """The beat that seems to be missing between the last one and this one."""
        assert self._last is not None
        best: tuple[float, Candidate] | None = None
        for score, p in self._passed:
            before = (p.t - self._last.t) / self._interval
            after = (c.t - p.t) / self._interval
            if before > 0.6 and after > 0.6 and score > 0.15 and (best is None or score > best[0]):
                best = (score, p)
        if best is None:
            return []
        p = best[1]
        assert self._template is not None
        return [self._accept(p, likeness(p.shape, self._template), late=True)]

    def _accept(self, c: Candidate, alike: float, late: bool) -> Found:
        assert self._last is not None
        assert self._template is not None
        gap = c.t - self._last.t
        self._intervals.append(gap)
        ordered = sorted(self._intervals)
        self._interval = ordered[len(ordered) // 2]
        strength = min(1.0, 0.5 * c.height / self._level)
        change = min(max(c.height / self._level, 0.3), 3.0)
        self._level *= change**0.35
        fit = max(0.0, alike)
        self._good += 0.3 * (fit - self._good)
        if alike > 0.5:
            self._template = unit(0.85 * self._template + 0.15 * c.shape)
        self._last = c
        self._passed = [(s, p) for s, p in self._passed if p.t > c.t]
        return Found(c.at, strength, fit, late)


def unit(shape: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale a shape to norm 1."""
    norm = float(np.sqrt(np.add.accumulate(shape * shape)[-1]))
    return shape / norm if norm > 0 else shape
