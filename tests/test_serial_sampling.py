"""From arrivals to evenly spaced chunks: rates, pauses, losses."""

from itertools import pairwise

import pytest

from bridge.sources.serial.sampling import Sampler, usual_rate


def test_a_known_rate_counts_samples_whatever_the_bursts():
    sampler = Sampler(100.0)
    first = sampler.add([1.0, 2.0], arrival=50.0)
    second = sampler.add([3.0], arrival=50.1)
    assert first is not None
    assert second is not None
    assert (first.t, first.values.tolist()) == (0.0, [1.0, 2.0])
    assert (second.t, second.values.tolist()) == (0.02, [3.0])


def test_an_unknown_rate_is_learned_and_nothing_of_the_start_is_lost():
    sampler = Sampler()
    chunks = []
    for burst in range(200):  # 8 readings each 16 ms, as USB delivers 500 a second
        chunk = sampler.add([float(burst)] * 8, arrival=7.0 + burst * 0.016)
        if chunk:
            chunks.append(chunk)
    assert chunks[0].rate_hz == 500.0
    assert chunks[0].t == 0.0
    assert sum(len(chunk.values) for chunk in chunks) == 1600
    assert chunks[-1].end == pytest.approx(3.2)


def test_a_pause_on_the_cable_moves_the_clock():
    sampler = Sampler(100.0)
    sampler.add([1.0], arrival=0.0)
    chunk = sampler.add([2.0], arrival=5.0)
    assert chunk is not None
    assert chunk.t == pytest.approx(5.0)


def test_lost_samples_move_the_clock():
    sampler = Sampler(1000.0)
    sampler.add([1.0], arrival=0.0)
    sampler.skip(7)
    chunk = sampler.add([2.0], arrival=0.01)
    assert chunk is not None
    assert chunk.t == pytest.approx(0.008)


@pytest.mark.parametrize(("measured", "rate"), [(992.0, 1000.0), (49.6, 50.0), (119.0, 120.0)])
def test_boards_sample_at_round_rates(measured, rate):
    assert usual_rate(measured) == rate


@pytest.mark.parametrize("measured", [48.1, 117.0, 443.0, 520.0])
def test_other_rates_stay_as_measured(measured):
    assert usual_rate(measured) == measured


def arrivals(sampler, rate_hz, start, seconds):
    """One reading an arrival; the chunks that come of it."""
    found = [
        sampler.add([0.0], start + index / rate_hz) for index in range(round(seconds * rate_hz))
    ]
    return [chunk for chunk in found if chunk is not None]


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
        assert sampler.add([0.0] * 100, arrival=burst * 0.01) is None
    with pytest.raises(ValueError, match="10000 times a second"):
        sampler.add([0.0] * 100, arrival=2.5)


@pytest.mark.parametrize(
    ("true_hz", "then_hz"), [(1000.0, 1000.0), (980.0, 1000.0), (500.0, 500.0)]
)
def test_an_assumed_rate_plays_at_once_and_is_corrected_by_arrivals(true_hz, then_hz):
    sampler = Sampler()
    sampler.assume(1000.0)
    chunks = arrivals(sampler, true_hz, 0.0, 6.0)
    assert (chunks[0].t, chunks[0].rate_hz) == (0.0, 1000.0)
    assert chunks[-1].rate_hz == then_hz


def test_an_assumed_rate_holds_for_what_arrives_all_at_once():
    sampler = Sampler()
    sampler.assume(1000.0)
    for burst in range(4000):
        sampler.add([0.0] * 100, arrival=burst * 0.001)
    assert sampler.rate_hz == 1000.0
