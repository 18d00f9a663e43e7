"""What a map switched on is switched off however ``live`` ends, as real receivers hear it."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.osc import contract
from tests.integration.conftest import Listener
from tests.integration.test_osc_receivers import lines_until, port, start, wait_until_bound
from tests.integration.test_serial import raw, readings

if sys.platform == "win32":
    pytest.skip("JACK and pseudo-terminals are Linux's and the Mac's", allow_module_level=True)

from tests.integration.ptysensor import PtySensor

__all__ = ["port", "start"]
MAP = """
[[row]]
name = "a drone on MIDI"
from = "beat"
to = "note:40"
midi = "ear"
length_ms = 60000

[[row]]
name = "a drone over OSC"
from = "beat"
to = "/drone/on"
min = 0.5
max = 1.0
off = "/drone/off"
off_args = []
osc = "127.0.0.1:{port}"
length_ms = 60000
"""
"""Both sound longer than any test, so that only an end can end them."""
OSC_ON, OSC_OFF = "/drone/on", "/drone/off"


@pytest.fixture
def oscdump(need_program, start, port) -> "subprocess.Popen[str]":
    process = start(need_program("stdbuf"), "-oL", need_program("oscdump"), str(port))
    wait_until_bound(port)
    return process  # type: ignore[no-any-return]


@pytest.fixture
def drone(tmp_path, port) -> Path:
    path = tmp_path / "drone.toml"
    path.write_text(MAP.format(port=port), encoding="utf-8")
    return path


@contextmanager
def playing(source: str, drone: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "bridge", "live", "--source", source, "--map", str(drone)]
    with subprocess.Popen(
        [*command, "--target", f"{contract.TARGET_HOST}:9"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def heard_the_end(oscdump: "subprocess.Popen[str]", listener: Listener, port: int) -> None:
    """Both receivers have heard an end for every note, after the last of them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(OscMessageBuilder("/that/is/all").build().dgram, ("127.0.0.1", port))
    heard = [line.split()[1] for line in lines_until(oscdump, "/that/is/all")[:-1]]
    assert heard == [OSC_ON, OSC_OFF] * (len(heard) // 2)
    ons = sum(message[0] == 0x90 for message in listener.messages)
    listener.wait_for(2 * ons)
    assert [message[0] for message in listener.messages] == [0x90, 0x80] * ons


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_note_that_sounds_ends_on_ctrl_c_and_when_asked_to(oscdump, listener, drone, port, name):
    with playing("sim?bpm=40", drone) as process:
        listener.wait_for(1, seconds=60.0)
        assert listener.messages[0][0] == 0x90
        process.send_signal(getattr(signal, name))
        process.communicate(timeout=60)
    assert process.returncode == 0
    heard_the_end(oscdump, listener, port)


def test_a_note_that_sounds_ends_when_the_cable_is_pulled(oscdump, listener, drone, port, tmp_path):
    sensor = PtySensor(tmp_path / "ttyPULSE")
    sensor.play(raw(readings(250.0)))
    try:
        with playing(f"serial:{sensor.path}?rate=250", drone) as process:
            listener.wait_for(3, seconds=60.0)
            sensor.finish()
            sensor.pull_out()
            lines_until(process, "is lost")
            # Still running, and looking for the sensor; the note is over all the same.
            heard_the_end(oscdump, listener, port)
            assert process.poll() is None
    finally:
        sensor.pull_out()
