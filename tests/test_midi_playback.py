"""Playing: every message when it is due, and no note left hanging however it ends."""

from collections.abc import Callable
from pathlib import Path

import mido
import pytest

from bridge.cli.play import play as play_command
from bridge.clips.read import read_clips
from bridge.clips.score import score_of
from bridge.errors import UserError
from bridge.sinks.midi.fluidsynth import write_wav
from bridge.sinks.midi.playback import play, read_score


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Log:
    """A port that writes down what it is sent, and when."""

    def __init__(self, clock: Clock, stop_after: int | None = None) -> None:
        self.sent: list[tuple[float, bytes]] = []
        self._clock, self._stop = clock, stop_after

    def send(self, message: bytes) -> None:
        self.sent.append((round(self._clock.now - 100.0, 6), message))
        if len(self.sent) == self._stop:
            raise KeyboardInterrupt


EVENTS = [
    (0.0, b"\x90\x24\x40"),
    (0.1, b"\x90\x24\x00"),
    (0.5, b"\x99\x26\x40"),
    (0.5, b"\xb9\x0b\x07"),
    (2.5, b"\x89\x26\x00"),
]
SCORE = score_of(EVENTS, 3.0)
SILENCE = [b"\xb0\x40\x00", b"\xb0\x7b\x00", b"\xb9\x40\x00", b"\xb9\x7b\x00"]
EXPRESSION_RESTS = b"\xb9\x0b\x7f"


def test_messages_go_when_they_are_due() -> None:
    clock = Clock()
    log = Log(clock)
    times: list[float] = []
    play(SCORE, log, times.append, clock, clock.sleep)
    assert log.sent[:5] == [(pytest.approx(t), m) for t, m in EVENTS]
    assert [m for _, m in log.sent[5:]] == [*SILENCE, EXPRESSION_RESTS]
    assert times == sorted(times)
    assert len(times) > 20  # told often enough for a bar


@pytest.mark.parametrize("stop", range(1, 6))
def test_an_interrupt_ends_every_note(stop: int) -> None:
    clock = Clock()
    log = Log(clock, stop)
    with pytest.raises(KeyboardInterrupt):
        play(SCORE, log, clock=clock, sleep=clock.sleep)
    sounding = set()
    for _, message in log.sent:
        if message[0] & 0xF0 == 0x90 and message[2]:
            sounding.add((message[0] & 15, message[1]))
        elif message[0] & 0xE0 == 0x80:
            sounding.discard((message[0] & 15, message[1]))
    assert not sounding  # even one that had left when the interrupt came
    ending = [*SILENCE, EXPRESSION_RESTS] if stop > 3 else SILENCE  # moved, so put back
    assert [m for _, m in log.sent[-len(ending) :]] == ending


def test_a_loop_begins_again_on_time_until_it_is_ended() -> None:
    clock = Clock()
    log = Log(clock, stop_after=12)
    with pytest.raises(KeyboardInterrupt):
        play(SCORE, log, clock=clock, sleep=clock.sleep, loop=True)
    turns = [(turn * 3.0 + t, m) for turn in range(3) for t, m in EVENTS][:12]
    assert log.sent[:12] == [(pytest.approx(t), m) for t, m in turns]
    assert log.sent[-1][1] == EXPRESSION_RESTS


def test_the_tempo_of_the_file_is_followed(tmp_path: Path) -> None:
    track = mido.MidiTrack([
        mido.MetaMessage("set_tempo", tempo=500000, time=0),
        mido.Message("note_on", note=60, velocity=64, time=480),
        mido.MetaMessage("set_tempo", tempo=1000000, time=0),
        mido.Message("note_off", note=60, velocity=0, time=480),
    ])  # fmt: skip
    mido.MidiFile(tracks=[track], ticks_per_beat=480).save(tmp_path / "x.mid")
    score = read_score(tmp_path / "x.mid")
    assert list(score) == [(0.5, b"\x90\x3c\x40"), (1.5, b"\x80\x3c\x00")]
    assert score.end_s == 1.5


@pytest.mark.parametrize(
    "data", [b"", b"RIFF1234", b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x01\xe0MTrk"]
)
def test_no_midi_file(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.mid").write_bytes(data)
    with pytest.raises(UserError, match=r"x\.mid"):
        read_score(tmp_path / "x.mid")


def test_a_damaged_file_says_why_in_the_same_words_everywhere(tmp_path: Path) -> None:
    file = tmp_path / "x.mid"
    file.write_bytes(b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\x20\0\x90\x24")
    for read in (read_score, read_clips):
        with pytest.raises(UserError, match=r"a damaged MIDI file \(it ends too early\)"):
            read(file)


def test_without_fluidsynth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="needs fluidsynth"):
        write_wav(SCORE, tmp_path / "x.wav")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("keep.wav", "it is there already and is kept"),
        ("song.mp3", "ends in .wav"),
        ("keep.wav/o.wav", "keep.wav is a file, not a folder"),
        ("nodir/o.wav", "nodir is no folder"),
    ],
)
def test_where_a_sound_cannot_go(
    tmp_path: Path, need_program: Callable[[str], str], name: str, why: str
) -> None:
    need_program("fluidsynth")
    (tmp_path / "keep.wav").write_bytes(b"my own")
    with pytest.raises(UserError, match=f"^--wav .*{why}") as error:
        write_wav(SCORE, tmp_path / name)
    assert ".part" not in str(error.value)
    assert (tmp_path / "keep.wav").read_bytes() == b"my own"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keep.wav"]


@pytest.mark.parametrize("content", [b"t,HR\n0,60\n", b"RIFF\x24\0\0\0WAVEfmt ", b"", None])
def test_what_is_no_sound_font(
    tmp_path: Path, need_program: Callable[[str], str], content: bytes | None
) -> None:
    need_program("fluidsynth")
    font = tmp_path / "mine.sf2"
    if content is not None:
        font.write_bytes(content)
    with pytest.raises(UserError, match=r"^--sound-font .*mine\.sf2: "):
        write_wav(SCORE, tmp_path / "o.wav", str(font))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"midi": "virtual", "sound_font": "x.sf2"}, r"^--sound-font x\.sf2: a MIDI port has"),
        ({"midi": "virtual", "wav": Path("x.wav")}, "^--wav and --midi: choose one"),
        ({"wav": Path("x.wav"), "loop": True}, "^--loop never ends"),
    ],
)
def test_what_does_not_go_together(changes: dict[str, object], why: str) -> None:
    with pytest.raises(UserError, match=why):
        play_command([Path("x.mid")], **changes)
