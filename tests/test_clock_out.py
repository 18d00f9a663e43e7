"""MIDI clock from the heart: never a jump, never a burst, as many pulses as the heart asks for."""

import math
from itertools import pairwise

import pytest

from bridge.errors import BeatbridgeError
from bridge.mapping.pulses import HIGHEST, HYSTERESIS, LOWEST, PulseTrain
from bridge.sinks.midi.clock_out import ClockOut


def pulses_of(rates, until):
    """Play (t, bpm) pairs; returns the moments of all pulses and the tempo at each."""
    train, rates, found, tempos = PulseTrain(), list(rates), [], []
    while True:
        while rates and (train.due is None or rates[0][0] <= train.due):
            train.rate(*rates.pop(0))
        if train.due > until:
            return found, tempos
        found.append(train.pulse())
        tempos.append(train.tempo)


def wandering(seconds, low, high):
    """A heart that speeds up and slows down within minutes, with breathing on top."""
    t = 0.0
    while t < seconds:
        slow = 0.5 - 0.5 * math.cos(2 * math.pi * t / 240.0)
        bpm = low + (high - low) * slow + 4.0 * math.sin(2 * math.pi * t / 4.0)
        yield t, bpm
        t += 60.0 / bpm


@pytest.mark.parametrize(("low", "high"), [(58.0, 66.0), (75.0, 130.0), (40.0, 190.0)])
def test_ten_minutes_without_a_jump(low, high):
    found, tempos = pulses_of(wandering(600.0, low, high), 600.0)
    intervals = [b - a for a, b in pairwise(found)]
    ratios = [b / a for a, b in pairwise(intervals)]
    assert 0.8 <= min(ratios) <= max(ratios) <= 1.25
    assert min(tempos) >= LOWEST * (1 - HYSTERESIS) - 1
    assert max(tempos) <= HIGHEST * (1 + HYSTERESIS) + 1


@pytest.mark.parametrize(("low", "high"), [(75.0, 130.0), (90.0, 100.0)])
def test_there_are_24_pulses_to_every_smoothed_beat(low, high):
    rates = list(wandering(600.0, low, high))
    found, _ = pulses_of(rates, 600.0)
    smooth, beats = rates[0][1], 0.0
    for (t, bpm), (following, _) in pairwise(rates):
        for _ in range(10):  # the same low pass, worked out in small steps
            step = (following - t) / 10
            smooth += (bpm - smooth) * step / 6.0
            beats += smooth / 60.0 * step
    assert len(found) / 24 == pytest.approx(beats, abs=1.0)


def test_a_lost_heart_leaves_the_tempo_as_it_is():
    found, tempos = pulses_of([(0.0, 90.0), (1.0, 90.0)], 60.0)
    assert len(found) == pytest.approx(60.0 * 24 * 90 / 60, abs=1)
    assert tempos[-1] == pytest.approx(90.0)


def test_slow_and_fast_hearts_are_folded_and_do_not_flutter_at_the_border():
    for bpm, tempo in ((45.0, 90.0), (90.0, 90.0), (160.0, 80.0), (30.0, 120.0)):
        assert pulses_of([(0.0, bpm)], 5.0)[1][-1] == pytest.approx(tempo)
    border = [(float(t), 140.0 + 4.0 * math.sin(t)) for t in range(120)]
    _, tempos = pulses_of(border, 120.0)
    assert max(tempos) < 1.1 * min(tempos)


def test_what_could_not_be_sent_in_time_is_no_burst():
    train = PulseTrain()
    train.rate(0.0, 100.0)
    train.pulse()
    train.stall(2.0)
    assert train.due == pytest.approx(2.0 + 0.025)


class Port:
    def __init__(self, refuse=10**9):
        self.sent, self._refuse = [], refuse

    def send(self, message):
        if len(self.sent) >= self._refuse:
            raise BeatbridgeError("MIDI port X: gone")
        self.sent.append(message)

    def close(self):
        self.sent.append("closed")


@pytest.mark.slow
def test_it_starts_once_and_stops_at_the_end():
    port = Port()
    clock = ClockOut(port)
    clock.rate(120.0)
    while len(port.sent) < 20:
        clock.rate(121.0)
    clock.close()
    assert port.sent[0] == b"\xfa"
    assert port.sent[-2:] == [b"\xfc", "closed"]
    assert set(port.sent[1:-2]) == {b"\xf8"}


def test_a_port_that_goes_is_told_and_the_heart_plays_on():
    port, said = Port(refuse=3), []
    clock = ClockOut(port, said.append)
    clock.rate(120.0)
    clock._thread.join(60.0)
    assert said == ["--clock-out: MIDI port X: gone; the clock has ended, the heart plays on"]
    clock.rate(120.0)
    clock.close()


def test_without_a_heart_nothing_is_sent_but_the_end():
    port = Port()
    ClockOut(port).close()
    assert port.sent == [b"\xfc", "closed"]
