"""The breath from the beats: its rate, where in it one is, and when nothing can be said."""

import math
import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.events import Beat, Breath, SampleChunk
from bridge.hrv.breath import POINTS_HZ, SILENCE_S, SPEEDS, Breathing
from bridge.pipeline import Pipeline
from bridge.simulate.heart import Heart, HeartSimulator


def beats_of(
    breath_hz: float,
    *,
    seconds: float = 90.0,
    swing: float = 0.05,
    height: float = 0.0,
    noise: float = 0.005,
    seed: int = 1,
) -> list[Beat]:
    """A heart of 70 a minute that quickens, and beats higher, as one breathes in."""
    chance = random.Random(seed)
    t, before, found = 0.5, None, []
    while t < seconds:
        breath = math.cos(2 * math.pi * breath_hz * t)
        ibi_ms = None if before is None else 1000.0 * (t - before)
        strength = 0.7 + height * breath
        found.append(Beat(t, t + 0.1, strength, ibi_ms=ibi_ms))
        before = t
        t += 60 / 70 / (1.0 + swing * math.cos(2 * math.pi * breath_hz * (t + 0.43)))
        t += chance.gauss(0.0, noise)
    return found


def points_of(beats: list[Beat], until: float | None = None) -> list[Breath]:
    breathing = Breathing()
    points = [point for beat in beats for point in breathing.push(beat)]
    return points + breathing.until(until or beats[-1].sure_t)


def rates(points: list[Breath]) -> list[float]:
    return [point.rate for point in points if point.rate is not None]


def likeness(points: list[Breath], breath_hz: float, after_s: float = 30.0) -> float:
    """Correlation of the curve with the true breath."""
    known = [(p.t, p.level) for p in points if p.level is not None and p.t > after_s]
    t, level = np.array(known).T
    return float(np.corrcoef(level, np.cos(2 * np.pi * breath_hz * t))[0, 1])


@pytest.mark.parametrize("per_minute", [5, 6, 10, 15, 20, 25])
def test_rate_and_phase_of_a_breath(per_minute: int) -> None:
    breath_hz = per_minute / 60
    points = points_of(beats_of(breath_hz))
    assert points[0].t < 25.0
    assert np.median(rates(points)) == pytest.approx(per_minute, rel=0.05)
    assert likeness(points, breath_hz) > 0.9


@pytest.mark.parametrize("height", [0.1, -0.1])
def test_the_height_of_beats_helps_whichever_way_it_swings(height: float) -> None:
    """An arrhythmia of 1 % among jitter of 2 % says little; with the height it is followed."""
    weak = {"swing": 0.012, "noise": 0.015, "seconds": 300.0}
    alone = points_of(beats_of(0.25, **weak))
    both = points_of(beats_of(0.25, height=height, **weak))
    assert len(rates(both)) > 2 * len(rates(alone))
    assert np.median(rates(both)) == pytest.approx(15.0, rel=0.05)
    assert likeness(both, 0.25, after_s=60.0) > 0.7


def test_the_height_alone_tells_the_rate_but_not_the_phase() -> None:
    points = points_of(beats_of(0.25, swing=0.0, height=0.1, noise=0.012))
    assert len(rates(points)) > 40
    assert np.median(rates(points)) == pytest.approx(15.0, rel=0.05)
    assert np.mean([point.level is None for point in points if point.rate is not None]) > 0.8


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_a_heart_that_shows_no_breath_is_given_none(seed: int) -> None:
    points = points_of(beats_of(0.25, swing=0.0, noise=0.02, seconds=300.0, seed=seed))
    assert len(points) / (300.0 * POINTS_HZ) < 0.1


def test_a_metronome_has_no_breath() -> None:
    beats = [Beat(0.8 * i, 0.8 * i, 0.7, ibi_ms=800.0 if i else None) for i in range(200)]
    assert points_of(beats) == []


def test_the_curve_runs_on_between_beats_and_never_back() -> None:
    points = points_of(beats_of(0.2))
    times = [point.t for point in points]
    assert np.diff(times) == pytest.approx(1 / POINTS_HZ)
    fastest = math.pi * 0.25 * SPEEDS[1] / POINTS_HZ  # of half the cosine of a breath of 15
    levels = [point.level for point in points if point.level is not None]
    assert max(abs(b - a) for a, b in pairwise(levels)) < fastest
    assert min(levels) < 0.02
    assert max(levels) > 0.98


def test_it_follows_a_breath_that_slows() -> None:
    fast, slow = beats_of(0.3, seconds=60.0), beats_of(0.1, seconds=80.0)
    shift = fast[-1].t + 0.4
    later = [Beat(b.t + shift, b.sure_t + shift, b.strength, ibi_ms=b.ibi_ms) for b in slow]
    points = points_of(fast + later)
    told = [(point.t, point.rate) for point in points if point.rate is not None]
    before = [rate for t, rate in told if 40 < t < 60]
    after = [rate for t, rate in told if t > shift + 45]
    assert np.median(before) == pytest.approx(18.0, abs=1.0)
    assert np.median(after) == pytest.approx(6.0, abs=0.5)


def test_premature_beats_leave_the_breath() -> None:
    beats, early = beats_of(0.2), []
    for i, beat in enumerate(beats):
        t = beat.t - (0.3 if i % 14 == 13 else 0.0)
        ibi_ms = 1000.0 * (t - early[-1].t) if early else None
        early.append(Beat(t, t + 0.1, beat.strength, ibi_ms=ibi_ms))
    points = points_of(early)
    assert np.median(rates(points)) == pytest.approx(12.0, rel=0.05)
    assert likeness(points, 0.2) > 0.8


def test_without_beats_it_ends() -> None:
    beats = beats_of(0.2)
    points = points_of(beats, until=beats[-1].t + 60.0)
    assert points[-1].t == pytest.approx(beats[-1].t + SILENCE_S, abs=1 / POINTS_HZ)


@pytest.mark.slow
@given(st.lists(st.floats(0.0, 60.0), max_size=40))
@settings(max_examples=25)
def test_asking_more_often_changes_nothing(asked: list[float]) -> None:
    beats = beats_of(0.2, seconds=60.0)
    breathing, points, waiting = Breathing(), [], sorted(asked)
    for beat in beats:
        while waiting and waiting[0] <= beat.sure_t:
            points += breathing.until(waiting.pop(0))
        points += breathing.push(beat)
    points += breathing.until(beats[-1].sure_t)
    assert points == points_of(beats)


@pytest.mark.slow
@pytest.mark.parametrize("step", [7, 100])
def test_any_chunking_the_same_breath(step: int) -> None:
    signal = HeartSimulator(Heart(kind="ecg", rate_hz=125.0, breaths_per_minute=12)).take(6000)

    def breaths(step: int) -> list[Breath]:
        pipeline = Pipeline("ecg")
        chunks = (
            SampleChunk(start / 125.0, 125.0, signal.values[start : start + step])
            for start in range(0, len(signal.values), step)
        )
        events = [event for chunk in chunks for event in pipeline.push(chunk)]
        # What is due within the last twentieth of a second may not have been asked for yet.
        return [event for event in events if isinstance(event, Breath) and event.t < 47.9]

    whole = breaths(len(signal.values))
    assert breaths(step) == whole
    assert np.median(rates(whole)) == pytest.approx(12.0, rel=0.05)


def test_the_rate_is_told_once_a_second() -> None:
    """On the second; the curve between runs at 20 points."""
    told = [p.t for p in points_of(beats_of(0.2)) if p.rate is not None]
    assert len(told) > 40
    assert all(t == round(t) for t in told)
    assert len(set(told)) == len(told)
