"""What the tracker makes of candidates: when a rhythm is told, held, lost and forgotten."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.detect.rhythm.candidate import Candidate
from bridge.detect.rhythm.tracker import Tracker
from bridge.detect.signal.description import SignalDescription, Verdict
from bridge.detect.signal.periodicity import Periodicity

USUAL, STRANGE = np.array([1.0, 0.0]), np.array([0.0, 1.0])
COMPLEX_S, REMEMBERED = 0.1, 8


def candidate(t, height=1.0, shape=USUAL):
    return Candidate(t, fiducial=100 * t, height=height, shape=shape)


def doubtful_signal(period_s, beats, sign):
    return Verdict.DOUBTFUL


def noise(period_s, beats, sign):
    return Verdict.NOISE


def clear_signal(period_s, beats, sign):
    return Verdict.CLEAR


def heard(tracker, *candidates, assess=doubtful_signal):
    """For each candidate the times told with it, and whether each is late."""
    return [
        [(round(found.fiducial / 100, 2), found.late) for found in tracker.judge(c, assess)]
        for c in candidates
    ]


def regular(beats, start=0.0):
    return [candidate(start + 0.8 * i) for i in range(beats)]


def following(noisiness, beats=8):
    """A tracker that follows a rhythm whose last beat was at 0.8 (beats - 1)."""
    tracker = Tracker(COMPLEX_S, REMEMBERED)
    heard(tracker, *regular(beats))
    tracker.noisiness = noisiness
    return tracker


def test_the_fourth_of_four_excellent_beats_tells_them_all():
    assert heard(Tracker(), *regular(5)) == [
        [],
        [],
        [],
        [(0.0, True), (0.8, True), (1.6, True), (2.4, False)],
        [(3.2, False)],
    ]


def test_what_does_not_stand_out_is_never_told():
    tracker = Tracker()
    assert heard(tracker, *regular(20), assess=noise) == [[]] * 20
    assert not tracker.locked


def test_whether_it_stands_out_is_asked_for_the_whole_chain():
    asked = []

    def asking(*chain):
        asked.append(chain)
        return Verdict.DOUBTFUL

    heard(Tracker(), *regular(3), assess=asking)
    assert asked[-1] == (pytest.approx(0.8), 3, 1)


def test_three_beats_are_told_at_once_in_a_clear_signal():
    told = heard(Tracker(), *regular(4), assess=clear_signal)
    assert told == [[], [], [(0.0, True), (0.8, True), (1.6, False)], [(2.4, False)]]


def test_clear_beats_that_point_down_turn_the_polarity():
    tracker = Tracker()
    down = [replace(c, sign=-1) for c in regular(4)]
    assert heard(tracker, *down[:3], assess=clear_signal)[2][-1] == (1.6, False)
    assert tracker.sign == -1
    # A look at what came before them does not turn it back.
    tracker.observe(SignalDescription(2.0, uprightness=1.6))
    assert heard(tracker, down[3]) == [[(2.4, False)]]


def test_what_came_before_three_clear_beats_does_not_speak_against_them():
    disturbed = [candidate(0.1, height=2.2, shape=STRANGE), *regular(3, 1.0)]
    assert heard(Tracker(), *disturbed, assess=clear_signal)[-1] == [
        (1.0, True),
        (1.8, True),
        (2.6, False),
    ]


@pytest.mark.parametrize(
    ("noisiness", "pause_s", "is_held"),
    [(0.0, 5.9, True), (0.0, 6.1, False), (1.0, 2.5, True), (1.0, 2.7, False), (0.5, 4.2, True)],
)
def test_a_clean_rhythm_outlasts_a_longer_pause(noisiness, pause_s, is_held):
    t = 5.6 + pause_s
    told = heard(following(noisiness), candidate(t))
    assert told == [[(round(t, 2), False)]] if is_held else told == [[]]


@pytest.mark.parametrize(("noisiness", "is_beat"), [(0.0, True), (1.0, False)])
def test_a_premature_beat_of_strange_shape_counts_in_a_clean_signal(noisiness, is_beat):
    told = heard(following(noisiness), candidate(5.6 + 0.5, shape=STRANGE))
    assert told == ([[(6.1, False)]] if is_beat else [[]])


def test_a_lower_stranger_is_known_by_the_one_before_it_until_the_rhythm_is_lost():
    low = {"height": 0.5, "shape": STRANGE}
    assert heard(following(0.0), candidate(6.1, **low)) == [[]]
    tracker = following(0.0)
    heard(tracker, candidate(6.1, shape=STRANGE), candidate(7.2))
    assert heard(tracker, candidate(7.7, **low)) == [[(7.7, False)]]
    heard(tracker, *regular(4, start=20.0))
    assert tracker.locked
    tracker.noisiness = 0.0
    assert heard(tracker, candidate(22.9, **low)) == [[]]


def test_a_single_likeness_counts_less_in_noise():
    tracker = following(0.0)
    heard(tracker, candidate(6.1, shape=STRANGE), candidate(7.2))
    tracker.noisiness = 1.0
    # 1.0 interval after the last beat 0.42 is needed: 0.5 (0.35 + 0.65 alike) does not reach it.
    assert heard(tracker, candidate(8.0, 0.5, STRANGE)) == [[]]


@pytest.mark.parametrize(("noisiness", "height", "is_found"), [(1.0, 0.3, True), (0.0, 0.3, False)])
def test_a_beat_that_was_passed_over_is_found_late_more_easily_in_noise(
    noisiness, height, is_found
):
    told = heard(following(noisiness), candidate(6.4, height), candidate(7.2))
    assert told[0] == []
    assert told[1] == ([(6.4, True), (7.2, False)] if is_found else [(7.2, False)])


def test_a_low_early_beat_after_a_high_one_is_measured_against_that_in_noise():
    # 0.5 of an interval after the last beat 0.92 is needed.
    high = candidate(6.4, height=2.0)
    early = candidate(6.8, height=1.2)
    assert heard(following(1.0), high, early) == [[(6.4, False)], []]
    low = candidate(6.8, height=0.7)
    assert heard(following(0.0), high, low) == [[(6.4, False)], [(6.8, False)]]


def test_beats_that_turn_over_are_placed_at_their_lower_point_from_then_on():
    def turned(t, polarity):
        return Candidate(
            t,
            fiducial=100 * t,
            height=1.0,
            shape=USUAL,
            fiducial_down=100 * t + 3,
            polarity=polarity,
        )

    tracker = Tracker()
    heard(tracker, *(turned(0.8 * i, 1.0) for i in range(6)))
    told = heard(tracker, *(turned(0.8 * i, -1.0) for i in range(6, 18)))
    off = [round(beat[0][0] - 0.8 * i, 2) for i, beat in enumerate(told, 6)]
    # A tenth of the way each beat: -0.25 is passed with the tenth.
    assert off == [0.0] * 9 + [0.03] * 3


def lost(beats):
    """A tracker that has lost a rhythm of so many beats, 0.8 s apart, about now."""
    tracker = following(0.0, beats)
    heard(tracker, candidate(0.8 * beats + 6.5))
    assert not tracker.locked
    return tracker, 0.8 * beats + 7.0


@pytest.mark.parametrize(("beats", "needed"), [(14, 3), (8, 4)])
def test_a_rhythm_that_was_lost_lately_is_told_sooner(beats, needed):
    tracker, start = lost(beats)
    told = heard(tracker, *regular(4, start + 1.0))
    assert [bool(found) for found in told] == [i + 1 >= needed for i in range(4)]


@pytest.mark.parametrize(("beats", "is_told"), [(14, True), (8, False)])
def test_a_period_that_was_lost_lately_needs_less_evidence(beats, is_told):
    tracker, start = lost(beats)

    heard(tracker, *regular(5, start), assess=noise)
    clearly = Periodicity(strength=0.65, period_s=0.8, overtones=0.5)
    for _ in range(2):
        assert tracker.observe(SignalDescription(start + 3.3, periodicity=clearly)) == []
    assert tracker.locked
    told = heard(tracker, candidate(start + 4.0), candidate(start + 4.8, height=2.0), assess=noise)
    assert [bool(found) for found in told] == [False, is_told]


@pytest.mark.parametrize(("jump", "is_followed"), [(0.3, True), (0.9, False), (None, True)])
def test_knocks_at_odd_times_end_a_rhythm(jump, is_followed):
    tracker = following(noisiness=0.0)
    times = [5.6 + 0.55, 5.6 + 1.9, 5.6 + 2.5, 5.6 + 4.0, 5.6 + 4.6]
    heard(tracker, *(replace(candidate(t), jump=jump) for t in times))
    assert tracker.locked == is_followed


def test_a_pacemakers_even_steps_are_no_knocks():
    told = heard(Tracker(), *(replace(c, jump=0.9) for c in regular(5)))
    assert [len(found) for found in told] == [0, 0, 0, 4, 1]
