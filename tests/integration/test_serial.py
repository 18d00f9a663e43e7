"""A sensor's own bytes through a pseudo-terminal, pyserial and the bridge to a UDP port."""

import asyncio
import socket
import sys

import numpy as np
import pytest
import serial
from pythonosc.osc_message import OscMessage

from bridge.errors import UserError
from bridge.events import Beat, SampleChunk
from bridge.live.performer import Performer
from bridge.live.run import LiveRun
from bridge.mapping import profile as profiles
from bridge.pipeline import Pipeline
from bridge.simulate.heart import Heart, HeartSimulator
from bridge.sinks.osc import OscSink
from bridge.sources.serial import frames
from bridge.sources.serial.source import SerialSource
from bridge.sources.spec import open_source

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are not to be had on Windows", allow_module_level=True)

from tests.integration.ptysensor import PtySensor
from tests.integration.sessions import kept_and_replayed, same_beats

SECONDS = 20


def readings(rate_hz: float, seconds: float = SECONDS) -> list[int]:
    """A finger on a 10-bit pulse sensor."""
    heart = Heart(rate_hz=rate_hz, bpm=75.0, amplitude=200.0, offset=450.0)
    return np.rint(HeartSimulator(heart).take(int(rate_hz * seconds)).values).astype(int).tolist()


def raw(values: list[int]) -> bytes:
    return b"".join(value.to_bytes(2, "big") for value in values)


def pulsesensor(values: list[int]) -> bytes:
    """As the Processing visualizer expects it, with the board's own (ignored) beats in between."""
    lines = [b"S%d\r\n" % value for value in values]
    lines[::40] = [b"B72\r\nQ833\r\n" + line for line in lines[::40]]
    return b"".join(lines)


def numbers(values: list[int]) -> bytes:
    return b"".join(b"%d\r\n" % value for value in values)


def playground(values: list[int]) -> bytes:
    """PulseSensor's plotter: a rate and an interval of the board's own before each reading."""
    return b"".join(
        b"%d,%d,%d\r\n" % ((75, 800, value) if i > 200 else (0, 600, value))
        for i, value in enumerate(values)
    )


def expected_beats(values: list[int], rate_hz: float, *starts: float) -> list[float]:
    """Interval of each beat, 0 without, that the samples give without a cable, from each start.

    Those too that are found too late to sound: where this machine stood still, more of them are.
    """
    pipeline = Pipeline("ppg")
    return [
        event.ibi_ms or 0.0
        for start in starts or (0.0,)
        for event in pipeline.push(SampleChunk(start, rate_hz, np.array(values, float)))
        if isinstance(event, Beat)
    ]


def own_frames(values: list[int]) -> bytes:
    """As our own firmware answers the start command."""
    line = b"beatbridge pulse_stream 1 frames rate=1000 channels=1 bits=10"
    greeting = line + b" *%04X\r\n" % frames.crc14(line)
    return greeting + b"".join(frames.encode(i, (value,)) for i, value in enumerate(values))


@pytest.fixture
def sensor(tmp_path):
    sensor = PtySensor(tmp_path / "ttyPULSE")
    yield sensor
    sensor.pull_out()


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        yield sock


class Keeper:
    """A sink that keeps the beats, and of each whether it was found too late to sound."""

    def __init__(self):
        self.beats = []

    def samples(self, chunk):
        pass

    def event(self, event, age_s):
        if isinstance(event, Beat):
            self.beats.append(event)

    def close(self):
        pass

    def told(self):
        """Number and interval of each beat that was told."""
        in_time = [beat for beat in self.beats if not beat.late]
        return [(number, beat.ibi_ms or 0.0) for number, beat in enumerate(in_time, start=1)]


def heard_beats(receiver):
    beats, ibis = [], {}
    try:
        while True:
            message = OscMessage(receiver.recv(2048))
            if message.address == "/heart/beat":
                beats.append(message.params[0])
            elif message.address == "/heart/ibi":
                ibis[beats[-1]] = message.params[0]
    except BlockingIOError:
        return [(number, ibis.get(number, 0.0)) for number in beats]


def bridge_from(sensor, receiver, notices, duration, keeper=None, **options):
    source = SerialSource(str(sensor.path), **options)
    osc = OscSink([receiver.getsockname()], "/heart", profiles.load([]))
    performer = Performer(
        source, Pipeline("ppg"), osc, [keeper or Keeper()], notice=notices.append,
        duration=duration,
    )  # fmt: skip
    return LiveRun([performer], notice=notices.append, listen_port=None)


def test_a_cable_is_recorded_and_replayed_to_the_same_beats(sensor, tmp_path):
    sensor.play(raw(readings(250.0)))
    source = open_source(f"serial:{sensor.path}?rate=250")
    same_beats(*kept_and_replayed(source, "ppg", tmp_path, enough=15))


@pytest.mark.parametrize(
    ("encode", "rate_hz", "name"),
    [
        (raw, 1000.0, "raw 16-bit stream (10 bits, high byte first)"),
        (pulsesensor, 50.0, "PulseSensor lines"),
        (numbers, 100.0, "one number a line"),
        (
            playground,
            50.0,
            "columns 1, 2, 3: the heart is in column 3; column= chooses another",
        ),
    ],
)
def test_every_protocol_is_told_apart_and_gives_the_same_beats(
    sensor, receiver, encode, rate_hz, name
):
    values = readings(rate_hz)
    notices: list[str] = []
    sensor.play(b"\n" + encode(values) if encode is not raw else encode(values))
    # It all comes at once, from which nobody can learn a rate.
    keeper = Keeper()
    session = bridge_from(sensor, receiver, notices, SECONDS, keeper, rate_hz=rate_hz)
    (summary,) = asyncio.run(asyncio.wait_for(session.run(), 300.0))
    sensor.finish()
    assert f"{sensor.path}: {name}" in notices
    assert summary.notes == []
    assert summary.seconds == pytest.approx(SECONDS)
    expected = expected_beats(values, rate_hz)
    assert len(expected) >= SECONDS
    assert [beat.ibi_ms or 0.0 for beat in keeper.beats] == pytest.approx(expected)
    heard = heard_beats(receiver)
    assert heard == [(number, pytest.approx(ibi)) for number, ibi in keeper.told()]


def test_lost_bytes_cost_only_their_samples(sensor, receiver):
    values = readings(1000.0)
    data = bytearray(raw(values))
    for index in range(31, len(data), 1009):  # one byte in a thousand, high ones and low ones
        del data[index]
    sensor.play(bytes(data))
    seconds = SECONDS - 0.5
    session = bridge_from(sensor, receiver, [], seconds, keeper := Keeper(), rate_hz=1000.0)
    (summary,) = asyncio.run(asyncio.wait_for(session.run(), 300.0))
    clean = expected_beats(values[: int(seconds * 1000)], 1000.0)
    assert len(keeper.beats) == pytest.approx(len(clean), abs=1)
    assert len(heard_beats(receiver)) == len(keeper.told())
    assert "were no readings" in summary.notes[0]


def test_our_own_firmware_says_its_rate_and_its_losses_are_counted(sensor, receiver):
    values = readings(1000.0)
    data = bytearray(own_frames(values))
    data[5000] ^= 0x21
    notices: list[str] = []
    sensor.play(bytes(data))
    session = bridge_from(sensor, receiver, notices, SECONDS, keeper := Keeper())
    (summary,) = asyncio.run(asyncio.wait_for(session.run(), 300.0))
    assert f"{sensor.path}: pulse_stream, 1000 readings a second" in notices
    assert summary.notes == [
        f"{sensor.path}: 1 samples lost on the way",
        f"{sensor.path}: 1 frames, bytes or lines were no readings",
    ]
    assert len(keeper.beats) == len(expected_beats(values, 1000.0))
    assert len(heard_beats(receiver)) == len(keeper.told())


def test_where_no_descriptor_can_be_watched_a_thread_reads(sensor, receiver, monkeypatch):
    """The way on Windows, taken here by refusing the other."""

    def refuse(*_):
        raise NotImplementedError

    values = readings(100.0)
    monkeypatch.setattr(asyncio.SelectorEventLoop, "add_reader", refuse)
    # The loop's own wake-up pipe is watched by this private twin of add_reader.
    sensor.play(b"\n" + numbers(values))
    session = bridge_from(sensor, receiver, [], SECONDS, rate_hz=100.0)
    (summary,) = asyncio.run(asyncio.wait_for(session.run(), 300.0))
    assert summary.beats + summary.late_beats == len(expected_beats(values, 100.0))


def test_a_port_in_use_is_said(sensor, receiver):
    with serial.Serial(str(sensor.path), exclusive=True):
        session = bridge_from(sensor, receiver, [], None)
        with pytest.raises(UserError, match="is busy"):
            asyncio.run(session.run())


def test_a_pulled_cable_comes_back_by_itself(sensor, receiver):
    values = readings(200.0, 10.0)
    notices: list[str] = []
    keeper = Keeper()

    async def play() -> None:
        session = bridge_from(sensor, receiver, notices, None, keeper, rate_hz=200.0)
        running = asyncio.ensure_future(session.run())
        sensor.play(raw(values))
        await asyncio.to_thread(sensor.finish)
        while not any("raw 16-bit stream" in notice for notice in notices):
            await asyncio.sleep(0.01)
        sensor.pull_out()
        while f"lost {sensor.path}; waiting for it to come back" not in notices:
            await asyncio.sleep(0.01)
        sensor.plug_in()
        sensor.play(raw(values))
        await asyncio.to_thread(sensor.finish)
        while f"back on {sensor.path}" not in notices:
            await asyncio.sleep(0.01)
        # However long the cable was out, no interval spans the gap and no beat is invented in it.
        expected = expected_beats(values, 200.0, 0.0, 20.0)
        while len(keeper.beats) < len(expected):
            await asyncio.sleep(0.01)
        assert [beat.ibi_ms or 0.0 for beat in keeper.beats] == pytest.approx(expected, abs=0.01)
        assert heard_beats(receiver) == [(n, pytest.approx(ibi)) for n, ibi in keeper.told()]
        running.cancel()
        (summary,) = await running
        assert summary.notes == [f"{sensor.path}: lost once"]

    asyncio.run(asyncio.wait_for(play(), 300.0))


def test_a_port_that_is_not_there(sensor, receiver, tmp_path):
    sensor.pull_out()
    session = bridge_from(sensor, receiver, [], None)
    with pytest.raises(UserError, match="ttyPULSE: is not there"):
        asyncio.run(session.run())
