"""The sketches on a simulated Uno by themselves: MIDI out, commands by hand, two sensors."""

import subprocess
import sys

import mido
import numpy as np
import pytest
import serial

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are not to be had on Windows", allow_module_level=True)

from bridge.sources.serial import frames
from tests.firmware_harness import build
from tests.integration.simboard import CLOCK_HZ, SimBoard


def test_heart_note_plays_every_beat_once(built, rest, shared_data, tmp_path):
    """Its MIDI bytes, decoded by mido: one note-on and one note-off a reference beat."""
    analog, sent = tmp_path / "analog.txt", tmp_path / "sent"
    np.savetxt(analog, rest, fmt="%d")
    subprocess.run(
        [built / "board", built / "uno" / "heart_note.elf", "--analog", analog,
         "--samples", str(len(rest)), "--uart", sent],
        check=True,
        timeout=120,
        capture_output=True,
    )  # fmt: skip
    parser = mido.Parser()
    messages = []
    for cycle, byte in np.fromfile(sent, np.uint64).reshape(-1, 2).tolist():
        parser.feed_byte(byte)
        messages += [(cycle / CLOCK_HZ, message) for message in parser]
    kinds = [message.type for _, message in messages]
    assert kinds[0] == "control_change"  # all notes off
    notes = messages[1:]
    assert kinds[1::2] == ["note_on"] * (len(notes) // 2)
    assert kinds[2::2] == ["note_off"] * (len(notes) // 2)
    assert {message.note for _, message in notes} == {60}
    on = np.array([t for t, _ in notes[0::2]])
    off = np.array([t for t, _ in notes[1::2]])
    assert off - on == pytest.approx(np.full(len(on), 0.150), abs=0.002)
    detected = tmp_path / "notes.csv"
    np.savetxt(detected, on, fmt="%.4f")
    score = shared_data.parent / "tools" / "score_beats.py"
    reference = shared_data / "ppg" / "rest5min.beats.csv"
    printed = subprocess.run(
        [sys.executable, score, detected, reference, "--tolerance", "0.15", "--align"],
        check=True,
        timeout=60,
        capture_output=True,
        text=True,
    ).stdout
    print(printed)
    assert float(printed.split("F1")[1].split()[0]) >= 97


class Terminal:
    """A person at the Serial Monitor, with pyserial."""

    def __init__(self, board):
        self._port = serial.Serial(str(board.port), 115_200, timeout=20.0)
        self.parser = frames.FrameParser()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._port.close()

    def type(self, line):
        self._port.write(line.encode() + b"\n")

    def line(self, *, after):
        """The next line that begins so."""
        while True:
            line = self._port.readline()
            assert line, "the board is silent"
            text = line.decode("ascii", "replace").strip()
            if text.startswith(after):
                return text

    def items(self, state, readings):
        """What comes from the greeting of this state on, until there are so many readings."""
        found, count = [], 0
        while count < readings or not found:
            data = self._port.read(self._port.in_waiting or 1)
            assert data, "the board is silent"
            for item in self.parser.feed(data):
                if isinstance(item, frames.Greeting) and item.state == state:
                    found = [item]
                elif found and isinstance(item, frames.Samples):
                    found.append(item)
                    count += len(item.values)
        return found


def test_commands_by_hand(board, rest):
    board.plug_in(rest, "--log", board.log)
    with Terminal(board) as terminal:
        assert "ready rate=1000" in terminal.line(after="beatbridge")
        assert "ready rate=1000" in terminal.line(after="beatbridge")  # twice a second
        terminal.type("hello")
        assert terminal.line(after="commands").startswith("commands: start, stop, text, rate")
        terminal.type("rate 250")
        assert "ready rate=250 " in terminal.line(after="beatbridge pulse_stream 1 ready rate=2")
        terminal.type("start")
        greeting, *runs = terminal.items("frames", 1000)
        assert greeting.rate_hz == 250
        values = [value for run in runs for value in run.values[:, 0].tolist()]
        assert values == rest[: len(values)].tolist()
        assert terminal.parser.lost == 0
        terminal.type("text")
        terminal.line(after="beatbridge pulse_stream 1 text")
        means = [int(terminal.line(after="")) for _ in range(50)]
        assert means == [int(five.mean() + 0.5) for five in rest[:250].reshape(50, 5).astype(float)]
        terminal.type("stop")
        assert "ready rate=250" in terminal.line(after="beatbridge")
    board.pull_out()
    period_s = np.diff(np.fromfile(board.log, np.uint64)[10:900]) / CLOCK_HZ
    assert period_s == pytest.approx(np.full(889, 1 / 250), abs=1e-5)


def test_two_sensors(built, need_program, rest, tmp_path):
    """At 1 kHz, both right, none lost."""
    build.sketches(tmp_path, need_program, "uno/pulse_stream.elf", DEFINES="-DBEATBRIDGE_SENSORS=2")
    second = tmp_path / "second.txt"
    np.savetxt(second, rest[::-1], fmt="%d")
    board = SimBoard(built / "board", tmp_path / "uno" / "pulse_stream.elf", tmp_path)
    board.plug_in(rest, "--analog", second)
    try:
        with Terminal(board) as terminal:
            terminal.line(after="beatbridge")
            terminal.type("start")
            greeting, *runs = terminal.items("frames", 5000)
            values = np.concatenate([run.values for run in runs])
    finally:
        board.pull_out()
    assert greeting.channels == 2
    assert terminal.parser.lost == 0
    assert values[:, 0].tolist() == rest[: len(values)].tolist()
    assert values[:, 1].tolist() == rest[::-1][: len(values)].tolist()
