"""How the ECG's morphology tells noise from beats, and a clean signal from a noisy one."""

import numpy as np
import pytest

from bridge.detect.qrs import QrsMorphology
from bridge.detect.rhythm.candidate import Candidate
from bridge.detect.rhythm.tracker import Tracker
from bridge.detect.signal.description import Verdict
from tests.arrhythmia import NORMAL, QRS, Shape, draw, regular

SECONDS = 8.0
BARE = Shape(QRS, ())
RATES = pytest.mark.parametrize("rate", [100.0, 250.0, 500.0])


def morphology_after(rate, values):
    """A morphology that has taken the whole signal, and the index of its newest sample."""
    morphology = QrsMorphology(rate)
    morphology.prefilter.take(np.asarray(values, float))
    return morphology, morphology.prefilter.n - 1


def heart(rate, noise_db):
    return draw(regular(NORMAL, 1), rate, SECONDS, noise_db)[0].values


def noise(rate):
    return np.random.default_rng(1).standard_normal(round(SECONDS * rate))


def tone(rate, hz):
    return np.sin(2 * np.pi * hz * np.arange(round(SECONDS * rate)) / rate)


@RATES
@pytest.mark.parametrize("beats", [3, 6])
def test_noise_and_tones_are_noise_and_a_heart_is_none(rate, beats):
    signals = [noise(rate), tone(rate, 10.0), tone(rate, 17.0), heart(rate, 20), heart(rate, 30)]
    found = []
    for values in signals:
        morphology, newest = morphology_after(rate, values)
        found.append(morphology.assess(newest, 0.85, beats, 1) is Verdict.NOISE)
    assert found == [True, True, True, False, False]


def noisiness(rate, values):
    """As it is after a rhythm whose beats are as high as the highest energy."""
    morphology, newest = morphology_after(rate, values)
    size = (
        float(morphology.prefilter.filtered(newest // 2, newest - morphology.prefilter.after).max())
        ** 0.5
    )
    tracker = Tracker()
    for i in range(6):
        beat = Candidate(0.8 * i, fiducial=160.0 * i, height=size, shape=np.array([1.0, 0.0]))
        tracker.judge(beat, lambda *_: Verdict.DOUBTFUL)
    assert tracker.locked
    tracker.observe(morphology.description(newest))
    return tracker.noisiness


@RATES
def test_noisiness_is_none_between_clean_beats_and_full_in_noise(rate):
    assert noisiness(rate, draw(regular(BARE, 1), rate, SECONDS, 40)[0].values) == 0.0
    assert noisiness(rate, noise(rate)) == 1.0


@pytest.mark.parametrize("rate", [250.0, 500.0])
def test_p_and_t_waves_alone_are_little_noise(rate):
    assert noisiness(rate, heart(rate, 30)) < 0.3


def test_noisiness_lies_between_where_some_noise_is():
    levels = [noisiness(250.0, heart(250.0, db)) for db in (16, 13, 11, 8)]
    assert levels == sorted(levels)
    assert any(0.1 < level < 0.9 for level in levels)


def test_noisiness_stays_full_while_no_rhythm_is_known():
    morphology, newest = morphology_after(250.0, heart(250.0, 30))
    tracker = Tracker()
    tracker.observe(morphology.description(newest))
    assert tracker.noisiness == 1.0
