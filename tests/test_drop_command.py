"""``beatbridge drop`` from the command line's end: exit codes, lines, and where nothing is sent."""

import asyncio
import contextlib
import functools
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import mido
import pytest

from bridge import cli
from bridge.sinks.liveset import abletonosc
from bridge.sinks.liveset import device as liveset
from tests.livefake import Script
from tests.livefake.abletonosc import AbletonOscDouble
from tests.livefake.udp import device_on_udp

LOOKING = "beatbridge: looking for the device on 127.0.0.1:{} ..."


def write(path: Path, notes: int = 2, controllers: int = 1) -> Path:
    track = mido.MidiTrack()
    track += [mido.Message("control_change", control=11 - n, value=5) for n in range(controllers)]
    for n in range(notes):
        track.append(mido.Message("note_on", note=36 + n, velocity=100))
        track.append(mido.Message("note_off", note=36 + n, time=120))
    midi = mido.MidiFile()
    midi.tracks.append(track)
    midi.save(path)
    return path


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command as the shell does; returns exit code, stdout lines, stderr lines."""

    def call(*arguments) -> tuple[int, list[str], list[str]]:
        monkeypatch.setattr("sys.argv", ["beatbridge", "drop", *map(str, arguments)])
        try:
            cli.main()
            code = 0
        except SystemExit as stopped:
            code = stopped.code or 0
        out, err = capsys.readouterr()
        return code, out.splitlines(), err.splitlines()

    return call


@contextlib.contextmanager
def device_in_a_thread(script: Script):
    """The device on its port while the command runs in this thread."""
    ready, stop = threading.Event(), None
    port = 0

    async def serve():
        nonlocal stop, port
        stop = asyncio.Event()
        loops.append(asyncio.get_running_loop())
        async with device_on_udp(script) as device:
            port = device.port
            ready.set()
            await stop.wait()

    loops: list[asyncio.AbstractEventLoop] = []
    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield port
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join(60)


@pytest.fixture
def through_device(monkeypatch):
    """Hear the answers on a port of the test's own; returns the command's word for the device's."""

    def point(port: int, **timing) -> tuple[str, int]:
        real = functools.partial(liveset.drop, listen_port=0, **timing)
        monkeypatch.setattr(liveset, "drop", real)
        return "--port", port

    return point


@pytest.fixture
def through_abletonosc(monkeypatch):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        answer_port = probe.getsockname()[1]
    with AbletonOscDouble(answer_port).running() as live:
        real = functools.partial(abletonosc.drop, command_port=live.port, answer_port=answer_port)
        monkeypatch.setattr(abletonosc, "drop", real)
        yield live


def test_files_land_and_each_says_where(tmp_path, run, through_device):
    script = Script("clips", arguments=("lanes",))
    script.ready()
    with device_in_a_thread(script) as port:
        device = through_device(port)
        files = [write(tmp_path / "one.mid"), write(tmp_path / "two.mid", controllers=0)]
        code, out, err = run(*files, "--slot", 3, *device)
    assert (code, err) == (0, [LOOKING.format(port)])
    assert out == [
        "one: Heart, slot 3; 2 notes, CC 11",
        "two: Heart, slot 4; 2 notes",
    ]
    assert [clip and clip["name"] for clip in script.clips()][2:4] == ["one", "two"]


def test_what_fails_is_on_stderr_and_the_rest_lands(tmp_path, run, through_device):
    script = Script("clips", arguments=("lanes",))
    script.ready()
    script.js('__putClip(0, 0, "mine")')
    with device_in_a_thread(script) as port:
        device = through_device(port)
        files = [write(tmp_path / "one.mid"), write(tmp_path / "two.mid")]
        code, out, err = run(*files, "--slot", 1, *device)
    assert code == 1
    assert out == ["two: Heart, slot 2; 2 notes, CC 11"]
    assert err == [
        LOOKING.format(port),
        "beatbridge: one: slot 1 is occupied: choose another, or switch Replace on",
        "beatbridge: 1 of 2 clips not dropped: one.mid",
    ]


def test_without_a_device_the_last_line_names_what_is_not_in_the_set(tmp_path, run, through_device):
    two = mido.MidiFile()
    for name in ("LF", "HF"):
        two.tracks.append(mido.MidiTrack([mido.MetaMessage("track_name", name=name)]))
        two.tracks[-1].append(mido.Message("control_change", control=1, value=5))
    two.save(tmp_path / "two.mid")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        device = through_device(port, retry_s=0.01, silence_s=0.1)
        code, out, err = run(write(tmp_path / "one.mid"), tmp_path / "two.mid", *device)
    assert (code, out) == (1, [])
    assert err[0] == LOOKING.format(port)
    assert err[1].startswith("beatbridge: one: the device does not answer")
    assert err[2:] == ["beatbridge: 3 of 3 clips not dropped: one.mid, two.mid"]


def test_of_a_file_that_landed_in_part_the_clips_are_named(tmp_path, run, through_device):
    script = Script("clips", arguments=("lanes",))
    script.ready()
    script.js('__putClip(0, 0, "mine")')
    two = mido.MidiFile()
    for name in ("LF", "HF"):
        two.tracks.append(mido.MidiTrack([mido.MetaMessage("track_name", name=name)]))
        two.tracks[-1].append(mido.Message("control_change", control=1, value=5))
    two.save(tmp_path / "two.mid")
    with device_in_a_thread(script) as port:
        device = through_device(port)
        _, out, err = run(tmp_path / "two.mid", "--slot", 1, *device)
    assert [line.split(":")[0] for line in out] == ["two HF"]
    assert err[-1] == "beatbridge: 1 of 2 clips not dropped: two.mid (two LF)"


def test_a_single_failure_is_a_single_line(tmp_path, run, through_device):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        device = through_device(port, retry_s=0.01, silence_s=0.1)
        code, out, err = run(write(tmp_path / "one.mid"), *device)
    assert (code, out) == (1, [])
    looking, line = err
    assert looking == LOOKING.format(port)
    assert line.startswith("beatbridge: one: the device does not answer")


def test_through_abletonosc(tmp_path, run, through_abletonosc):
    file = write(tmp_path / "one.mid", controllers=2)
    code, out, err = run(file, "--via", "abletonosc", "--track", 1, "--slot", 2)
    assert (code, err) == (0, ["beatbridge: looking for AbletonOSC ..."])
    assert out == ["one: Drums, slot 2; 2 notes, without CC 10, without CC 11"]
    assert through_abletonosc.tracks[0].slots[1].name == "one"


def test_abletonosc_and_a_wrong_track_is_a_wrong_call(tmp_path, run, through_abletonosc):
    code, out, err = run(write(tmp_path / "one.mid"), "--via", "abletonosc", "--track", 9)
    assert (code, out) == (2, [])
    assert err[1:] == ["beatbridge: --track 9: the Set has tracks 1 to 3"]


def test_one_bad_file_and_nothing_is_sent(tmp_path, run, through_device):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        device.bind(("127.0.0.1", 0))
        device.setblocking(False)
        port = through_device(device.getsockname()[1])
        bad = tmp_path / "notes.txt"
        bad.write_text("hello", encoding="utf-8")
        code, out, err = run(write(tmp_path / "one.mid"), bad, *port)
        with pytest.raises(BlockingIOError):
            device.recv(1)
    assert (code, out) == (2, [])
    assert err == [f"beatbridge: {bad}: not a MIDI file (it does not begin with MThd)"]


def test_track_is_not_for_the_device(tmp_path, run):
    code, _, err = run(write(tmp_path / "one.mid"), "--track", 2)
    assert code == 2
    assert err == [
        "beatbridge: --track goes with --via abletonosc: the device writes to its own track"
    ]


def test_the_port_is_the_device_s(tmp_path, run):
    code, _, err = run(write(tmp_path / "one.mid"), "--via", "abletonosc", "--port", 7773)
    assert code == 2
    assert err == ["beatbridge: --port is the device's: AbletonOSC always listens on 11000"]


@pytest.mark.parametrize("arguments", [(), ("--slot", "0", "x.mid"), ("--via", "osc", "x.mid")])
def test_a_wrong_call_is_2(run, arguments):
    assert run(*arguments)[0] == 2


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a test cannot press Ctrl-C on Windows")
def test_ctrl_c_is_clean(tmp_path):
    program = """
import functools
from bridge import cli
from bridge.sinks.liveset import device as liveset
liveset.drop = functools.partial(liveset.drop, listen_port=0)
cli.main()
"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.settimeout(60)
        port = str(silent.getsockname()[1])
        running = subprocess.Popen(
            [sys.executable, "-c", program, "drop", write(tmp_path / "one.mid"), "--port", port],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        assert silent.recv(4096).startswith(b"/clip/open")
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (130, "")
    assert err == (
        f"{LOOKING.format(port)}\n"
        "beatbridge: interrupted: a clip that was not yet whole on the device "
        "leaves nothing in the Set\n"
    )
