"""What is played: files together, parts and loops of them, lifted lanes; sound as a file."""

import wave
from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bridge.cli import make_app
from bridge.clips.score import lifted, part, score_of, together
from bridge.clips.smf_read import decode
from bridge.errors import UserError
from bridge.sinks.midi.controllers import resting
from bridge.sound.drums import RATE_HZ
from bridge.sound.reel import TAIL_S, Reel, names_of
from bridge.sound.wav import WavReel, write_wav

ON, OFF = b"\x99\x24\x64", b"\x89\x24\x00"
KICKS = score_of([(0.0, ON), (0.1, OFF), (0.5, ON), (0.6, OFF)], 1.0)


def samples(path):
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (RATE_HZ, 2)
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return frames.reshape(-1, 2) / 32768


def onsets(sound, least=0.05):
    """Where a sound begins after 20 ms that were quieter by half, s."""
    level = np.abs(sound).max(axis=1)
    step = RATE_HZ // 100
    blocks = level[: len(level) // step * step].reshape(-1, step).max(axis=1).tolist()
    before = [max(blocks[max(k - 2, 0) : k], default=0) for k in range(len(blocks))]
    return [k / 100 for k, now in enumerate(blocks) if now > max(least, 2 * before[k])]


def value(low=0, high=127):
    return st.integers(low, high)


message = st.one_of(
    st.builds(lambda n, v: mido.Message("note_on", note=n, velocity=v), value(), value()),
    st.builds(lambda c, v: mido.Message("control_change", control=c, value=v), value(), value()),
    st.builds(lambda p: mido.Message("program_change", program=p), value()),
    st.builds(lambda p: mido.Message("pitchwheel", pitch=p), value(-8192, 8191)),
    st.builds(lambda t: mido.MetaMessage("set_tempo", tempo=t), value(1, 2_000_000)),
    st.just(mido.MetaMessage("marker", text="calm")),
    st.just(mido.Message("sysex", data=(1, 2, 3))),
)
track = st.lists(st.tuples(value(0, 300), message), max_size=20)


@settings(max_examples=60)
@given(st.lists(track, min_size=1, max_size=3))
def test_a_file_is_read_as_mido_reads_it(tmp_path_factory, tracks):
    file = mido.MidiFile(ticks_per_beat=96)
    for track in tracks:
        file.tracks.append(mido.MidiTrack(m.copy(time=delta) for delta, m in track))
    path = tmp_path_factory.mktemp("midi") / "x.mid"
    file.save(path)
    now, theirs = 0.0, []
    for message in mido.MidiFile(path):
        now += message.time
        if not message.is_meta and message.type != "sysex":
            theirs.append((now, bytes(message.bytes())))
    ours = decode(path.read_bytes(), "x.mid")
    assert [m for _, m in ours] == [m for _, m in theirs]
    assert [t for t, _ in ours] == pytest.approx([t for t, _ in theirs])
    assert ours.end_s == pytest.approx(now)


HEAD = b"MThd\0\0\0\6"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"RIFF", "not a MIDI file"),
        (HEAD + b"\0\2\0\1\1\xe0", "tracks of a type 2 file do not play together"),
        (HEAD + b"\0\1\0\1\xe7\x28", "SMPTE"),
        (HEAD + b"\0\1\0\1\0\0", "0 ticks a beat"),
        (HEAD + b"\0\1\0\1\1\xe0MTrk\0\0\0\x20\0\x90\x24", "it ends too early"),
        (HEAD + b"\0\1\0\1\1\xe0MTrk\0\0\0\3\0\x90\x24", "it ends too early"),
        (HEAD + b"\0\1\0\1\1\xe0MTrk\0\0\0\3\0\x24\x24", "without a status"),
    ],
)
def test_a_damaged_file_says_why(data, why):
    with pytest.raises(UserError, match=rf"^x\.mid: .*{why}"):
        decode(data, "x.mid")


def test_several_play_together_in_order_of_time():
    tone = score_of([(0.25, b"\x90\x39\x50"), (0.5, b"\x80\x39\x00")], 2.0)
    both = together([KICKS, tone])
    assert [t for t, _ in both] == [0.0, 0.1, 0.25, 0.5, 0.5, 0.6]
    assert both.end_s == 2.0


def test_a_part_begins_as_the_synth_would_stand_and_ends_every_note():
    score = score_of(
        [(0.0, b"\xb0\x0b\x10"), (0.1, b"\xc0\x05"), (0.2, b"\xb0\x0b\x20"), (0.3, b"\x90\x39\x50"),
         (1.5, b"\x90\x3c\x50"), (1.6, b"\x80\x39\x00"), (3.0, b"\x80\x3c\x00")], 4.0,
    )  # fmt: skip
    piece = part(score, 1.0, 1.0)
    assert list(piece) == [
        (0.0, b"\xb0\x0b\x20"), (0.0, b"\xc0\x05"), (0.5, b"\x90\x3c\x50"),
        (pytest.approx(0.6), b"\x80\x39\x00"), (1.0, b"\x80\x3c\x00"),
    ]  # fmt: skip
    assert piece.end_s == 1.0


def test_volume_lanes_are_lifted_and_no_others():
    lanes = [(0.0, bytes((0xB9, c, v))) for c in (1, 7, 11, 74) for v in (0, 64, 127)]
    after = [m[2] for _, m in lifted(score_of(lanes, 1.0))]
    assert after == [0, 64, 127, 90, 109, 127, 90, 109, 127, 0, 64, 127]


def test_where_synths_stand_when_switched_on():
    assert [resting(c) for c in (1, 7, 10, 11, 64, 74, 20)] == [0, 100, 64, 127, 0, 64, 0]


def test_the_frames_of_a_reel_do_not_depend_on_the_portions():
    def frames(sizes, loop):
        reel = Reel(KICKS, loop=loop)
        return np.concatenate([reel.render(size) for size in sizes])

    for loop in (False, True):
        whole = frames([200_000], loop)
        assert np.array_equal(
            frames([47_999, 2, 999, 96_000, 55_000], loop)[:200_000], whole[:200_000]
        )
        expected = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0] if loop else [0.0, 0.5]
        assert onsets(whole) == expected


def test_a_sound_file_has_the_hits_where_they_are_and_the_same_bytes_each_time(tmp_path):
    for name in ("a.wav", "b.wav"):
        reel = Reel(KICKS)
        write_wav(tmp_path / name, reel.render, reel.frames)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    sound = samples(tmp_path / "a.wav")
    assert len(sound) == round((1.0 + TAIL_S) * RATE_HZ)
    assert onsets(sound) == [0.0, 0.5]
    assert np.abs(sound[-480:]).max() < 0.003


def test_a_file_plays_in_a_loop_of_its_own_length(tmp_path):
    reel = Reel(KICKS)
    write_wav(tmp_path / "a.wav", reel.render, reel.frames)
    sound = samples(tmp_path / "a.wav")
    with WavReel(tmp_path / "a.wav", loop_s=1.0) as again:
        twice = np.concatenate([again.render(n) for n in (30_000, 40_000, 26_000)])
    assert np.allclose(twice, np.concatenate([sound[:48_000]] * 2), atol=1e-6)


def test_drums_are_named():
    messages = (b"\x99\x26\x40", b"\x99\x24\x40", b"\x90\x2a\x40")  # the last is no drum
    assert names_of(score_of([(0.0, m) for m in messages], 1.0)) == ["kick", "snare"]


@pytest.fixture
def run(tmp_path):
    def command(*arguments):
        done = CliRunner().invoke(make_app(["play"]), ["play", *map(str, arguments)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    return command


def save(path, *messages, length=4800):
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000), *messages])
    track.append(mido.MetaMessage("end_of_track", time=length - sum(m.time for m in messages)))
    mido.MidiFile(tracks=[track], ticks_per_beat=480).save(path)


@pytest.fixture
def clips(tmp_path) -> tuple[Path, Path]:
    hits = [m for _ in range(4) for m in (
        mido.Message("note_on", channel=9, note=36, velocity=100, time=380),
        mido.Message("note_off", channel=9, note=36, time=100))]  # fmt: skip
    fade = [mido.Message("control_change", channel=9, control=11, value=v, time=0) for v in (0,)]
    save(tmp_path / "drums.mid", *fade, *hits)
    save(tmp_path / "lane.mid", mido.Message("control_change", channel=9, control=1, value=0))
    return tmp_path / "drums.mid", tmp_path / "lane.mid"


def test_play_writes_what_is_asked_for(run, clips, tmp_path):
    drums, lane = clips
    said = run(drums, "--wav", tmp_path / "floor.wav")
    assert "5.0 s; drums: kick" in said
    run(drums, "--wav", tmp_path / "full.wav", "--lanes", "full")
    run(drums, lane, "--wav", tmp_path / "both.wav")
    run(drums, "--wav", tmp_path / "part.wav", "--from", "0.8", "--for", "1")
    floor, full, both, piece = (
        samples(tmp_path / f"{name}.wav") for name in ("floor", "full", "both", "part")
    )
    assert onsets(floor) == [0.39, 0.89, 1.39, 1.89]
    assert np.abs(full).max() < 1e-3  # as a synth would: the lane says 0
    assert 0 < np.abs(np.diff(both, axis=0)).max() < np.abs(np.diff(floor, axis=0)).max()  # duller
    assert onsets(piece) == [0.09, 0.59]
    assert len(piece) == round((1 + TAIL_S) * RATE_HZ)


def test_play_refuses_what_cannot_sound(run, clips, tmp_path):
    drums, lane = clips
    save(tmp_path / "empty.mid")
    for arguments, why in (
        ((lane, "--wav", tmp_path / "x.wav"), "only controllers"),
        ((drums, "--from", "99", "--wav", tmp_path / "x.wav"), "only 5.0 s long"),
        ((tmp_path / "empty.mid",), r"empty\.mid: nothing to play in it"),
    ):
        with pytest.raises(UserError, match=why):
            run(*arguments)
    assert not (tmp_path / "x.wav").exists()
