"""What is asked of a candidate: strict in noise, easy in a clean signal, never the other way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.detect.rhythm.acceptance import THRESHOLDS, blend, interpolate, score, threshold

unit_range = st.floats(0.0, 1.0)
relative = st.floats(0.0, 10.0)
gap = st.floats(0.25, 10.0)
height = st.floats(0.0, 5.0)
match = st.floats(-1.0, 1.0)


@pytest.mark.parametrize(
    ("x", "y"), [(-5.0, 10.0), (0.0, 10.0), (0.5, 15.0), (1.0, 20.0), (2.0, 5.0), (99.0, 5.0)]
)
def test_interpolation_is_a_straight_line_held_at_the_ends(x, y):
    assert interpolate(x, ((0.0, 10.0), (1.0, 20.0), (2.0, 5.0))) == y


@pytest.mark.parametrize(("noisiness", "value"), [(0.0, 6.0), (1.0, 2.5), (0.5, 4.25)])
def test_a_blend_lies_between_clean_and_noisy(noisiness, value):
    assert blend((6.0, 2.5), noisiness) == value


@pytest.mark.parametrize(
    ("intervals", "gap_s", "noisiness", "least"),
    [
        # Noise: far too early, early, on time, after one missed beat, after a long pause.
        (0.2, 0.3, 1.0, 1.5),
        (0.45, 0.4, 1.0, 1.0),
        (1.3, 1.0, 1.0, 0.40),
        (2.2, 1.8, 1.0, 0.18),
        (9.0, 8.0, 1.0, 0.12),
        # Clean: as easy however early, and as easy late as in noise.
        (0.2, 0.4, 0.0, 0.45),
        (0.45, 0.4, 0.0, 0.45),
        (1.3, 1.0, 0.0, 0.40),
        (9.0, 8.0, 0.0, 0.12),
        # Clean, where the T wave is: nearly a whole beat, unless the heart is that fast.
        (0.2, 0.36, 0.0, 0.80),
        (0.45, 0.3, 0.0, 0.80),
        (0.9, 0.3, 0.0, 0.42),
        # Half way.
        (0.2, 0.4, 0.5, 0.975),
    ],
)
def test_the_threshold(intervals, gap_s, noisiness, least):
    assert threshold(intervals, gap_s, noisiness) == pytest.approx(least, abs=1e-12)


@given(relative=relative, gap=gap, one=unit_range, other=unit_range)
def test_no_more_is_needed_where_it_is_less_noisy(relative, gap, one, other):
    cleaner, noisier = sorted((one, other))
    assert threshold(relative, gap, cleaner) <= threshold(relative, gap, noisier) + 1e-12
    assert threshold(relative, gap, noisier) <= interpolate(relative, THRESHOLDS) + 1e-12


@given(one=gap, other=gap, interval=st.floats(0.25, 2.3), noisiness=unit_range)
def test_no_more_is_needed_later_than_earlier(one, other, interval, noisiness):
    earlier, later = sorted((one, other))
    least = threshold(earlier / interval, earlier, noisiness)
    assert threshold(later / interval, later, noisiness) <= least + 1e-12


@pytest.mark.parametrize(
    ("height", "match", "noisiness", "value"),
    [
        (1.0, 1.0, 0.0, 1.0),
        (1.0, 1.0, 1.0, 1.0),
        # Nothing match: what is left is the height's share.
        (1.0, 0.0, 0.0, 0.60),
        (1.0, 0.0, 1.0, 0.35),
        (1.0, -1.0, 1.0, 0.35),
        (0.5, 1.0, 0.3, 0.5),
        (9.0, 1.0, 0.0, 2.0),
    ],
)
def test_the_score(height, match, noisiness, value):
    assert score(height, match, noisiness) == pytest.approx(value, abs=1e-12)


@given(height=height, match=match, noisiness=unit_range)
def test_a_score_is_bounded_and_shape_alone_never_raises_it_above_the_height(
    height, match, noisiness
):
    assert 0.0 <= score(height, match, noisiness) <= min(2.0, height) + 1e-12


@given(height=height, match=match, one=unit_range, other=unit_range)
def test_a_strange_shape_costs_more_the_noisier_it_is(height, match, one, other):
    cleaner, noisier = sorted((one, other))
    assert score(height, match, noisier) <= score(height, match, cleaner) + 1e-12
