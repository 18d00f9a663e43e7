"""Probation: a rhythm is held back, then told whole; and what is remembered of a lost one."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.detect.rhythm.probation import Detection, LostRhythm, Probation


def found(at, late=False):
    return Detection(at, strength=0.5, quality=0.8, late=late)


def chain(*places):
    return [found(at, late=True) for at in places]


def test_beats_are_held_until_the_evidence_suffices_then_told_in_order():
    probation = Probation(chain(100.0, 180.0, 260.0), enough=3.5)
    assert probation.review([found(340.0)], 2.6) == []
    assert probation.review([found(420.0)], 3.4) == []
    told = probation.review([found(500.0)], 3.5)
    assert told == [*chain(100.0, 180.0, 260.0, 340.0, 420.0), found(500.0)]


def test_nothing_is_told_before_two_beats_have_come_whatever_the_evidence():
    probation = Probation(chain(100.0, 180.0), enough=2.4)
    assert probation.review([], 4.0) == []
    assert probation.review([found(260.0)], 4.0) == []
    told = probation.review([found(340.0)], 4.0)
    assert told == [*chain(100.0, 180.0, 260.0), found(340.0)]


def test_evidence_that_comes_between_two_beats_tells_those_held():
    probation = Probation(chain(100.0), enough=2.4)
    assert probation.review([found(180.0), found(260.0)], 1.0) == []
    assert probation.review([], 2.5) == [*chain(100.0, 180.0), found(260.0)]


def test_the_newest_beat_stays_late_if_it_was_found_late():
    probation = Probation(chain(100.0), enough=2.4)
    told = probation.review([found(180.0), found(260.0, late=True)], 3.0)
    assert [beat.late for beat in told] == [True, True, True]


@given(
    held=st.integers(0, 8),
    steps=st.lists(
        st.tuples(st.integers(0, 2), st.floats(-1.0, 4.0, allow_nan=False)), min_size=1, max_size=12
    ),
    enough=st.sampled_from([2.4, 3.5]),
)
def test_no_beat_is_lost_and_none_is_told_twice(held, steps, enough):
    beats = [found(float(i)) for i in range(held + 2 * len(steps))]
    probation = Probation([replace(beat, late=True) for beat in beats[:held]], enough)
    given_so_far, heard = held, []
    for count, evidence in steps:
        heard = probation.review(beats[given_so_far : given_so_far + count], evidence)
        given_so_far += count
        assert bool(heard) == (evidence >= enough and given_so_far >= held + 2)
        if heard:
            break
    if heard:
        assert [beat.fiducial for beat in heard] == [beat.fiducial for beat in beats[:given_so_far]]
        assert all(beat.late for beat in heard[:-1])
        assert all(b.fiducial > a.fiducial for a, b in pairwise(heard))


def known(t, period_s, intervals_s=(0.8,) * 12, lost_at=100.0):
    lost = LostRhythm()
    lost.remember(lost_at, intervals_s)
    return lost.resembles(t, period_s)


@pytest.mark.parametrize(
    ("t", "period_s", "is_known"),
    [
        (101.0, 0.8, True),
        (120.0, 0.8, True),
        (120.1, 0.8, False),
        # A quarter, as a logarithm: 0.62-1.03 s.
        (101.0, 0.63, True),
        (101.0, 0.62, False),
        (101.0, 1.02, True),
        (101.0, 1.03, False),
    ],
)
def test_a_rhythm_is_known_for_twenty_seconds_by_about_its_period(t, period_s, is_known):
    assert known(t, period_s) is is_known


def test_a_rhythm_of_few_intervals_is_not_remembered():
    assert known(101.0, 0.8, (0.8,) * 12)
    assert not known(101.0, 0.8, (0.8,) * 11)
    assert not LostRhythm().resembles(1.0, 0.8)


def test_the_usual_interval_is_the_median_whatever_came_last():
    intervals = (*(0.8,) * 9, 0.3, 0.3, 2.4)
    assert known(101.0, 0.8, intervals)
    assert not known(101.0, 0.3, intervals)
    assert not known(101.0, 2.4, intervals)


def test_a_short_rhythm_does_not_replace_the_one_lost_before():
    lost = LostRhythm()
    lost.remember(100.0, [0.8] * 12)
    lost.remember(105.0, [0.4] * 3)
    assert lost.resembles(106.0, 0.8)
    assert not lost.resembles(106.0, 0.4)
