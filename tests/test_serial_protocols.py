"""Serial protocols: literal bytes, any chunking, random losses."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.sources.serial.lines import Lines, parse, parse_names
from bridge.sources.serial.protocols import SNIFF_BYTES, recognise
from bridge.sources.serial.raw import ONLY, RawForm, RawStream
from tests import sketches

readings = st.lists(st.integers(0, 1023), max_size=60)
cuts = st.lists(st.integers(0, 200), max_size=8)


def raw(values: list[int], order: str = "big") -> bytes:
    return b"".join(value.to_bytes(2, order) for value in values)


def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


def read(parser: RawStream, *pieces: bytes) -> list[float]:
    return [row[ONLY] for piece in pieces for row in parser.feed(piece)]


def test_raw_stream_reads_big_endian_pairs():
    parser = RawStream()
    # 512 has a low byte of 0, which is told from a high byte by the byte after it.
    assert read(parser, b"\x02\x00") == []
    assert read(parser, b"\x01\xff\x03\xff") == [512.0, 511.0, 1023.0]
    assert parser.rejected == 0


@given(readings, cuts)
def test_raw_stream_gives_all_readings_in_any_pieces(values, cuts):
    parser = RawStream()
    data = raw([*values, 0x0155])
    assert read(parser, *in_pieces(data, cuts)) == [float(value) for value in [*values, 0x0155]]
    assert parser.rejected == 0


@given(st.lists(st.integers(0, 4095), max_size=60), cuts)
def test_low_byte_first_gives_all_readings_in_any_pieces(values, cuts):
    parser = RawStream(RawForm(False, 15))
    assert read(parser, *in_pieces(raw(values, "little"), cuts)) == [float(v) for v in values]


@pytest.mark.parametrize("lost", [0, 1])
def test_raw_stream_loses_only_the_reading_whose_byte_was_lost(lost):
    values = [600 + i % 40 for i in range(40)]  # no low byte of 0-3 among them
    data = bytearray(raw(values))
    del data[20 + lost]
    assert read(RawStream(), bytes(data)) == [float(v) for v in values[:10] + values[11:]]


@given(st.integers(0, 2**32))
def test_raw_stream_is_back_in_step_after_random_losses(seed):
    rng = random.Random(seed)
    noisy = bytearray(raw([rng.randrange(300, 800) for _ in range(50)]))
    for _ in range(10):
        del noisy[rng.randrange(len(noisy))]
    clean = [700 + i for i in range(30)]
    found = read(RawStream(), bytes(noisy) + raw(clean))
    assert found[-28:] == [float(value) for value in clean[-28:]]
    assert all(0 <= reading <= 1023 for reading in found)


@pytest.mark.parametrize("order", ["big", "little"])
def test_full_16_bit_readings_come_back_into_step(order):
    values = [40 * value for value in sketches.pulse(1000.0, 4.0)]
    data = bytearray(raw(values, order))
    del data[1001]
    found = read(RawStream(RawForm(order == "big", 255)), bytes(data))
    assert found[-3000:] == [float(value) for value in values[-3000:]]


@given(st.binary(max_size=300))
def test_parsers_survive_anything(data):
    for parser in (RawStream(), RawStream(RawForm(False, 255)), Lines()):
        for row in parser.feed(data):
            assert all(isinstance(value, float) for value in row.values())


def numbers(parser: Lines, data: bytes) -> list[float]:
    return [value for row in parser.feed(data) for value in row.values()]


def test_lines_drop_the_line_the_port_was_opened_in():
    parser = Lines()
    assert numbers(parser, b"12\r\n513\r\n-5\r\n51") == [513.0, -5.0]
    assert numbers(parser, b"4\r\nhello\r\n2.50\r\n") == [514.0, 2.5]
    assert parser.rejected == 0
    assert numbers(parser, b"5a1x3\r\n") == []
    assert parser.rejected == 1


@given(st.lists(st.tuples(st.integers(0, 1023), st.floats(-99, 99)), max_size=40), cuts)
def test_lines_are_the_same_in_any_pieces(values, cuts):
    data = b"0,0\r\n" + b"".join(b"%d,%.3f\r\n" % pair for pair in values)
    parser = Lines()
    found = [row for piece in in_pieces(data, cuts) for row in parser.feed(piece)]
    assert found == [{"1": float(a), "2": round(b, 3)} for a, b in values]


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        ("512", {"1": 512}),
        ("72,830,512", {"1": 72, "2": 830, "3": 512}),
        ("72; 830;\t512;", {"1": 72, "2": 830, "3": 512}),
        ("0.512 -1.5e-3", {"1": 0.512, "2": -0.0015}),
        ("S512", {"S": 512}),
        ("Signal 512", {"Signal": 512}),
        ("Signal:512", {"Signal": 512}),
        ("a584/b575", {"a": 584, "b": 575}),
        ("a:1,b:2", {"a": 1, "b": 2}),
        ("IR=116543, BPM=65.22, Avg BPM=62", {"IR": 116543, "BPM": 65.22, "Avg BPM": 62}),
        ("IR=51, BPM=0.00, Avg BPM=0 No finger?", {"IR": 51, "BPM": 0, "Avg BPM": 0}),
        (" R[1234] IR[5678] G[910] Hz[50.00]", {"R": 1234, "IR": 5678, "G": 910, "Hz": 50}),
        ("IR[77] Hz[400.0] Something is there!", {"IR": 77, "Hz": 400}),
        ('{"ir": 1234, "temp": 36.5}', {"ir": 1234, "temp": 36.5}),
        (">ecg:1234", {"ecg": 1234}),
        ("temperatureC=36.5 C, SPO2=98%", {"temperatureC": 36.5, "SPO2": 98}),
    ],
)
def test_what_sketches_print_is_read(line, columns):
    row = parse(line)
    assert row is not None
    assert row.values == columns


def test_a_number_that_the_board_does_not_have_is_not_a_number():
    row = parse("ir=12, bpm=nan")
    assert row is not None
    assert row.values["bpm"] != row.values["bpm"]


@pytest.mark.parametrize(
    "line",
    [
        *sketches.BOOT.decode().split("\r\n"),
        "MAX30105 was not found. Please check wiring/power.",
        "Attempting to connect to home ~",
        "12:34:56.789 hello",
        "1.2.3",
        "0x1F",
        "512 counts are what it says",
    ],
)
def test_other_lines_are_no_rows(line):
    row = parse(line)
    assert row is None or set(row.values) == {"ho", "tail", "room"}  # once, at the start


def test_a_header_names_the_columns_below_it():
    parser = Lines()
    assert parse_names("time,ecg,gsr") == ("time", "ecg", "gsr")
    assert parser.feed(b"\r\nt (ms),ecg,gsr\r\n1,2,3\r\n") == [{"t (ms)": 1, "ecg": 2, "gsr": 3}]


def test_a_line_with_a_number_too_few_is_dropped_until_it_stays_so():
    parser = Lines()
    assert len(parser.feed(b"\r\n1,2\r\n3\r\n4,5\r\n")) == 2
    assert parser.rejected == 1
    assert len(parser.feed(b"6\r\n" * 30)) > 15


@pytest.mark.slow
@given(st.integers(0, 3), st.lists(st.integers(4, 1023), min_size=60, max_size=100))
def test_a_raw_stream_is_recognised_from_any_byte(skipped, values):
    found = recognise(raw([*values, 255, 127])[skipped:])  # a low byte that is no high one
    assert found is None or isinstance(found.parser, RawStream)
    rough = [200 + 37 * i % 311 for i in range(60)]
    found = recognise(raw(rough)[skipped:])
    assert found is not None
    assert isinstance(found.parser, RawStream)


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize(("scale", "bits"), [(1, 10), (4, 12), (40, 16)])
@pytest.mark.parametrize("skipped", [0, 1])
def test_bits_and_order_of_a_raw_stream_are_told(order, scale, bits, skipped):
    values = [scale * value for value in sketches.pulse(500.0, 1.0)]
    found = recognise(raw(values, order)[skipped:])
    assert found is not None
    first = "high" if order == "big" else "low"
    assert found.name == f"raw 16-bit stream ({bits} bits, {first} byte first)"
    tail = raw(values, order)[skipped:]
    assert read(found.parser, tail[found.skip :])[-100:] == [float(v) for v in values[-100:]]


@given(st.lists(st.integers(0, 99999), min_size=40, max_size=60), st.integers(0, 6))
def test_lines_are_recognised_from_any_byte(values, skipped):
    found = recognise(b"".join(b"%d\r\n" % value for value in values)[skipped:])
    assert found is not None
    assert isinstance(found.parser, Lines)


def test_nulls_of_the_plug_before_healthy_lines_are_no_raw_stream():
    lines = b"\0" * 20 + b"513\r\n514\r\n515\r\n516\r\n517\r\n518\r\n" * 2
    assert all(
        found is None or isinstance(found.parser, Lines)
        for end in range(len(lines) + 1)
        for found in [recognise(lines[:end])]
    )
    found = recognise(lines)
    assert found is not None
    assert len(found.parser.feed(lines)) == 11


def test_nothing_is_guessed_from_too_little_or_from_noise():
    assert recognise(b"\x02\x45" * (SNIFF_BYTES // 2 - 1)) is None
    assert recognise(random.Random(5).randbytes(600)) is None
    assert recognise(b"booting the board, please wait\r\n" * 4) is None
    assert recognise(bytes(400)) is None
