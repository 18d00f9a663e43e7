"""The live rhythm stage: intervals at once, verdicts two beats later."""

from itertools import accumulate

import pytest

from bridge.events import Beat, Interval, Label
from bridge.intervals.online import Rhythm, quartile_deviation

# A resting heart with a little respiratory swing, so that the thresholds have a spread to measure.
STEADY = [800.0, 812, 826, 831, 822, 808, 795, 786, 790] * 4


def beats_at(intervals_ms: list[float], start: float = 1.0) -> list[Beat]:
    times = accumulate([start * 1000.0, *intervals_ms])
    return [Beat(t=ms / 1000.0, sure_t=ms / 1000.0 + 0.08) for ms in times]


def run(intervals_ms: list[float]) -> list[Interval]:
    rhythm = Rhythm()
    found = [each for beat in beats_at(intervals_ms) for each in rhythm.push(beat)]
    return [each for each in [*found, *rhythm.flush()] if isinstance(each, Interval)]


def labels(intervals: list[Interval]) -> dict[int, Label]:
    return {i: each.label for i, each in enumerate(intervals) if each.label is not Label.NORMAL}


def test_a_beat_returns_at_once_with_its_interval() -> None:
    rhythm = Rhythm()
    first, second = beats_at([800.0])
    assert rhythm.push(first) == [Beat(t=1.0, sure_t=1.08)]
    (beat,) = rhythm.push(second)
    assert isinstance(beat, Beat)
    assert beat.ibi_ms == pytest.approx(800.0)


def test_an_interval_is_judged_two_intervals_later() -> None:
    rhythm = Rhythm()
    out = [rhythm.push(beat) for beat in beats_at([800.0, 810.0, 805.0, 795.0])]
    assert [len(each) for each in out] == [1, 1, 1, 2, 2]
    assert [each[1].ibi_ms for each in out[3:]] == pytest.approx([800.0, 810.0])
    assert [each.ibi_ms for each in rhythm.flush()] == pytest.approx([805.0, 795.0])


def test_a_steady_heart_has_only_normal_intervals() -> None:
    intervals = run(STEADY)
    assert labels(intervals) == {}
    assert [each.nn_ms for each in intervals] == [each.ibi_ms for each in intervals]
    assert [each.after_gap for each in intervals] == [True] + [False] * (len(STEADY) - 1)


def test_a_missed_beat_is_halved() -> None:
    intervals = run([*STEADY, 1610.0, *STEADY[:9]])
    assert labels(intervals) == {len(STEADY): Label.MISSED}
    assert intervals[len(STEADY)].nn_ms == pytest.approx(805.0)


def test_an_extra_beat_is_joined() -> None:
    intervals = run([*STEADY, 380.0, 425.0, *STEADY[:9]])
    n = len(STEADY)
    assert labels(intervals) == {n: Label.EXTRA, n + 1: Label.EXTRA}
    assert intervals[n].nn_ms is None
    assert intervals[n + 1].nn_ms == pytest.approx(805.0)


def test_a_premature_beat_and_its_pause_are_bridged() -> None:
    intervals = run([*STEADY, 520.0, 1090.0, *STEADY[:9]])
    n = len(STEADY)
    assert labels(intervals) == {n: Label.LONG_OR_SHORT, n + 1: Label.ECTOPIC}
    assert [intervals[n].nn_ms, intervals[n + 1].nn_ms] == pytest.approx([793.33, 796.67], abs=0.01)


def test_exercise_onset_is_followed() -> None:
    speeding_up = [800.0 - 12.0 * i for i in range(36)]
    assert labels(run([*STEADY, *speeding_up])) == {}


def test_no_interval_spans_a_pause_or_a_lost_signal() -> None:
    rhythm = Rhythm()
    out: list[Beat | Interval] = []
    for t in (1.0, 1.8, 2.6):
        out += rhythm.push(Beat(t, t))
    out += rhythm.gap(3.0)
    for t in (3.4, 4.2, 7.0, 7.8):  # 2.6 -> 3.4 spans the lost signal, 4.2 -> 7.0 is too long
        out += rhythm.push(Beat(t, t))
    out += rhythm.flush()
    beats = [each.ibi_ms for each in out if isinstance(each, Beat)]
    assert [ibi and round(ibi) for ibi in beats] == [None, 800, 800, None, 800, None, 800]
    intervals = [each for each in out if isinstance(each, Interval)]
    assert [(each.t, each.after_gap) for each in intervals] == [
        (1.8, True), (2.6, False), (4.2, True), (7.8, True)
    ]  # fmt: skip


@pytest.mark.parametrize("lost_t", [3.0, 2.6])
def test_a_beat_from_before_the_gap_may_come_after_it(lost_t: float) -> None:
    """One at the very moment was before it as well."""
    rhythm = Rhythm()
    for t in (1.0, 1.8):
        rhythm.push(Beat(t, t))
    rhythm.gap(lost_t)
    before, after = rhythm.push(Beat(2.6, 3.1, late=True))[0], rhythm.push(Beat(3.5, 3.6))[0]
    assert isinstance(before, Beat)
    assert before.ibi_ms == pytest.approx(800.0)
    assert isinstance(after, Beat)
    assert after.ibi_ms is None


def test_beats_must_rise() -> None:
    rhythm = Rhythm()
    rhythm.push(Beat(2.0, 2.0))
    with pytest.raises(ValueError, match=r"2\.0 s follows 2\.0 s"):
        rhythm.push(Beat(2.0, 2.1))


def test_quartile_deviation_interpolates() -> None:
    assert quartile_deviation([1.0, 2.0, 3.0, 4.0]) == 0.75  # quartiles 1.75 and 3.25
    assert quartile_deviation([5.0]) == 0.0


@pytest.mark.parametrize(("before", "stands_out"), [(8, False), (40, True)])
def test_a_paced_heart_has_a_wide_floor_at_first_and_a_narrow_one_later(before, stands_out) -> None:
    """A tenth longer: within 15 % while hardly anything is known, beyond 3 % once it is."""
    found = labels(run([800.0] * before + [880.0] + [800.0] * 6))
    assert (before in found) is stands_out


def test_a_premature_last_beat_takes_the_interval_before_it() -> None:
    """Nothing follows to which it could be bridged; the middle of the window is no better guess."""
    intervals = run([*STEADY, 500.0])
    assert labels(intervals) == {len(STEADY): Label.LONG_OR_SHORT}
    assert intervals[-1].nn_ms == intervals[-2].nn_ms == pytest.approx(790.0)
