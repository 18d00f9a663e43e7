"""Styles live on a real MIDI port: python-rtmidi over JACK, on its own clock and on MIDI clock."""

import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bridge.osc import contract

RMSSD = b"\xb9\x01"


@pytest.fixture
def machine(jack: None) -> Iterator[Any]:
    """A drum machine that sends MIDI clock."""
    rtmidi = pytest.importorskip("rtmidi")
    out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="machine")
    out.open_virtual_port("beat")
    yield out
    out.close_port()
    out.delete()


@contextmanager
def live(
    *options: str, hearts: tuple[str, ...] = ("--source", "sim?bpm=120", "--style", "default")
) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "bridge", "live", *hearts,
         "--midi", "ear", "--target", f"{contract.TARGET_HOST}:9", *options],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()  # or a test that fails waits for ever


def ended(messages: list[bytes]) -> Counter[bytes]:
    """Check that every note ended; return how often each began."""
    sounding: Counter[int] = Counter()
    began: Counter[bytes] = Counter()
    for message in messages:
        if message[0] == 0x99:
            began[message[:2]] += 1
            sounding[message[1]] += 1
        elif message[0] == 0x89:
            sounding[message[1]] -= 1
        assert set(sounding.values()) <= {0, 1}
    assert not +sounding
    return began


@pytest.mark.slow
def test_a_style_on_a_clock_of_its_own(listener: Any) -> None:
    with live("--tempo", "150") as process:
        deadline = time.monotonic() + 120
        while not any(message[:2] == RMSSD for message in listener.messages):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out
    began = ended(listener.messages)
    assert began[b"\x99\x24"] >= 2
    assert [m for m in listener.messages if m[:2] == RMSSD][-1][2] == 0  # where a synth starts
    assert listener.messages[-1] == b"\xb9\x7b\x00"


def take(machine: Any, listener: Any, bars: int) -> int:
    """Start, so many bars of 16/32, and stop; how many of them were heard."""
    before = len(listener.messages)
    machine.send_message([0xFA])
    origin = time.perf_counter()
    for pulse in range(48 * bars):
        time.sleep(max(0.0, origin + pulse * 0.02 - time.perf_counter()))
        machine.send_message([0xF8])
    machine.send_message([0xFC])
    deadline, heard = time.monotonic() + 60, -1
    while heard < len(listener.messages):  # it is silent for a second, more than a bar
        assert time.monotonic() < deadline
        heard = len(listener.messages)
        time.sleep(1.0)
    return ended(listener.messages[before:])[b"\x99\x24"]


@pytest.mark.slow
def test_a_style_on_midi_clock_starts_and_stops_with_it(listener: Any, machine: Any) -> None:
    with live("--clock", "midi:machine") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if re.search(r"beat 8\b", line):  # the heart is known
                break
        assert not [message for message in listener.messages if message[0] == 0x99]
        # Where this machine stood still while it sent or heard pulses, the music waits as well.
        heard = []
        while heard.count(3) < 2:
            heard.append(take(machine, listener, 3))
            assert heard[-1] <= 3 + 1, heard
            assert len(heard) < 30, heard
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out
    ended(listener.messages)


@pytest.mark.slow
def test_a_playing_process_that_is_killed_leaves_no_note(listener: Any) -> None:
    with live("--tempo", "60") as process:
        deadline = time.monotonic() + 120
        while not any(message[:2] == b"\x99\x24" for message in listener.messages):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.kill()
    while not listener.messages or listener.messages[-1] != b"\xb9\x7b\x00":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    ended(listener.messages)


@pytest.mark.slow
def test_two_hearts_play_two_styles_on_two_channels(listener: Any) -> None:
    hearts = (
        "--heart", "violin:3=sim?bpm=120", "--heart", "cello=sim?bpm=90",
        "--style", "default", "--style", "euclid",
    )  # fmt: skip
    with live("--tempo", "150", hearts=hearts) as process:
        deadline = time.monotonic() + 120

        def heard() -> set[int]:
            return {message[0] for message in listener.messages if message[0] & 0xF0 == 0x90}

        while heard() < {0x92, 0x91}:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out
    assert heard() == {0x92, 0x91}
    sounding: Counter[tuple[int, int]] = Counter()
    for message in listener.messages:
        if message[0] & 0xE0 == 0x80:
            sounding[message[0] & 15, message[1]] += 1 if message[0] & 0x10 else -1
    # What an earlier run may have left is ended first, once a channel.
    assert set(sounding.values()) <= {0, -1}
