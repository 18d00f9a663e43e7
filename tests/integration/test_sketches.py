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
from tests.arrhythmia import alternating, draw, pulse
from tests.firmware_harness import build
from tests.firmware_harness.recordings import f1, recorded, simulated, swinging
from tests.integration.simboard import CLOCK_HZ, Bridge, SimBoard


def run(built, tmp_path, elf, *options):
    """Let the board run a sketch to its end; return every byte it sent and when, in s."""
    sent = tmp_path / "sent"
    clock_hz = CLOCK_HZ / 2 if elf.startswith("promini8") else CLOCK_HZ
    command = [built / "board", built / elf, "--clock", int(clock_hz), "--uart", sent, *options]
    subprocess.run([str(part) for part in command], check=True, timeout=300, capture_output=True)
    cycles, sent_bytes = np.fromfile(sent, np.uint64).reshape(-1, 2).T
    return sent_bytes.astype(np.uint8).tobytes(), cycles / clock_hz


def notes_played(sent, at_s):
    """Note-ons, as (time in s, velocity): after "all notes off", each followed by its note-off."""
    parser = mido.Parser()
    messages = []
    for byte, t in zip(sent, at_s.tolist(), strict=True):
        parser.feed_byte(byte)
        messages += [(t, message) for message in parser]
    kinds = [message.type for _, message in messages]
    assert kinds[0] == "control_change"
    on, off = messages[1::2], messages[2::2]
    assert {message.type for _, message in on} == {"note_on"}
    assert {message.type for _, message in off} == {"note_off"}
    assert {message.note for _, message in on} == {60}
    lengths = [end - start for (start, _), (end, _) in zip(on, off, strict=False)]
    assert lengths == pytest.approx([0.150] * len(lengths), abs=0.002)
    return [(t, message.velocity) for t, message in on]


def notes_expected(built, need_program, values):
    """The same, as the same code plays them on this computer."""
    box = build.HeartNote(build.headers(built, need_program))
    _, notes, velocities = box.hear(values)
    return list(zip((notes / 1000).tolist(), velocities.tolist(), strict=True))


@pytest.mark.parametrize("board", ["uno", "promini8"])
def test_heart_note_plays_as_this_computer_says(built, need_program, tmp_path, board):
    """The same notes and velocities, a beat each, a millisecond a reading at 16 and at 8 MHz."""
    chunk, _ = draw(alternating(pulse(), pulse(0.6), 2), 1000.0, 12.0, 30, 2)
    values = swinging(chunk.values, 120)
    analog, log = tmp_path / "analog.txt", tmp_path / "cycles"
    np.savetxt(analog, values, fmt="%d")
    sent, at_s = run(built, tmp_path, f"{board}/heart_note.elf", "--analog", analog,
                     "--samples", len(values), "--log", log)  # fmt: skip
    played, expected = notes_played(sent, at_s), notes_expected(built, need_program, values)
    assert len(played) >= 10
    assert [velocity for _, velocity in played] == [velocity for _, velocity in expected]
    times = [t for t, _ in played]
    assert times == pytest.approx([t for t, _ in expected], abs=0.004)
    period_s = np.diff(np.fromfile(log, np.uint64)) / (CLOCK_HZ if board == "uno" else CLOCK_HZ / 2)
    assert period_s.mean() == pytest.approx(1e-3, rel=1e-4)


@pytest.mark.slow
def test_heart_note_plays_a_recorded_finger(built, shared_data, tmp_path):
    """A tenth of the converter's range high; the reference is the ECG that was taken with it."""
    signal = recorded(shared_data / "ppg" / "rest5min.csv")
    analog = tmp_path / "analog.txt"
    np.savetxt(analog, swinging(signal, 100), fmt="%d")
    sent, at_s = run(built, tmp_path, "uno/heart_note.elf", "--analog", analog,
                     "--samples", len(signal))  # fmt: skip
    times = [t for t, _ in notes_played(sent, at_s)]
    assert f1(times, np.loadtxt(shared_data / "ppg" / "rest5min.beats.csv")) >= 97


def lines_of(sent):
    """The rows of numbers that a sketch printed, whole lines only."""
    lines = sent.decode("ascii").split("\r\n")[:-1]
    return np.array([[int(number) for number in line.split(",")] for line in lines])


@pytest.mark.parametrize("board", ["uno", "promini8"])
def test_pulse_lines_sends_time_and_reading(built, tmp_path, rest, board):
    analog = tmp_path / "analog.txt"
    np.savetxt(analog, rest, fmt="%d")
    # A simulated Uno's micros() is as coarse as the real one's: 4 us, and 8 at 8 MHz.
    sent, _ = run(built, tmp_path, f"{board}/pulse_lines.elf", "--analog", analog, "--seconds", 4)
    t_us, values = lines_of(sent).T
    assert values.tolist() == rest[: len(values)].tolist()
    assert len(values) >= 990
    assert np.diff(t_us).mean() == pytest.approx(4000, abs=1)
    assert np.abs(np.diff(t_us) - 4000).max() < 1000


@pytest.mark.parametrize("board", ["uno", "promini8"])
def test_max30102_lines_sends_every_reading_of_the_sensor(built, tmp_path, board):
    """18-bit readings of a double of the sensor on the I2C bus, a hundred a second."""
    readings = 90_000 + 1500 * np.sin(np.arange(600) / 12)
    readings[5:8] = (0, 1, 2**18 - 1)
    i2c = tmp_path / "infrared.txt"
    np.savetxt(i2c, readings, fmt="%d")
    sent, _ = run(built, tmp_path, f"{board}/max30102_lines.elf", "--i2c", i2c, "--seconds", 4)
    t_us, values = lines_of(sent).T
    assert values.tolist() == readings.astype(int)[: len(values)].tolist()
    assert len(values) >= 390
    assert np.diff(t_us).mean() == pytest.approx(10_000, rel=0.002)
    assert np.abs(np.diff(t_us) - 10_000).max() < 2000


def test_a_max30102_that_comes_loose_is_set_up_again(built, tmp_path):
    i2c = tmp_path / "infrared.txt"
    np.savetxt(i2c, 1000 + np.arange(600), fmt="%d")
    sent, _ = run(built, tmp_path, "uno/max30102_lines.elf", "--i2c", i2c, "--seconds", 5,
                  "--gone", "2:3.2")  # fmt: skip
    lines = sent.decode("ascii").split("\r\n")[:-1]
    said = [line for line in lines if not line[0].isdigit()]
    assert said
    assert set(said) == {"no sensor answers: check VIN, GND, SDA and SCL"}
    values = [int(line.split(",")[1]) for line in lines if line[0].isdigit()]
    assert values == list(range(1000, 1000 + len(values)))
    assert len(values) > 280


@pytest.mark.slow
@pytest.mark.parametrize("sketch", ["pulse_lines", "max30102_lines"])
def test_the_bridge_hears_a_heart_through_a_sketch_for_any_board(built, tmp_path, sketch):
    """The heart is in the second column, timed by the first; a MAX30102's pulse goes down."""
    signal, _ = simulated(90.0, bpm=75.0)
    infrared = tmp_path / "infrared.txt"
    np.savetxt(infrared, 100_000 - 8 * (signal[::10] - 512), fmt="%d")
    board = SimBoard(built / "board", built / "uno" / f"{sketch}.elf", tmp_path)
    board.plug_in(swinging(signal, 200)[::4], "--i2c", infrared, "--speed", 1)
    record = tmp_path / "live.csv"
    bridge = Bridge(f"serial:{board.port}", "--duration", 20, "--record", record)
    try:
        heard = bridge.finish(timeout=300)
    finally:
        bridge.kill()
        board.pull_out()
    assert any("the heart is in column 2, timed by column 1" in line for line in bridge.lines)
    # Those too that were late because the board, simulated on a busy machine, was slow.
    rows = [row.split(",") for row in record.read_text(encoding="utf-8").splitlines()]
    beats = [float(row[0]) for row in rows[1:] if row[2] in ("beat", "late beat")]
    assert len(beats) >= 14
    assert np.median(np.diff(beats)) == pytest.approx(0.8, rel=0.03)
    assert len(heard.beats) == sum(row[2] == "beat" for row in rows[1:])


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


def test_a_board_of_8_mhz_samples_as_often_as_it_says(built, rest, tmp_path):
    board = SimBoard(built / "board", built / "promini8" / "pulse_stream.elf", tmp_path)
    board.plug_in(rest, "--log", board.log, "--clock", int(CLOCK_HZ / 2))
    try:
        with Terminal(board) as terminal:
            assert "ready rate=1000" in terminal.line(after="beatbridge")
            terminal.type("start")
            _, *runs = terminal.items("frames", 1000)
            values = [value for run in runs for value in run.values[:, 0].tolist()]
    finally:
        board.pull_out()
    assert values == rest[: len(values)].tolist()
    period_s = np.diff(np.fromfile(board.log, np.uint64)[10:500]) / (CLOCK_HZ / 2)
    assert period_s == pytest.approx(np.full(489, 1e-3), abs=2e-5)


def test_two_sensors(built, need_program, rest, tmp_path):
    """At 1 kHz, both right, none lost."""
    build.reuse_cores(built, tmp_path)
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
