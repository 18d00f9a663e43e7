"""Rolling HRV against plain recomputation of the same windows."""

import math
import warnings
from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.events import HrvSnapshot, Interval
from bridge.hrv.coherence import coherence
from bridge.hrv.measures import (
    NormalIntervals,
    band_powers,
    cubic_fft,
    frequency_grid,
    lomb_scargle,
    normal_intervals,
)
from bridge.hrv.rolling import HrvWindows, RollingHrv

EXACT = 1e-9
WINDOWS = HrvWindows()


def row_of(ibi_ms: Sequence[float], start_s: float = 0.0) -> list[Interval]:
    ends = list(accumulate(ibi_ms, initial=0.0))[1:]
    return [
        Interval(start_s + end / 1000.0, ibi, ibi, after_gap=i == 0)
        for i, (end, ibi) in enumerate(zip(ends, ibi_ms, strict=True))
    ]


def hour_of_beats(seed: int = 1) -> list[Interval]:
    """About an hour: breathing, drift, jitter, a gap now and then and intervals without a value."""
    random = np.random.default_rng(seed)
    t, out, gap = 0.0, [], True
    while t < 3600.0:
        nn = 850.0 + 60.0 * math.sin(0.004 * t) + 35.0 * math.sin(1.5 * t) + random.normal(0.0, 9.0)
        t += nn / 1000.0
        if random.random() < 0.003:
            t, gap = t + 4.0, True
            continue
        out.append(Interval(t, nn, None if random.random() < 0.01 else nn, after_gap=gap))
        gap = False
    return out


def inside(intervals: Sequence[Interval], t: float, length_s: float) -> list[Interval]:
    """Keep the intervals both of whose beats lie in the window."""
    return [
        each for each in intervals if each.t <= t and each.t - each.ibi_ms / 1000.0 >= t - length_s
    ]


def plainly(normal: NormalIntervals) -> dict[str, float]:
    """The time domain by numpy, without the sums that the product keeps."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of too few intervals
        nn, follows = normal.nn_ms, ~normal.breaks[1:]
        steps, pairs = np.diff(nn)[follows], (nn[1:] + nn[:-1])[follows]
        return {
            "sdnn_ms": float(np.std(nn, ddof=1)),
            "rmssd_ms": float(np.sqrt(np.mean(steps**2))),
            "sdsd_ms": float(np.std(steps, ddof=1)),
            "pnn20": float(np.mean(np.abs(steps) > 20)),
            "pnn50": float(np.mean(np.abs(steps) > 50)),
            "sd1_ms": float(np.std(steps, ddof=1) / math.sqrt(2)),
            "sd2_ms": float(np.std(pairs, ddof=1) / math.sqrt(2)),
        }


def recomputed(intervals: Sequence[Interval], t: float) -> HrvSnapshot:
    rate = normal_intervals(inside(intervals, t, WINDOWS.rate_s))
    normal = normal_intervals(inside(intervals, t, WINDOWS.time_s))
    bands = normal_intervals(inside(intervals, t, WINDOWS.frequency_s))
    resonant = normal_intervals(inside(intervals, t, WINDOWS.coherence_s))
    measures = plainly(normal)
    coverage = normal.nn_ms.sum() / 1000.0 / WINDOWS.time_s
    vlf = lf = hf = lf_hf = None
    if bands.nn_ms.sum() / 1000.0 >= 0.5 * WINDOWS.frequency_s and len(bands.nn_ms) >= 16:
        f = frequency_grid(WINDOWS.frequency_s)
        powers = band_powers(f, lomb_scargle(bands.end_s, bands.nn_ms, f))
        vlf, lf, hf, lf_hf = powers.vlf_ms2, powers.lf_ms2, powers.hf_ms2, powers.lf_hf
    found = None
    if resonant.nn_ms.sum() / 1000.0 >= 0.5 * WINDOWS.coherence_s and len(resonant.nn_ms) >= 16:
        f = frequency_grid(WINDOWS.coherence_s)
        found = coherence(f, lomb_scargle(resonant.end_s, resonant.nn_ms, f))
    filled = coverage >= 0.5 and len(normal.nn_ms) >= 8
    steps = coverage >= 1 / 6 and np.sum(~normal.breaks) >= 7
    return HrvSnapshot(
        t=t,
        coverage=min(1.0, coverage),
        bpm=60_000.0 / float(rate.nn_ms.mean()) if len(rate.nn_ms) >= 2 else None,
        sdnn_ms=measures["sdnn_ms"] if filled else None,
        rmssd_ms=measures["rmssd_ms"] if steps else None,
        sdsd_ms=measures["sdsd_ms"] if steps else None,
        pnn20=measures["pnn20"] if steps else None,
        pnn50=measures["pnn50"] if steps else None,
        sd1_ms=measures["sd1_ms"] if steps else None,
        sd2_ms=measures["sd2_ms"] if steps and filled else None,
        coherence=found.share if found else None,
        resonance_hz=found.resonance_hz if found else None,
        vlf_ms2=vlf,
        lf_ms2=lf,
        hf_ms2=hf,
        lf_hf=lf_hf,
    )


def assert_same(ours: HrvSnapshot, theirs: HrvSnapshot, rel: float = EXACT) -> None:
    for name in HrvSnapshot.__slots__:
        one, two = getattr(ours, name), getattr(theirs, name)
        assert (one is None) == (two is None), (name, one, two)
        assert one is None or one == pytest.approx(two, rel=rel, abs=1e-7), name


@pytest.mark.slow
def test_an_hour_of_rolling_equals_recomputation() -> None:
    intervals = hour_of_beats()
    rolling = RollingHrv(spectrum_every_s=0.0)
    for i, interval in enumerate(intervals):
        snapshot = rolling.push(interval)
        if i % 211 == 0 or i == len(intervals) - 1:
            assert_same(snapshot, recomputed(intervals[: i + 1], interval.t))
    assert snapshot.t > 3590.0
    assert snapshot.hf_ms2 is not None


@given(
    st.lists(
        st.tuples(st.floats(300.0, 2000.0), st.booleans(), st.booleans()), min_size=1, max_size=150
    )
)
def test_rolling_equals_recomputation(rows: list[tuple[float, bool, bool]]) -> None:
    intervals, t = [], 0.0
    for ibi_ms, gap, unknown in rows:
        t += ibi_ms / 1000.0 + (5.0 if gap else 0.0)
        intervals.append(Interval(t, ibi_ms, None if unknown else ibi_ms, after_gap=gap))
    rolling = RollingHrv()
    for interval in intervals:
        snapshot = rolling.push(interval)
    theirs = recomputed(intervals, t)
    for name in ("coverage", "bpm", *plainly(normal_intervals(intervals))):
        one, two = getattr(snapshot, name), getattr(theirs, name)
        assert (one is None) == (two is None), name
        assert one is None or one == pytest.approx(two, rel=EXACT, abs=1e-7), name


def test_constant_intervals_have_no_spread_at_all() -> None:
    rolling = RollingHrv()
    for interval in row_of([803.7] * 200):
        snapshot = rolling.push(interval)
    assert (snapshot.sdnn_ms, snapshot.rmssd_ms, snapshot.sdsd_ms) == (0.0, 0.0, 0.0)
    assert (snapshot.pnn20, snapshot.pnn50) == (0.0, 0.0)
    assert snapshot.bpm == pytest.approx(60_000.0 / 803.7, rel=EXACT)


def test_a_measure_is_absent_until_its_own_window_is_half_full() -> None:
    first: dict[str, float] = {}
    rolling = RollingHrv()
    for interval in row_of([800.0, 820.0] * 120):
        snapshot = rolling.push(interval)
        for name in ("bpm", "sdnn_ms", "rmssd_ms", "pnn50", "hf_ms2", "lf_hf"):
            if getattr(snapshot, name) is not None:
                first.setdefault(name, interval.t)
    assert first["bpm"] == pytest.approx(1.62)
    assert first["rmssd_ms"] == first["pnn50"] == pytest.approx(10.0, abs=0.9)
    assert first["sdnn_ms"] == pytest.approx(30.0, abs=0.9)
    assert first["hf_ms2"] == first["lf_hf"] == pytest.approx(91.0, abs=1.0)


def test_windows_empty_themselves_while_nothing_comes() -> None:
    rolling = RollingHrv()
    intervals = row_of([800.0] * 200)
    for interval in intervals:
        rolling.push(interval)
    end = intervals[-1].t
    assert rolling.at(end + 5.0).bpm is not None
    later = rolling.at(end + 20.0)
    assert later.bpm is None
    assert later.coverage == pytest.approx(40.0 / 60.0, abs=0.02)
    assert later.sdnn_ms is not None
    emptier = rolling.at(end + 45.0)
    assert emptier.sdnn_ms is None
    assert emptier.rmssd_ms == 0.0
    assert rolling.at(end + 52.0).rmssd_ms is None
    gone = rolling.at(end + 300.0)
    assert gone == HrvSnapshot(t=end + 300.0, coverage=0.0)


def test_a_spectrum_is_held_for_a_second() -> None:
    held, every = RollingHrv(spectrum_every_s=1.0), RollingHrv(spectrum_every_s=0.0)
    powers = []
    for interval in hour_of_beats()[:300]:
        one, two = held.push(interval), every.push(interval)
        powers.append((interval.t, one.hf_ms2, two.hf_ms2))
    known = [row for row in powers if row[1] is not None]
    changes = [b[0] for a, b in pairwise(known) if a[1] != b[1]]
    assert min(np.diff(changes)) >= 1.0
    assert all(b[1] == b[2] for a, b in pairwise(known) if a[1] != b[1])


def test_any_window_length_and_the_fft() -> None:
    windows = HrvWindows(rate_s=5.0, time_s=20.0, frequency_s=300.0, spectrum="fft")
    rolling = RollingHrv(windows, spectrum_every_s=0.0)
    intervals = row_of([each.ibi_ms for each in hour_of_beats()][:600])
    for interval in intervals:
        snapshot = rolling.push(interval)
    normal = normal_intervals(inside(intervals, snapshot.t, 300.0))
    bands = band_powers(*cubic_fft(normal.end_s, normal.nn_ms))
    assert (snapshot.lf_ms2, snapshot.hf_ms2) == (bands.lf_ms2, bands.hf_ms2)
    short = plainly(normal_intervals(inside(intervals, snapshot.t, 20.0)))
    assert snapshot.rmssd_ms == pytest.approx(short["rmssd_ms"], rel=EXACT)


def test_the_fft_never_bridges_a_hole() -> None:
    """The longest run inside the window counts, and where it is short there is no value."""
    ibi_ms = [800.0 + 40.0 * math.sin(2 * math.pi * 0.25 * 0.8 * i) for i in range(300)]
    for lost_s, known in ((40.0, True), (130.0, True), (155.0, False)):
        before = row_of(ibi_ms[: round(lost_s / 0.8)])
        start = before[-1].t + 9.0
        rolling = RollingHrv(HrvWindows(frequency_s=180.0, spectrum="fft"), spectrum_every_s=0.0)
        for interval in [*before, *row_of(ibi_ms[round(lost_s / 0.8) :], start)]:
            snapshot = rolling.push(interval)
        assert (snapshot.hf_ms2 is not None) == known
        if snapshot.hf_ms2 is not None and snapshot.lf_ms2 is not None:
            assert snapshot.hf_ms2 == pytest.approx(800.0, rel=0.1)
            assert snapshot.lf_ms2 < 40.0


@pytest.mark.slow
def test_memory_is_bounded_by_the_windows() -> None:
    rolling = RollingHrv()
    for interval in hour_of_beats():
        rolling.push(interval)
    held = [
        rolling._rate._held,
        rolling._time._held,
        rolling._bands._summed,
        rolling._bands._fresh,
        rolling._resonance._summed,
        rolling._resonance._fresh,
    ]
    assert sum(map(len, held)) < (10 + 60 + 180 + 64 + 10) / 0.7


def test_eight_intervals_are_the_fewest_and_their_seven_differences() -> None:
    """In a window so short that it is covered long before."""
    rolling = RollingHrv(HrvWindows(time_s=8.0))
    known = {}
    for count, interval in enumerate(row_of([800.0, 820.0] * 5), start=1):
        snapshot = rolling.push(interval)
        known[count] = (snapshot.sdnn_ms is not None, snapshot.rmssd_ms is not None)
    assert known[7] == (False, False)
    assert known[8] == (True, True)
