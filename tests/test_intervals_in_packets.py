"""Beats from intervals that come in packets: placed, told true or predicted."""

from itertools import pairwise

import numpy as np
import pytest

from bridge.events import Beat, Foretold
from bridge.gaps import LONGEST_INTERVAL_S
from bridge.pipeline import Pipeline
from bridge.sources import telling
from bridge.sources.intervals import RrClock
from bridge.sources.telling import Teller


def strap(mean_s=0.85, seconds=600.0, every_s=0.975, jitter_s=0.015, spikes=0.01, seed=1):
    """True beat times and what a strap sends of them: (arrival, intervals) a packet.

    A beat is known to the strap after 0.15 s; the radio takes a little longer at random.
    """
    rng = np.random.default_rng(seed)
    beats = [0.0]
    while beats[-1] < seconds:
        t = beats[-1]
        sway = 0.05 * np.sin(0.2 * np.pi * t) + 0.03 * np.sin(0.5 * np.pi * t)
        beats.append(t + mean_s * (1 + sway) + rng.normal(0, 0.01))
    true = np.array(beats[1:])
    rr = np.round(np.diff(beats) * 1024) / 1024
    packets, last, before = [], -1.0, 0.0
    for due in np.arange(rng.uniform(0, every_s), seconds, every_s):
        index = np.flatnonzero((true + 0.15 <= due) & (true + 0.15 > last))
        last = due
        late = rng.exponential(jitter_s) + (rng.random() < spikes) * rng.uniform(0.1, 0.4)
        before = max(due + 0.02 + late, before + 0.001)
        packets.append((before, rr[index].tolist()))
    return true, packets


@pytest.mark.parametrize(
    "options",
    [{}, {"mean_s": 0.46}, {"mean_s": 1.33}, {"jitter_s": 0.06, "spikes": 0.1}],
    ids=["70 bpm", "130 bpm", "45 bpm", "bad radio"],
)
def test_beats_are_placed_where_they_happened(options):
    true, packets = strap(**options)
    clock = RrClock()
    on_arrivals_clock = []
    sent = []
    for arrival, rr in packets:
        sent += rr
        on_arrivals_clock += [p.t + clock.edge for p in clock.push(rr, arrival)]
    assert clock.refused == 0
    assert len(on_arrivals_clock) == len(sent)
    error = np.array(on_arrivals_clock) - true[: len(on_arrivals_clock)]
    settled = error[20:]
    assert settled.std() < 0.030
    assert settled.mean() == pytest.approx(0.2, abs=0.1)  # the way through strap and air


def test_intervals_stay_what_the_strap_measured():
    _, packets = strap(seconds=120.0)
    clock = RrClock()
    placed = [p for arrival, rr in packets for p in clock.push(rr, arrival)]
    assert np.diff([p.t for p in placed]) == pytest.approx([p.rr_s for p in placed[1:]], abs=1e-9)


def test_a_backlog_at_the_start_is_from_before():
    clock = RrClock()
    placed = clock.push([0.8] * 9, 100.0)
    assert [p.t for p in placed] == pytest.approx([0.0, 0.8, 1.6, 2.4])  # the rest is too old
    assert placed[-1].t + clock.edge == pytest.approx(100.0)


def test_what_comes_twice_is_refused():
    clock = RrClock()
    clock.push([0.8], 10.0)
    clock.push([0.8], 10.8)
    assert clock.push([0.8] * 9, 11.6) != []
    assert clock.refused >= 6
    assert clock.push([0.8], 12.4) != []


def test_the_same_interval_again_and_again_is_a_steady_heart():
    clock = RrClock()
    for second in range(100):
        assert len(clock.push([1.0], 5.0 + second)) == 1


@pytest.mark.parametrize("lost", [3, 6])
def test_lost_packets_leave_a_gap(lost):
    true, packets = strap(seconds=120.0)
    clock = RrClock()
    placed = [p for a, rr in packets[:40] + packets[40 + lost :] for p in clock.push(rr, a)]
    breaks = [b.t - a.t for a, b in pairwise(placed) if abs(b.t - a.t - b.rr_s) > 1e-6]
    assert len(breaks) == 1
    assert breaks[0] > LONGEST_INTERVAL_S
    last = true[true + 0.15 < packets[-1][0]][-2:]
    assert np.abs(placed[-1].t + clock.edge - 0.2 - last).min() < 0.2


def test_one_lost_beat_is_found_out_by_all_that_follow_being_late():
    _, packets = strap(seconds=120.0, jitter_s=0.001, spikes=0.0)
    arrival, rr = packets[40]
    packets[40] = (arrival, rr[1:])
    clock = RrClock()
    late = []
    for arrival, rr in packets:
        placed = clock.push(rr, arrival)
        late += [arrival - p.t - clock.edge for p in placed[-1:]]
    assert min(late[-20:]) < 0.3


@pytest.mark.parametrize("rr", [0.1, 0.0, 5.0])
def test_intervals_of_no_heart_are_refused(rr):
    clock = RrClock()
    assert clock.push([rr], 1.0) == []
    assert clock.refused == 1


class Handle:
    def __init__(self, at, work):
        self._at, self.work, self.cancelled = at, work, False

    def when(self):
        return self._at

    def cancel(self):
        self.cancelled = True


class Clockwork:
    """A loop whose time is set by the test."""

    def __init__(self):
        self.now, self.handles = 0.0, []

    def time(self):
        return self.now

    def call_at(self, at, work, *arguments):
        self.handles.append(Handle(at, lambda: work(*arguments)))
        return self.handles[-1]

    def advance(self, to):
        while due := [h for h in self.handles if h.when() <= to and not h.cancelled]:
            first = min(due, key=Handle.when)
            self.handles.remove(first)
            self.now = max(self.now, first.when())
            first.work()
        self.now = to


def told(packets, beats, monkeypatch):
    """Beats with the arrivals-clock time at which each was told."""
    loop = Clockwork()
    monkeypatch.setattr(telling.asyncio, "get_running_loop", lambda: loop)
    found, said, clock = [], [], RrClock()
    teller = Teller(
        lambda item: (
            found.append((loop.now, item)) if isinstance(item, Beat) else said.append(item)
        ),
        clock,
        beats,
    )
    for arrival, rr in packets:
        loop.advance(arrival)
        teller.take(clock.push(rr, arrival))
    loop.advance(packets[-1][0] + 10.0)
    assert (Foretold(0.0) in said) == (beats == "predicted")
    return found


def test_true_beats_are_told_after_one_delay_with_their_age(monkeypatch):
    true, packets = strap(seconds=300.0)
    found = told(packets, "true", monkeypatch)
    assert len(found) == sum(len(rr) for _, rr in packets)
    delays = np.array([now for now, _ in found]) - true[: len(found)]
    assert delays[20:].std() < 0.04
    ages = np.array([beat.sure_t - beat.t for _, beat in found])
    assert ages[20:] == pytest.approx(1.2, abs=0.1)
    # What is told agrees with what is.
    assert np.abs(ages[20:] - delays[20:] + 0.2).max() < 0.2
    assert all(b.t > a.t for (_, a), (_, b) in pairwise(found))


def test_predicted_beats_are_on_time_and_count_for_nothing(monkeypatch):
    true, packets = strap(seconds=300.0)
    found = told(packets, "predicted", monkeypatch)
    predicted = [(now, beat) for now, beat in found if beat.predicted]
    assert len(predicted) == pytest.approx(len(true), rel=0.1)
    assert all(beat.sure_t == pytest.approx(beat.t, abs=0.01) for _, beat in predicted)
    off = [min(np.abs(true - now + 0.2)) for now, _ in predicted[20:]]
    assert np.median(off) < 0.1
    counted = [beat for _, beat in found if not beat.predicted]
    assert all(beat.late for beat in counted)
    assert len(counted) == sum(len(rr) for _, rr in packets)
    pipeline = Pipeline()
    events = [e for _, beat in found for e in pipeline.push(beat)]
    intervals = [e.ibi_ms for e in events if isinstance(e, Beat) and not e.predicted and e.ibi_ms]
    sent = [1000 * rr for _, packet in packets for rr in packet]
    assert intervals == pytest.approx(sent[1:])
    sounded = [e for e in events if isinstance(e, Beat) and e.predicted]
    assert sounded[-1].bpm == pytest.approx(70, abs=12)


def test_no_more_than_two_beats_are_predicted_without_a_packet(monkeypatch):
    _, packets = strap(seconds=60.0)
    found = told(packets, "predicted", monkeypatch)
    after = [beat for now, beat in found if beat.predicted and now > packets[-1][0]]
    assert len(after) <= 2
