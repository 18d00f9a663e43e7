"""Any chunking of a signal gives the same events, to the last bit."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.detect import make_detector
from bridge.events import Beat, SampleChunk
from bridge.simulate.heart import Heart, simulate

RATES = (25.0, 117.0, 360.0, 500.0, 1000.0)


def signal(signal_kind: str, rate: float, seconds: float = 25.0) -> np.ndarray:
    """A heart, then a knock, then noise, then a heart again."""
    heart = Heart(kind=signal_kind, rate_hz=rate, noise_db=20, bpm=80, seed=3)
    values = simulate(heart, seconds)[0].values.copy()
    rng = np.random.default_rng(4)
    third = len(values) // 3
    values[third] += 900
    values[third + third // 2 : 2 * third] = 500 + 30 * rng.standard_normal(
        2 * third - (third + third // 2)
    )
    return values


def events(kind: str, rate: float, values: np.ndarray, cuts: list[int]) -> list[object]:
    detector = make_detector(kind, rate)
    found: list[object] = []
    edges = [0, *sorted(cuts), len(values)]
    for start, stop in pairwise(edges):
        found += detector.push(SampleChunk(start / rate, rate, values[start:stop]))
    return found + list(detector.flush())


@pytest.mark.parametrize("kind", ["ppg", "ecg", "auto", "ema"])
@pytest.mark.parametrize("rate", RATES)
def test_one_sample_at_a_time_is_the_same_as_the_whole_file(kind, rate):
    values = signal("ecg" if kind == "ecg" else "ppg", rate, 14.0)
    whole = events(kind, rate, values, [])
    assert sum(isinstance(event, Beat) for event in whole) >= 5 or (kind, rate) == ("ecg", 25.0)
    assert events(kind, rate, values, list(range(1, len(values)))) == whole
    assert events(kind, rate, values, list(range(20, len(values), 20))) == whole


WHOLE = {
    (kind, rate): (signal(kind, rate), events("auto", rate, signal(kind, rate), []))
    for kind in ("ppg", "ecg")
    for rate in (117.0, 500.0)
}


@pytest.mark.slow
@settings(max_examples=25)
@given(
    kind=st.sampled_from(["ppg", "ecg"]),
    rate=st.sampled_from([117.0, 500.0]),
    cuts=st.lists(st.integers(0, 25 * 117), max_size=40),
)
def test_any_cuts_are_the_same_as_the_whole_file(kind, rate, cuts):
    values, whole = WHOLE[kind, rate]
    assert events("auto", rate, values, cuts) == whole


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ppg", "ecg", "auto", "ema"])
@pytest.mark.parametrize("signal_kind", ["ppg", "ecg"])
@pytest.mark.parametrize("rate", RATES)
def test_nothing_comes_while_a_detector_is_quiet(kind, signal_kind, rate):
    detector = make_detector(kind, rate)
    quiet_until = 0
    for index, value in enumerate(signal(signal_kind, rate, 14.0)):
        found = detector.push(SampleChunk(index / rate, rate, np.array([value])))
        assert not found or index >= quiet_until
        assert index + 1 + detector.quiet() >= quiet_until
        quiet_until = index + 1 + detector.quiet()


@pytest.mark.parametrize(("kind", "most"), [("ppg", 105.0), ("ecg", 160.0), ("auto", 105.0)])
def test_few_of_a_thousand_samples_a_second_can_matter(kind, most):
    values = signal("ecg" if kind == "ecg" else "ppg", 1000.0, 14.0)
    detector = make_detector(kind, 1000.0)
    looks, index = 0, 0
    while index < len(values):
        step = detector.quiet() + 1
        detector.push(SampleChunk(index / 1000.0, 1000.0, values[index : index + step]))
        looks, index = looks + 1, index + step
    assert looks < most * 14.0
