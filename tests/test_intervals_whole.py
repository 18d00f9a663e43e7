"""The published classification over whole recordings, against NeuroKit2 and synthetic artifacts."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from bridge.events import Beat, Interval, Label
from bridge.intervals.online import Rhythm
from bridge.intervals.whole import classify, judge, natural_spline

REFERENCE = json.loads(
    (Path(__file__).parent / "reference" / "hrv_reference.json").read_text(encoding="utf-8")
)
RESTING = np.array(REFERENCE["intervals_ms"].split(), float)


def marked(labels: list[Label]) -> dict[int, str]:
    return {i: label.value for i, label in enumerate(labels) if label is not Label.NORMAL}


def test_labels_equal_neurokit2() -> None:
    # signal_fixpeaks(method="Kubios", iterative=False) of NeuroKit2 0.2.13 on the same intervals.
    ibi_ms = np.array(REFERENCE["artifact_intervals_ms"].split(), float)
    theirs = {int(i): label for i, label in REFERENCE["neurokit2_labels"].items()}
    assert {*theirs.values()} == {"ectopic", "missed", "extra", "long-or-short"}
    assert marked(classify(ibi_ms).labels) == theirs


def test_labels_of_an_irregular_heart_equal_neurokit2() -> None:
    # As above. Within half a window of the ends the paper leaves open what a threshold is made of,
    # and NeuroKit2 puts the mean interval before the first.
    ibi_ms = np.array(REFERENCE["irregular_intervals_ms"].split(), float)
    middle = range(45, len(ibi_ms) - 45)
    theirs = {int(i): each for i, each in REFERENCE["neurokit2_irregular_labels"].items()}
    ours = marked(classify(ibi_ms).labels)
    assert {i: label for i, label in ours.items() if i in middle} == {
        i: label for i, label in theirs.items() if i in middle
    }
    assert sum(i in middle for i in ours) > 20


@pytest.mark.parametrize(
    ("record", "counts"),
    [
        # NeuroKit2 0.2.13 as above, on the reference beats rounded to 1 ms.
        ("ecg/mitdb100.beats.csv", {"ectopic": 40, "long-or-short": 38}),
        ("ppg/rest5min.beats.csv", {"ectopic": 8, "long-or-short": 6, "missed": 1}),
    ],
)
def test_counts_on_real_hearts_equal_neurokit2(
    shared_data: Path, record: str, counts: dict[str, int]
) -> None:
    beats_ms = np.round(np.loadtxt(shared_data / record) * 1000.0)
    found = list(marked(classify(np.diff(beats_ms)).labels).values())
    assert {label: found.count(label) for label in set(found)} == counts


def test_a_missed_beat_leaves_half_its_interval() -> None:
    ibi_ms = np.delete(RESTING, 31)
    ibi_ms[30] = RESTING[30] + RESTING[31]
    labels, corrected_ms = classify(ibi_ms)
    assert marked(labels) == {30: "missed"}
    assert corrected_ms[30] == (RESTING[30] + RESTING[31]) / 2
    assert np.array_equal(np.delete(corrected_ms, 30), np.delete(RESTING, [30, 31]))


def test_an_extra_beat_joins_its_two_intervals() -> None:
    ibi_ms = np.insert(RESTING, 30, RESTING[30] - 420.0)
    ibi_ms[31] = 420.0
    labels, corrected_ms = classify(ibi_ms)
    assert labels[30] is Label.EXTRA
    assert np.isnan(corrected_ms[30])
    assert np.array_equal(np.delete(corrected_ms, 30), RESTING)


def test_a_premature_beat_is_interpolated() -> None:
    ibi_ms = RESTING.copy()
    ibi_ms[30] -= 300.0
    ibi_ms[31] += 300.0
    labels, corrected_ms = classify(ibi_ms)
    assert marked(labels) == {30: "long-or-short", 31: "ectopic"}
    # The spline does not know the two values; its guess stays within the swing around them.
    assert corrected_ms[30:32] == pytest.approx(RESTING[30:32], abs=25.0)


def test_nothing_is_marked_where_nothing_is_wrong() -> None:
    labels, corrected_ms = classify(RESTING)
    assert marked(labels) == {}
    assert np.array_equal(corrected_ms, RESTING)


@pytest.mark.parametrize("count", [3, 4, 200])
def test_the_spline_is_scipys_natural_one(count: int) -> None:
    random = np.random.default_rng(count)
    x, y = np.cumsum(random.uniform(300, 1500, count)), random.normal(800, 50, count)
    at = random.uniform(x[0], x[-1], 50)
    expected = CubicSpline(x, y, bc_type="natural")(at)
    assert natural_spline(x, y, at) == pytest.approx(expected, rel=1e-9)
    assert natural_spline(x, y, x) == pytest.approx(y, rel=1e-12)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_intervals_are_normal(count: int) -> None:
    labels, corrected_ms = classify(RESTING[:count])
    assert labels == [Label.NORMAL] * count
    assert np.array_equal(corrected_ms, RESTING[:count])


def test_intervals_of_different_runs_are_not_joined_or_compared() -> None:
    halved = np.insert(RESTING, 30, RESTING[30] - 420.0)
    halved[31] = 420.0
    premature = RESTING.copy()
    premature[30] -= 300.0
    premature[31] += 300.0
    breaks = np.zeros(len(halved), np.bool_)
    breaks[31] = True
    assert Label.EXTRA not in classify(halved, breaks).labels
    assert Label.ECTOPIC not in classify(premature, breaks[:-1]).labels


def test_judge_leaves_out_what_spans_a_gap() -> None:
    beats_t = np.array([1.0, 1.8, 2.6, 3.4, 7.0, 7.8])
    intervals = judge(beats_t, gaps_t=[3.0, 5.0, 9.0])
    assert [(each.t, each.after_gap) for each in intervals] == [
        (1.8, True), (2.6, False), (7.8, True)
    ]  # fmt: skip
    assert judge(beats_t[:1]) == []


@given(
    st.lists(st.floats(250.0, 3000.0), min_size=1, max_size=60),
    st.lists(st.floats(0.0, 60.0), max_size=3),
)
def test_live_and_offline_know_the_same_intervals(ibi_ms: list[float], gaps_t: list[float]) -> None:
    beats_t = np.cumsum([1000.0, *ibi_ms]) / 1000.0
    rhythm, live = Rhythm(), []
    waiting = sorted(gaps_t)
    for t in beats_t.tolist():
        while waiting and waiting[0] < t:
            live += rhythm.gap(waiting.pop(0))
        live += rhythm.push(Beat(t, t))
    live += rhythm.flush()
    live = [each for each in live if isinstance(each, Interval)]
    offline = judge(beats_t, gaps_t)
    assert [(e.t, e.after_gap) for e in live] == [(e.t, e.after_gap) for e in offline]
    assert [e.ibi_ms for e in live] == pytest.approx([e.ibi_ms for e in offline])


@given(st.lists(st.floats(300.0, 2000.0), max_size=80))
def test_corrections_are_always_plausible(ibi_ms: list[float]) -> None:
    labels, corrected_ms = classify(np.array(ibi_ms))
    for label, nn in zip(labels, corrected_ms.tolist(), strict=True):
        if np.isnan(nn):
            assert label is Label.EXTRA or Label.NORMAL not in labels
        else:  # half of a missed beat's, or the sum of the two beside an extra beat
            assert min(ibi_ms) / 2 <= nn <= 2 * max(ibi_ms)


def test_a_metronome_is_normal_and_whatever_leaves_it_is_not() -> None:
    """No spread at all: a deviation of 0 is none, any other is without measure."""
    ibi_ms = np.full(80, 800.0)
    assert marked(classify(ibi_ms).labels) == {}
    ibi_ms[40] = 830.0
    assert 40 in marked(classify(ibi_ms).labels)
