"""What waited while nobody heard it sounds only where it is not old."""

from math import inf

import pytest

from bridge.live.backlog import SOUNDS_WITHIN_S, Backlog


def play(*deliveries):
    backlog = Backlog()
    return [backlog.oldest_s(now, length_s) for now, length_s in deliveries]


def test_samples_that_come_in_time_have_not_waited():
    assert set(play(*((0.6 * k, 0.6) for k in range(20)))) == {inf}


def test_what_comes_after_a_silence_has_waited():
    assert play((0.0, 0.01), (5.0, 3.0), (5.01, 2.0))[1:] == [SOUNDS_WITHIN_S] * 2


@pytest.mark.parametrize("working_s", [0.01, 0.09])
def test_a_slow_machine_that_catches_up_in_many_pieces_is_not_there_yet(working_s):
    pieces = [(5.0 + working_s * k, 0.4) for k in range(20)]
    assert set(play((0.0, 0.01), *pieces)[1:]) == {SOUNDS_WITHIN_S}


def test_who_has_caught_up_plays_as_before():
    in_time = [(5.0 + 0.01 * k, 0.01) for k in range(50)]
    last = play((0.0, 0.01), (5.0, 5.0), *in_time)[-1]
    assert last == inf
