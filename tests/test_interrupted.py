"""A program that is stopped, hung up on, or no longer read: the music goes on, or ends cleanly."""

import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
import time
from itertools import pairwise

import pytest
from pythonosc.osc_message import OscMessage

from bridge.cli.output import Unbreakable
from bridge.clips.score import score_of
from bridge.events import Beat
from bridge.resources import example
from bridge.sinks.midi import playback
from bridge.sources.pace import emit_in_time

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


def live(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "bridge", "live", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
    )  # fmt: skip


def until(process, word):
    for line in process.stdout:
        if word in line:
            return
    raise AssertionError(process.stderr.read())


@pytest.mark.slow
def test_a_replay_that_stood_still_goes_on_from_there():
    """As Ctrl-Z and fg: beats that came due meanwhile keep their distance."""
    heard = []

    async def play():
        beats = [Beat(0.1 * k, 0.1 * k) for k in range(1, 16)]

        def emit(item):
            heard.append(time.perf_counter())
            if len(heard) == 3:
                time.sleep(1.0)

        await emit_in_time(beats, emit, 1.0)

    asyncio.run(play())
    assert heard[3] - heard[2] >= 1.0
    # A machine that is busy besides may make up for less than half a second.
    assert heard[13] - heard[3] > 0.35, "ten beats of 0.1 s in a bunch"


def test_a_clip_that_stood_still_goes_on_from_there():
    notes = [(0.5 * k, b"\x90\x24\x64") for k in range(30)]
    ends = [(0.5 * k + 0.2, b"\x80\x24\x00") for k in range(30)]
    score = score_of(sorted(notes + ends), 15.0)
    now, jumped, sent = 0.0, False, []

    class Out:
        def send(self, message):
            sent.append((now, bytes(message)))

    def sleep(seconds):
        nonlocal now, jumped
        now += seconds
        if now > 5.0 and not jumped:
            now, jumped = now + 60.0, True

    playback.play(score, Out(), clock=lambda: now, sleep=sleep)
    ons = [t for t, message in sent if message[0] & 0xF0 == 0x90]
    assert len(ons) == 30
    apart = [later - earlier for earlier, later in pairwise(ons)]
    assert max(apart) >= 60.0
    assert sorted(apart)[:-1] == pytest.approx([0.5] * 28, abs=0.15)


class Broken:
    """A stream whose reader has gone."""

    def __init__(self, real):
        self._real = real
        self.tried = 0

    def write(self, text):
        self.tried += 1
        raise BrokenPipeError

    def flush(self):
        raise OSError(28, "No space left on device")

    def fileno(self):
        return self._real.fileno()


def test_output_that_cannot_be_written_is_no_error(tmp_path):
    with (tmp_path / "out").open("w") as file:
        stream = Unbreakable(Broken(file))
        print("a line", file=stream, flush=True)
        assert stream.tried == 2  # the line and its end
        file.write("what is left in the buffers")
    assert (tmp_path / "out").read_text() == ""


@pytest.fixture
def ear():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(60.0)
        yield sock


def beats(ear, count):
    found = []
    while len(found) < count:
        message = OscMessage(ear.recv(2048))
        if message.address == "/heart/beat":
            found.append(message.params[0])
    return found


@pytest.mark.slow
def test_the_music_outlives_the_reader_of_the_output(ear):
    """``beatbridge live | head -1``."""
    port = ear.getsockname()[1]
    process = live("--source", "sim?bpm=150", "--target", f"127.0.0.1:{port}", "--duration", 12)
    try:
        process.stdout.readline()
        process.stdout.close()
        assert beats(ear, 8)[-1] >= 8
        assert process.wait(60) == 0
        assert process.stderr.read() == b""
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGHUP", "SIGTERM"])
def test_a_closed_window_ends_it_as_ctrl_c_does(tmp_path, name):
    """Nothing that came is missing from the recording."""
    file = tmp_path / "s.csv"
    with live("--source", "sim?bpm=150", "--record", file) as process:
        until(process, b"beat 3")
        process.send_signal(getattr(signal, name))
        said, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, b"")
    rows = file.read_text(encoding="utf-8").splitlines()
    last = float(rows[-1].split(",")[0])
    counted = float(said.decode().split(" beats in ")[1].split(" s")[0])
    assert last == pytest.approx(counted, abs=0.1)


@POSIX
@pytest.mark.slow
def test_ctrl_z_and_fg_play_no_bunch(ear):
    port = ear.getsockname()[1]
    source = f"csv:{example('pulse.csv')}?kind=ppg"
    process = live("--source", source, "--target", f"127.0.0.1:{port}")
    try:
        beats(ear, 3)
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(5.0)
        while select.select([ear], [], [], 0)[0]:
            ear.recv(2048)  # told before it was stopped
        begin = time.perf_counter()
        os.kill(process.pid, signal.SIGCONT)
        beats(ear, 4)
        assert time.perf_counter() - begin > 1.5  # four beats of 70 to 84 a minute
    finally:
        process.kill()
        process.communicate()
