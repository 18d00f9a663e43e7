"""Hearts that do not beat evenly, and beats that look unusual: every one is found, nothing else."""

from functools import partial

import numpy as np
import pytest

from bridge.detect import make_detector
from bridge.events import SampleChunk
from tests.arrhythmia import (
    FIBRILLATING,
    INVERTED,
    NORMAL,
    PACED,
    RS,
    VENTRICULAR,
    Shape,
    alternating,
    arrests,
    doubling,
    draw,
    fibrillation,
    premature,
    pulse,
    regular,
    tall_p,
    tall_t,
)
from tests.test_detect_beats import detect

TOLERANCE_S = 0.1
RATES = pytest.mark.parametrize("rate", [100.0, 250.0, 500.0])
NOISE = pytest.mark.parametrize("noise_db", [20, 30])
SECONDS = 60.0


def near(t, times):
    return bool(np.min(np.abs(times - t), initial=9) <= TOLERANCE_S)


def judged(kind, chunk, truth, announced=False):
    """Times of the beats missed and of the false ones after 5 s, and the share found."""
    start, stop = 5.0, chunk.end - 0.25
    beats = detect(kind, chunk.rate_hz, chunk.values)
    found = np.array([b.t for b in beats if not (announced and b.late)])
    true = [t for t in truth if start < t < stop]
    missed = [t for t in true if not near(t, found)]
    false = [t for t in found if start < t < stop and not near(t, truth)]
    return missed, false, 1.0 - len(missed) / len(true)


EVEN_NORMAL = {
    "arrest of 3 s": partial(arrests, NORMAL, pause_s=3.0),
    "arrest of 4 s": partial(arrests, NORMAL, pause_s=4.0),
    "arrest of 5 s": partial(arrests, NORMAL, pause_s=5.0),
    "65 to 130 a minute": partial(doubling, NORMAL),
    "inverted": partial(regular, INVERTED),
    "RS": partial(regular, RS),
    "T of 0.6, 40 ms": partial(regular, tall_t(0.6, 0.040)),
    "T of 0.8, 40 ms": partial(regular, tall_t(0.8, 0.040)),
    "T of 0.8, 50 ms": partial(regular, tall_t(0.8, 0.050)),
    "T of 0.8, 20 ms": partial(regular, tall_t(0.8, 0.020)),
    "T of 0.8, 30 ms": partial(regular, tall_t(0.8, 0.030)),
    "P of 0.4": partial(regular, tall_p(0.4)),
    "paced, 120 ms": partial(regular, PACED[0.12]),
    "paced, 160 ms": partial(regular, PACED[0.16]),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", EVEN_NORMAL)
@RATES
@NOISE
def test_ecg_beats_of_one_kind_are_all_found_and_nothing_else(name, rate, noise_db):
    chunk, truth = draw(EVEN_NORMAL[name](seed=1), rate, SECONDS, noise_db)
    missed, false, _ = judged("ecg", chunk, truth)
    assert (missed, false) == ([], [])
    *_, announced = judged("ecg", chunk, truth, announced=True)
    assert announced >= 0.9


@pytest.mark.parametrize("every", [2, 3, 10])
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("rate", "noise_db"), [(100.0, 30), (250.0, 20), (250.0, 30), (500.0, 20), (500.0, 30)]
)
def test_premature_ventricular_beats_are_found_in_an_ecg(every, seed, rate, noise_db):
    beats = premature(NORMAL, VENTRICULAR, seed, every)
    missed, false, share = judged("ecg", *draw(beats, rate, SECONDS, noise_db, seed))
    assert share >= 0.97, missed
    assert false == []


@pytest.mark.slow
@pytest.mark.parametrize("every", [2, 3])
@RATES
@NOISE
def test_a_bigeminy_or_trigeminy_from_the_first_beat_on_is_found_within_nine(every, rate, noise_db):
    beats = premature(NORMAL, VENTRICULAR, 1, every, begin=0)
    chunk, truth = draw(beats, rate, SECONDS, noise_db)
    missed, false, share = judged("ecg", chunk, truth)
    assert share >= 0.97, missed
    assert false == []
    told = [b.t for b in detect("ecg", rate, chunk.values) if not b.late]
    assert told[0] < truth[9]


@pytest.mark.slow
@pytest.mark.parametrize("sd", [0.20, 0.25])
@pytest.mark.parametrize("mean_s", [0.5, 0.7])
@RATES
def test_fibrillation_is_followed_in_an_ecg(sd, mean_s, rate):
    beats = fibrillation(FIBRILLATING, 1, mean_s, sd)
    chunk, truth = draw(beats, rate, SECONDS, 30, waves=0.07)
    missed, false, share = judged("ecg", chunk, truth)
    assert share >= 0.97, missed
    assert false == []


def fiducials_off(kind, chunk, truth):
    found = np.array([b.t for b in detect(kind, chunk.rate_hz, chunk.values) if b.t > 5.0])
    return np.array([t - truth[np.argmin(np.abs(truth - t))] for t in found])


@pytest.mark.slow
@pytest.mark.parametrize("shape", [NORMAL, INVERTED, RS, VENTRICULAR, PACED[0.12]])
@RATES
def test_every_beat_of_an_ecg_is_placed_alike(shape, rate):
    off = fiducials_off("ecg", *draw(regular(shape, 2), rate, SECONDS, 20))
    assert np.std(off) < 0.003


@RATES
def test_a_complex_whose_s_is_little_deeper_is_placed_at_its_r(rate):
    shape = Shape(((1.0, 0.0, 0.011), (-1.1, 0.034, 0.012)), ())
    off = fiducials_off("ecg", *draw(regular(shape, 2), rate, SECONDS, 20))
    assert np.max(np.abs(off)) < 0.005


@RATES
def test_a_low_voltage_ecg(rate):
    clean, truth = draw(regular(NORMAL, 1), rate, SECONDS, 200)
    microvolts = 60 * clean.values + 5 * np.random.default_rng(1).standard_normal(len(clean.values))
    missed, false, _ = judged("ecg", SampleChunk(0.0, rate, microvolts), truth)
    assert (missed, false) == ([], [])


EVEN_PULSES = {
    "dicrotic wave of 0.7": partial(regular, pulse(dicrotic=0.7)),
    "dicrotic wave of 0.7, slow": partial(regular, pulse(dicrotic=0.7), interval_s=1.1),
    "alternating": partial(alternating, pulse(), pulse(0.6)),
    "arrest of 3 s": partial(arrests, pulse(), pause_s=3.0),
    "arrest of 4 s": partial(arrests, pulse(), pause_s=4.0),
    "arrest of 5 s": partial(arrests, pulse(), pause_s=5.0),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", EVEN_PULSES)
@RATES
@NOISE
def test_pulses_of_one_kind_are_all_found_and_nothing_else(name, rate, noise_db):
    chunk, truth = draw(EVEN_PULSES[name](seed=1), rate, SECONDS, noise_db)
    missed, false, _ = judged("ppg", chunk, truth)
    assert (missed, false) == ([], [])


@pytest.mark.parametrize("seed", [1, 2])
@RATES
@NOISE
def test_a_weak_pulse_may_be_missed_but_not_the_next_one(seed, rate, noise_db):
    beats = premature(pulse(), weak := pulse(0.3), seed, every=10)
    chunk, truth = draw(beats, rate, SECONDS, noise_db, seed)
    missed, false, _ = judged("ppg", chunk, truth)
    shapes = (s for _, s in premature(pulse(), weak, seed, every=10))
    weak_ones = [t for t, shape in zip(truth, shapes, strict=False) if shape is weak]
    assert [t for t in missed if t not in weak_ones] == []
    assert false == []


@pytest.mark.parametrize("seed", [1, 2])
@RATES
def test_a_pulse_wave_of_fair_irregularity_is_followed(seed, rate):
    chunk, truth = draw(fibrillation(pulse(), seed, 0.75, 0.20), rate, SECONDS, 25, seed)
    missed, false, share = judged("ppg", chunk, truth)
    assert share >= 0.96, missed
    assert false == []


@RATES
@NOISE
def test_a_pulse_that_is_suddenly_twice_as_fast_is_followed(rate, noise_db):
    missed, false, share = judged("ppg", *draw(doubling(pulse(), 1), rate, SECONDS, noise_db))
    assert share >= 0.97, missed
    assert false == []


@pytest.mark.parametrize("noise_counts", [0.0, 0.3])
@RATES
def test_a_pulse_of_six_counts_on_three_thousand(noise_counts, rate):
    clean, truth = draw(regular(pulse(), 1), rate, SECONDS, 200)
    noise = noise_counts * np.random.default_rng(1).standard_normal(len(clean.values))
    chunk = SampleChunk(0.0, rate, np.round(3000 + 6 * clean.values + noise))
    missed, false, _ = judged("ppg", chunk, truth)
    assert (missed, false) == ([], [])


KINDS = {
    "paced": ("ecg", partial(regular, PACED[0.12])),
    "bigeminy": ("ecg", partial(premature, NORMAL, VENTRICULAR, every=2)),
    "fibrillation": ("ecg", partial(fibrillation, FIBRILLATING)),
    "dicrotic wave of 0.7": ("ppg", partial(regular, pulse(dicrotic=0.7))),
    "alternating": ("ppg", partial(alternating, pulse(), pulse(0.6))),
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("rate", [100.0, 250.0])
def test_the_kind_is_told_by_itself(name, rate):
    kind, beats = KINDS[name]
    chunk, _ = draw(beats(seed=1), rate, 20.0, 25)
    detector = make_detector("auto", rate)
    detector.push(chunk)
    assert detector.kind == kind
