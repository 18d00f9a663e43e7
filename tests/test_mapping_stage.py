"""Range, curve and smoothing: one value on its way to a knob."""

from itertools import pairwise
from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import UserError
from bridge.mapping.curve import LINEAR, NAMED, Curve, parse_curve
from bridge.mapping.range import ENOUGH, NARROW_S, RECENT, Fixed, Learned
from bridge.mapping.stage import Stage

levels = st.floats(0.0, 1.0)
curves = st.one_of(
    st.sampled_from(list(NAMED.values())),
    st.builds(Curve, st.just("exponential"), st.floats(1.01, 1000.0), st.booleans()),
    st.builds(Curve, st.just("power"), st.floats(0.1, 8.0), st.booleans()),
)


# Curves


@given(curves, levels, levels)
def test_every_curve_rises_from_corner_to_corner(curve: Curve, one: float, other: float) -> None:
    assert (curve(0.0), curve(1.0)) == (pytest.approx(0.0, abs=1e-12), pytest.approx(1.0))
    low, high = sorted((one, other))
    assert curve(low) <= curve(high) + 1e-12


@given(curves, st.floats(0.01, 1.0))
def test_the_inverse_undoes(curve: Curve, level: float) -> None:
    assert curve.inverse().inverse() == curve
    if 1e-6 < curve(level) < 1:
        assert curve.inverse()(curve(level)) == pytest.approx(level, rel=1e-6)


@given(curves, st.lists(levels, min_size=1, max_size=20))
def test_a_column_bends_as_its_values_do(curve: Curve, column: list[float]) -> None:
    assert curve(np.array(column)) == pytest.approx([curve(level) for level in column])
    assert isinstance(curve(column[0]), float)


def test_equal_steps_between_two_frequencies_are_equal_intervals() -> None:
    low, high = 110.0, 1760.0
    curve = Curve("exponential", high / low)
    hz = [low + (high - low) * curve(k / 4) for k in range(5)]
    assert hz == pytest.approx([110, 220, 440, 880, 1760])


def test_the_curves_that_style_files_name_keep_their_meaning() -> None:
    half = np.array([0.5])
    assert NAMED["log"](half).tolist() == np.log10(1 + 9 * half).tolist()
    assert NAMED["exp"](half).tolist() == ((10**half - 1) / 9).tolist()
    assert parse_curve("log:100") == Curve("exponential", 100, inverted=True)
    assert parse_curve("power:0.5")(0.25) == 0.5
    assert parse_curve("linear") == LINEAR


@pytest.mark.parametrize("text", ["", "sine", "power:", "power:0", "exp:1", "log:inf", "linear:2"])
def test_curves_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(UserError, match="curve"):
        parse_curve(text)


# Ranges


def test_a_fixed_range() -> None:
    fixed = Fixed(40.0, 180.0)
    assert [fixed.share(v) for v in (20.0, 40.0, 110.0, 180.0, 300.0)] == [0, 0, 0.5, 1, 1]
    assert fixed.share(np.array([20.0, 110.0])).tolist() == [0.0, 0.5]
    fixed.push(1.0, 500.0)
    fixed.forget()
    assert fixed.share(110.0) == 0.5
    assert (Fixed(3.0, 3.0).share(7.0), Fixed(3.0, 3.0).share(np.ones(1)).tolist()) == (0.5, [0.5])


BPM = Fixed(40.0, 180.0)


def learn(values: list[float], step: float = 1.0, unit: Fixed | None = BPM) -> Learned:
    learned = Learned(unit)
    for k, value in enumerate(values):
        learned.push(k * step, value)
    return learned


def test_the_first_range_lies_around_the_first_value_and_inside_the_fixed_one() -> None:
    assert learn([75.0]).now == Fixed(57.5, 92.5)  # a quarter of 140
    assert learn([41.0]).now == Fixed(40.0, 75.0)
    assert learn([30.0]).now == Fixed(30.0, 75.0)
    assert learn([30.0], unit=None).now == Fixed(30.0, 30.0)


def test_a_new_level_is_reached_within_seconds() -> None:
    learned = learn([70.0, 72.0] * 100)
    for k in range(RECENT + 1):
        learned.push(200.0 + k, 130.0)
    assert learned.share(130.0) == 1.0
    assert learned.now.high >= 129.9


def test_artefacts_do_not_widen() -> None:
    values = [70.0 + (k % 7) for k in range(300)]
    spoiled = [200.0 if k % 30 == 17 else value for k, value in enumerate(values)]
    clean, robust = learn(values).now, learn(spoiled).now
    assert robust.high == pytest.approx(clean.high, abs=0.5)
    assert robust.low == pytest.approx(clean.low, abs=0.5)


def test_it_narrows_slowly_and_never_below_a_tenth() -> None:
    wide = learn([60.0, 140.0] * 60)
    ends = [wide.now]
    for k in range(1, 1201):
        wide.push(120.0 + k, 100.0 + k % 2)
        ends.append(wide.now)
    widths = [end.high - end.low for end in ends]
    assert all(after <= before + 1e-9 for before, after in pairwise(widths))
    assert all(before - after < 1.2 / NARROW_S * 80 for before, after in pairwise(widths))
    assert widths[60] > 60
    assert 14.0 <= widths[-1] < 15.0


def test_the_first_range_narrows_to_a_steady_heart_in_minutes() -> None:
    widths = [end.high - end.low for end in (learn([75.0] * n).now for n in (1, 20, 140, 1200))]
    assert widths == pytest.approx([35, 35, 14 + 21 * exp(-1), 14], abs=0.3)


def test_a_pause_teaches_nothing() -> None:
    before = learn([60.0, 140.0] * 60)
    low = before.now.low
    before.push(10_000.0, 100.0)
    assert before.now.low - low < 5.0


def test_forgetting_begins_anew() -> None:
    learned = learn([60.0, 140.0] * 60)
    learned.forget()
    learned.push(500.0, 75.0)
    assert learned.now == Fixed(57.5, 92.5)


@given(st.lists(st.floats(30.0, 220.0), min_size=ENOUGH, max_size=120), st.integers(1, 5))
def test_how_often_a_value_is_told_does_not_matter(values: list[float], times: int) -> None:
    """A heart twice as fast tells its rate twice as often; the range is the same."""
    often = Learned(BPM)
    for k, value in enumerate(values):
        for n in range(times):
            often.push(k + n / times, value)
    once = learn(values)
    often.push(len(values), 100.0)
    once.push(len(values), 100.0)
    assert (often.now.low, often.now.high) == pytest.approx((once.now.low, once.now.high), abs=0.5)


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 300)), max_size=300))
def test_a_learned_range_is_never_upside_down_and_always_answers(
    steps: list[tuple[float, float]],
) -> None:
    learned, t = Learned(BPM), 0.0
    for step, value in steps:
        t += step
        learned.push(t, value)
        assert learned.now.low < learned.now.high
        assert 0.0 <= learned.share(value) <= 1.0


def test_memory_does_not_grow_with_the_session() -> None:
    learned = learn([60.0 + k % 50 for k in range(5000)])
    assert len(learned._seconds) == len(learned._sorted) <= 601
    assert sorted(value for _, value in learned._seconds) == learned._sorted


# Smoothing


def test_without_smoothing_the_level_is_the_value_of_now() -> None:
    stage = Stage(Fixed(0.0, 10.0), NAMED["power"])
    assert [stage.push(t, v) for t, v in ((0.0, 5.0), (0.0, 10.0), (9.0, 0.0))] == [0.25, 1.0, 0.0]


def test_a_step_is_done_by_63_percent_after_the_time_constant() -> None:
    stage = Stage(Fixed(0.0, 1.0), smoothing_s=2.0)
    assert stage.push(0.0, 0.0) == 0.0
    stage.push(1.0, 0.0)
    stage.push(1.0001, 1.0)
    assert stage.push(3.0, 1.0) == pytest.approx(1 - exp(-1), abs=1e-3)


@given(
    st.lists(st.tuples(st.floats(0.05, 5), levels), min_size=2, max_size=12),
    st.lists(st.floats(0.01, 0.99), max_size=8),
    st.floats(0.01, 30.0),
)
def test_smoothing_does_not_know_how_often_a_value_is_told(
    corners: list[tuple[float, float]], more: list[float], smoothing_s: float
) -> None:
    """Told at its corners, or at any moments of the straight lines between them: the same level."""
    times = np.cumsum([step for step, _ in corners])
    values = np.array([value for _, value in corners])
    sparse, dense = (Stage(Fixed(0.0, 1.0), smoothing_s=smoothing_s) for _ in range(2))
    between = times[0] + np.array(more) * (times[-1] - times[0])
    for t in np.union1d(times, between).tolist():
        in_between = dense.push(t, float(np.interp(t, times, values)))
    told = [sparse.push(t, v) for t, v in zip(times.tolist(), values.tolist(), strict=True)]
    assert in_between == pytest.approx(told[-1], abs=1e-6)


@given(
    st.lists(st.tuples(st.floats(0, 3), st.floats(0, 300)), min_size=1, max_size=60),
    st.floats(0, 20),
    curves,
)
def test_a_stage_is_deterministic_blind_to_the_future_and_holds_to_0_1(
    steps: list[tuple[float, float]], smoothing_s: float, curve: Curve
) -> None:
    def run(count: int) -> list[float]:
        stage, t, out = Stage(Learned(BPM), curve, smoothing_s), 0.0, []
        for step, value in steps[:count]:
            t += step
            out.append(stage.push(t, value))
        return out

    whole = run(len(steps))
    assert all(0.0 <= level <= 1.0 for level in whole)
    assert run(len(steps) // 2) == whole[: len(steps) // 2]


def test_forgetting_takes_the_next_value_as_a_first_one() -> None:
    stage = Stage(Fixed(0.0, 1.0), smoothing_s=10.0)
    stage.push(0.0, 0.0)
    stage.forget()
    assert stage.push(1.0, 1.0) == 1.0
