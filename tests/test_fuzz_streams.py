"""Thousands of damaged streams: serial formats, frames, Bluetooth packets, OSC of other programs.

What comes out is finite and in order, or nothing; what is refused is told in a line.
"""

import asyncio
import logging
import random
import struct

import numpy as np
import pytest
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.events import BodyChunk, SampleChunk
from bridge.sources import Notice
from bridge.sources.ble import heart_rate, pmd
from bridge.sources.intervals import RrClock
from bridge.sources.osc import OscSource, _Datagrams
from bridge.sources.serial import frames
from bridge.sources.serial.readings import Readings
from bridge.sources.serial.sampling import Sampler
from tests import fuzz, sketches

pytestmark = pytest.mark.slow

RATE_HZ = 50.0
VALUES = sketches.pulse(RATE_HZ, 4.0)
SKIN = sketches.conductance(RATE_HZ, 4.0)


def lines(form):
    return b"".join(form(*row) for row in zip(VALUES, SKIN, range(0, 4000, 20), strict=True))


SERIAL = {
    "numbers": lines(lambda value, skin, t: b"%d\r\n" % value),
    "pulsesensor": lines(lambda value, skin, t: b"S%d\r\n" % value).replace(
        b"S450", b"B72\r\nS450"
    ),
    "columns": lines(lambda value, skin, t: b"%d,%d\n" % (value, skin)),
    "timed": lines(lambda value, skin, t: b"%d\t%d\t%d\n" % (t, value, skin)),
    "labels": lines(lambda value, skin, t: b"ECG:%d,GSR:%d\r\n" % (value, skin)),
    "json": lines(lambda value, skin, t: b'{"ir": %d, "eda": %d}\n' % (value, skin)),
    "teleplot": lines(lambda value, skin, t: b">pulse:%d\n>gsr:%d\n" % (value, skin)),
    "raw": b"".join(value.to_bytes(2, "big") for value in VALUES),
    "boot": sketches.BOOT + lines(lambda value, skin, t: b"%.2f\r\n" % (value / 1023)),
}


SLOW = ("columns", "timed", "labels", "json", "teleplot")
"""A heart is looked for in every column."""


def in_pieces(data, chance):
    """Bytes with the time at which they arrive; as many a second as the board would send."""
    second = max(1.0, len(data) / 4.0)
    at = 0
    while at < len(data):
        size = chance.choice((1, 7, 16, 32, 64, 300))
        yield data[at : at + size], (at + size) / second
        at += size


def checked(items):
    """Samples are finite, and none lies before the one that was told before it."""
    end = -np.inf
    count = 0
    for item in items:
        if isinstance(item, SampleChunk):
            assert np.isfinite(item.values).all()
            assert np.isfinite(item.t)
            assert 0 < item.rate_hz <= 2500
            assert item.t >= end - 0.05
            end = item.end
            count += len(item.values)
        elif isinstance(item, BodyChunk):
            assert np.isfinite(item.values).all()
        elif isinstance(item, Notice):
            assert "\n" not in item.text
    return count


@pytest.mark.parametrize("form", SERIAL)
def test_damaged_serial_streams(form):
    chance = random.Random(form)
    told = refused = 0
    for _ in range(100 if form in SLOW else 450):
        data = fuzz.bytes_of(SERIAL[form], chance, most=12)
        readings = Readings(Sampler(), "auto", "auto", None)
        items = []
        try:
            for part, arrival in in_pieces(data, chance):
                items += readings.feed(part, arrival)
        except ValueError:
            refused += 1  # so many a second are no sensor's
        assert readings.take_rejected() >= 0
        told += checked(items)
    assert refused < 10
    assert told > 5_000, "else hardly any stream was heard"


def lost_and_kept(items):
    samples = [item for item in items if isinstance(item, frames.Samples)]
    values = [value for item in samples for value in item.values.ravel().tolist()]
    return sum(item.lost for item in samples), values


def test_damaged_frames():
    chance = random.Random(1)
    line = b"beatbridge pulse_stream 1 frames rate=500 channels=1 bits=10"
    greeting = line + b" *%04X\r\n" % frames.crc14(line)
    stream = greeting + b"".join(frames.encode(k, (value,)) for k, value in enumerate(VALUES[:60]))
    kept = 0
    for _ in range(3000):
        parser = frames.FrameParser()
        data = fuzz.bytes_of(stream, chance)
        items = []
        for part, _ in in_pieces(data, chance):
            items += parser.feed(part)
        whole = frames.FrameParser().feed(data)
        assert lost_and_kept(whole) == lost_and_kept(items), "any pieces give the same"
        for item in items:
            if isinstance(item, frames.Samples):
                # A check of 14 bits lets one damaged frame in 16,384 through.
                kept += sum(value in VALUES for value in item.values[:, 0].tolist())
                assert item.lost >= 0
            else:
                assert 0 < item.rate_hz <= 100_000
                assert item.channels in (1, 2)
    assert kept > 100_000, "what was not damaged is read"


def heart_rate_packets(chance):
    flags = chance.choice((0x10, 0x16, 0x1E, 0x11, 0x06, 0x08))
    body = bytes((flags, 72)) + (b"\0" if flags & 1 else b"") + (b"\x10\x00" if flags & 8 else b"")
    if flags & 0x10:
        body += b"".join(struct.pack("<H", chance.randint(600, 1100)) for _ in range(3))
    return body


def pmd_packet(kind, chance, at_s):
    head = bytes((kind,)) + int(at_s * 1e9).to_bytes(8, "little") + b"\0"
    if kind == pmd.ECG:
        parts = (chance.randint(-2000, 2000) for _ in range(73))
        return head + b"".join(value.to_bytes(3, "little", signed=True) for value in parts)
    return head + b"".join(
        struct.pack("<BHHB", 72, chance.randint(500, 1200), 20, chance.choice((4, 6, 7)))
        for _ in range(4)
    )  # fmt: skip


def test_damaged_bluetooth_packets():
    chance = random.Random(2)
    clock, times = RrClock(), pmd.EcgTime()
    placed = samples = 0
    told = -np.inf
    for number in range(6000):
        now = number * 0.56
        good = (
            heart_rate_packets(chance),
            pmd_packet(pmd.ECG, chance, now),
            pmd_packet(pmd.PPI, chance, now),
            bytes((0xF0, 2, 0, 0, 0)),
        )[number % 4]
        data = fuzz.bytes_of(good, chance) if chance.random() < 0.8 else good
        answer = pmd.parse_answer(data)
        assert answer is None or 0 <= answer.error < 256
        measured = heart_rate.parse(data)
        if measured is not None and number % 4 == 0:
            assert all(0 < rr < 64 for rr in measured.rr_s)
            for beat in clock.push(measured.rr_s, now):
                assert np.isfinite(beat.t)
                assert beat.t > told, "beats never go back"
                told = beat.t
                placed += 1
        frame = pmd.parse_data(data)
        if isinstance(frame, pmd.EcgFrame) and len(frame.microvolts):
            assert np.isfinite(frame.microvolts).all()
            assert np.isfinite(times.place(frame))
            samples += len(frame.microvolts)
        elif isinstance(frame, pmd.PpiFrame):
            assert all(rr is None or 0 < rr < 70 for rr in frame.rr_s)
    assert placed > 500
    assert samples > 20_000


def osc(address, *arguments):
    builder = OscMessageBuilder(address)
    for each in arguments:
        builder.add_arg(each)
    return builder.build().dgram


def test_damaged_osc_of_other_programs(caplog):
    chance = random.Random(3)
    caplog.set_level(logging.ERROR)
    others = (
        lambda: osc("/my/rr", chance.randint(600, 1000)),
        lambda: osc("/EmotiBit/0/EDA", 0.5),
        lambda: osc("/heart/rr", 0.8, 0.9),
    )
    source = OscSource(9, wave="/my/pulse", rr="/my/rr")
    items = []

    async def play():
        source._emit = items.append
        loop = asyncio.get_running_loop()
        ear = _Datagrams(source._take)
        begin = loop.time()
        for number in range(4000):
            # The loop's clock stands for the wire's: 50 readings a second.
            loop.time = lambda now=begin + number / 50: now
            other = chance.choice(others)()
            wave = osc("/my/pulse", float(VALUES[number % 200]))
            for good, share in ((wave, 0.1), (other, 0.5)):
                data = fuzz.bytes_of(good, chance) if chance.random() < share else good
                ear.datagram_received(data, ("127.0.0.1", 9))
        source._teller.stop()

    asyncio.run(play())
    checked(items)
    assert len([item for item in items if isinstance(item, SampleChunk)]) > 100
    assert not caplog.records
