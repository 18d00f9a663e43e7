"""Real things for the tests: sketches on a simulated board, and MIDI ports without a sound card."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.firmware_harness.recordings import readings, simulated
from tests.integration.simboard import SimBoard

Need = Callable[[str], str]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What talks to real programs takes seconds: all of it is left out by ``-m "not slow"``."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def rest():
    """Five minutes of a resting heart, 200 counts high."""
    return readings(simulated(300.0, bpm=80.0)[0])


@pytest.fixture
def board(built, tmp_path):
    board = SimBoard(built / "board", built / "uno" / "pulse_stream.elf", tmp_path)
    yield board
    board.pull_out()


@pytest.fixture(scope="module")
def chromium(need_program: Need) -> Iterator[Any]:
    """The Chromium of this machine; ``evil.test`` is a name of this computer to it."""
    playwright = pytest.importorskip("playwright.sync_api")
    flags = ["--disable-background-networking", "--disable-component-update", "--mute-audio"]
    flags += ["--autoplay-policy=no-user-gesture-required"]
    flags += ["--host-resolver-rules=MAP evil.test 127.0.0.1"]
    if os.name == "posix" and os.geteuid() == 0:
        flags.append("--no-sandbox")
    with playwright.sync_playwright() as run:
        browser = run.chromium.launch(executable_path=need_program("chromium"), args=flags)
        yield browser
        browser.close()


def listen_for_errors(page: Any) -> list[str]:
    """What the console and the scripts of a page complain of, as it comes."""
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return wrong


@pytest.fixture
def jack(need_program: Need, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A JACK server of the tests' own, without any sound card."""
    jackd, wait = need_program("jackd"), need_program("jack_wait")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    # A name is taken while another run of these tests has it; JACK knows eight names in all.
    for name in ("beatbridge-1", "beatbridge-2", "beatbridge-3", "beatbridge-4"):
        server = subprocess.Popen(
            [jackd, "-S", "--no-realtime", "-n", name, "-d", "dummy", "-p", "64"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        subprocess.run(
            [wait, "-s", name, "-w", "-t", "60"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(0.5)
            continue  # it has ended: the server that answered is somebody else's
        break
    else:
        pytest.fail("no JACK server could be started under a name of its own")
    monkeypatch.setenv("JACK_DEFAULT_SERVER", name)
    try:
        yield
    finally:
        server.terminate()
        server.wait(60)


class Listener:
    """A MIDI input that other programs see as a port, collecting what comes."""

    def __init__(self) -> None:
        import rtmidi

        self.messages: list[bytes] = []
        self._input = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="listener")
        self._input.open_virtual_port("ear")
        self._input.set_callback(lambda event, _: self.messages.append(bytes(event[0])))

    def wait_for(self, count: int, seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while len(self.messages) < count and time.monotonic() < deadline:
            time.sleep(0.005)

    def close(self) -> None:
        self._input.close_port()
        self._input.delete()


@pytest.fixture
def listener(jack: None) -> Iterator[Listener]:
    pytest.importorskip("rtmidi")
    ear = Listener()
    yield ear
    ear.close()


BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>
"""


@pytest.fixture
def strap(
    tmp_path: Path, need_program: Need, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], "subprocess.Popen[bytes]"]]:
    """A double of BlueZ on a bus of its own; bleak, here and in what is started, talks to it."""
    daemon = need_program("dbus-daemon")
    address = f"unix:path={tmp_path}/bus"
    (tmp_path / "bus.conf").write_text(BUS.format(path=tmp_path / "bus"), encoding="utf-8")
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    started: list[subprocess.Popen[bytes]] = []

    def start(scenario: str) -> "subprocess.Popen[bytes]":
        bus = subprocess.Popen(
            [daemon, f"--config-file={tmp_path / 'bus.conf'}", "--nofork", "--nopidfile",
             "--print-address"],
            stdout=subprocess.PIPE,
        )  # fmt: skip
        started.append(bus)
        assert bus.stdout is not None
        assert bus.stdout.readline()
        double = subprocess.Popen(
            [sys.executable, "-m", "tests.bluez", scenario],
            stdout=subprocess.PIPE,
            env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": address},
            cwd=Path(__file__).parents[2],
        )
        started.append(double)
        assert double.stdout is not None
        assert double.stdout.readline() == b"up\n"
        return double

    yield start
    for process in reversed(started):
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
