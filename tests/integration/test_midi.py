"""A live heart through a real MIDI port: python-rtmidi over JACK, nothing left hanging."""

import asyncio
import re
import signal
import subprocess
import sys

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


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_live_ends_its_notes_on_ctrl_c_and_when_its_window_is_closed(listener, name):
    with subprocess.Popen(
        [sys.executable, "-m", "bridge", "live", "--source", "sim?bpm=180", "--midi", "ear",
         "--target", f"{contract.TARGET_HOST}:9"],
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            if re.search(r"beat 3\b", line):
                break
        process.send_signal(getattr(signal, name))
        process.communicate(timeout=20)
    assert process.returncode == 0
    listener.wait_for(9)
    assert listener.messages[:2] == [b"\x80\x24\x00", b"\xb0\x7b\x00"]
    ons = [message for message in listener.messages if message[0] == 0x90]
    offs = [message for message in listener.messages[2:] if message[0] == 0x80]
    assert len(ons) == len(offs) >= 3
    assert listener.messages[-1] == b"\xb0\x7b\x00"
