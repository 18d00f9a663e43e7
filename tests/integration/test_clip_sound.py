"""Clips through real programs: fluidsynth sounds every hit, JACK carries every message."""

import os
import signal
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bridge.clips.style_file import load_style
from bridge.offline.batch import render_batch
from bridge.offline.files import find_recordings, plan
from bridge.offline.options import Options
from bridge.sinks.midi.fluidsynth import SOUNDFONTS, write_wav
from bridge.sinks.midi.playback import read_score
from tests.clipcheck import read_tracks
from tests.integration.conftest import Listener

Need = Callable[[str], str]


def render_arc(folder: Path, rates: np.ndarray, **changes: object) -> Path:
    folder.mkdir(exist_ok=True)
    rows = "".join(f"{k / 10:.1f},{rate:.3f}\n" for k, rate in enumerate(rates.tolist()))
    (folder / "arc.csv").write_text("t,HR\n" + rows)
    jobs = plan(find_recordings([folder / "arc.csv"]), None)
    style = load_style("default", {key.replace("__", "."): v for key, v in changes.items()})
    (outcome,) = render_batch(jobs, Options(style), 1, lambda _: None)
    assert outcome.error is None
    return outcome.files[0]


def need_soundfont() -> None:
    if not any(list(Path("/").glob(pattern.removeprefix("/"))) for pattern in SOUNDFONTS):
        if os.environ.get("CI"):
            pytest.fail("no sound font, and CI must run the real thing")
        pytest.skip("no sound font is installed")


def listen(clip: Path, wav: Path) -> tuple[np.ndarray, int]:
    """The clip's sound as one channel of levels 0-1, and its sample rate."""
    write_wav(read_score(clip), wav)
    with wave.open(str(wav)) as file:
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
        return np.abs(frames.mean(axis=1)) / 32768, file.getframerate()


def check_onset(level: np.ndarray, rate: int, hit: float) -> None:
    def loudest(start: float, end: float) -> float:
        return float(level[round(start * rate) : round(end * rate)].max(initial=0.0))

    # fluidsynth's own clock is good to some milliseconds either way.
    before, after = loudest(max(hit - 0.05, 0), max(hit - 0.01, 0)), loudest(hit, hit + 0.04)
    assert after > 0.02, f"nothing is heard at {hit:.3f} s"
    assert after > 3 * before, f"no onset at {hit:.3f} s"
    start = max(round((hit - 0.01) * rate), 0)
    onset = start / rate + np.flatnonzero(level[start:] > 0.3 * after)[0] / rate
    assert abs(onset - hit) < 0.015, f"what is heard at {hit:.3f} s comes at {onset:.3f} s"


def test_every_hit_is_audible_at_its_time(tmp_path: Path, need_program: Need) -> None:
    need_program("fluidsynth")
    need_soundfont()
    clip = render_arc(tmp_path / "s", np.repeat([60.0, 67.0, 140.0], 64), drums__order=[0, 8],
                      zones__edges=[65.0], drums__notes=[36, 38])  # fmt: skip
    level, rate = listen(clip, tmp_path / "arc.wav")
    hits = [tick / 600 for tick, *_ in read_tracks(clip)["HR_Drums"].notes]
    assert len(hits) == 4 + 8 + 8
    for hit in hits:
        check_onset(level, rate, hit)


def test_each_of_the_sixteen_drums_is_audible_at_its_time(
    tmp_path: Path, need_program: Need
) -> None:
    need_program("fluidsynth")
    need_soundfont()
    # At 20 bpm a bar lasts 6 s: a cymbal has died away when the next drum sounds.
    rates = np.repeat(np.linspace(60, 140, 16), 16)
    clip = render_arc(tmp_path / "s", rates, grid__tempo=20.0, drums__layers="single",
                      drums__velocity=[110, 120])  # fmt: skip
    level, rate = listen(clip, tmp_path / "drums.wav")
    notes = read_tracks(clip)["HR_Drums"].notes
    assert [pitch for _, _, pitch, _ in notes] == list(range(36, 52))
    for tick, *_ in notes:
        check_onset(level, rate, tick / 480 * 3)


def test_names_that_begin_with_a_dash_are_no_options_of_fluidsynth(
    tmp_path: Path, need_program: Need, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_program("fluidsynth")
    need_soundfont()
    font = next(each for pattern in SOUNDFONTS for each in Path("/").glob(pattern[1:]))
    clip = render_arc(tmp_path, np.full(16, 60.0))
    monkeypatch.chdir(tmp_path)
    clip.rename("-T.mid")
    Path("-h.sf2").symlink_to(font)
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "play", "--wav=-F.wav", "--sound-font=-h.sf2", "--",
         "-T.mid"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    with wave.open("-F.wav") as file:
        assert any(file.readframes(file.getnframes()))


def play_process(clip: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bridge", "play", str(clip), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_clip_goes_through_a_real_port_in_order(tmp_path: Path, listener: Listener) -> None:
    clip = render_arc(tmp_path, np.linspace(60, 140, 32))
    process = play_process(clip, "--midi", "EAR")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    sent = [message for _, message in read_score(clip)]
    listener.wait_for(len(sent) + 2)
    assert listener.messages == [*sent, b"\xb9\x40\x00", b"\xb9\x7b\x00"]


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_stopping_leaves_no_note_hanging(tmp_path: Path, listener: Listener, name: str) -> None:
    clip = render_arc(tmp_path, np.full(600, 60.0), drums__length="4/1")
    process = play_process(clip, "--midi", "listener")
    listener.wait_for(1)
    process.send_signal(getattr(signal, name))
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "all notes off" in out
    listener.wait_for(4)
    assert listener.messages == [
        b"\x99\x24\x3c", b"\x89\x24\x00", b"\xb9\x40\x00", b"\xb9\x7b\x00"
    ]  # fmt: skip


def test_a_port_that_is_not_there_is_answered_with_those_that_are(
    tmp_path: Path, listener: Listener
) -> None:
    clip = render_arc(tmp_path, np.full(32, 60.0))
    process = play_process(clip, "--midi", "no such synth")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    last = errors.splitlines()[-1]
    assert "'no such synth' is no MIDI output" in last
    assert "ear" in last
