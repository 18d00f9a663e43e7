"""Floors under the accuracy on the annotated recordings; the whole table is a benchmark."""

import importlib.util

import numpy as np
import pytest

from bridge.detect import make_detector
from bridge.events import Beat, SampleChunk

PPG = {"ppg/rest5min": 100} | {f"ppg/welltory_{i:02d}": 100 for i in range(1, 11)}
ECG = {"ecg/mitdb100": 360, "ecg/nstdb118e24": 360, "ecg/nstdb118e12": 360}


@pytest.fixture(scope="module")
def scorer(shared_data):
    path = shared_data.parent / "tools" / "score_beats.py"
    spec = importlib.util.spec_from_file_location("score_beats", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def f1(reference, detected, hits):
    return 200 * hits / (reference + detected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "records", "pooled_floor", "lowest_floor"),
    [("ppg", PPG, 98.0, 88.0), ("ecg", ECG, 99.5, 97.0)],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_accuracy(shared_data, scorer, kind, records, pooled_floor, lowest_floor, sign):
    tolerance = 0.15 if kind == "ppg" else 0.05
    total, heard, lowest, delays = np.zeros(3, int), np.zeros(3, int), 100.0, []
    for name, rate in records.items():
        values = sign * np.loadtxt(shared_data / f"{name}.csv")
        reference = np.loadtxt(shared_data / f"{name}.beats.csv")
        events = make_detector(kind, rate).push(SampleChunk(0.0, float(rate), values))
        beats = [event for event in events if isinstance(event, Beat)]
        times = np.array([beat.t for beat in beats])
        assert np.all(np.diff(times) > 0)
        n_ref, n_det, errors, lag = scorer.score(times, reference, tolerance, kind == "ppg", 3.0)
        total += n_ref, n_det, len(errors)
        lowest = min(lowest, f1(n_ref, n_det, len(errors)))
        announced = np.array([beat.t for beat in beats if not beat.late]) - lag
        announced = announced[(announced > 3 - tolerance) & (announced < reference[-1] + tolerance)]
        hits = scorer.match(reference[reference >= 3], announced, tolerance)
        heard += n_ref, len(announced), len(hits)
        delays += [beat.sure_t - beat.t for beat in beats if not beat.late]
    assert f1(*total) >= pooled_floor
    assert lowest >= lowest_floor
    assert f1(*heard) >= f1(*total) - 2.0
    assert max(delays) <= 0.1
    assert np.std(delays) < 0.012
