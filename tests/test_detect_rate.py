"""A wrong sample rate is suspected: half, double, or so far off that no heart is heard."""

import numpy as np
import pytest

from bridge.detect.rate import likelier_rate, rate_hint
from bridge.events import SampleChunk
from bridge.recordings.read import read_recording
from bridge.simulate.heart import Heart, simulate

TRUE_HZ = 100.0


def heart(kind, bpm=72, seconds=60):
    return simulate(Heart(kind=kind, rate_hz=TRUE_HZ, bpm=bpm, noise_db=30, seed=2), seconds)[0]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ppg", "ecg"])
@pytest.mark.parametrize("bpm", [55, 72, 100, 150])
def test_the_right_rate_is_not_doubted(kind, bpm):
    assert likelier_rate(heart(kind, bpm, 30).values, TRUE_HZ, kind) is None


@pytest.mark.slow
@pytest.mark.parametrize("given_hz", [25.0, 20.0, 500.0])
def test_a_rate_that_hides_the_heart_is_answered_with_a_likelier_one(given_hz):
    values = heart("ppg", seconds=100).values
    likely = likelier_rate(values, given_hz, "ppg")
    assert likely is not None
    assert 60.0 <= likely <= 160.0


def test_half_the_rate_is_suspected_by_long_and_seldom_upstrokes():
    assert likelier_rate(heart("ppg", 66).values, 0.5 * TRUE_HZ, "ppg") == TRUE_HZ


@pytest.mark.slow
@pytest.mark.parametrize("values", [np.full(6000, 512.0), np.empty(0)])
def test_where_there_is_no_heart_at_any_rate_nothing_is_said(values):
    assert likelier_rate(values, TRUE_HZ) is None
    assert rate_hint([SampleChunk(0.0, TRUE_HZ, values)] if len(values) else []) == ""


@pytest.mark.parametrize(("bpm", "given_hz"), [(120, 500.0), (180, 10.0)])
def test_a_rate_at_which_only_the_beats_a_minute_are_a_hearts_is_not_named(bpm, given_hz):
    """A tenth and five times the given would read 60 and 90, with upstrokes twice too long."""
    assert likelier_rate(heart("ppg", bpm).values, given_hz, "ppg") is None


def test_the_hint_names_both_rates():
    hint = rate_hint([SampleChunk(0.0, 25.0, heart("ppg", seconds=60).values)], "ppg")
    assert "at 25 samples a second" in hint
    assert "is the given rate right?" in hint


@pytest.mark.parametrize(
    ("given_hz", "said"), [(50.0, "long and seldom"), (100.0, None), (200.0, "short and many")]
)
def test_a_file_read_at_half_or_double_its_rate_says_so(tmp_path, given_hz, said):
    path = tmp_path / "finger.csv"
    np.savetxt(path, heart("ppg", 80).values, "%.5f")
    remarks = read_recording(path, kind="ppg", rate_hz=given_hz).remarks
    if said is None:
        assert remarks == ()
    else:
        (remark,) = remarks
        assert said in remark
        assert "at 100 they would not be" in remark
