"""Leading a shared tempo: from where it is, seldom, and never against a person."""

import asyncio
import os
import subprocess
import sys
from itertools import pairwise

import pytest

from bridge.events import Beat
from bridge.mapping.lead import Lead
from bridge.osc import contract
from bridge.osc.listen import messages
from bridge.sinks import link


def leads(session, bpm, seconds, meddle=None):
    """Lead a session for a while; returns the tempo after each change."""
    lead, found = Lead(), []
    for n in range(int(seconds * 20)):
        t = n / 20
        if n % 16 == 0:
            lead.rate(t, bpm)
        if meddle is not None and t == meddle[0]:
            session = meddle[1]
        tempo = lead.step(t, session)
        if tempo is not None:
            found.append((t, tempo))
            session = tempo
    return lead, found


def test_it_goes_from_the_sessions_tempo_to_the_hearts_at_most_four_times_a_second():
    _, found = leads(120.0, 90.0, 60.0)
    times = [t for t, _ in found]
    assert min(b - a for a, b in pairwise(times)) >= 0.25 - 1e-9
    tempos = [tempo for _, tempo in found]
    assert tempos == sorted(tempos, reverse=True)
    assert 119.7 <= tempos[0] < 120.0
    assert tempos[-1] == pytest.approx(90.0, abs=0.06)


def test_a_steady_heart_that_has_arrived_says_nothing():
    _, found = leads(80.0, 80.02, 30.0)
    assert found == []


def test_it_yields_to_whoever_changes_the_tempo():
    lead, found = leads(120.0, 90.0, 30.0, meddle=(10.0, 128.0))
    assert lead.yielded
    assert found[-1][0] < 10.0


def test_without_a_heart_it_leaves_the_session_alone():
    assert Lead().step(5.0, 120.0) is None


@pytest.mark.slow
@pytest.mark.parametrize("what", [["lead"], ["follow", "--style", "default", "--midi", "virtual"]])
def test_without_the_extra_it_is_said_how_to_get_it(tmp_path, what):
    (tmp_path / "aalink.py").write_text("raise ImportError", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "live", "--source", "sim", "--link", *what],
        capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 2
    assert "uv sync --extra link" in done.stderr


class Link:
    """A session with nobody else in it."""

    num_peers, enabled = 0, False

    def __init__(self, tempo):
        self.tempo = tempo


class Ear(asyncio.DatagramProtocol):
    """A program that OSC is sent to; a device answers what it is asked."""

    def __init__(self, follows=None):
        self.heard, self.follows = [], follows

    def connection_made(self, transport):
        self._transport = transport

    def datagram_received(self, data, addr):
        ((address, arguments),) = messages(data)
        self.heard.append(address)
        if self.follows is not None:
            for answer in (("/device/report", ["tempo follow", self.follows]),
                           ("/device/reported", [1])):  # fmt: skip
                self._transport.sendto(contract.encode(*answer), ("127.0.0.1", arguments[0]))


@pytest.mark.slow
def test_only_devices_are_asked_whether_they_set_the_tempo(monkeypatch):
    """A synth beside them is left in peace, and all are where no device has answered a hello."""
    for name in ("JOIN_SECONDS", "ASK_SECONDS", "LEAST_S"):
        monkeypatch.setattr(link, name, 0.01)
    said, pings = [], 0

    async def until(condition):
        while not condition():
            await asyncio.sleep(0.01)

    def leads():
        return sum(text.endswith("leading now") for text in said)

    async def play():
        nonlocal pings
        loop = asyncio.get_running_loop()
        ears = Ear(), Ear(follows="1")
        opened = [
            await loop.create_datagram_endpoint(lambda ear=ear: ear, ("127.0.0.1", 0))
            for ear in ears
        ]
        targets = [transport.get_extra_info("sockname") for transport, _ in opened]
        synth, device = ears
        sink = link.LinkSink(Link, said.append, targets, lambda: pings)
        sink.event(Beat(1.0, 1.0, ibi_ms=800.0, bpm=75.0), 0.0)
        await until(leads)
        assert (synth.heard, device.heard) == ([], [])
        pings = 1
        await until(lambda: link.LOOP in said)
        assert "/device/examine" in synth.heard
        synth.heard.clear()
        device.heard.clear()
        device.follows = "0"
        await until(lambda: leads() == 2 and device.heard)
        assert synth.heard == []
        sink.close()
        for transport, _ in opened:
            transport.close()

    asyncio.run(asyncio.wait_for(play(), 120.0))
