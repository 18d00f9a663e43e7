"""Clocks of the groove: a tempo of its own, MIDI clock, and the heart itself."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.clips.clip import PPQ
from bridge.clips.clock import (
    COAST_S,
    MIDI_PULSES,
    Follower,
    OwnClock,
    heart_follower,
    midi_follower,
)

PULSE = PPQ // MIDI_PULSES


def test_moments_of_an_own_clock_add_nothing_up() -> None:
    clock = OwnClock(140.0, origin=100.0)
    assert clock.moment(0) == 100.0
    assert clock.moment(140 * PPQ * 10) == pytest.approx(100.0 + 600.0, abs=1e-9)
    assert clock.tick(clock.moment(12345)) == pytest.approx(12345)
    assert clock.running(0.0)


def followed(pulses: list[float], tempo: float = 75.0) -> Follower:
    clock = midi_follower(tempo)
    clock.roll(0)
    for t in pulses:
        clock.pulse(t)
    return clock


def test_a_steady_machine_is_followed_to_the_tick() -> None:
    period = 60 / 140 / MIDI_PULSES
    clock = followed([5.0 + k * period for k in range(100)])
    last = 5.0 + 99 * period
    assert clock.tick(last) == pytest.approx(99 * PULSE, abs=1e-6)
    assert clock.moment(100 * PULSE) == pytest.approx(last + period, abs=1e-9)
    assert (clock.stretch, clock.start) == (1, 0)


def test_the_position_counts_from_the_first_pulse_after_the_start() -> None:
    clock = midi_follower(75.0)
    assert not clock.running(0.0)
    for k in range(48):  # a machine that stands sends pulses all the same
        clock.pulse(k * 0.02)
    assert not clock.running(0.96)
    clock.roll(960)
    assert not clock.running(0.96)
    clock.pulse(0.96)
    assert clock.running(0.97)
    assert clock.start == 960
    assert clock.tick(0.96) == pytest.approx(960, abs=0.1)
    assert clock.moment(960 + PULSE) == pytest.approx(0.98, abs=1e-4)  # the tempo was known


@given(st.integers(0, 10**6), st.sampled_from([60.0, 75.0, 140.0]), st.floats(0.0, 0.002))
def test_jitter_is_halved_and_late_pulses_bend_nothing(
    seed: int, tempo: float, jitter: float
) -> None:
    noise = np.random.default_rng(seed)
    period = 60 / tempo / MIDI_PULSES
    true = np.arange(400) * period
    came = true + noise.normal(0, jitter, 400)
    came[noise.random(400) < 0.01] += 0.005
    clock = midi_follower(75.0)
    clock.roll(0)
    errors = []
    for k, t in enumerate(np.maximum.accumulate(came).tolist()):
        clock.pulse(t)
        if k > 200:
            errors.append(clock.moment((k + 1) * PULSE) - true[k] - period)
    assert np.median(np.abs(errors)) <= 0.5 * jitter + 2e-4
    assert np.abs(errors).max() <= 4 * jitter + 0.005  # no further off than a late pulse itself


def test_a_jittery_start_does_not_set_the_tempo() -> None:
    period = 60 / 140 / MIDI_PULSES
    pulses = [k * period + (0.006 if k == 1 else 0.0) for k in range(20)]
    clock = followed(pulses)
    assert clock.moment(20 * PULSE) == pytest.approx(20 * period, abs=1e-4)


def test_a_change_of_tempo_is_reached_within_a_beat() -> None:
    pulses = [k * 0.020 for k in range(100)]
    pulses += [pulses[-1] + k * 0.019 for k in range(1, 60)]
    clock = midi_follower(125.0)
    clock.roll(0)
    late = []
    for k, t in enumerate(pulses):
        clock.pulse(t)
        late.append(abs(clock.moment(k * PULSE) - t))
    assert max(late) < 0.006
    assert max(late[125:]) < 0.002


def test_a_doubled_pulse_counts_once() -> None:
    clock = followed([k * 0.02 for k in range(50)] + [49 * 0.02 + 0.001])
    assert clock.tick(49 * 0.02) == pytest.approx(49 * PULSE, abs=0.01)


def test_stop_waits_and_continue_goes_on_where_it_stopped() -> None:
    clock = followed([k * 0.02 for k in range(25)])
    clock.stop()
    assert not clock.running(0.5)
    for k in range(25, 40):
        clock.pulse(k * 0.02)
    clock.roll()
    clock.pulse(0.80)
    assert clock.running(0.8)
    assert (clock.stretch, clock.start) == (2, 25 * PULSE)


def test_without_pulses_the_music_waits() -> None:
    clock = followed([k * 0.02 for k in range(25)])
    assert clock.running(0.48 + COAST_S - 0.01)
    assert not clock.running(0.48 + COAST_S + 0.01)


def test_pulses_that_waited_say_where_the_music_is_and_nothing_of_its_tempo() -> None:
    clock = followed([pulse * 0.02 for pulse in range(48)])
    for waited in range(50):  # it stood still for a second
        clock.pulse(1.94 + waited * 0.0001)
    last = 1.94 + 49 * 0.0001
    assert clock.tick(last) == 97 * PULSE
    assert clock.moment(98 * PULSE) - last == pytest.approx(0.02, rel=0.01)
    for pulse in range(98, 120):
        clock.pulse(pulse * 0.02)
        assert clock.tick(pulse * 0.02) == pytest.approx(pulse * PULSE, abs=PULSE / 2)


def test_a_heart_is_a_quarter_note_and_a_missed_beat_is_counted() -> None:
    noise = np.random.default_rng(1)
    beats = np.cumsum(np.concatenate(([1.0], 0.8 + noise.normal(0, 0.03, 80))))
    clock = heart_follower(75.0)
    errors = []
    for k, t in enumerate(beats.tolist()):
        if k in (30, 31, 50):
            continue  # not heard
        clock.pulse(t)
        errors.append(abs(clock.moment(k * PPQ) - t))
    assert np.median(errors[10:]) < 0.03
    assert max(errors[10:]) < 0.12
    assert clock.stretch == 1


def test_an_ectopic_beat_bends_the_heart_clock_by_less_than_a_third() -> None:
    clock = heart_follower(75.0)
    for k in range(20):
        clock.pulse(k * 0.8)
    clock.pulse(19 * 0.8 + 0.4)
    assert clock.tick(19 * 0.8 + 0.4) < 20 * PPQ + PPQ / 3
    assert not clock.running(30.0)


@given(st.lists(st.floats(0.0, 0.5), min_size=3, max_size=100))
def test_whatever_pulses_come_moments_rise(steps: list[float]) -> None:
    clock = followed(np.cumsum(steps).tolist())
    moments = [clock.moment(tick) for tick in range(0, 2000, 60)]
    assert all(a < b for a, b in pairwise(moments))
