"""Beats of two or three kinds in turn, as in bigeminy and trigeminy: no chain of like beats.

Known by nine beats in a row, each like one of its kind before it.
"""

from itertools import islice, pairwise

from bridge.detect.rhythm.acceptance import T_WAVE_S
from bridge.detect.rhythm.acquisition import (
    ACQUISITION_SLACK,
    SLOWEST_S,
    Recent,
    clearance,
    highest_of_complexes,
)
from bridge.detect.rhythm.candidate import Candidate
from bridge.detect.rhythm.recent_beats import RecentBeats

MOST_KINDS = 3
"""Beats of up to so many kinds in turn: bigeminy and trigeminy."""
BEATS = 9
"""Known by so many: each kind has then returned twice. Fewer is sooner, and noise passes. Chosen on
simulated bigeminy and ``simulate.not_a_heart``. F1 within 0.1: 8 to 9."""
STANDS_OUT = 0.4
"""Height, as a part of the highest, of what is taken for a beat here. Chosen on simulated bigeminy.
F1 within 0.1: 0.2 to 0.4."""
LEAST_EVIDENCE = 0.9
"""Each after the first of its kind has so much evidence against one before it, see ``evidence``.
Chosen on simulated bigeminy and ``simulate.not_a_heart``. F1 within 0.1: 0.45 to 1.03."""


def bigeminy_chain(recent: Recent, complex_s: float) -> tuple[list[Candidate], float]:
    """All that stood out lately, if it is beats of two or three kinds that return.

    And how much it speaks for a heart; empty where one of them is like none before it.
    """
    recent = highest_of_complexes(recent, complex_s)
    beats = _outstanding(recent)[-BEATS:]
    if len(beats) < BEATS or beats[-1] is not recent[-1]:
        return [], 0.0
    earlier, total = RecentBeats(BEATS), 0.0
    for done, (a, b) in enumerate(pairwise(beats), 1):
        if b.t - a.t > SLOWEST_S:
            return [], 0.0
        clear = clearance(recent, a, b, 0.5 * (a.height + b.height), complex_s)
        weight = earlier.best_evidence(b, b.t - a.t, clear, ACQUISITION_SLACK, least=0.0)
        if done > MOST_KINDS and weight < LEAST_EVIDENCE:
            return [], 0.0
        total += max(0.0, weight)
        earlier.add(b, b.t - a.t)
    return beats, total


def _outstanding(recent: Recent) -> list[Candidate]:
    """What stands out; of two so near that one may be a T wave, the higher."""
    top = max(c.height for c in islice(reversed(recent), 2 * BEATS))
    beats: list[Candidate] = []
    for c in recent:
        if c.height < STANDS_OUT * top:
            continue
        if not beats or c.t - beats[-1].t > T_WAVE_S:
            beats.append(c)
        elif c.height > beats[-1].height:
            beats[-1] = c
    return beats
