"""How a rhythm is acquired: chains of candidates that could be the last few beats."""

from collections import deque
from itertools import islice, pairwise
from math import log
from typing import TypeAlias

from bridge.detect.rhythm.candidate import (
    MOST_A_BEAT,
    Candidate,
    correlation,
    evidence,
    less_if_abrupt,
)
from bridge.detect.signal.periodicity import Periodicity

Recent: TypeAlias = deque[Candidate]
"""Candidates in rising order of time."""

FASTEST_S = 0.25
"""The absolute refractory period: no interval is shorter, 240 beats a minute. Physiology; the
ventricle's refractory period is some 0.2-0.25 s."""
SLOWEST_S = 2.3
"""No interval of a rhythm to be acquired is longer: 26 beats a minute. Longer finds slower hearts
and more chains in noise. Physiology. F1 within 0.1: 1.15 to 4.6."""
LONGEST_CHAIN = 6
"""Beats looked at together: more cost time, fewer less sure. Chosen on shared/data. F1 within 0.1:
3 to 12."""
ACQUISITION_SLACK = 0.3
"""How much may stand out (0-1) between beats that are not known yet, see ``evidence``: more finds
noisy hearts sooner, and noise. Chosen on shared/data. F1 within 0.1: 0.21 to 0.3."""
LEAST_SEED_RATIO, MOST_SEED_RATIO = 0.5, 2.0
LEAST_HEIGHT_RATIO, MOST_HEIGHT_RATIO = 0.4, 2.5
"""Heights of neighbours in a chain differ by no more than these factors, the first two and those
before. Chosen on shared/data. F1 within 0.1: LEAST_SEED_RATIO 0.25 to 0.7; MOST_SEED_RATIO 1.4 to
4; LEAST_HEIGHT_RATIO 0.2 to 0.46; MOST_HEIGHT_RATIO 2.12 to 5."""
BETWEEN = 0.9
"""No chain steps over a candidate higher than this part of its newest beat. Chosen on shared/data.
F1 within 0.1: 0.45 to 1.8."""
EARLIEST, LATEST = 0.7, 1.4
"""A beat of a chain lies so many periods before the next. Chosen on shared/data. F1 within 0.1:
EARLIEST 0.35 to 0.805; LATEST 1.4 only."""
OFF_PERIOD_COST = 1.5
"""Part of its height that a candidate a whole period off would count less. Chosen on shared/data.
F1 within 0.1: 0.75 to 3."""
PERIODIC_BEATS = 4
LAST_WITHIN = 1.15
"""A chain found by its period has at least so many beats, and its newest lies no more than so many
periods back. Chosen on shared/data. F1 within 0.1: PERIODIC_BEATS 2 to 6; LAST_WITHIN 1.15 to
2.3."""


def clearance(
    recent: Recent, a: Candidate, b: Candidate, height: float, complex_s: float = 0.0
) -> float:
    """How little stands out between two candidates: 1 nothing, 0 something of that height.

    Not below -1. What is nearer than ``complex_s`` to one of them is part of it.
    """
    others = 0.0
    for c in reversed(recent):
        if c.t <= a.t + complex_s:
            break
        if c.t < b.t - complex_s:
            others = max(others, c.height)
    return max(-1.0, 1.0 - others / height)


def highest_of_complexes(recent: Recent, complex_s: float) -> Recent:
    """The newest candidate and, of each complex before it, the highest."""
    kept = [recent[-1]]
    for c in islice(reversed(recent), 1, None):
        if kept[-1].t - c.t > complex_s:
            kept.append(c)
        elif len(kept) > 1 and c.height > kept[-1].height:
            kept[-1] = c
    return deque(reversed(kept))


def _chains(recent: Recent, longest: int) -> list[list[Candidate]]:
    """For each possible interval before the newest candidate, the beats before it."""
    newest = recent[-1]
    chains = []
    between_them = 0.0
    for seed in islice(reversed(recent), 1, None):
        gap = newest.t - seed.t
        if gap > SLOWEST_S or between_them > BETWEEN * newest.height:
            break
        if gap >= FASTEST_S and LEAST_SEED_RATIO < seed.height / newest.height < MOST_SEED_RATIO:
            chain = [newest, seed]
            _walk_back(recent, chain, gap, longest)
            if len(chain) >= 3:
                chains.append(chain[::-1])
        between_them = max(between_them, seed.height)
    return chains


def _walk_back(
    recent: Recent, chain: list[Candidate], period: float, longest: int = LONGEST_CHAIN
) -> None:
    """Extend a chain (newest first) with the best candidate about a period earlier."""
    while len(chain) < longest:
        last = chain[-1]
        best, best_score = None, 0.0
        for c in reversed(recent):
            gap = (last.t - c.t) / period
            if gap > LATEST:
                break
            ratio = c.height / last.height
            if gap < EARLIEST or not LEAST_HEIGHT_RATIO < ratio < MOST_HEIGHT_RATIO:
                continue
            score = c.height * (1.0 - OFF_PERIOD_COST * abs(gap - 1.0))
            if score > best_score:
                best, best_score = c, score
        if best is None:
            return
        period = 0.5 * (period + last.t - best.t)
        chain.append(best)


def _weigh(recent: Recent, chain: list[Candidate], least: float) -> float:
    """Evidence of a chain; anything below ``least`` where it cannot reach that."""
    total = 0.0
    gap_before: float | None = None
    for done, (a, b) in enumerate(pairwise(chain), 1):
        gap = b.t - a.t
        gap_change = abs(log(gap / gap_before)) if gap_before else 0.0
        weight = evidence(
            correlation(a.shape, b.shape),
            clearance(recent, a, b, 0.5 * (a.height + b.height)),
            gap_change,
            abs(log(b.height / a.height)),
            ACQUISITION_SLACK,
        )
        total += less_if_abrupt(b, weight, gap_change)
        gap_before = gap
        if total + MOST_A_BEAT * (len(chain) - 1 - done) < least:
            break
    return total


def periodic_chain(recent: Recent, t: float, found: Periodicity, enough: float) -> list[Candidate]:
    """The highest chain of this period that ends within the last one, if it stands out.

    ``enough`` is asked of its strength, correlation and clearance, less its unevenness in height
    and time, each averaged over its links and weighed as chosen on shared/data.
    """
    best: list[Candidate] = []
    best_height = 0.0
    for last in reversed(recent):
        if last.t < t - LAST_WITHIN * found.period_s:
            break
        chain = [last]
        _walk_back(recent, chain, found.period_s)
        height = sum(c.height for c in chain) / len(chain)
        if len(chain) >= PERIODIC_BEATS and height > best_height:
            best, best_height = chain[::-1], height
    if not best:
        return []
    total = 4.0 * (found.strength - 0.5)
    links = len(best) - 1
    for a, b in pairwise(best):
        total += correlation(a.shape, b.shape) / links
        total += 2.0 * clearance(recent, a, b, best_height) / links
        total -= abs(log(b.height / a.height)) / links
        total -= 2.0 * abs(log((b.t - a.t) / found.period_s)) / links
    return best if total > enough else []


def best_chain(
    recent: Recent, enough: float, complex_s: float, longest: int = LONGEST_CHAIN
) -> tuple[list[Candidate], float]:
    """The chain that ends in the newest candidate and speaks most for a heart, and how much.

    Empty where none of 3 to ``longest`` beats reaches ``enough``. Of candidates nearer together
    than ``complex_s`` only one counts.
    """
    best: list[Candidate] = []
    most = enough
    if complex_s:
        recent = highest_of_complexes(recent, complex_s)
    for chain in _chains(recent, longest):
        total = _weigh(recent, chain, most)
        if total > most:
            best, most = chain, total
    return best, most
