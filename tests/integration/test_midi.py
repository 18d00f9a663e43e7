"""A live heart through a real MIDI port: python-rtmidi over JACK, nothing left hanging."""

import asyncio
import re
import signal
import subprocess
import sys
import time
from itertools import pairwise

import pytest

from bridge.events import Beat, HrvSnapshot, State, Status
from bridge.mapping import profile as profiles
from bridge.osc import contract
from bridge.sinks.midi.notes import MidiSink
from bridge.sinks.midi.port import open_port


def test_notes_and_controllers_as_they_arrive(listener):
    async def play():
        sink = MidiSink(open_port("ear"), profiles.load([]))
        sink.event(Beat(1.0, 1.0, strength=1.0), age_s=0.0)
        await asyncio.to_thread(listener.wait_for, 2)  # the note ends by itself
        sink.event(HrvSnapshot(1.0, 1.0, sdnn_ms=75.0, rmssd_ms=120.0), age_s=0.0)
        sink.event(HrvSnapshot(2.0, 1.0, sdnn_ms=75.1, rmssd_ms=60.0), age_s=0.0)
        sink.event(Beat(3.0, 3.5, late=True), age_s=0.5)
        sink.event(Beat(4.0, 4.0, strength=0.0), age_s=0.0)
        sink.event(Beat(4.1, 4.1, strength=0.0), age_s=0.0)
        sink.event(Status(4.1, State.LOST), age_s=0.0)
        sink.event(Beat(5.0, 5.0, strength=0.0), age_s=0.0)
        sink.close()

    asyncio.run(play())
    listener.wait_for(14)
    note_off = b"\x80\x24\x00"
    assert listener.messages == [
        b"\x90\x24\x7f", note_off,
        b"\xb0\x4a\x40", b"\xb0\x01\x7f", b"\xb0\x01\x40",
        b"\x90\x24\x28", note_off, b"\x90\x24\x28", note_off,
        b"\x90\x24\x28", note_off, b"\xb0\x7b\x00",
        b"\xb0\x4a\x40", b"\xb0\x01\x00",  # as a synth stands when it is switched on
    ]  # fmt: skip


def beating(seconds: int | None = None) -> "subprocess.Popen[str]":
    ends = [] if seconds is None else ["--duration", str(seconds)]
    return subprocess.Popen(
        [sys.executable, "-m", "bridge", "live", "--source", "sim?bpm=180", "--midi", "ear",
         "--target", f"{contract.TARGET_HOST}:9", *ends],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_what_a_killed_run_left_sounding_ends_when_the_next_one_starts(listener):
    """On SIGKILL nothing can be sent. Nobody may hear that note until the end of the evening."""

    def sounding():
        messages = list(listener.messages)
        switches = [m[0] & 0xF0 for m in messages if m[0] & 0xF0 in (0x80, 0x90)]
        return bool(switches) and switches[-1] == 0x90

    with beating() as killed:
        listener.wait_for(3, seconds=60.0)
        deadline = time.monotonic() + 60.0
        while not sounding() and time.monotonic() < deadline:
            time.sleep(0.002)
        killed.kill()
    before = len(listener.messages)
    with beating(0) as process:
        process.communicate(timeout=60)
    assert process.returncode == 0
    ending = b"\x80\x24\x00", b"\xb0\x7b\x00"
    while ending not in pairwise(listener.messages[before:]) and time.monotonic() < deadline + 60.0:
        time.sleep(0.002)
    assert ending in pairwise(listener.messages[before:])
    assert not sounding()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_live_ends_its_notes_on_ctrl_c_and_when_its_window_is_closed(listener, name):
    with beating() as process:
        assert process.stdout is not None
        for line in process.stdout:
            if re.search(r"beat 3\b", line):
                break
        process.send_signal(getattr(signal, name))
        process.communicate(timeout=60)
    assert process.returncode == 0
    until = time.monotonic() + 60.0
    while len(listener.messages) < 9 or listener.messages[-1] != b"\xb0\x7b\x00":
        assert time.monotonic() < until, listener.messages
        time.sleep(0.05)
    assert listener.messages[:2] == [b"\x80\x24\x00", b"\xb0\x7b\x00"]
    ons = [message for message in listener.messages if message[0] == 0x90]
    offs = [message for message in listener.messages[2:] if message[0] == 0x80]
    assert len(ons) == len(offs) >= 3
