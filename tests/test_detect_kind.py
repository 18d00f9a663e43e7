"""ECG or pulse wave: found out from the first seconds."""

import numpy as np
import pytest

from bridge.detect import make_detector
from bridge.detect.auto import AutoDetector
from bridge.events import Beat, SampleChunk
from bridge.simulate.heart import Heart, simulate
from bridge.simulate.not_a_heart import not_a_heart
from tests.arrhythmia import PACED, RS, alternating, draw


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ppg", "ecg"])
@pytest.mark.parametrize("rate", [50.0, 117.0, 500.0])
@pytest.mark.parametrize("bpm", [45, 75, 190])
@pytest.mark.parametrize("upside_down", [False, True])
def test_simulated_hearts_are_told_apart(kind, rate, bpm, upside_down):
    heart = Heart(kind=kind, rate_hz=rate, bpm=bpm, noise_db=20, seed=bpm)
    chunk, _ = simulate(heart, 15)
    detector = AutoDetector(rate)
    values = -chunk.values if upside_down else chunk.values
    beats = [e for e in detector.push(SampleChunk(0, rate, values)) if isinstance(e, Beat)]
    assert detector.kind == kind
    assert beats[0].late
    assert not beats[-1].late
    assert beats[0].t < 3.0
    times = [b.t for b in beats]
    assert times == sorted(set(times))


def test_no_kind_is_chosen_without_a_heart_and_the_right_one_after():
    noise = not_a_heart("no finger", 100, 20).values
    heart, truth = simulate(Heart(kind="ecg", rate_hz=100, noise_db=25, seed=3), 20)
    detector = AutoDetector(100.0)
    assert not [e for e in detector.push(SampleChunk(0, 100.0, noise)) if isinstance(e, Beat)]
    assert detector.kind is None
    events = detector.push(SampleChunk(20.0, 100.0, heart.values))
    assert detector.kind == "ecg"
    beats = np.array([e.t for e in events if isinstance(e, Beat)])
    late_truth = 20 + truth[(truth > 3) & (truth < 19.7)]
    assert max(np.min(np.abs(beats - t)) for t in late_truth) < 0.05


def test_the_question_is_asked_again_when_the_sensor_was_changed():
    finger = simulate(Heart(kind="ppg", rate_hz=100, noise_db=25, seed=3), 20)[0].values
    chest, truth = simulate(Heart(kind="ecg", rate_hz=100, noise_db=25, seed=4), 30)
    signal = np.concatenate([finger, np.full(4500, 512.0), chest.values])
    detector = AutoDetector(100.0)
    events = detector.push(SampleChunk(0, 100.0, signal[:2500]))
    assert detector.kind == "ppg"
    events += detector.push(SampleChunk(25.0, 100.0, signal[2500:]))
    assert detector.kind == "ecg"
    beats = np.array([e.t for e in events if isinstance(e, Beat)])
    assert np.all(np.diff(beats) > 0)
    assert not np.any((beats > 20.5) & (beats < 64.5))
    late_truth = 65 + truth[(truth > 3) & (truth < 29.7)]
    assert max(np.min(np.abs(beats - t)) for t in late_truth) < 0.05
    one_by_one = AutoDetector(100.0)
    assert events == [
        event
        for i, value in enumerate(signal)
        for event in one_by_one.push(SampleChunk(i / 100, 100.0, np.array([value])))
    ]


RECORDINGS = {
    "ecg/mitdb100": 360,
    "ecg/nstdb118e12": 360,
    "ecg/embodied_044": 500,
    "ppg/rest5min": 100,
    "ppg/welltory_01": 100,
    "ppg/welltory_05": 100,
    "ppg/heartpy_1": 100,
}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "rate"), RECORDINGS.items())
@pytest.mark.parametrize("sign", [1, -1])
def test_recordings_are_told_apart(shared_data, name, rate, sign):
    values = np.loadtxt(shared_data / f"{name}.csv", max_rows=40 * rate)
    detector = AutoDetector(float(rate))
    detector.push(SampleChunk(0.0, float(rate), sign * values))
    assert detector.kind == name[:3]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_ecg_of_two_wide_kinds_is_waited_for_though_its_waves_were_found_first(seed):
    chunk, _ = draw(alternating(PACED[0.12], RS, seed), 200.0, 25.0, 25.0, seed)
    detector = AutoDetector(200.0)
    detector.push(chunk)
    assert detector.kind == "ecg"


@pytest.mark.parametrize("kind", ["ppg", "ecg"])
@pytest.mark.parametrize("rate", [100.0, 250.0])
def test_the_first_beat_is_told_no_later_than_where_the_kind_is_given(kind, rate):
    chunk, _ = simulate(Heart(kind=kind, rate_hz=rate, bpm=70, noise_db=25, seed=5), 10)
    first = {}
    for each in (kind, "auto"):
        found = [e for e in make_detector(each, rate).push(chunk) if isinstance(e, Beat)]
        first[each] = min(beat.sure_t for beat in found if not beat.late)
    assert first["auto"] == first[kind]
    assert first[kind] < 3.5
