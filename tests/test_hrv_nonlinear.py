"""DFA and sample entropy against NeuroKit2 on the same intervals, and what has no meaning."""

import json
import math
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.hrv.nonlinear import dfa_alpha1, sample_entropy

REFERENCE = json.loads(
    (Path(__file__).parent / "reference" / "hrv_reference.json").read_text(encoding="utf-8")
)
NN_MS = np.array(REFERENCE["intervals_ms"].split(), float)


def test_dfa_equals_neurokit2() -> None:
    theirs = REFERENCE["neurokit2_nonlinear"]["dfa_4_16"]
    assert dfa_alpha1(NN_MS) == pytest.approx(theirs, rel=1e-9)


def test_sample_entropy_equals_neurokit2() -> None:
    theirs = REFERENCE["neurokit2_nonlinear"]["SampEn"]
    assert sample_entropy(NN_MS) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.slow
@given(st.lists(st.integers(800, 815), min_size=100, max_size=130))
def test_sample_entropy_counts_every_pair(values: list[int]) -> None:
    x = np.array(values, float)
    r = 0.2 * x.std(ddof=1)
    pairs = [
        np.abs(x[i : i + 3] - x[j : j + 3]) <= r for i, j in combinations(range(len(x) - 2), 2)
    ]
    two = sum(bool(alike[:2].all()) for alike in pairs)
    three = sum(bool(alike.all()) for alike in pairs)
    entropy = sample_entropy(x)
    if np.ptp(x) and three:
        assert entropy == pytest.approx(math.log(two / three))
    else:
        assert entropy is None


def test_noise_of_known_kind_has_its_exponent() -> None:
    white = np.random.default_rng(2).normal(0.0, 20.0, 5000)
    assert dfa_alpha1(850.0 + white) == pytest.approx(0.5, abs=0.1)
    assert dfa_alpha1(850.0 + np.cumsum(white)) == pytest.approx(1.5, abs=0.1)


@pytest.mark.parametrize("nn_ms", [np.full(400, 800.0), NN_MS[:60], np.empty(0)])
def test_no_meaning_no_value(nn_ms: np.ndarray) -> None:
    assert dfa_alpha1(nn_ms) is None
    assert sample_entropy(nn_ms) is None


def test_dfa_takes_four_of_its_longest_boxes_and_no_less() -> None:
    nn_ms = 800.0 + np.random.default_rng(2).normal(0.0, 20.0, 64)
    assert dfa_alpha1(nn_ms) is not None
    assert dfa_alpha1(nn_ms[:63]) is None
