"""What is said when a signal ends: nothing clear is left out, nothing is invented."""

import numpy as np
import pytest

from bridge.detect import make_detector
from bridge.events import Beat, SampleChunk
from bridge.simulate.heart import Heart, simulate
from bridge.simulate.not_a_heart import MAKERS, not_a_heart


def pushed_and_flushed(kind, chunk):
    detector = make_detector(kind, chunk.rate_hz)
    found = [e for e in detector.push(chunk) if isinstance(e, Beat)]
    return found, [e for e in detector.flush() if isinstance(e, Beat)], detector


def assert_all_found(beats, truth, tolerance):
    assert len(beats) == len(truth)
    assert np.abs(np.array([b.t for b in beats]) - truth).max() < tolerance


@pytest.mark.parametrize("kind", ["ppg", "auto"])
@pytest.mark.parametrize("rate", [25, 50, 100, 500])
@pytest.mark.parametrize("width", [0.05, 0.08, 0.12])
def test_five_seconds_with_six_plain_beats_show_six(kind, rate, width):
    t = np.arange(5 * rate) / rate
    truth = 0.4 + np.arange(6) / 1.2
    values = sum(np.exp(-0.5 * ((t - b - width) / width) ** 2) for b in truth)
    pushed, flushed, _ = pushed_and_flushed(kind, SampleChunk(0.0, float(rate), values))
    assert_all_found(pushed + flushed, truth, 0.02)


@pytest.mark.parametrize("amplitude", [200.0, -200.0])
@pytest.mark.parametrize("kind", ["ppg", "ecg"])
def test_three_seconds_are_enough_in_the_end(kind, amplitude):
    heart = Heart(kind=kind, rate_hz=100, bpm=80, amplitude=amplitude, seed=4)
    chunk, truth = simulate(heart, 3.2)
    for asked in (kind, "auto"):
        pushed, flushed, _ = pushed_and_flushed(asked, chunk)
        assert_all_found(pushed + flushed, truth, 0.02)


@pytest.mark.parametrize(("kind", "rate"), [("ppg", 100), ("ppg", 1000), ("ecg", 250)])
def test_a_beat_just_before_the_end_is_found_and_late(kind, rate):
    whole, truth = simulate(Heart(kind=kind, rate_hz=rate, seed=3), 20)
    # 60 ms of the signal follow the beat: less than are waited for while it goes on.
    end = round((truth[-2] + 0.06) * rate)
    pushed, flushed, _ = pushed_and_flushed(kind, SampleChunk(0.0, rate, whole.values[:end]))
    assert pushed[-1].t < truth[-3] + 0.1
    (last,) = flushed
    assert last.t == pytest.approx(truth[-2], abs=0.015)
    assert last.late
    assert last.sure_t == pytest.approx((end - 1) / rate)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ppg", "ecg"])
def test_where_the_signal_ends_does_not_make_a_beat(kind):
    whole, truth = simulate(Heart(kind=kind, rate_hz=100, seed=3), 20)
    for end in range(1500, 1700, 3):
        chunk = SampleChunk(0.0, 100.0, whole.values[:end])
        _, flushed, _ = pushed_and_flushed(kind, chunk)
        for beat in flushed:
            assert beat.late
            assert np.abs(truth - beat.t).min() < 0.03


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ppg", "ecg", "auto"])
@pytest.mark.parametrize("name", MAKERS)
def test_the_end_of_noise_shows_no_heart(kind, name):
    false = 0
    for seed in range(10):
        for seconds in (3, 5, 8):
            chunk = not_a_heart(name, 100, seconds, seed=100 + seed)
            false += len(pushed_and_flushed(kind, chunk)[1])
    assert false <= 2


@pytest.mark.parametrize("kind", ["ppg", "ecg", "auto"])
def test_any_chunking_ends_the_same(kind):
    chunk, _ = simulate(Heart(kind="ecg" if kind == "ecg" else "ppg", rate_hz=487, seed=3), 4.1)
    pushed, flushed, _ = pushed_and_flushed(kind, chunk)
    detector, found = make_detector(kind, 487.0), []
    for start in range(0, len(chunk.values), 7):
        found += detector.push(SampleChunk(start / 487, 487.0, chunk.values[start : start + 7]))
    found += detector.flush()
    assert [e for e in found if isinstance(e, Beat)] == pushed + flushed


@pytest.mark.parametrize("kind", ["ppg", "ecg"])
def test_what_comes_after_the_end_is_a_new_signal(kind):
    chunk, truth = simulate(Heart(kind=kind, rate_hz=100, seed=3), 12)
    first, rest = chunk.values[:600], chunk.values[600:]
    _, _, detector = pushed_and_flushed(kind, SampleChunk(0.0, 100.0, first))
    beats = [e for e in detector.push(SampleChunk(6.0, 100.0, rest)) if isinstance(e, Beat)]
    beats += [e for e in detector.flush() if isinstance(e, Beat)]
    assert_all_found(beats, truth[truth > 6.1][: len(beats)], 0.02)
    assert len(beats) >= 6
