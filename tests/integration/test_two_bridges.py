"""Two bridges side by side, as two people start them, heard by a receiver that is not ours."""

import re
import socket
import subprocess
import sys
import threading

import pytest

from bridge.osc import contract
from tests.integration.test_osc_receivers import lines_until, wait_until_bound

WAIT_SECONDS = 300.0
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform == "win32", reason="Ctrl-C reaches a Windows console otherwise"
    ),
]


@pytest.fixture
def start():
    """Start programs whose output is read line by line, and end them afterwards."""
    running = []

    def run(*command):
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
        )
        timer = threading.Timer(WAIT_SECONDS, process.kill)  # nobody waits for ever
        timer.start()
        running.append((process, timer))
        return process

    yield run
    for process, timer in running:
        timer.cancel()
        process.terminate()
        process.wait(timeout=60)
        process.stdout.close()


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((contract.TARGET_HOST, 0))
        return sock.getsockname()[1]


def test_a_mark_for_one_bridge_reaches_that_one_only(need_program, start, tmp_path):
    program, stdbuf = need_program("oscdump"), need_program("stdbuf")
    heard, bridges, ports = [], [], []
    for name in ("a", "b"):
        port = free_port()
        dump = start(stdbuf, "-oL", program, port)
        wait_until_bound(port)
        heard.append(dump)
        bridge = start(
            sys.executable, "-m", "bridge", "live", "--source", "sim?rate=50&bpm=120",
            "--target", f"127.0.0.1:{port}", "--record", tmp_path / f"{name}.csv",
        )  # fmt: skip
        bridges.append(bridge)
        lines_until(bridge, "a simulated heart")
        hello = lines_until(dump, "/heart/hello")[-1]
        ports.append(int(hello.rsplit(" ", 1)[1]))
    assert ports[0] != ports[1] >= contract.LISTEN_PORT
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        device.sendto(contract.encode("/bridge/mark", ("for b",)), ("127.0.0.1", ports[1]))
        device.sendto(contract.encode("/bridge/mark", ("for a",)), ("127.0.0.1", ports[0]))
    for bridge, text in zip(bridges, ("for a", "for b"), strict=True):
        lines_until(bridge, f"mark: {text}")
        bridge.terminate()
        bridge.wait(timeout=60)
    marks = [
        re.findall("marker,(.*)", (tmp_path / f"{name}.csv").read_text(encoding="utf-8"))
        for name in ("a", "b")
    ]
    assert marks == [["for a"], ["for b"]]


def test_one_process_plays_two_hearts(need_program, start, tmp_path):
    program, stdbuf = need_program("oscdump"), need_program("stdbuf")
    port = free_port()
    dump = start(stdbuf, "-oL", program, port)
    wait_until_bound(port)
    bridge = start(
        sys.executable, "-m", "bridge", "live", "--heart", "violin=sim?rate=50&bpm=120&seed=2",
        "--heart", "cello=sim?rate=50&bpm=80", "--target", f"127.0.0.1:{port}",
        "--record", tmp_path / "both.csv",
    )  # fmt: skip
    lines = lines_until(dump, "/heart/group/spread")
    assert any(" /heart/violin/beat iff 1 " in line for line in lines)
    assert any(" /heart/cello/beat iff 1 " in line for line in lines)
    assert any("/heart/group/count i 2" in line for line in lines)
    bridge.terminate()
    said = bridge.stdout.read()
    assert bridge.wait(timeout=60) == 0
    assert re.search(r"^violin: \d+ beats? in .* last status: live$", said, re.MULTILINE)
    assert re.search(r"^cello: \d+ beats? in .* last status: live$", said, re.MULTILINE)
    for name in ("violin", "cello"):
        kept = (tmp_path / f"both-{name}.csv").read_text(encoding="utf-8")
        assert ",,beat," in kept
