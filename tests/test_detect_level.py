"""Beats by height: levels, the threshold between them, and what repeats as a heart's beats do."""

import numpy as np
import pytest
from scipy.signal import resample_poly

from bridge.detect import make_detector
from bridge.detect.level.levels import PeakLevels
from bridge.detect.level.repetition import Repetition
from bridge.detect.level.tracker import LevelTracker
from bridge.detect.rhythm.candidate import Candidate
from bridge.detect.signal.description import SignalDescription
from bridge.events import Beat, SampleChunk

SHAPE, OTHER = np.array([1.0, 0.0]), np.array([0.0, 1.0])


def candidate(t, height=1.0, shape=SHAPE, jump=0.2):
    return Candidate(t, fiducial=250 * t, height=height, shape=shape, jump=jump)


def test_the_threshold_is_low_in_a_clean_signal_and_half_way_in_a_noisy_one():
    assert PeakLevels([1.0, 1.0, 0.02]).threshold(0.0) == pytest.approx(0.02 + 0.2 * 0.98)
    assert PeakLevels([1.0, 1.0, 0.3]).threshold(0.0) == pytest.approx(0.3 + 0.5 * 0.7)


def test_the_threshold_sinks_without_beats_but_not_to_p_waves():
    levels = PeakLevels([1.0, 1.0, 0.3])
    assert levels.threshold(1.0) == levels.threshold(0.0)
    assert levels.threshold(2.0) == pytest.approx(0.65 * levels.threshold(0.0))
    assert levels.threshold(9.0) == pytest.approx(0.2)


def test_one_artefact_moves_no_level():
    levels = PeakLevels([1.0, 1.0])
    for height in (1.0, 1.0, 50.0, 1.0):
        levels.beat(height)
    assert levels.signal == 1.0


def evidence(beats, noise_share=0.05):
    repetition, before = Repetition(), None
    for c in beats:
        repetition.add(c, None if before is None else c.t - before, noise_share)
        before = c.t
    return repetition.evidence


def test_like_beats_are_evidence_and_unlike_ones_are_none():
    assert evidence([candidate(0.8 * i) for i in range(3)]) == pytest.approx(2 * 1.15)
    assert evidence([candidate(0.8 * i, shape=(SHAPE, OTHER)[i > 1]) for i in range(3)]) < 0.5
    assert evidence([candidate(0.8 * i, height=1 + 0.7 * i) for i in range(3)]) < 0.5


def test_beats_of_two_kinds_in_turn_are_evidence():
    beats = [candidate(0.8 * i, shape=(SHAPE, OTHER)[i % 2]) for i in range(6)]
    assert evidence(beats) > 3.0


def test_knocks_are_evidence_against():
    assert evidence([candidate(0.8 * i, jump=0.9) for i in range(5)]) == 0.0


def test_what_varies_is_told_in_noise_only():
    leaning = np.array([0.9, 0.19**0.5])
    beats = [candidate(0.8 * i, shape=(SHAPE, leaning)[i % 2]) for i in range(2)]
    assert evidence(beats, noise_share=0.3) > 0.9 > evidence(beats, noise_share=0.03)


def told(beats, sparseness=8.0):
    """The beats that are told, and whether each is late; levels are set 1.5 s after the start."""
    tracker, heard, looked = LevelTracker(250.0), [], 0.0
    for c in beats:
        while looked + 0.5 <= c.t:
            looked += 0.5
            heard += tracker.observe(SignalDescription(looked, sparseness=sparseness))
        heard += tracker.judge(c, lambda period_s, beats: False)
    return [(round(beat.fiducial / 250, 2), beat.late) for beat in heard]


IRREGULAR = [0.3, 0.8, 1.9, 2.4, 3.4, 3.9]


def test_irregular_beats_are_told_from_the_second_or_the_first_after_the_levels_are_known():
    assert told([candidate(t) for t in IRREGULAR]) == [
        (0.3, True),
        (0.8, True),
        (1.9, False),
        (2.4, False),
        (3.4, False),
        (3.9, False),
    ]


def test_levels_set_before_the_first_beat_are_set_anew_after_it():
    """Noise alone, each time another shape, came in the first second."""
    beats = [candidate(1.2 + 0.8 * i) for i in range(6)]
    times = (0.2, 0.6, 0.9, *(c.t + 0.4 for c in beats))
    shapes = [np.array([np.cos(0.9 + 2.4 * i), np.sin(0.9 + 2.4 * i)]) for i in range(9)]
    noise = [candidate(t, 0.2, shape) for t, shape in zip(times, shapes, strict=True)]
    heard = told(sorted([*beats, *noise], key=lambda c: c.t))
    assert [t for t, _ in heard] == [1.2, 2.0, 2.8, 3.6, 4.4, 5.2]


def test_after_four_seconds_without_a_beat_the_levels_are_set_anew():
    tall = [candidate(0.3 + 0.6 * i, height=10.0) for i in range(4)]
    small = [candidate(2.7 + 0.6 * i) for i in range(9)]
    heard = told([*tall, *small])
    assert (2.7, False) not in heard
    assert heard[-1] == (7.5, False)


@pytest.mark.parametrize(("jump", "forgiven"), [(0.2, 1), (None, 0)])
def test_one_unlike_beat_in_a_row_is_forgiven_where_the_rate_shows_knocks(jump, forgiven):
    own = np.eye(12)
    shapes = [own[0]] * 8 + list(own[1:])
    beats = [candidate(0.3 + 0.8 * i, shape=s, jump=jump) for i, s in enumerate(shapes)]
    spent = next(i for i in range(8, 18) if evidence(beats[: i + 1]) < 0.1)
    heard = [t for t, late in told(beats) if not late]
    assert heard[-1] == pytest.approx(beats[spent + forgiven - 1].t)


def test_nothing_is_told_where_the_signal_is_not_sparse():
    assert told([candidate(t) for t in IRREGULAR], sparseness=3.0) == []


def test_an_r_peak_takes_the_place_of_the_p_wave_before_it():
    beats = [candidate(t) for t in (0.3, 0.8, 1.9)]
    p_wave, r_peak = candidate(2.4, height=0.4), candidate(2.57)
    after = candidate(2.77, height=0.9)
    tracker = LevelTracker(250.0)
    for c in beats:
        tracker.judge(c, lambda period_s, beats: False)
    tracker.observe(SignalDescription(2.0, sparseness=8.0))
    assert len(tracker.judge(p_wave, lambda period_s, beats: False)) == 1
    tracker.judge(r_peak, lambda period_s, beats: False)
    # Refractory since the R peak, not since the P wave.
    assert tracker.judge(after, lambda period_s, beats: False) == []


@pytest.mark.parametrize("name", ["00051", "00047", "00025"])
def test_a_real_ecg_in_disorder_is_found(shared_data, name):
    """Fibrillation and noise that a rhythm alone says nothing of in ten seconds."""
    values = np.loadtxt(shared_data / "ecg" / "cpsc2019" / f"{name}.csv")
    reference = np.loadtxt(shared_data / "ecg" / "cpsc2019" / f"{name}.beats.csv")
    detector = make_detector("ecg", 500.0)
    events = detector.push(SampleChunk(0.0, 500.0, values)) + detector.flush()
    times = np.array([event.t for event in events if isinstance(event, Beat)])
    hits = sum(np.abs(times - t).min() < 0.075 for t in reference)
    assert 2 * hits / (len(reference) + len(times)) >= 0.8


def test_a_beat_that_is_sure_by_its_height_is_told_while_the_rhythm_speaks(shared_data):
    """Ventricular beats: the rhythm finds one of these 32 only by looking back."""
    values = np.loadtxt(shared_data / "ecg" / "mitdb208.csv", max_rows=25 * 360)
    reference = np.loadtxt(shared_data / "ecg" / "mitdb208.beats.csv")
    events = make_detector("ecg", 360.0).push(SampleChunk(0.0, 360.0, values))
    in_time = np.array([e.t for e in events if isinstance(e, Beat) and not e.late])
    asked = reference[(reference > 5.0) & (reference < 24.0)]
    assert sum(np.abs(in_time - t).min() < 0.1 for t in asked) >= 28


@pytest.mark.slow
@pytest.mark.parametrize("rate", [250.0, 500.0, 360.0])
def test_a_clean_heart_is_told_within_two_and_a_half_seconds(rate):
    from bridge.simulate.heart import Heart, simulate

    firsts = []
    for seed in range(8):
        heart = Heart(kind="ecg", rate_hz=1000, bpm=65 + 3 * seed, noise_db=30, seed=seed)
        values = resample_poly(simulate(heart, 8)[0].values, round(rate), 1000)
        events = make_detector("ecg", rate).push(SampleChunk(0.0, rate, values))
        firsts.append(min(e.sure_t for e in events if isinstance(e, Beat) and not e.late))
    assert max(firsts) <= 3.0
    assert np.median(firsts) <= 2.5


def test_a_complex_of_two_maxima_is_compared_with_either_of_the_last():
    repetition = Repetition()
    for i in range(3):
        gap = 0.8 if i else None
        repetition.add(candidate(0.8 * i, height=0.5, shape=OTHER), gap, 0.05)
        repetition.correct(candidate(0.8 * i + 0.06))
    assert repetition.evidence > 2.0
