"""Serial protocols: literal bytes, any chunking, random losses."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.sources.serial.protocols import (
    SNIFF_BYTES,
    NumberLines,
    PulseSensorLines,
    RawStream,
    recognise,
)

readings = st.lists(st.integers(0, 1023), max_size=60)
cuts = st.lists(st.integers(0, 200), max_size=8)


def raw(values: list[int]) -> bytes:
    return b"".join(value.to_bytes(2, "big") for value in values)


def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


def test_raw_stream_reads_big_endian_pairs():
    parser = RawStream()
    # 512 has a low byte of 0, which is told from a high byte by the byte after it.
    assert parser.feed(b"\x02\x00") == []
    assert parser.feed(b"\x01\xff\x03\xff") == [512.0, 511.0, 1023.0]
    assert parser.rejected == 0


@given(readings, cuts)
def test_raw_stream_gives_all_readings_in_any_pieces(values, cuts):
    parser = RawStream()
    data = raw([*values, 0x0155])
    found = [reading for piece in in_pieces(data, cuts) for reading in parser.feed(piece)]
    assert found == [float(value) for value in [*values, 0x0155]]
    assert parser.rejected == 0


@pytest.mark.parametrize("lost", [0, 1])
def test_raw_stream_loses_only_the_reading_whose_byte_was_lost(lost):
    values = [600 + i % 40 for i in range(40)]  # no low byte of 0-3 among them
    data = bytearray(raw(values))
    del data[20 + lost]
    assert RawStream().feed(bytes(data)) == [float(v) for v in values[:10] + values[11:]]


@given(st.integers(0, 2**32))
def test_raw_stream_is_back_in_step_after_random_losses(seed):
    rng = random.Random(seed)
    noisy = bytearray(raw([rng.randrange(300, 800) for _ in range(50)]))
    for _ in range(10):
        del noisy[rng.randrange(len(noisy))]
    clean = [700 + i for i in range(30)]
    found = RawStream().feed(bytes(noisy) + raw(clean))
    assert found[-28:] == [float(value) for value in clean[-28:]]
    assert all(0 <= reading <= 1023 for reading in found)


@given(st.binary(max_size=300))
def test_parsers_survive_anything(data):
    for parser in (RawStream(), NumberLines(), PulseSensorLines()):
        assert all(isinstance(reading, float) for reading in parser.feed(data))


def test_number_lines_drop_the_line_the_port_was_opened_in():
    parser = NumberLines()
    assert parser.feed(b"12\r\n513\r\n-5\r\n51") == [513.0, -5.0]
    assert parser.feed(b"4\r\nhello\r\n2.50\r\n") == [514.0, 2.5]
    assert parser.rejected == 1


def test_pulsesensor_lines_use_the_signal_only():
    parser = PulseSensorLines()
    assert parser.feed(b"\r\nS512\r\nB72\r\nQ833\r\nS520\r\nX1\r\n") == [512.0, 520.0]
    assert parser.rejected == 1


@given(readings, cuts)
def test_lines_are_the_same_in_any_pieces(values, cuts):
    parser = NumberLines()
    data = b"".join(b"%d\r\n" % value for value in [1, *values])
    found = [reading for piece in in_pieces(data, cuts) for reading in parser.feed(piece)]
    assert found == [float(value) for value in values]


@given(st.integers(0, 3), st.lists(st.integers(0, 1023), min_size=60, max_size=100))
def test_a_raw_stream_is_recognised_from_any_byte(skipped, values):
    assert isinstance(recognise(raw(values)[skipped:]), RawStream)


@given(st.lists(st.integers(0, 99999), min_size=40, max_size=60), st.integers(0, 6))
def test_number_lines_are_recognised_from_any_byte(values, skipped):
    data = b"".join(b"%d\r\n" % value for value in values)[skipped:]
    assert isinstance(recognise(data), NumberLines)


def test_pulsesensor_lines_are_recognised():
    data = b"12\r\n" + b"S512\r\nS513\r\nB72\r\nQ800\r\nS514\r\n" * 3
    assert isinstance(recognise(data), PulseSensorLines)


def test_nothing_is_guessed_from_too_little_or_from_noise():
    assert recognise(b"\x02\x00" * (SNIFF_BYTES // 2 - 1)) is None
    assert recognise(random.Random(5).randbytes(400)) is None
    assert recognise(b"booting the board, please wait\r\n" * 4) is None
