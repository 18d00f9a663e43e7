"""searching, live, lost."""

from bridge.events import Beat, Quality, State, Status
from bridge.status import StatusTracker


def beat(t, after=0.08, late=False):
    return Beat(t=t, sure_t=t + after, late=late)


def test_three_beats_make_it_live():
    status = StatusTracker()
    assert status.state is State.SEARCHING
    assert status.push(beat(1.0)) == []
    assert status.push(beat(2.0)) == []
    assert status.push(beat(3.0)) == [Status(3.08, State.LIVE)]
    assert status.push(beat(4.0)) == []


def test_late_beats_count_but_old_ones_do_not():
    status = StatusTracker()
    assert status.push(beat(1.0, after=2.1, late=True)) == []
    assert status.push(beat(2.0, after=1.1, late=True)) == []
    assert status.push(beat(3.0, after=0.1)) == [Status(3.1, State.LIVE)]
    status = StatusTracker()
    assert [status.push(beat(t)) for t in (1.0, 6.0, 11.0)] == [[], [], []]


def test_silence_is_a_loss_at_its_own_moment_however_seldom_one_asks():
    for steps in ([9.0], [3.5, 4.0, 4.5, 5.5, 9.0]):
        status = StatusTracker()
        for t in (1.0, 2.0, 3.0):
            status.push(beat(t))
        # 2.5 intervals of 1 s after the last beat.
        changes = [change for t in steps for change in status.tick(t)]
        assert changes == [Status(5.5, State.LOST)]
        assert status.tick(20.0) == []


def test_a_slow_heart_is_given_time_and_a_fast_one_less():
    status = StatusTracker()
    for t in (2.0, 4.0, 6.0):
        status.push(beat(t))
    assert status.tick(8.7) == []
    assert status.tick(8.9) == [Status(8.8, State.LOST)]
    status = StatusTracker()
    for t in (2.0, 2.3, 2.6):
        status.push(beat(t))
    assert status.tick(5.0) == [Status(4.4, State.LOST)]


def test_low_quality_is_a_loss_unless_beats_go_on():
    status = StatusTracker()
    for t in (1.0, 2.0, 3.0):
        status.push(beat(t))
    assert status.push(Quality(3.0, 0.1)) == []
    assert status.push(beat(3.9)) == []
    assert status.push(Quality(4.0, 0.1)) == []
    assert status.push(Quality(5.0, 0.1)) == []
    assert status.push(Quality(6.0, 0.1)) == [Status(5.5, State.LOST)]


def test_it_comes_back():
    status = StatusTracker()
    for t in (1.0, 2.0, 3.0):
        status.push(beat(t))
    status.tick(10.0)
    assert status.state is State.LOST
    assert [status.push(beat(t)) for t in (11.0, 12.0)] == [[], []]
    assert status.push(beat(13.0)) == [Status(13.08, State.LIVE)]
