"""The meditation box's own detector, on this computer: strong, weak and uneven hearts, and none."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.simulate.not_a_heart import MAKERS, not_a_heart
from tests.arrhythmia import (
    alternating,
    arrests,
    doubling,
    draw,
    fibrillation,
    premature,
    pulse,
    regular,
)
from tests.firmware_harness import build
from tests.firmware_harness.build import LEAST_RISE, REFRACTORY_MS, VELOCITY, HeartNote
from tests.firmware_harness.recordings import (
    bundled,
    f1,
    readings,
    recorded,
    simulated,
    swinging,
)

SWINGS = pytest.mark.parametrize("swing", [100, 150, 250])


@pytest.fixture(scope="module")
def box(tmp_path_factory, need_program):
    return HeartNote(build.headers(tmp_path_factory.mktemp("headers"), need_program))


def test_the_box_is_tested_with_its_own_settings():
    text = (build.FIRMWARE / "heart_note" / "settings.h").read_text(encoding="utf-8")
    for name, value in {
        "kLeastRise": LEAST_RISE,
        "kRefractoryMs": REFRACTORY_MS,
        "kVelocity": VELOCITY,
    }.items():
        assert f" {name} = {value};" in text


@pytest.mark.slow
@SWINGS
@pytest.mark.parametrize("bpm", [48, 72, 110])
def test_a_resting_heart_of_any_strength_is_played(box, swing, bpm):
    """The first four beats are for trust."""
    signal, beats = simulated(60.0, bpm)
    assert f1(box.notes_s(swinging(signal, swing)), beats[4:]) >= 97


@pytest.mark.slow
@SWINGS
def test_the_bundled_session_is_played(box, swing):
    """Its rate goes from 70 to 84 and back within the minute."""
    signal, beats = bundled()
    assert f1(box.notes_s(swinging(signal, swing)), beats[4:]) >= 97


@SWINGS
def test_a_recorded_finger_is_played(box, swing, shared_data):
    signal = recorded(shared_data / "ppg" / "rest5min.csv")
    beats = np.loadtxt(shared_data / "ppg" / "rest5min.beats.csv")
    assert f1(box.notes_s(swinging(signal, swing)), beats) >= 97


UNEVEN = {
    "fibrillation": partial(fibrillation, pulse()),
    "fibrillation, milder": partial(fibrillation, pulse(), mean_s=0.75, sd=0.20),
    "bigeminy, 0.6": partial(premature, pulse(), pulse(0.6), every=2),
    "bigeminy, 0.4": partial(premature, pulse(), pulse(0.4), every=2),
    "trigeminy, 0.5": partial(premature, pulse(), pulse(0.5), every=3),
    "alternating, 0.6": partial(alternating, pulse(), pulse(0.6)),
    "arrests of 3 s": partial(arrests, pulse(), pause_s=3.0),
    "65 to 130 a minute": partial(doubling, pulse()),
    "dicrotic wave of 0.7": partial(regular, pulse(dicrotic=0.7)),
    "dicrotic wave of 0.7, slow": partial(regular, pulse(dicrotic=0.7), interval_s=1.1),
}


@pytest.mark.slow
@pytest.mark.parametrize("noise_db", [20, 30])
@pytest.mark.parametrize("rhythm", UNEVEN.values(), ids=UNEVEN)
def test_hearts_that_beat_unevenly_are_played(box, rhythm, noise_db):
    for seed in (1, 2):
        chunk, beats = draw(rhythm(seed=seed), 1000.0, 120.0, noise_db, seed)
        for swing in (100, 250):
            assert f1(box.notes_s(swinging(chunk.values, swing)), beats) >= 95


def test_a_very_weak_beat_may_be_missed_but_not_the_next_one(box):
    """Early, and less than a third as high as the others: its note may be missing, no other."""
    rhythm = premature(pulse(), weak := pulse(0.3), 1, every=10)
    shapes = (shape for _, shape in premature(pulse(), weak, 1, every=10))
    chunk, beats = draw(rhythm, 1000.0, 120.0, 30, 1)
    usual = [t for t, shape in zip(beats, shapes, strict=False) if shape is not weak]
    notes = box.notes_s(swinging(chunk.values, 200))
    lag = np.median([notes[np.abs(notes - t).argmin()] - t for t in usual[5:]])
    assert max(np.abs(notes - lag - t).min() for t in usual[5:-1]) < 0.06
    assert all(np.abs(beats - (note - lag)).min() < 0.06 for note in notes)


NO_FINGER = {
    "at the upper end": lambda t, noise: np.full(len(t), 1023.0),
    **{
        f"white noise {level}": lambda t, noise, level=level: 512 + level * noise
        for level in (2, 10, 40, 100, 400)
    },
    **{
        f"hum {mains} Hz {level}": lambda t, noise, mains=mains, level=level: (
            512 + level * np.sin(2 * np.pi * mains * t) + noise
        )
        for mains in (50, 60, 100, 120)
        for level in (5, 70, 200, 2000)
    },
    **{
        name: lambda t, noise, name=name: not_a_heart(name, 1000.0, len(t) / 1000, seed=3).values
        for name in MAKERS
    },
}
"""What a sensor that nobody touches gives, from the time in s and noise of variance 1."""


@pytest.fixture(scope="module")
def three_minutes():
    return np.arange(180_000) / 1000, np.random.default_rng(20).standard_normal(180_000)


@pytest.mark.parametrize("make", NO_FINGER.values(), ids=NO_FINGER)
def test_the_box_is_quiet_without_a_finger(box, make, three_minutes):
    assert len(box.notes_s(readings(make(*three_minutes)))) == 0


@pytest.mark.slow
@pytest.mark.parametrize("step", [0.5, 1, 2, 5, 10, 20])
def test_wandering_over_the_whole_range_may_pass_for_a_heart_once_in_hours(box, step):
    """A random walk, two hours: the hardest there is, since parts of it look like anything."""
    count = 0
    for seed in range(12):
        noise = np.random.default_rng([seed, 7]).standard_normal(600_000)
        walk = np.mod(np.cumsum(noise) * step, 2046)
        count += len(box.notes_s(readings(np.minimum(walk, 2046 - walk))))
    assert count <= 12  # 0.1 a minute


def test_it_plays_from_the_fifth_beat_on_and_falls_silent_with_the_finger(box):
    signal, beats = simulated(30.0)
    off = round(1000 * beats[20]) - 100
    signal[off:] = 512
    found, notes, _ = box.hear(readings(signal))
    assert notes.tolist() == found[4:20].tolist()
    assert len(found) <= 21  # where the finger leaves, there is a step


def test_an_uneven_heart_is_trusted_from_its_eleventh_beat_on(box):
    rhythm = premature(pulse(), pulse(0.7), 3, every=2, begin=0)  # no interval like the one before
    chunk, _ = draw(rhythm, 1000.0, 30.0, 40, 3)
    found, notes, _ = box.hear(swinging(chunk.values, 200))
    assert notes.tolist() == found[10:].tolist()


def bells(beats_at, height=300, width=0.08, seconds=60):
    t = np.arange(seconds * 1000) / 1000
    return 450 + sum(height * np.exp(-(((t - at) / width) ** 2)) for at in beats_at)


def test_one_stumble_does_not_silence_a_heart(box):
    beats_at = np.concatenate([np.arange(0.5, 20), [20.1], np.arange(21.5, 59)])  # one comes early
    beats, notes, _ = box.hear(readings(bells(beats_at)))
    assert len(beats) == len(beats_at)
    assert len(notes) == len(beats) - 4


def test_a_dicrotic_wave_is_no_note(box):
    """Half as high as the pulse and clearly apart from it."""
    beats_at = np.arange(0.5, 59, 0.9)
    both = bells(beats_at) + bells(beats_at + 0.33, height=150) - 450
    beats, notes, _ = box.hear(readings(both))
    assert len(beats) == len(beats_at)
    assert len(notes) == len(beats) - 4


def test_a_pulse_that_becomes_ten_times_weaker_is_found_again(box):
    beats_at = np.arange(0.5, 59)
    signal = 450 + (bells(beats_at, height=500) - 450) * np.where(
        np.arange(60_000) < 25_000, 1, 0.1
    )
    _, notes, _ = box.hear(readings(signal))
    assert np.abs(np.diff(notes[notes > 35_000]) - 1000).max() < 20
    assert len(notes[notes > 35_000]) >= 23


@pytest.mark.parametrize("apart", [280, 320, 380])
def test_no_second_beat_within_the_refractory(box, apart):
    """Bells in pairs, as steep as each other: the second counts once the refractory is over."""
    starts = np.arange(0.5, 20)
    signal = readings(bells(starts, width=0.03) + bells(starts + apart / 1000, width=0.03) - 450)
    assert len(box.hear(signal, refractory_ms=350)[0]) == len(starts) * (1 if apart < 350 else 2)


@pytest.mark.parametrize("height", [0.4, 0.6, 0.8])
def test_a_weaker_beat_is_a_softer_note(box, height):
    """In turn with strong ones; the velocity follows the height, as far as the upstroke tells."""
    chunk, _ = draw(alternating(pulse(), pulse(height), 1), 1000.0, 60.0, 40, 1)
    _, _, velocities = box.hear(swinging(chunk.values, 200))
    halves = sorted((velocities[4::2].mean(), velocities[5::2].mean()))
    mean = (1 + height) / 2
    assert halves[0] == pytest.approx(VELOCITY * height / mean, rel=0.1)
    assert halves[1] == pytest.approx(min(127, VELOCITY / mean), rel=0.1)


@SWINGS
def test_a_steady_heart_is_played_at_the_usual_velocity(box, swing):
    chunk, _ = draw(regular(pulse(), 1), 1000.0, 60.0, 40, 1)
    _, _, velocities = box.hear(swinging(chunk.values, swing))
    assert velocities.mean() == pytest.approx(VELOCITY, abs=2)
    assert velocities.std() < 0.05 * VELOCITY


@given(st.lists(st.tuples(st.integers(0, 1023), st.integers(1, 700)), min_size=1, max_size=60))
def test_whatever_comes_the_notes_are_beats_and_the_beats_apart(box, steps):
    signal = np.concatenate([np.full(length, level) for level, length in steps])
    beats, notes, velocities = box.hear(signal)
    assert set(notes) <= set(beats)
    assert all(np.diff(beats) >= REFRACTORY_MS)
    assert all((velocities >= 1) & (velocities <= 127))
