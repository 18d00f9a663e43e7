"""Standard MIDI Files: exact bytes of a small clip, and any clip as mido and pretty_midi see it."""

import io
import warnings

import mido
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bridge.clips.clip import NO_NOTES, Clip, Track, lane_of, notes_of
from bridge.clips.smf import encode, source_of


def clip(*tracks: Track, length: int = 1920, **more: object) -> Clip:
    return Clip(
        "c",
        tracks,
        length,
        (2, 4),
        np.zeros(1, np.int64),
        np.array([800000]),
        **more,  # type: ignore[arg-type]
    )


def test_the_bytes_of_a_small_clip() -> None:
    notes = notes_of(np.array([0, 60, 480]), 60, np.array([36, 36, 38]), np.array([68, 70, 127]))
    lane = lane_of(11, np.array([0, 480]), np.array([5, 6]))
    data = encode(clip(Track("D", 9, notes, (lane,)), length=960), "a/b.csv")
    want = "4d546864 00000006 0001 0002 01e0"
    want += "4d54726b 00000033"
    want += "00 ff 01 1b" + b"beatbridge clip of a/b.csv;".hex()
    want += "00 ff 58 04 02 02 18 0800 ff 51 03 0c 35 0087 40 ff 2f 00"
    want += "4d54726b 0000002700 ff 03 01 44"
    want += "00 b9 0b 0500 99 24 44"  # the lane first, then the note
    want += "3c 24 0000 24 46"  # running status; a pitch ends before it starts again
    want += "3c 24 00"
    want += "82 68 b9 0b 0600 99 26 7f3c 26 0083 24 ff 2f 00"
    got = data.hex()
    assert got == "".join(want.split())


def test_the_source_is_found_again() -> None:
    assert source_of(encode(clip(), "dir/é; 心.csv")) == "dir/é; 心.csv"
    assert source_of(encode(clip(), "x" * 300)) == "x" * 300
    file = io.BytesIO()
    mido.MidiFile(tracks=[mido.MidiTrack([mido.MetaMessage("text", text="hello")])]).save(file=file)
    assert source_of(file.getvalue()) is None
    assert source_of(b"") is None


def test_markers_metre_and_tempo_map() -> None:
    made = clip(
        Track("T", 0, NO_NOTES),
        locators=((0, "Ruhe"), (960, "Stress")),
    )
    made = Clip(made.name, made.tracks, 1920, (7, 16), np.array([0, 480, 960]),
                np.array([800000, 750000, 1234567]), made.locators)  # fmt: skip
    (conductor, _) = mido.MidiFile(file=io.BytesIO(encode(made))).tracks
    now, seen = 0, []
    for message in conductor:
        now += message.time
        if message.type == "set_tempo":
            seen.append((now, message.tempo))
        elif message.type == "marker":
            seen.append((now, message.text))
        elif message.type == "time_signature":
            seen.append((now, (message.numerator, message.denominator)))
    assert seen == [(0, (7, 16)), (0, 800000), (0, "Ruhe"), (480, 750000), (960, 1234567),
                    (960, "Stress")]  # fmt: skip
    assert now == 1920


notes = st.lists(
    st.tuples(
        st.integers(0, 300_000_00),
        st.integers(0, 100_000),
        st.integers(0, 127),
        st.integers(-5, 300),
    ),
    max_size=60,
)
points = st.lists(st.tuples(st.integers(0, 300_000_00), st.integers(0, 127)), max_size=60)


@given(notes, points, st.integers(0, 15))
def test_any_notes_and_lanes_come_back(
    played: list[tuple[int, int, int, int]], lane: list[tuple[int, int]], channel: int
) -> None:
    tick, length, pitch, velocity = np.array(played, np.int64).reshape(-1, 4).T
    lane = sorted(dict(lane).items())
    at, value = np.array(lane, np.int64).reshape(-1, 2).T
    made = notes_of(tick, length, pitch, velocity)
    data = encode(clip(Track("X", channel, made, (lane_of(74, at, value),))))
    (_, track) = mido.MidiFile(file=io.BytesIO(data)).tracks
    now, sounding, got, curve = 0, {}, [], []
    for message in track:
        now += message.time
        if message.type == "note_on" and message.velocity:
            assert message.note not in sounding
            sounding[message.note] = (now, message.velocity)
        elif message.type == "note_on":
            start, loud = sounding.pop(message.note)
            got.append((start, now - start, message.note, loud))
        elif message.type == "control_change":
            curve.append((now, message.value))
            assert message.control == 74
        if not message.is_meta:
            assert message.channel == channel
    assert not sounding
    assert sorted(got) == sorted(
        zip(*(a.tolist() for a in (made.tick, made.length, made.pitch, made.velocity)), strict=True)
    )
    starts = {(t, p) for t, _, p, _ in played}
    assert {(t, p) for t, _, p, _ in got} == starts  # none lost, none invented
    changes = [point for k, point in enumerate(lane) if not k or point[1] != lane[k - 1][1]]
    assert curve == changes


def test_pretty_midi_reads_it() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pretty_midi's own imports
        import pretty_midi
    made = notes_of(np.array([0, 480, 960]), 60, np.array([36, 40, 36]), np.array([68, 70, 127]))
    data = encode(
        clip(Track("HR_Drums", 9, made, (lane_of(11, np.array([0, 960]), np.array([3, 9])),)))
    )
    (instrument,) = pretty_midi.PrettyMIDI(io.BytesIO(data)).instruments
    assert (instrument.name, instrument.is_drum) == ("HR_Drums", True)
    got = [(n.pitch, n.velocity, round(n.start, 6), round(n.end, 6)) for n in instrument.notes]
    assert got == [(36, 68, 0.0, 0.1), (40, 70, 0.8, 0.9), (36, 127, 1.6, 1.7)]
    assert [(c.number, c.value, round(c.time, 6)) for c in instrument.control_changes] == [
        (11, 3, 0.0), (11, 9, 1.6)
    ]  # fmt: skip
