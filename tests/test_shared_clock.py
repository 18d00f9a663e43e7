"""The clock of a session that others share: their bars, their tempo, no note twice."""

import pytest

from bridge.clips.clip import PPQ
from bridge.clips.shared_clock import COAST_S, QUANTUM, SharedClock


def test_it_begins_with_the_next_bar_and_knows_when_that_is() -> None:
    clock = SharedClock()
    assert not clock.running(0.0)
    clock.told(10.0, 5.5, 120.0)
    assert clock.running(10.0)
    assert (clock.stretch, clock.start) == (1, 8 * PPQ)
    assert clock.moment(8 * PPQ) == pytest.approx(10.0 + 2.5 * 0.5)
    assert clock.tick(11.25) == pytest.approx(8 * PPQ)


def test_on_a_bar_it_begins_at_once_and_before_the_first_it_waits() -> None:
    clock = SharedClock()
    clock.told(1.0, float(QUANTUM), 120.0)
    assert clock.start == QUANTUM * PPQ
    clock = SharedClock()
    clock.told(1.0, -7.0, 120.0)
    assert clock.start == 0
    assert clock.moment(0) == pytest.approx(4.5)


def test_a_new_tempo_is_no_new_beginning() -> None:
    clock = SharedClock()
    for k in range(50):
        clock.told(k * 0.02, k * 0.04, 120.0)
    for k in range(50):
        clock.told(1.0 + k * 0.02, 2.0 + k * 0.02, 60.0)
    assert clock.stretch == 1
    assert clock.moment(4 * PPQ) == pytest.approx(3.0)


def test_a_session_that_is_joined_or_begins_anew_is_a_new_beginning() -> None:
    clock = SharedClock()
    clock.told(0.0, 2.0, 120.0)
    clock.told(0.02, 2.0 + 0.04 + 0.2, 120.0)  # another computer's clock, a little off
    assert clock.stretch == 1
    clock.told(0.04, 101.3, 120.0)
    assert (clock.stretch, clock.start) == (2, 104 * PPQ)


def test_without_news_the_music_waits() -> None:
    clock = SharedClock()
    clock.told(0.0, 2.0, 120.0)
    assert clock.running(COAST_S)
    assert not clock.running(COAST_S + 0.1)
