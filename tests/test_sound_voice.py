"""The voice: what is played sounds, when and how hard it was struck, and never clicks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.clips.kit import DRUMS
from bridge.sound.drums import RATE_HZ, drum
from bridge.sound.voice import MOST_VOICES, Voice

ON, OFF, CONTROL, DRUM = 0x90, 0x80, 0xB0, 9


def render(events, seconds, block=4096):
    """What the voice makes of (frame, message) events, in blocks of so many frames."""
    voice, out = Voice(), []
    events = sorted(events, key=lambda event: event[0])
    frames = round(seconds * RATE_HZ)
    while voice.now < frames:
        count = min(block, frames - voice.now)
        due = [event for event in events if voice.now <= event[0] < voice.now + count]
        out.append(voice.render(count, due))
    return np.concatenate(out)


def hit(note, velocity=100, frame=0):
    return (frame, bytes((ON | DRUM, note, velocity)))


def frequencies(sound, seconds=0.5):
    """The strongest frequency of a mono sound."""
    size = 1 << 17
    part = sound[: round(seconds * RATE_HZ)]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), size))
    return float(np.argmax(spectrum) * RATE_HZ / size)


def centroid(sound):
    spectrum = np.abs(np.fft.rfft(sound)) ** 2
    return float((spectrum * np.fft.rfftfreq(len(sound), 1 / RATE_HZ)).sum() / spectrum.sum())


def above(sound, hz):
    """The energy above a frequency, as a share of all."""
    spectrum = np.abs(np.fft.rfft(sound)) ** 2
    return float(spectrum[np.fft.rfftfreq(len(sound), 1 / RATE_HZ) > hz].sum() / spectrum.sum())


message = st.one_of(
    st.tuples(st.just(ON | DRUM), st.integers(35, 51), st.integers(1, 127)),
    st.tuples(st.just(ON), st.integers(40, 44), st.integers(1, 127)),
    st.tuples(st.just(OFF), st.integers(40, 44), st.just(0)),
    st.tuples(st.sampled_from((CONTROL, CONTROL | DRUM)), st.sampled_from((1, 7, 11, 74, 123)),
              st.integers(0, 127)),
).map(bytes)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=30)
@given(
    events=st.lists(st.tuples(st.integers(0, 9599), message), max_size=90),
    blocks=st.lists(st.integers(1, 5000), min_size=1, max_size=12),
)
def test_any_cutting_into_blocks_gives_the_same_samples(events, blocks):
    events = sorted(events, key=lambda event: event[0])
    whole = Voice().render(12000, events)
    voice, parts = Voice(), []
    while voice.now < 12000:
        count = min(blocks[len(parts) % len(blocks)], 12000 - voice.now)
        due = [event for event in events if voice.now <= event[0] < voice.now + count]
        parts.append(voice.render(count, due))
    assert np.array_equal(np.concatenate(parts), whole)


@pytest.mark.slow
@pytest.mark.parametrize("note", DRUMS)
def test_a_drum_begins_and_ends_without_a_click(note):
    sound = drum(note).dark + drum(note).bright
    assert abs(sound[0]) < 1e-3
    assert abs(sound[-1]) < 1e-3
    loudest = np.abs(sound).max()
    assert 0.2 < loudest < 0.9
    assert np.abs(sound[: round(0.08 * RATE_HZ)]).max() == loudest  # struck, not swelling
    assert len(sound) < 4.0 * RATE_HZ


def test_silence_is_silent():
    assert np.abs(render([], 1.0)).max() < 1e-9


def test_a_hit_sounds_on_its_frame():
    sound = np.abs(render([hit(36, 100, 12345)], 1.0)).max(axis=1)
    assert sound[:12345].max() < 1e-9
    assert sound[12345:12365].max() > 1e-4


def test_drums_and_tones_are_tuned():
    assert frequencies(render([hit(36)], 1.2).mean(axis=1)[9600:]) == pytest.approx(55.0, abs=2)
    assert frequencies(render([hit(45)], 1.0).mean(axis=1)[7200:]) == pytest.approx(110.0, rel=0.02)
    for pitch in (45, 57, 69, 76):
        hz = 440.0 * 2 ** ((pitch - 69) / 12)
        tone = render([(0, bytes((ON, pitch, 90)))], 1.0).mean(axis=1)
        assert frequencies(tone, 1.0) == pytest.approx(hz, rel=0.005)


@pytest.mark.parametrize("note", [36, 38, 42, 49, 63])
def test_harder_is_louder_and_brighter(note):
    soft, middle, hard = (render([hit(note, v)], 0.5).mean(axis=1) for v in (30, 75, 120))
    assert np.abs(soft).max() < 0.75 * np.abs(middle).max()
    assert np.abs(middle).max() < 0.75 * np.abs(hard).max()
    assert centroid(soft) < centroid(hard)


def test_no_step_of_a_lane_clicks():
    """A held tone without upper partials has no fast change but what a lane puts into it."""
    dull = [(0, bytes((CONTROL, 74, 0))), (0, bytes((ON, 45, 100)))]
    steady = render(dull, 2.0).mean(axis=1)
    lane = [(24000 + 4800 * k, bytes((CONTROL, 11, 127 * (k % 2)))) for k in range(10)]
    moved = render([*dull, *lane], 2.0).mean(axis=1)

    def sharpest(sound):
        return np.abs(np.diff(sound[20000:], 2)).max()

    assert np.abs(moved[30000:]).min() < 0.01 * np.abs(steady[30000:]).max()
    assert sharpest(moved) < 3 * sharpest(steady)


def test_the_end_of_a_tone_and_its_retrigger_do_not_click():
    held = [(0, bytes((CONTROL, 74, 0))), (0, bytes((ON, 45, 100)))]
    steady = render(held, 1.0).mean(axis=1)
    again = render([*held, (20000, bytes((ON, 45, 100))), (30123, bytes((OFF, 45, 0)))], 1.0).mean(
        axis=1
    )
    assert np.abs(np.diff(again, 2)).max() < 3 * np.abs(np.diff(steady, 2)).max()
    assert np.abs(again[-2400:]).max() < 0.1 * np.abs(steady[-2400:]).max()


def test_volume_lanes_follow_general_midi_and_the_filter_lane_darkens():
    def loud(*messages):
        return np.abs(render([*messages, (0, bytes((ON, 57, 100)))], 0.5)).max()

    full = loud()
    for controller in (7, 11):
        half = loud((0, bytes((CONTROL, controller, 64))))
        assert half == pytest.approx(full * (64 / 127) ** 2, rel=0.1)
        assert loud((0, bytes((CONTROL, controller, 0)))) < 1e-6
    dark = render([(0, bytes((CONTROL, 1, 0))), (0, bytes((ON, 57, 100)))], 0.5).mean(axis=1)
    open_ = render([(0, bytes((ON, 57, 100)))], 0.5).mean(axis=1)
    assert above(dark, 330.0) < 0.5 * above(open_, 330.0)
    assert np.abs(dark).max() > 0.4 * np.abs(open_).max()  # it darkens and does not mute


def test_a_closed_hat_ends_the_open_one():
    rings = render([hit(46)], 0.5)[9600:]
    choked = render([hit(46), hit(42, 1, 4800)], 0.5)[9600:]
    assert np.abs(choked).max() < 0.3 * np.abs(rings).max()


def test_everything_at_once_stays_within_full_scale_and_bounded():
    events = [hit(note, 127, 10 * k) for k in range(5) for note in DRUMS]
    events += [(60 * k, bytes((ON | k % 8, 30 + k, 127))) for k in range(90)]
    voice = Voice()
    sound = voice.render(48000, sorted(events, key=lambda event: event[0]))
    assert 0.9 < np.abs(sound).max() <= 1.0
    assert len([each for each in voice._sounding if not each.ends]) <= MOST_VOICES


def test_all_notes_off():
    events = [(0, bytes((ON, 57, 100))), (2400, bytes((CONTROL, 123, 0)))]
    assert np.abs(render(events, 3.0)[-4800:]).max() < 1e-3
