"""The last few beats one by one, and how a new one is measured against them."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.detect.rhythm.candidate import Candidate
from bridge.detect.rhythm.recent_beats import SAME_KIND, RecentBeats

SLACK = 0.6


def beat(angle=0.0, height=1.0):
    """A candidate whose shape is like that of another by the cosine of their angles."""
    shape = np.array([np.cos(angle), np.sin(angle)])
    return Candidate(t=0.0, fiducial=0.0, height=height, shape=shape)


USUAL = 0.0
WIDE = np.arccos(0.3)
"""A ventricular beat's shape, 0.3 like a usual one's."""


def of(size, *members):
    recent = RecentBeats(size)
    for angle, height, gap in members:
        recent.add(beat(angle, height), gap)
    return recent


def test_nothing_matches_where_there_are_none():
    assert RecentBeats(8).best_match(beat()) == 0.0
    assert RecentBeats(8).best_evidence(beat(), 0.8, 1.0, SLACK, least=-0.7) == -0.7


def test_the_best_match_of_two_kinds_is_the_one_of_its_own():
    recent = of(8, (USUAL, 1.0, 0.8), (WIDE, 0.6, 0.5), (USUAL, 1.0, 1.1))
    assert recent.best_match(beat(WIDE)) == pytest.approx(1.0)
    assert recent.best_match(beat(WIDE + 0.1)) == pytest.approx(np.cos(0.1))
    assert recent.best_match(beat(USUAL + 0.2)) == pytest.approx(np.cos(0.2))


def test_a_fair_match_with_a_single_beat_is_none():
    recent = of(8, (USUAL, 1.0, 0.8))
    assert recent.best_match(beat(np.arccos(SAME_KIND + 0.01))) == pytest.approx(0.91)
    assert recent.best_match(beat(np.arccos(SAME_KIND - 0.01))) == 0.0
    assert recent.best_match(beat(np.pi)) == 0.0


def test_only_the_last_few_are_remembered():
    recent = of(2, (WIDE, 0.6, 0.5), (USUAL, 1.0, 0.8), (USUAL, 1.0, 0.8))
    assert recent.best_match(beat(WIDE)) == 0.0
    assert recent.best_match(beat(USUAL)) == pytest.approx(1.0)


def test_a_size_of_none_remembers_none():
    recent = of(0, (USUAL, 1.0, 0.8))
    assert recent.best_match(beat()) == 0.0
    assert recent.best_evidence(beat(), 0.8, 1.0, SLACK, least=0.25) == 0.25


def test_clearing_forgets_them_all():
    recent = of(8, (USUAL, 1.0, 0.8))
    recent.clear()
    assert recent.best_match(beat()) == 0.0


def test_a_premature_beat_speaks_as_well_as_a_usual_one_beside_one_of_its_kind():
    # Excellent: 3 (1 - 0.45), nothing taken away.
    recent = of(8, (USUAL, 1.0, 1.1), (WIDE, 0.6, 0.5))
    assert recent.best_evidence(beat(WIDE, 0.6), 0.5, 1.0, SLACK, 0.0) == pytest.approx(1.65)
    assert recent.best_evidence(beat(USUAL, 1.0), 1.1, 1.0, SLACK, 0.0) == pytest.approx(1.65)


def test_shape_time_and_height_are_all_measured_against_the_same_beat():
    # The first has its height, the second its shape and interval: neither has all three.
    recent = of(8, (USUAL, 0.3, 1.1), (WIDE, 1.0, 0.5))
    as_the_first = 3 * (0.3 - 0.45) - 2 * (log(1.1 / 0.5) - 0.1)
    as_the_second = 3 * 0.55 - 1.5 * (log(1.0 / 0.3) - 0.3)
    spoken = recent.best_evidence(beat(WIDE, 0.3), 0.5, 1.0, SLACK, -9.0)
    assert spoken == pytest.approx(max(as_the_first, as_the_second))


def test_what_stands_out_between_the_beats_speaks_against_all_alike():
    recent = of(8, (USUAL, 1.0, 0.8))
    assert recent.best_evidence(beat(), 0.8, -1.0, SLACK, -9.0) == pytest.approx(-1.35)
    assert recent.best_evidence(beat(), 0.8, 0.1, SLACK, -9.0) == pytest.approx(3 * (0.7 - 0.45))


MEMBERS = st.tuples(st.floats(0, np.pi), st.floats(0.1, 3.0), st.floats(0.25, 3.0))


@given(members=st.lists(MEMBERS, min_size=1, max_size=12), new=MEMBERS)
def test_one_more_of_its_own_kind_never_makes_a_beat_stranger(members, new):
    angle, height, gap = new
    before, after = of(20, *members), of(20, *members, new)
    c = beat(angle, height)
    assert after.best_match(c) == pytest.approx(1.0)
    assert after.best_match(c) >= before.best_match(c)
    speaks = after.best_evidence(c, gap, 1.0, SLACK, -9.0)
    assert speaks == pytest.approx(1.65)
    assert speaks >= before.best_evidence(c, gap, 1.0, SLACK, -9.0)
