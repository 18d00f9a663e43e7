"""Chains of candidates that could be the last few beats: how a rhythm is found at first."""

from collections import deque
from itertools import islice, pairwise
from math import log
from typing import TypeAlias

from bridge.detect.rhythm.acceptance import T_WAVE_S
from bridge.detect.rhythm.candidate import MOST_A_BEAT, Candidate, evidence, likeness
from bridge.detect.rhythm.periodicity import Periodicity
from bridge.detect.rhythm.recent_beats import Company

Recent: TypeAlias = deque[Candidate]
"""Candidates in rising order of time."""

FASTEST_S = 0.25
"""No interval is shorter: 240 beats a minute."""
SLOWEST_S = 2.3
"""No interval of a rhythm to be learned is longer: 26 beats a minute."""
LONGEST_CHAIN = 6
"""Beats looked at together."""
KINDS = 3
KINDS_BEATS = 9
STANDS_OUT = 0.4
KINDRED = 0.9
"""Beats of up to so many kinds in turn are known by so many of them that stand out so far above
all else, each after the first ones with so much evidence against one before it."""
SLACK = 0.3
"""How much may stand out between beats that are not known yet, see ``evidence``."""


def clear(
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


def _highest(recent: Recent, complex_s: float) -> Recent:
    """The newest candidate and, of each complex before it, the highest."""
    kept = [recent[-1]]
    for c in islice(reversed(recent), 1, None):
        if kept[-1].t - c.t > complex_s:
            kept.append(c)
        elif len(kept) > 1 and c.height > kept[-1].height:
            kept[-1] = c
    return deque(reversed(kept))


def _chains(recent: Recent) -> list[list[Candidate]]:
    """For each possible interval before the newest candidate, the beats before it."""
    newest = recent[-1]
    chains = []
    between_them = 0.0
    for seed in islice(reversed(recent), 1, None):
        gap = newest.t - seed.t
        if gap > SLOWEST_S or between_them > 0.9 * newest.height:
            break
        if gap >= FASTEST_S and 0.5 < seed.height / newest.height < 2.0:
            chain = [newest, seed]
            _walk_back(recent, chain, gap)
            if len(chain) >= 3:
                chains.append(chain[::-1])
        between_them = max(between_them, seed.height)
    return chains


def _walk_back(recent: Recent, chain: list[Candidate], period: float) -> None:
    """Extend a chain (newest first) with the best candidate about a period earlier."""
    while len(chain) < LONGEST_CHAIN:
        last = chain[-1]
        best, best_score = None, 0.0
        for c in reversed(recent):
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


def _weigh(recent: Recent, chain: list[Candidate], least: float) -> float:
    """Evidence of a chain; anything below ``least`` where it cannot reach that."""
    total = 0.0
    gap_before: float | None = None
    for done, (a, b) in enumerate(pairwise(chain), 1):
        gap = b.t - a.t
        total += evidence(
            likeness(a.shape, b.shape),
            clear(recent, a, b, 0.5 * (a.height + b.height)),
            abs(log(gap / gap_before)) if gap_before else 0.0,
            abs(log(b.height / a.height)),
            SLACK,
        )
        gap_before = gap
        if total + MOST_A_BEAT * (len(chain) - 1 - done) < least:
            break
    return total


def comb(recent: Recent, t: float, found: Periodicity, enough: float) -> list[Candidate]:
    """The highest chain of this period that ends within the last one, if it stands out."""
    best: list[Candidate] = []
    best_height = 0.0
    for last in reversed(recent):
        if last.t < t - 1.15 * found.period_s:
            break
        chain = [last]
        _walk_back(recent, chain, found.period_s)
        height = sum(c.height for c in chain) / len(chain)
        if len(chain) >= 4 and height > best_height:
            best, best_height = chain[::-1], height
    if not best:
        return []
    total = 4.0 * (found.strength - 0.5)
    links = len(best) - 1
    for a, b in pairwise(best):
        total += likeness(a.shape, b.shape) / links
        total += 2.0 * clear(recent, a, b, best_height) / links
        total -= abs(log(b.height / a.height)) / links
        total -= 2.0 * abs(log((b.t - a.t) / found.period_s)) / links
    return best if total > enough else []


def kinds_in_turn(recent: Recent, complex_s: float) -> tuple[list[Candidate], float]:
    """All that stood out lately, if it is beats of two or three kinds that return, as in bigeminy.

    And how much it speaks for a heart; empty where one of them is like none before it.
    """
    recent = _highest(recent, complex_s)
    top = max(c.height for c in islice(reversed(recent), 2 * KINDS_BEATS))
    beats: list[Candidate] = []
    for c in recent:
        if c.height < STANDS_OUT * top:
            continue
        if not beats or c.t - beats[-1].t > T_WAVE_S:
            beats.append(c)
        elif c.height > beats[-1].height:
            beats[-1] = c
    beats = beats[-KINDS_BEATS:]
    if len(beats) < KINDS_BEATS or beats[-1] is not recent[-1]:
        return [], 0.0
    company, total = Company(KINDS_BEATS), 0.0
    for done, (a, b) in enumerate(pairwise(beats), 1):
        if b.t - a.t > SLOWEST_S:
            return [], 0.0
        bare = clear(recent, a, b, 0.5 * (a.height + b.height), complex_s)
        weight = company.speaks(b, b.t - a.t, bare, SLACK, least=0.0)
        if done > KINDS and weight < KINDRED:
            return [], 0.0
        total += max(0.0, weight)
        company.add(b, b.t - a.t)
    return beats, total


def best_chain(recent: Recent, enough: float, complex_s: float) -> tuple[list[Candidate], float]:
    """The chain that ends in the newest candidate and speaks most for a heart, and how much.

    Empty where none reaches ``enough``. Of candidates nearer together than ``complex_s`` only
    one counts.
    """
    best: list[Candidate] = []
    most = enough
    if complex_s:
        recent = _highest(recent, complex_s)
    for chain in _chains(recent):
        total = _weigh(recent, chain, most)
        if total > most:
            best, most = chain, total
    return best, most
