"""What a night on stage and a careless hand do to it, in real processes: floods, disks, folders."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pythonosc.osc_message import OscMessage

from bridge.analysis.analyze import analyze
from bridge.osc.listen import OF_ONE_ADDRESS
from bridge.recordings.read import read_recording
from bridge.simulate.heart import Heart, HeartSimulator
from tests.test_render_cli import beatbridge
from tests.test_strangers import NO_MESSAGES, bundle, osc

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def ear() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(60.0)
        yield sock


def live(ear: socket.socket, *arguments: object, **streams: object) -> "subprocess.Popen[str]":
    target = f"127.0.0.1:{ear.getsockname()[1]}"
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "bridge", "live", "--source", "sim?bpm=150",
         "--target", target, *map(str, arguments)],
        text=True, **streams,
    )  # type: ignore[call-overload, no-any-return]  # fmt: skip


def next_of(ear: socket.socket, address: str, count: int = 1) -> list[object]:
    """What the last of the next so many such messages holds."""
    while count:
        message = OscMessage(ear.recv(2048))
        count -= message.address == address
    return list(message.params)


@pytest.mark.slow
@pytest.mark.parametrize("sentinel", [-1, 0, 65535])
def test_readings_that_stand_for_none_make_no_beat_and_cost_none(
    tmp_path: Path, sentinel: int
) -> None:
    """Among the 72 beats of a minute, 10 such spikes once made 10 more."""
    heart = HeartSimulator(Heart(rate_hz=100.0, bpm=72.0, amplitude=200.0, offset=500.0))
    values = np.rint(heart.take(6000).values).astype(int)
    found = []
    for name in ("clean", "spiked"):
        path = tmp_path / f"{name}.csv"
        path.write_text("value\n" + "".join(f"{value}\n" for value in values), encoding="utf-8")
        analysis = analyze(read_recording(path, kind="ppg", rate_hz=100.0))
        found.append(np.array([beat.t for beat in analysis.beats]))
        values[333::571] = sentinel
    clean, spiked = found
    assert len(clean) >= 70
    assert np.abs(spiked[:, None] - clean).min(axis=1).max() < 0.05, "a beat where none was"
    assert len(spiked) >= len(clean) - 2


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_a_flood_from_the_network_stops_no_beat_and_fills_no_disk(
    ear: socket.socket, tmp_path: Path
) -> None:
    """Relearn at once a thousand times, then marks, pings and nonsense as fast as they go."""
    file, over = tmp_path / "s.csv", threading.Event()
    process = live(ear, "--record", file, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def flood(port: int) -> None:
        words = [osc("/bridge/mark", "x" * 200), bundle(*[osc("/bridge/mark", "y")] * 20),
                 osc("/bridge/ping"), *NO_MESSAGES.values()]  # fmt: skip
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(1000):
                sender.sendto(osc("/bridge/relearn"), ("127.0.0.1", port))
            while not over.wait(0.005):
                for data in words:
                    with contextlib.suppress(OSError):  # no room
                        sender.sendto(data, ("127.0.0.1", port))

    try:
        port = int(str(next_of(ear, "/heart/hello")[2]))
        next_of(ear, "/heart/beat", 3)
        begin = time.monotonic()
        flooding = threading.Thread(target=flood, args=(port,))
        flooding.start()
        next_of(ear, "/heart/beat", 12)
        over.set()
        flooding.join()
        process.send_signal(signal.SIGINT)
        said, errors = process.communicate(timeout=60)
        seconds = time.monotonic() - begin
    finally:
        over.set()
        process.kill()
        process.communicate()
    assert (process.returncode, errors) == (0, "")
    assert "more than a person sends came for" in said
    marks = file.read_text(encoding="utf-8").count(",marker,")
    assert 0 < marks <= OF_ONE_ADDRESS[1] + OF_ONE_ADDRESS[0] * seconds + 1


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk at hand")
def test_the_music_outlives_a_full_disk_below_its_output(ear: socket.socket) -> None:
    """``beatbridge live > log`` on a disk that is full."""
    with Path("/dev/full").open("w") as full:
        process = live(ear, stdout=full, stderr=full)
    try:
        next_of(ear, "/heart/beat", 10)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("command", ["record", "live"])
def test_a_folder_that_cannot_be_written_is_said_and_record_fails(
    tmp_path: Path, command: str
) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):  # root may write everywhere but where there is nothing to write
        folder = Path("/proc/self")
    if not folder.is_dir():
        pytest.skip("this user may write everywhere")
    file = folder / "s.csv"
    arguments = {
        "record": ("--source", "sim", file, "--duration", "5"),
        "live": (
            "--source",
            "sim",
            "--record",
            file,
            "--duration",
            "8",
            "--speed",
            "0",
            "--target",
            "127.0.0.1:9",
        ),
    }[command]
    done = beatbridge(command, *arguments)
    if command == "record":
        assert done.returncode == 1
        assert done.stderr.startswith(f"beatbridge: recording to {file}: ")
        assert len(done.stderr.splitlines()) == 1
        assert " beats" not in done.stdout
    else:
        assert done.returncode == 0, done.stderr
        assert f"recording to {file}: " in done.stdout
        assert " beats in 8.0 s" in done.stdout
    assert not file.exists()


@pytest.mark.parametrize(
    "word",
    ["externally-managed-environment", "IAC Driver", "loopMIDI", '"sim?bpm=68"', "--sound",
     "beatbridge doctor"],
)  # fmt: skip
def test_the_readme_answers_what_a_first_evening_asks(word: str) -> None:
    """Pythons that refuse ``pip install uv``, MIDI ports of the machine's own, quotes for zsh."""
    assert word in (ROOT / "README.md").read_text(encoding="utf-8")
