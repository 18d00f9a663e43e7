"""The sketches on a simulated Uno, and the real bridge at the other end of the cable."""

import asyncio
import sys

import numpy as np
import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are not to be had on Windows", allow_module_level=True)

from bridge.events import SampleChunk
from bridge.sources import Notice
from bridge.sources.serial import frames
from bridge.sources.serial.protocols import recognise
from bridge.sources.serial.source import SerialSource
from tests.integration.ptysensor import PtySensor
from tests.integration.simboard import CLOCK_HZ, Bridge

pytestmark = pytest.mark.slow  # each plays in real time

DAMAGED_SECONDS = 20


@pytest.fixture
def start_bridge():
    bridges = []

    def start(*arguments):
        bridges.append(Bridge(*arguments))
        return bridges[-1]

    yield start
    for bridge in bridges:
        bridge.kill()


LATE_TOO = ("beat", "late beat")
"""After a stall of a busy machine a beat is told late."""


def recorded(path, kinds=("beat",)):
    """Index and value of every sample in a recording of 1 kHz, and the times of its beats."""
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    samples = [(round(float(row[0]) * 1000), float(row[1])) for row in rows if row[1]]
    return samples, [float(row[0]) for row in rows if row[2] in kinds]


def streamed(board, start_bridge, rest, record, seconds, *options):
    """Play so long from the board; the bridge, and what was heard.

    A board that a busy machine lets wait for more than a second is asked to start twice, and begins
    its readings again: that is another try.
    """
    for _ in range(5):
        board.plug_in(rest, *options)
        bridge = start_bridge(
            f"serial:{board.port}?kind=ppg", "--duration", seconds, "--record", record
        )
        heard = bridge.finish()
        if bridge.lines.count(f"{board.port}: pulse_stream, 1000 readings a second") < 2:
            break
        board.pull_out()
        record.unlink()
    return bridge, heard


def from_file(start_bridge, tmp_path, readings, kinds=("beat",)):
    """What the same readings give when they are read from a file."""
    file = tmp_path / "readings.csv"
    np.savetxt(file, readings, fmt="%d")
    bridge = start_bridge(
        f"csv:{file}?rate=1000&kind=ppg", "--speed", 0, "--record", tmp_path / "file.csv"
    )
    return bridge.finish(), recorded(tmp_path / "file.csv", kinds)[1]


def test_a_minute_without_a_loss(board, start_bridge, rest, tmp_path):
    """60 s at 1 kHz: every sample right, on time, and the beats those of the file."""
    readings = rest[:60_000]
    record = tmp_path / "live.csv"
    options = "--samples", 60_200, "--log", board.log
    bridge, heard = streamed(board, start_bridge, rest, record, 60, *options)
    board.wait()
    samples, in_time = recorded(record)
    assert samples == list(enumerate(readings.astype(float).tolist()))
    assert f"{board.port}: pulse_stream, 1000 readings a second" in bridge.lines
    assert not any("lost" in line or "no readings" in line for line in bridge.lines[-3:-1])

    period_s = np.diff(np.fromfile(board.log, np.uint64)) / CLOCK_HZ
    assert period_s.mean() == pytest.approx(1e-3, rel=1e-3)
    assert np.abs(period_s - 1e-3).max() < 1e-5  # interrupts wait for each other

    expected, expected_in_time = from_file(start_bridge, tmp_path, readings)
    beats = recorded(record, LATE_TOO)[1]
    assert beats == recorded(tmp_path / "file.csv", LATE_TOO)[1]
    assert len(beats) > 70
    assert heard.beats == list(range(1, len(in_time) + 1))
    # Where this machine, or the board on it, had no time a beat is late: the others are told as
    # from the file.
    told = dict(zip(in_time, map(heard.ibis_ms.get, heard.beats), strict=True))
    as_expected = dict(
        zip(expected_in_time, map(expected.ibis_ms.get, expected.beats), strict=True)
    )
    assert told.items() <= as_expected.items()


def test_a_stream_without_its_greeting_is_asked_for_it(tmp_path):
    """Small readings and numbers look like a raw 16-bit stream; frames that check are none."""
    sensor = PtySensor(tmp_path / "ttyACM0")
    source = SerialSource(str(sensor.path))
    orphans = b"".join(frames.encode(number, (3,)) for number in range(400))
    line = b"beatbridge pulse_stream 1 frames rate=1000 channels=1 bits=10"
    greeting = line + b" *%04X\r\n" % frames.crc14(line)
    items = []

    async def play():
        running = asyncio.ensure_future(source.run(items.append))
        sensor.play(orphans)
        await asyncio.to_thread(sensor.finish)
        sensor.play(greeting + orphans)  # once it is asked
        await asyncio.to_thread(sensor.finish)
        while sum(len(item.values) for item in items if isinstance(item, SampleChunk)) < 400:
            await asyncio.sleep(0.01)
        running.cancel()
        sensor.pull_out()

    asyncio.run(asyncio.wait_for(play(), 120.0))
    assert recognise(orphans[:600]) is not None, "else this test shows nothing"
    assert [item.text for item in items if isinstance(item, Notice)] == [
        f"reading {sensor.path}",
        f"{sensor.path}: pulse_stream, 1000 readings a second",
    ]


DAMAGE = {
    "1 % of the bytes replaced": ("--corrupt", 0.01),
    "bytes dropped and doubled": ("--drop", 0.005, "--double", 0.005),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damage_costs_samples_and_makes_none(board, start_bridge, rest, tmp_path, damage):
    readings = rest[: DAMAGED_SECONDS * 1000]
    record = tmp_path / "live.csv"
    bridge, heard = streamed(board, start_bridge, rest, record, DAMAGED_SECONDS, *damage)
    board.pull_out()
    samples, beats = recorded(record, LATE_TOO)
    assert [value for _, value in samples] == [readings[index] for index, _ in samples]
    indices = [index for index, _ in samples]
    assert len(set(indices)) == len(indices)
    assert 0.9 * len(readings) < len(samples) < 0.99 * len(readings)
    assert max(np.diff(indices)) <= 20  # back within 20 ms, every time
    assert any("samples lost on the way" in line for line in bridge.lines)

    expected, expected_beats = from_file(start_bridge, tmp_path, readings, LATE_TOO)
    off = [min(abs(beat - other) for other in expected_beats) for beat in beats]
    assert max(off) < 0.02, "a false beat"
    assert len(beats) >= len(expected_beats) - 1
    assert min(heard.quality[-10:]) < min(expected.quality[-10:])


def test_a_burst_of_garbage(board, start_bridge, rest, tmp_path):
    """3,000 random bytes in the middle of the stream, a quarter of a second's worth."""
    record = tmp_path / "live.csv"
    options = "--samples", 20_200, "--garbage", "12000:3000"
    streamed(board, start_bridge, rest, record, 20, *options)
    samples, beats = recorded(record, LATE_TOO)
    assert [value for _, value in samples] == [rest[index] for index, _ in samples]
    indices = [index for index, _ in samples]
    assert 1 < max(np.diff(indices)) <= 20
    assert indices[-1] == 19_999
    _, expected = from_file(start_bridge, tmp_path, rest[:20_000], LATE_TOO)
    assert beats == pytest.approx(expected, abs=0.02)


def test_a_reset_in_mid_stream(board, start_bridge, rest, tmp_path):
    """The board starts its recording again; so do the samples, after a gap that no beat spans."""
    board.plug_in(rest, "--samples", 30_000, "--reset", 10_000)
    record = tmp_path / "live.csv"
    bridge = start_bridge(f"serial:{board.port}?kind=ppg", "--duration", 25, "--record", record)
    heard = bridge.finish()
    samples, beats = recorded(record)
    gap = int(np.argmax(np.diff([index for index, _ in samples]))) + 1
    before, after = samples[:gap], samples[gap:]
    assert [value for _, value in before] == rest[: len(before)].tolist()
    assert [value for _, value in after] == rest[: len(after)].tolist()
    assert 9_900 < len(before) < 10_100
    assert len(after) > 10_000
    _, expected = from_file(start_bridge, tmp_path, rest[:20_000])
    offset = after[0][0] / 1000
    whole = [*expected, *(offset + beat for beat in expected)]
    assert max(min(abs(beat - other) for other in whole) for beat in beats) < 0.02, "a false beat"
    number, beat = next(row for row in enumerate(beats, start=1) if row[1] > offset)
    assert heard.ibis_ms.get(number, 0.0) < 1000 * (beat - offset), "an interval spans the gap"


def test_unplugged_and_plugged_in_again(board, start_bridge, rest, tmp_path):
    record, rest = tmp_path / "live.csv", rest[:11_000]
    board.plug_in(rest, "--samples", 10_000)
    bridge = start_bridge(f"serial:{board.port}?kind=ppg", "--record", record)
    board.wait()
    bridge.until(f"lost {board.port}; waiting for it to come back")
    board.plug_in(rest, "--samples", 10_000)
    bridge.until(f"back on {board.port}")
    bridge.until("pulse_stream, 1000 readings a second")
    board.wait()
    bridge.until(f"lost {board.port}; waiting for it to come back")
    bridge.interrupt()
    bridge.finish()
    samples, beats = recorded(record, LATE_TOO)
    values = [value for _, value in samples]
    first = int(np.argmax(np.diff([index for index, _ in samples]))) + 1
    assert values[:first] == rest[:first].tolist()
    assert values[first:] == rest[: len(values) - first].tolist()
    assert min(first, len(values) - first) > 9_900
    _, expected = from_file(start_bridge, tmp_path, rest[:10_000], LATE_TOO)
    offset = samples[first][0] / 1000
    whole = [*expected, *(offset + beat for beat in expected)]
    assert max(min(abs(beat - other) for other in whole) for beat in beats) < 0.02, "a false beat"
    assert len(beats) == len(whole)
    assert f"{board.port}: lost 2 times" in bridge.lines
