"""The scope's points: thinned, scaled, the same for any chunking."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bridge.events import SampleChunk, Wave
from bridge.wave import Scope


def points(values, rate_hz, cuts):
    scope = Scope()
    edges = [0, *sorted(min(cut, len(values)) for cut in cuts), len(values)]
    found: list[Wave] = []
    for start, stop in pairwise(edges):
        found += scope.push(SampleChunk(start / rate_hz, rate_hz, np.array(values[start:stop])))
    return found


@given(
    st.lists(st.floats(-1e6, 1e6), max_size=80),
    st.sampled_from([25.0, 100.0, 250.0, 1000.0]),
    st.lists(st.integers(0, 80), max_size=5),
)
def test_any_chunking_the_same_points_within_0_and_1(values, rate_hz, cuts):
    whole = points(values, rate_hz, [])
    cut = points(values, rate_hz, cuts)
    assert [p.value for p in cut] == [p.value for p in whole]
    assert all(0.0 <= p.value <= 1.0 for p in whole)


def test_at_most_sixty_a_second():
    assert len(points([0.0, 1.0] * 500, 1000.0, [])) == 59
    assert len(points([0.0, 1.0] * 25, 50.0, [])) == 50


def test_the_range_follows_the_signal():
    levels = [p.value for p in points([0.0, 10.0, 5.0, 20.0, 0.0], 50.0, [])]
    assert levels[:2] == [0.5, 1.0]
    assert levels[3] == 1.0
    assert levels[4] == 0.0
