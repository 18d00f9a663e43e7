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
from bridge.offline import Options
from bridge.offline_batch import render_batch
from bridge.offline_files import find_recordings, plan
from bridge.playback import SOUNDFONTS, read_events, write_wav
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


def test_every_hit_is_audible_at_its_time(tmp_path: Path, need_program: Need) -> None:
    need_program("fluidsynth")
    need_soundfont()
    # Kick, snare-side notes and toms of the lower zones, one hit at a time and well apart.
    clip = render_arc(tmp_path / "s", np.repeat([60.0, 67.0, 140.0], 64), drums__order=[0, 8],
                      zones__edges=[65.0], drums__notes=[36, 38])  # fmt: skip
    write_wav(clip, tmp_path / "arc.wav")
    with wave.open(str(tmp_path / "arc.wav")) as file:
        rate = file.getframerate()
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    level = np.abs(frames.mean(axis=1)) / 32768
    hits = [tick / 600 for tick, *_ in read_tracks(clip)["HR_Drums"].notes]
    assert len(hits) == 4 + 8 + 8

    def loudest(start: float, end: float) -> float:
        return float(level[round(start * rate) : round(end * rate)].max())

    for hit in hits:
        after, before = loudest(hit, hit + 0.04), loudest(max(hit - 0.03, 0), hit) if hit else 0.0
        assert after > 0.05, f"nothing is heard at {hit} s"
        assert after > 3 * before, f"no onset at {hit} s"
        onset = np.flatnonzero(level[round(hit * rate) :] > 0.3 * after)[0] / rate
        assert onset < 0.02


def play_process(clip: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bridge", "play", str(clip), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_clip_goes_through_a_real_port_in_order(tmp_path: Path, listener: Listener) -> None:
    clip = render_arc(tmp_path, np.linspace(60, 140, 32))
    process = play_process(clip, "--midi", "EAR")
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    sent = [message for _, message in read_events(clip)]
    listener.wait_for(len(sent) + 2)
    assert listener.messages == [*sent, b"\xb9\x40\x00", b"\xb9\x7b\x00"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopping_leaves_no_note_hanging(
    tmp_path: Path, listener: Listener, how: signal.Signals
) -> None:
    clip = render_arc(tmp_path, np.full(600, 60.0), drums__length="4/1")
    process = play_process(clip, "--midi", "listener")
    listener.wait_for(1)
    process.send_signal(how)
    out, errors = process.communicate(timeout=30)
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
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    last = errors.splitlines()[-1]
    assert "'no such synth' is no MIDI output" in last
    assert "ear" in last
