"""MIDI files of any program into clips."""

from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido import Message, MetaMessage

from bridge.clips.clip import Clip, Track, lane_of, notes_of
from bridge.clips.read import SlotLane, SlotNote, read_clips
from bridge.clips.smf import encode
from bridge.errors import UserError


def write(path: Path, *tracks: list, ppq: int = 480, kind: int = 1) -> Path:
    midi = mido.MidiFile(type=kind, ticks_per_beat=ppq)
    midi.tracks.extend(mido.MidiTrack(track) for track in tracks)
    midi.save(path)
    return path


def on(note, time=0, velocity=100, channel=0):
    return Message("note_on", note=note, velocity=velocity, time=time, channel=channel)


def off(note, time=0, channel=0):
    return Message("note_off", note=note, time=time, channel=channel)


def cc(control, value, time=0):
    return Message("control_change", control=control, value=value, time=time)


def test_one_track_is_one_clip_of_whole_bars(tmp_path):
    path = write(
        tmp_path / "session_drums.mid",
        [
            MetaMessage("set_tempo", tempo=800_000),
            MetaMessage("time_signature", numerator=2, denominator=4),
            MetaMessage("track_name", name="HR_Drums"),
            cc(11, 64),
            on(36),
            on(37, 60, velocity=90),
            Message("note_on", note=36, velocity=0, time=60),
            off(37, 480),
            cc(11, 64, 480),
            cc(11, 65, 480),
        ],
        kind=0,
    )
    (clip,) = read_clips(path)
    assert (clip.name, clip.tempo, clip.signature) == ("session_drums", 75.0, (2, 4))
    assert clip.notes == (SlotNote(36, 0.0, 0.25, 100), SlotNote(37, 0.125, 1.125, 90))
    assert clip.lanes == (SlotLane(11, ((0.0, 64), (3.25, 65))),)
    assert clip.beats == 4.0  # 3.25 beats are two bars of 2/4
    assert clip.left_out == ()


def test_each_track_with_music_is_a_clip_and_the_first_tempo_is_everybodys(tmp_path):
    path = write(
        tmp_path / "song.mid",
        [
            MetaMessage("set_tempo", tempo=500_000, time=0),
            MetaMessage("set_tempo", tempo=400_000, time=960),
        ],
        [MetaMessage("track_name", name="Bass"), on(40), off(40, 480)],
        [MetaMessage("track_name", name="Bass"), on(41), off(41, 480)],
        [cc(1, 5), cc(1, 6, 480)],
        [MetaMessage("track_name", name="empty"), MetaMessage("text", text="hello")],
    )
    clips = read_clips(path)
    assert [clip.name for clip in clips] == ["song Bass", "song Bass 2", "song 3"]
    assert {clip.tempo for clip in clips} == {120.0}
    assert [len(clip.notes) for clip in clips] == [1, 1, 0]
    assert clips[2].lanes == (SlotLane(1, ((0.0, 5), (1.0, 6))),)
    assert clips[0].left_out == ("tempo changes",)


def test_patterns_of_a_format_2_file_keep_their_own_tempo(tmp_path):
    path = write(
        tmp_path / "two.mid",
        [MetaMessage("set_tempo", tempo=1_000_000), on(40), off(40, 480)],
        [MetaMessage("set_tempo", tempo=500_000), on(40), off(40, 480)],
        kind=2,
    )
    assert [clip.tempo for clip in read_clips(path)] == [60.0, 120.0]


@pytest.mark.parametrize(
    ("ticks", "beats"),
    [(1, 4.0), (1920, 4.0), (1920 + 30, 4.0), (1920 + 31, 8.0), (3 * 1920, 12.0)],
)
def test_a_bit_of_legato_adds_no_bar(tmp_path, ticks, beats):
    (clip,) = read_clips(write(tmp_path / "a.mid", [on(40), off(40, ticks)]))
    assert clip.beats == beats


@pytest.mark.parametrize(
    ("declared", "shown", "beats"),
    [
        ((16, 16), (16, 16), 4.0),
        ((16, 32), (8, 16), 2.0),
        ((6, 8), (6, 8), 3.0),
        ((5, 4), (5, 4), 5.0),
        ((1, 32), (4, 4), 4.0),  # no form that Live can show
    ],
)
def test_signatures_live_can_show(tmp_path, declared, shown, beats):
    meta = MetaMessage("time_signature", numerator=declared[0], denominator=declared[1])
    (clip,) = read_clips(write(tmp_path / "a.mid", [meta, on(40), off(40, 60)]))
    assert (clip.signature, clip.beats) == (shown, beats)


def test_notes_are_cut_where_live_would_cut_them(tmp_path):
    path = write(
        tmp_path / "a.mid",
        [
            on(60),
            on(60, 240, channel=1),  # another channel, the same pitch
            off(60, 720),
            off(60, 480, channel=1),
            on(62),
            on(62, velocity=101),  # twice at one moment: the louder stays
            off(62, 120),
            off(62, 120),
            on(64),  # never switched off
            cc(1, 1, 480),
        ],
    )
    (clip,) = read_clips(path)
    assert clip.notes == (
        SlotNote(60, 0.0, 0.5, 100),
        SlotNote(60, 0.5, 2.5, 100),
        SlotNote(62, 3.0, 0.5, 101),
        SlotNote(64, 3.5, 1.0, 100),
    )


def test_a_note_of_no_length_keeps_a_tick(tmp_path):
    (clip,) = read_clips(write(tmp_path / "a.mid", [on(60), off(60), on(60, 480), off(60, 1)]))
    assert clip.notes[0] == SlotNote(60, 0.0, 1 / 480, 100)


def test_of_several_values_at_one_moment_the_last_holds_and_modes_are_no_lanes(tmp_path):
    track = [cc(7, 1), cc(7, 2), cc(119, 4), cc(120, 0), cc(123, 0), cc(7, 3, 480), cc(7, 2)]
    (clip,) = read_clips(write(tmp_path / "a.mid", track))
    assert clip.lanes == (SlotLane(7, ((0.0, 2),)), SlotLane(119, ((0.0, 4),)))


def test_what_a_clip_cannot_hold_is_named(tmp_path):
    track = [on(60), Message("pitchwheel", pitch=5), Message("aftertouch", value=5), off(60, 480)]
    (clip,) = read_clips(write(tmp_path / "a.mid", [*track, Message("program_change", program=3)]))
    assert clip.left_out == ("pitch bend", "aftertouch")


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_names_in_either_encoding(tmp_path, encoding):
    name = "Bässe".encode(encoding).decode("latin-1")
    tracks = [[MetaMessage("track_name", name=name), on(60), off(60, 9)], [on(61), off(61, 9)]]
    assert read_clips(write(tmp_path / "a.mid", *tracks))[0].name == "a Bässe"


def test_a_data_byte_above_127_is_clipped_not_fatal(tmp_path):
    path = write(tmp_path / "a.mid", [on(60, velocity=100), off(60, 480)])
    data = bytearray(path.read_bytes())
    data[data.index(b"\x90\x3c\x64") + 2] = 0xFF
    path.write_bytes(data)
    assert read_clips(path)[0].notes == (SlotNote(60, 0.0, 1.0, 127),)


def make_bad(kind: str, path: Path) -> Path:
    good = write(path, [on(60), off(60, 480)]).read_bytes()
    path.write_bytes(
        {
            "text": b"t,HR\n0,60\n",
            "empty": b"",
            "riff": b"RIFF" + good,
            "cut in the header": good[:9],
            "cut in a track": good[:-9],
            "no track where one should be": good.replace(b"MTrk", b"XTrk"),
            "no tracks": good[:10] + b"\0\0" + good[12:14],
            "smpte": good[:12] + b"\xe7\x28" + good[14:],
            "zero ticks": good[:12] + b"\0\0" + good[14:],
            "no music": write(path, [MetaMessage("text", text="x")]).read_bytes(),
        }[kind]
    )
    return path


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("text", "not a MIDI file"),
        ("empty", "not a MIDI file"),
        ("riff", "not a MIDI file"),
        ("cut in the header", "a damaged MIDI file"),
        ("cut in a track", "a damaged MIDI file"),
        ("no track where one should be", "a damaged MIDI file"),
        ("no tracks", "holds neither notes nor controllers"),
        ("smpte", "SMPTE"),
        ("zero ticks", "damaged"),
        ("no music", "holds neither notes nor controllers"),
    ],
)
def test_what_is_no_use_is_one_line_with_the_file(tmp_path, kind, words):
    path = make_bad(kind, tmp_path / "bad.mid")
    with pytest.raises(UserError, match=words) as caught:
        read_clips(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(UserError, match=r"gone\.mid: No such file"):
        read_clips(tmp_path / "gone.mid")
    with pytest.raises(UserError, match=r"is a folder"):
        read_clips(tmp_path)


def test_what_the_renderer_writes_is_read_back(tmp_path):
    rng = np.random.default_rng(3)
    tick = rng.integers(0, 480 * 40, 300)
    notes = notes_of(tick, rng.integers(1, 900, 300), rng.integers(0, 128, 300), tick % 127 + 1)
    lane = lane_of(11, np.arange(0, 480 * 40, 480), rng.integers(0, 128, 40))
    track = Track("Drums", 9, notes, (lane,))
    start = np.array([0])
    whole = Clip("a", (track,), 480 * 44, (2, 4), start, np.array([800_000]))
    path = tmp_path / "a.mid"
    path.write_bytes(encode(whole))
    (read,) = read_clips(path)
    assert (read.tempo, read.signature, read.beats) == (75.0, (2, 4), 44.0)
    columns = (notes.pitch, notes.tick / 480, notes.length / 480, notes.velocity)
    assert read.notes == tuple(SlotNote(*row) for row in zip(*columns, strict=True))
    assert read.lanes == (SlotLane(11, tuple(zip(lane.tick / 480, lane.value, strict=True))),)


@given(data=st.data())
def test_no_damage_ends_in_a_traceback(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("damage") / "a.mid"
    track = [MetaMessage("key_signature", key="C"), on(60), cc(1, 5, 9), off(60, 480)]
    good = bytearray(write(path, track).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(4, len(good) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(good[: data.draw(st.integers(4, len(good)))])
    try:
        clips = read_clips(path)
    except UserError:
        return
    for clip in clips:
        assert clip.beats > 0
        for note in clip.notes:
            assert 0 <= note.start < clip.beats + 0.07
            assert note.length > 0
            assert 1 <= note.velocity <= 127


@pytest.mark.slow
def test_the_reference_files_of_the_seed(shared_data):
    (drums,) = read_clips(shared_data / "sessions/reference/sub_005_drums.mid")
    assert (len(drums.notes), drums.beats, drums.tempo) == (3347, 1800.0, 75.0)
    assert [lane.controller for lane in drums.lanes] == [1, 11]
    lines = read_clips(shared_data / "sessions/reference/sub_005_signals_notes.mid")
    assert [len(clip.notes) for clip in lines] == [1800, 3600, 7200]
    assert [clip.name.split()[1] for clip in lines] == ["VLF_Notes", "LF_Notes", "HF_Notes"]
