"""From arrivals to evenly spaced runs: rates, pauses, losses, drift, jumps."""

from itertools import pairwise

import numpy as np
import pytest

from bridge.gaps import HIDES_A_BEAT_S
from bridge.sources.serial.rate import Rate, RateMeter, usual_rate
from bridge.sources.serial.sampling import Sampler
from tests import sketches

LINKS = {"direct": sketches.direct, "usb": sketches.usb, "bluetooth": sketches.bluetooth}


def some(*values: float):
    return [(float(value),) for value in values]


def flat(run):
    return [value for (value,) in run.readings]


def test_a_known_rate_counts_samples_whatever_the_bursts():
    sampler = Sampler(100.0)
    (first,) = sampler.add(some(1, 2), arrival=50.0)
    (second,) = sampler.add(some(3), arrival=50.1)
    assert (first.t, flat(first)) == (0.0, [1.0, 2.0])
    assert (second.t, flat(second)) == (0.02, [3.0])


def test_an_unknown_rate_is_learned_and_nothing_of_the_start_is_lost():
    sampler = Sampler()
    runs = []
    for burst in range(200):  # 8 readings each 16 ms, as USB delivers 500 a second
        runs += sampler.add(some(*[burst] * 8), arrival=7.0 + burst * 0.016)
    assert runs[0].rate_hz == 500.0
    assert runs[0].t == 0.0
    assert sum(len(run.readings) for run in runs) == 1600
    assert runs[-1].end == pytest.approx(3.2)


def test_a_pause_on_the_cable_moves_the_clock():
    sampler = Sampler(100.0)
    sampler.add(some(1), arrival=0.0)
    (run,) = sampler.add(some(2), arrival=5.0)
    assert run.t == pytest.approx(5.0)


def test_lost_samples_move_the_clock():
    sampler = Sampler(1000.0)
    sampler.add(some(1), arrival=0.0)
    sampler.skip(7)
    (run,) = sampler.add(some(2), arrival=0.01)
    assert run.t == pytest.approx(0.008)


@pytest.mark.parametrize(
    ("measured", "error", "rate"),
    [(992.0, 0.01, 1000.0), (49.9, 0.003, 50.0), (49.5, 0.006, 49.5), (117.0, 0.01, 117.0)],
)
def test_a_rate_is_taken_for_a_round_one_only_where_it_may_be(measured, error, rate):
    assert usual_rate(Rate(measured, error, 0.016)) == rate


@pytest.mark.slow
@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("rate_hz", [20.0, 49.5, 178.3, 1000.0, 2000.0])
@pytest.mark.parametrize("seed", range(2))
def test_every_rate_is_sure_within_5_percent_through_every_link(link, rate_hz, seed):
    rng = np.random.default_rng(seed)
    start = rng.uniform(0, 1)
    times = start + np.arange(round(10 * rate_hz)) / rate_hz
    arrivals = LINKS[link](times)
    meter = RateMeter()
    for arrival, count in zip(*np.unique(arrivals, return_counts=True), strict=True):
        found = meter.push(int(count), float(arrival))
        if found is not None:
            break
    assert found is not None
    assert abs(found.hz / rate_hz - 1) < 0.05
    assert arrival - start < 4.0


def arrivals(sampler, rate_hz, start, seconds):
    """One reading an arrival; the runs that come of it."""
    return [
        run
        for index in range(round(seconds * rate_hz))
        for run in sampler.add(some(0), start + index / rate_hz)
    ]


def test_another_board_on_the_same_cable_is_measured_anew():
    sampler = Sampler()
    before = arrivals(sampler, 100.0, 0.0, 10.0)
    sampler.reconnected()
    after = arrivals(sampler, 200.0, 15.0, 10.0)
    assert (before[0].rate_hz, after[0].rate_hz) == (100.0, 200.0)
    assert after[0].t == pytest.approx(15.0, abs=0.02)
    assert all(b.t == pytest.approx(a.end) for a, b in pairwise(after))


def test_a_cable_pulled_while_the_rate_is_learned_leaves_no_gap_behind():
    sampler = Sampler()
    arrivals(sampler, 100.0, 0.0, 1.0)
    sampler.reconnected()
    after = arrivals(sampler, 100.0, 3.0, 10.0)
    assert all(b.t == pytest.approx(a.end) for a, b in pairwise(after))


def test_an_impossible_rate_is_refused():
    sampler = Sampler()
    for burst in range(250):
        assert sampler.add(some(*[0] * 100), arrival=burst * 0.01) == []
    with pytest.raises(ValueError, match="times a second"):
        sampler.add(some(*[0] * 100), arrival=2.5)


def test_numbered_readings_are_followed_by_their_own_count_alone():
    sampler = Sampler()
    sampler.set_rate(1000.0)
    ends = []
    for burst in range(400):  # arrivals that would be 500 a second, with a pause
        arrival = burst * 0.02 + (3.0 if burst > 200 else 0.0)
        ends += [run.end for run in sampler.add(some(*[0] * 10), arrival, numbered=True)]
    assert ends[-1] == pytest.approx(4.0)
    assert sampler.remarks == []


def test_a_packet_arrives_later_than_it_happened():
    sampler = Sampler(100.0)
    late = [sampler.add(some(0), 10.0 + i / 100)[0] for i in range(300)]
    assert late[-1].arrival_t == pytest.approx(late[-1].end)
    (run,) = sampler.add(some(0), 13.0 + 0.12)
    assert run.arrival_t - run.end == pytest.approx(0.12)


# ---- a whole bridge: rates that change -----------------------------------------------------------


def heart_at(times, bpm=75.0):
    """A steady finger pulse, read at these times."""
    fine = np.array(sketches.pulse(2000.0, times[-1] + 1.0, bpm=bpm, hrv_ms=0.0), float)
    return np.rint(np.interp(times, np.arange(len(fine)) / 2000.0, fine)).astype(int).tolist()


def warped(rate_hz, seconds):
    """Times of readings whose rate is a function of time."""
    times = [0.0]
    while times[-1] < seconds:
        times.append(times[-1] + 1 / rate_hz(times[-1]))
    return times


def heard(times, link, **options):
    lines = [b"0\r\n"] + [b"%d\r\n" % value for value in heart_at(times)]
    return sketches.Heard(sketches.grouped(lines, [0.0, *link(times)]), **options)


def intervals(heard):
    return np.array([beat.ibi_ms for beat in heard.beats if beat.ibi_ms])


@pytest.mark.slow
@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (100, 200),
        (200, 100),
        pytest.param(100, 120, marks=pytest.mark.slow),
        pytest.param(250, 1000, marks=pytest.mark.slow),
        pytest.param(1000, 500, marks=pytest.mark.slow),
    ],
)
def test_a_jump_is_said_within_3_s_and_leaves_no_wrong_interval(link, before, after):
    at = 12.37
    result = heard(warped(lambda t: before if t < at else after, 25.0), LINKS[link])
    (said,) = (t for text, t in result.said_at.items() if text.startswith("readings no longer"))
    assert 0 < said - at < 3.0
    assert result.chunks[-1].rate_hz == pytest.approx(after, rel=0.02)
    assert result.said_at[result.notices[-1]] - at < 4.0
    found = intervals(result)
    assert len(found) > 22
    # A fifth more in bursts of 0.6 s shows a burst later, in which a beat may be told.
    assert np.abs(found / 800.0 - 1.0).max() < (0.065 if link == "bluetooth" else 0.05)
    assert max(b.t - a.end for a, b in pairwise(result.chunks)) > HIDES_A_BEAT_S


@pytest.mark.slow
@pytest.mark.parametrize("link", LINKS)
def test_a_slow_drift_is_followed(link):
    result = heard(warped(lambda t: 100 * (1 + 0.01 * t / 60), 80.0), LINKS[link])
    assert len(result.notices) == 2
    assert np.abs(intervals(result)[-40:] / 800.0 - 1.0).max() < 0.006
    assert intervals(result)[-40:].mean() == pytest.approx(800.0, rel=0.002)


@pytest.mark.slow
@pytest.mark.parametrize("link", LINKS)
def test_49_5_is_not_50(link):
    result = heard(warped(lambda t: 49.5, 60.0), LINKS[link])
    assert intervals(result)[20:].mean() == pytest.approx(800.0, rel=0.001)
    assert "50 readings a second" not in result.notices


@pytest.mark.slow
@pytest.mark.parametrize("link", LINKS)
def test_a_stall_of_this_computer_is_no_jump(link):
    def stalled(times):
        return [20.4 if 20.0 < arrival < 20.4 else arrival for arrival in LINKS[link](times)]

    result = heard(warped(lambda t: 100, 30.0), stalled)
    assert len(result.notices) == 2
    assert np.abs(intervals(result) / 800.0 - 1.0).max() < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("link", LINKS)
def test_readings_lost_in_a_silence_leave_a_gap(link):
    times = [t for t in warped(lambda t: 100, 30.0) if not 20.0 < t < 22.0]
    result = heard(times, LINKS[link])
    assert len(result.notices) == 2
    assert np.abs(intervals(result) / 800.0 - 1.0).max() < 0.01
    assert result.chunks[-1].end == pytest.approx(30.0, abs=0.3)


@pytest.mark.slow
@pytest.mark.parametrize("link", LINKS)
def test_a_wrong_rate_of_a_person_is_said(link):
    result = heard(warped(lambda t: 100, 12.0), LINKS[link], rate_hz=200.0)
    assert [notice for notice in result.notices if notice.startswith("rate=200 was given, but ")]
    right = heard(warped(lambda t: 100, 12.0), LINKS[link], rate_hz=100.0)
    assert right.notices == ["one number a line"]
    assert np.abs(intervals(right) / 800.0 - 1.0).max() < 0.01


def test_nothing_is_told_before_the_rate_is_sure():
    """Seed 002's raw stream at half its usual rate: no beat, no sample, until it is known."""
    values = heart_at(warped(lambda t: 500, 12.0))
    data = [value.to_bytes(2, "big") for value in values]
    stream = sketches.grouped(data, sketches.usb(sketches.even(len(data), 500.0)))
    result = sketches.Heard(stream)
    assert {chunk.rate_hz for chunk in result.chunks} == {500.0}
    assert np.abs(intervals(result) / 800.0 - 1.0).max() < 0.01


def test_lines_that_a_sketch_prints_at_once_at_its_start_are_not_its_rate():
    times = warped(lambda t: 20_000 if t < 0.025 else 100, 20.0)
    result = heard(times, sketches.usb)
    assert {chunk.rate_hz for chunk in result.chunks} == {100.0}


@pytest.mark.parametrize("later_s", [0.001, 0.08])
@pytest.mark.parametrize("given", [None, 250.0])
def test_what_waited_comes_before_what_there_was_no_room_for(given, later_s):
    """A program stopped for 5 s finds the oldest 3.2 s in the system's buffer, in two reads."""
    sampler = Sampler(given)
    runs = []
    for number in range(250 * 8):
        t = number / 250
        if t < 3.0 or t > 8.0 - 1e-9:
            runs += sampler.add(some(number), t)
    waiting = [(float(number),) for number in range(750, 1550)]
    runs += sampler.add(waiting[:700], 8.0)
    runs += sampler.add(waiting[700:], 8.0 + later_s)
    for number in range(2000, 2500):
        runs += sampler.add(some(number), max(number / 250 + 0.002, 8.001 + later_s))
    placed = {reading[0]: run.t + k / 250 for run in runs for k, reading in enumerate(run.readings)}
    assert len(placed) == 750 + 800 + 500
    for number, t in placed.items():
        if 2000 <= number < 2014 + 250 * later_s:
            continue  # they came so soon that they are taken for the end of what waited
        assert t - placed[0.0] == pytest.approx(number / 250, abs=0.06)
    assert sampler.remarks == []
    backlog = [run for run in runs if run.readings[0][0] in (750.0, 1450.0)]
    assert all(run.arrival_t - run.t > 1.5 for run in backlog), "its age is known"


def uneven(seed: int, seconds: float, low_s: float = 0.005, high_s: float = 0.009) -> np.ndarray:
    """When a sketch takes its readings whose loop is never twice as long."""
    steps = np.random.default_rng(seed).uniform(
        low_s, high_s, round(2 * seconds / (low_s + high_s))
    )
    return np.cumsum(steps)


@pytest.mark.slow
@pytest.mark.parametrize(("link", "sd_ms", "since_s"), [("direct", 6.0, 0.0), ("usb", 12.0, 40.0)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_readings_at_uneven_times_lie_where_they_were_taken(link, sd_ms, since_s, seed):
    taken = uneven(seed, 120.0)
    sampler, placed = Sampler(), []
    for number, arrival in enumerate(LINKS[link](taken)):
        for run in sampler.add(some(number), arrival):
            placed += [(run.t + k / run.rate_hz, int(v)) for k, v in enumerate(flat(run))]
    times, numbers = np.array(placed).T
    assert list(numbers) == list(range(len(taken)))  # none is lost, none made up
    assert sampler.remarks == []
    off_ms = 1000.0 * (times - taken[numbers.astype(int)])
    late = times > since_s  # through 16 ms hand-overs it shows only after some seconds
    assert np.std(off_ms[late]) < sd_ms
    # What a beat's interval errs by: 0.8 s are 114 readings, which an even grid has 12 ms wrong.
    assert np.std((off_ms[114:] - off_ms[:-114])[late[114:]]) < sd_ms


def test_another_rate_of_an_uneven_sketch_is_noticed():
    taken = np.concatenate([uneven(1, 30.0), 30.5 + uneven(2, 30.0, 0.002, 0.004)])
    sampler, runs = Sampler(), []
    for number, arrival in enumerate(taken.tolist()):
        runs += sampler.add(some(number), arrival)
    assert runs[0].rate_hz == pytest.approx(143.0, rel=0.03)
    assert runs[-1].rate_hz == pytest.approx(333.0, rel=0.03)
    assert any("no longer come" in remark for remark in sampler.remarks)


def test_a_silence_of_an_uneven_sketch_is_a_gap():
    taken = uneven(1, 60.0)
    silent = (taken > 30.0) & (taken < 31.0)
    sampler, runs = Sampler(), []
    for arrival in taken[~silent].tolist():
        runs += sampler.add(some(0), arrival)
    (gap,) = [b.t - a.end for a, b in pairwise(runs) if b.t - a.end > 0.1]
    assert gap == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("first_s", [0.4, 3.0, 4.1, 5.0])
@pytest.mark.parametrize("later_s", [0.02, 0.06, 0.3])
def test_what_waited_of_an_uneven_sketch_leaves_no_wrong_interval(first_s, later_s):
    """A program stopped for 5 s, and a busy system that hands over what waited in two pieces."""
    taken = uneven(1, 60.0)
    stopped = (taken > 30.0) & (taken < 35.0)
    arrivals = np.where(stopped, 35.0, taken)
    arrivals[stopped & (taken > 30.0 + first_s)] += later_s
    arrivals = np.maximum.accumulate(arrivals)
    sampler, placed = Sampler(), []
    for arrival in np.unique(arrivals):
        numbers = np.flatnonzero(arrivals == arrival)
        for run in sampler.add(some(*numbers), float(arrival)):
            placed += [run.t + k / run.rate_hz for k in range(len(run.readings))]
    assert len(placed) == len(taken)
    assert sampler.remarks == []
    times = np.array(placed)
    beats = np.arange(0, len(times), 57)  # each 0.4 s
    for a, b in pairwise(beats):
        if np.diff(times[a : b + 1]).max() < HIDES_A_BEAT_S:  # an interval that would be told
            assert times[b] - times[a] == pytest.approx(taken[b] - taken[a], abs=0.04)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_link_that_delays_makes_no_sketch_uneven(seed):
    rng = np.random.default_rng(seed)
    meter, found = RateMeter(), None
    for arrival in np.maximum.accumulate(np.arange(1000) / 143.0 + rng.exponential(0.002, 1000)):
        found = meter.push(1, float(arrival)) or found
    assert found is not None
    assert not found.uneven
    for arrival in uneven(seed, 10.0):
        found = meter.push(1, 10.0 + float(arrival)) or found
    assert found.uneven
