"""What people's sketches print becomes the right column, at the right rate, and its beats."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import UserError
from bridge.events import BodyChunk, Contact, Link, SampleChunk
from bridge.sources.serial.columns import Clock, Role, body_name, classify, clock_unit
from bridge.sources.serial.search import described
from tests import sketches
from tests.sketches import Heard, even, grouped, lines_of

SECONDS = 14.0


def stream(lines, rate_hz, link=sketches.usb, each=1, first=b"\r\n"):
    """The lines with their arrivals; the port was opened a moment before."""
    times = np.repeat(even(len(lines) // each, rate_hz), each)
    return grouped([first, *lines], [0.0, *link(times)])


@pytest.mark.parametrize("length_s", [0.8, 1.0, 1.2, 1.5, 2.0])
def test_what_waited_when_the_port_was_opened_hides_no_clock(length_s):
    """A busy machine reads first what came within a second or two."""

    def link(times):
        return np.maximum(np.array(sketches.usb(times)), length_s)

    infrared = sketches.optical(100.0, SECONDS, 118_000)
    us = [1_000_000 + index * 10_000 + index * 37 % 5 for index in range(len(infrared))]
    heard = Heard(stream(lines_of(lambda *row: b"%d,%d\r\n" % row, us, infrared), 100.0, link))
    assert heard.notices[0].startswith("columns 1, 2: the heart is in column 2, timed by column 1")


def playground(values, rate_hz):
    """PulseSensor's plotter: BPM, IBI, signal. The board finds its first beat after 4 s."""
    known = [index > 4 * rate_hz for index in range(len(values))]
    bpm = [75 if k else 0 for k in known]
    ibi = [800 + index // 40 % 9 if k else 600 for index, k in enumerate(known)]
    return lines_of(lambda *row: b"%d,%d,%d\r\n" % row, bpm, ibi, values)


def made(name):
    """Lines, rate, lines an instant, the values that should be heard, and the notice."""
    return forms()[name]


@cache
def forms():
    rate = 50.0
    pulse = sketches.pulse(rate, SECONDS)
    second = sketches.pulse(rate, SECONDS, amplitude=110.0, seed=3)
    chest = sketches.ecg(178.0, SECONDS)
    eda = sketches.conductance(178.0, SECONDS)
    belt = sketches.breathing(178.0, SECONDS)
    ir = sketches.optical(100.0, SECONDS, 118_000)
    slow_ir = sketches.optical(25.0, SECONDS, 118_000)
    rates = [65.22 + index // 80 % 3 for index in range(len(ir))]
    ms = [5 + int(index * 1000 / 178) for index in range(len(chest))]
    us = [(2**32 - 6_000_000 + int(index * 1e6 / 178)) % 2**32 for index in range(len(chest))]
    other = "; column= chooses another"
    three = "columns 1, 2, 3: the heart is in column"
    return {
        "one number": (
            lines_of(lambda v: b"%d\r\n" % v, pulse),
            rate,
            1,
            pulse,
            "one number a line",
        ),
        "PulseSensor S, B, Q": (
            [b"S%d\r\n" % v + b"B72\r\nQ833\r\n" * (i % 40 == 0) for i, v in enumerate(pulse)],
            rate,
            1,
            pulse,
            "PulseSensor lines",
        ),
        "PulseSensor plotter": (playground(pulse, rate), rate, 1, pulse, f"{three} 3{other}"),
        "PulseSensor, two sensors": (
            [
                x
                for a, b in zip(pulse, second, strict=True)
                for x in (b"a%d\r\n" % a, b"b%d\r\n" % b)
            ],
            rate,
            2,
            pulse,
            f"columns 1 (a), 2 (b): the heart is in column a{other}",
        ),
        "a584/b575": (
            lines_of(lambda *row: b"a%d/b%d\r\n" % row, pulse, second),
            rate,
            1,
            pulse,
            f"columns 1 (a), 2 (b): the heart is in column a{other}",
        ),
        "Getting Started": (
            lines_of(lambda v: b"Signal %d\r\n" % v, pulse),
            rate,
            1,
            pulse,
            "one number a line (Signal)",
        ),
        "MAX3010x heart rate": (
            [
                b"Initializing...\r\n"
                b"Place your index finger on the sensor with steady pressure.\r\n",
                *lines_of(
                    lambda *row: b"IR=%d, BPM=%.2f, Avg BPM=%d\r\n" % row, ir, rates, [62] * len(ir)
                ),
            ],
            100.0,
            1,
            ir,
            f"columns 1 (IR), 2 (BPM), 3 (Avg BPM): the heart is in column IR{other}",
        ),
        "MAX3010x basic readings": (
            lines_of(
                lambda *row: b" R[%d] IR[%d] G[%d]\r\n" % row, [33] * len(ir), ir, [120] * len(ir)
            ),
            100.0,
            1,
            ir,
            f"columns 1 (R), 2 (IR), 3 (G): the heart is in column IR{other}",
        ),
        "MAX3010x SpO2": (
            lines_of(
                lambda v: b"red=%d, ir=%d, HR=75, HRvalid=1, SPO2=98, SPO2Valid=1\r\n" % (900, v),
                slow_ir,
            ),
            25.0,
            1,
            slow_ir,
            "columns 1 (red), 2 (ir), 3 (HR), 4 (HRvalid), 5 (SPO2), 6 (SPO2Valid): "
            f"the heart is in column ir{other}",
        ),
        "ecg,gsr with delay(5)": (
            lines_of(lambda *row: b"%d,%d\r\n" % row, chest, eda),
            178.0,
            1,
            chest,
            f"columns 1, 2: the heart is in column 1{other}",
        ),
        "gsr, ecg, belt": (
            lines_of(lambda *row: b"%d;%d;%d\n" % row, eda, chest, belt),
            178.0,
            1,
            chest,
            f"{three} 2{other}",
        ),
        "header and milliseconds": (
            [b"time,ecg,gsr\r\n", *lines_of(lambda *row: b"%d,%d,%d\r\n" % row, ms, chest, eda)],
            178.0,
            1,
            chest,
            "columns 1 (time), 2 (ecg), 3 (gsr): "
            f"the heart is in column ecg, timed by column time{other}",
        ),
        "microseconds that wrap": (
            lines_of(lambda *row: b"%d\t%d\r\n" % row, us, chest),
            178.0,
            1,
            chest,
            f"columns 1, 2: the heart is in column 2, timed by column 1{other}",
        ),
        "labels of the Serial Plotter": (
            lines_of(lambda *row: b"GSR:%d,ECG:%d\r\n" % row, eda, chest),
            178.0,
            1,
            chest,
            f"columns 1 (GSR), 2 (ECG): the heart is in column ECG{other}",
        ),
        "milliseconds since the line before": (
            lines_of(
                lambda *row: b"EKG:%d,t:%d\r\n" % row, chest, [5 + i % 2 for i in range(len(chest))]
            ),
            178.0,
            1,
            chest,
            f"columns 1 (EKG), 2 (t): the heart is in column EKG{other}",
        ),
        "JSON": (
            lines_of(lambda *row: b'{"ir": %d, "temp": %.1f}\r\n' % row, ir, [36.5] * len(ir)),
            100.0,
            1,
            ir,
            f"columns 1 (ir), 2 (temp): the heart is in column ir{other}",
        ),
        "Teleplot": (
            lines_of(lambda v: b">ecg:%d\n" % v, chest),
            178.0,
            1,
            chest,
            "one number a line (ecg)",
        ),
        "ESP32 from its boot on": (
            [
                sketches.BOOT,
                "🫀 ECG Sensor Started...\r\n".encode(),
                *lines_of(lambda v: b"%d\r\n" % v, chest),
            ],
            178.0,
            1,
            chest,
            "one number a line",
        ),
        "volts": (
            lines_of(
                lambda *row: b"%.3f %.3f\r\n" % row,
                [v / 1000 for v in eda],
                [v / 1000 for v in chest],
            ),
            178.0,
            1,
            [round(v / 1000, 3) for v in chest],
            f"columns 1, 2: the heart is in column 2{other}",
        ),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", forms())
def test_the_heart_is_found_in_what_a_sketch_prints(name):
    lines, rate_hz, each, values, notice = made(name)
    extra = len(lines) - each * len(values)
    times = [0.0] * extra + np.repeat(even(len(values), rate_hz), each).tolist()
    heard = Heard(grouped([b"\r\n", *lines], [0.0, *sketches.usb(times)]))
    assert notice in heard.notices
    assert len(heard.notices) == 2  # the rate is the other
    assert heard.values[-500:] == values[-500:]
    assert heard.chunks[0].rate_hz == pytest.approx(rate_hz, rel=0.005)
    sounded = [beat for beat in heard.beats if not beat.late]
    assert len(heard.beats) == pytest.approx(75 / 60 * SECONDS, abs=1.5)
    assert sounded
    intervals = [beat.ibi_ms for beat in heard.beats if beat.ibi_ms]
    assert np.mean(intervals) == pytest.approx(800.0, rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("order", "scale"), [("big", 1), ("little", 1), ("big", 4), ("little", 40)]
)
def test_raw_readings_of_any_order_and_width(order, scale):
    values = [scale * value for value in sketches.pulse(1000.0, 10.0)]
    data = [value.to_bytes(2, order) for value in values]
    data[0] = data[0][1:]  # the port was opened between two bytes
    heard = Heard(grouped(data, sketches.usb(even(len(data), 1000.0))))
    # A low byte that could be a high one is held back until the next tells.
    assert heard.values[-5000:] in (values[-5000:], values[-5001:-1])
    assert len(heard.beats) == pytest.approx(12, abs=1)


def test_the_other_columns_come_along():
    chest, eda = sketches.ecg(100.0, 8.0), sketches.conductance(100.0, 8.0)
    lines = lines_of(lambda *row: b"ECG:%d,GSR:%d\r\n" % row, chest, eda)
    heard = Heard(stream(lines, 100.0))
    assert heard.body("gsr") == eda[: len(heard.body("gsr"))]
    assert len(heard.body("gsr")) == len(heard.values)
    pairs = [
        (a, b)
        for a, b in zip(heard.items, heard.items[1:], strict=False)
        if isinstance(a, SampleChunk)
    ]
    assert all(isinstance(b, BodyChunk) and (a.t, a.end) == (b.t, b.end) for a, b in pairs)


@pytest.mark.slow
@pytest.mark.parametrize("column", ["2", "ecg", "ECG"])
def test_a_person_chooses_a_column(column):
    chest, eda = sketches.ecg(100.0, 6.0), sketches.conductance(100.0, 6.0)
    lines = lines_of(lambda *row: b"GSR:%d,ECG:%d\r\n" % row, eda, chest)
    heard = Heard(stream(lines, 100.0), column=column)
    assert "columns 1 (GSR), 2 (ECG): the heart is in column ECG" in heard.notices
    assert heard.values == chest[: len(heard.values)]
    wrong = Heard(stream(lines, 100.0), column="1")
    assert wrong.values == eda[: len(wrong.values)]


def test_a_column_that_is_not_there_is_an_error_that_names_the_columns():
    lines = lines_of(lambda v: b"ECG:%d,GSR:1\r\n" % v, sketches.ecg(100.0, 6.0))
    with pytest.raises(UserError, match=r"column=3: there is none; the columns are 1 \(ECG\), 2"):
        Heard(stream(lines, 100.0), column="3")


def test_a_ready_made_rate_is_never_a_signal_and_said():
    """PulseSensor's BPM example prints nothing but this, with each beat."""
    text = "♥  A HeartBeat Happened ! \r\nBPM: ".encode()
    lines = [text + b"%d\r\n" % (70 + i % 7) for i in range(20)]
    heard = Heard(stream(lines, 1.25))
    assert heard.chunks == []
    assert heard.notices[0].startswith("no signal among the columns (1 (BPM)): rates that a sketch")


@pytest.mark.slow
def test_without_a_finger_the_likeliest_column_is_shown_and_the_heart_found_later():
    chest = sketches.ecg(100.0, 24.0)
    chest[:1000] = [1800 + index % 5 for index in range(1000)]
    belt = sketches.breathing(100.0, 24.0)
    lines = lines_of(lambda *row: b"belt:%d,ecg:%d\r\n" % row, belt, chest)
    heard = Heard(stream(lines, 100.0))
    assert "no heart in any yet, showing column ecg" in heard.notices[0]
    assert sum("heart" in notice for notice in heard.notices) == 1
    assert len([beat for beat in heard.beats if beat.t > 12]) > 10


@pytest.mark.slow
def test_a_heart_in_another_column_than_the_one_shown_is_taken():
    chest = sketches.ecg(100.0, 24.0)
    chest[:1000] = [1800 + index % 5 for index in range(1000)]
    rng = np.random.default_rng(1)
    noise = rng.integers(400, 500, len(chest)).tolist()
    lines = lines_of(lambda *row: b"%d,%d\r\n" % row, noise, chest)
    heard = Heard(stream(lines, 100.0))
    assert "no heart in any yet, showing column 1" in heard.notices[0]
    assert "the heart is in column 2" in heard.notices[-1]
    assert heard.values[-500:] == chest[-500:]
    assert len(heard.beats) > 8


def test_a_loose_electrode_is_a_contact_lost_and_found():
    chest = sketches.ecg(100.0, 12.0)
    lines = lines_of(lambda v: b"%d\r\n" % v, chest)
    lines[600:800] = [b"!\r\n"] * 200
    heard = Heard(stream(lines, 100.0))
    links = [item.link for item in heard.items if isinstance(item, Contact)]
    assert links == [Link.NO_CONTACT, Link.CONNECTED]
    assert "an electrode is off" in heard.notices
    assert heard.chunks[-1].end == pytest.approx(12.0, abs=0.1)


def test_readings_that_the_board_does_not_have_are_left_out():
    chest: list = sketches.ecg(100.0, 10.0)
    lines = [b"ir=%d\r\n" % v if i % 50 else b"ir=nan\r\n" for i, v in enumerate(chest)]
    heard = Heard(stream(lines, 100.0))
    assert all(math.isfinite(value) for value in heard.values)
    assert heard.chunks[-1].end == pytest.approx(10.0, abs=0.06)


def test_what_no_longer_fits_is_recognised_anew():
    before = [value.to_bytes(2, "big") for value in sketches.pulse(500.0, 8.0)]
    after = lines_of(lambda v: b"%d\r\n" % v, sketches.pulse(100.0, 12.0, seed=2))
    times = [*even(len(before), 500.0), *(8.0 + t for t in even(len(after), 100.0))]
    heard = Heard(grouped([*before, *after], sketches.usb(times)))
    assert [notice for notice in heard.notices if "no longer fits (raw 16-bit stream" in notice]
    assert "one number a line" in heard.notices
    late = [beat for beat in heard.beats if beat.t > 12.0]
    assert len(late) > 6
    assert np.mean([beat.ibi_ms for beat in late if beat.ibi_ms]) == pytest.approx(800, rel=0.03)


def test_another_sketch_with_other_columns_is_recognised_anew():
    before = lines_of(lambda v: b"Signal:%d\r\n" % v, sketches.pulse(100.0, 6.0))
    after = lines_of(lambda v: b"IR=%d\r\n" % v, sketches.pulse(100.0, 12.0, seed=2))
    heard = Heard(stream([*before, *after], 100.0))
    assert "what comes no longer fits (lines of numbers); looking anew" in heard.notices
    assert "one number a line (IR)" in heard.notices
    assert len([beat for beat in heard.beats if beat.t > 11.0]) > 4


def test_nulls_at_the_plug_do_not_matter():
    pulse = sketches.pulse(100.0, 8.0)
    lines = lines_of(lambda v: b"%d\r\n" % v, pulse)
    heard = Heard(stream(lines, 100.0, first=b"\0" * 20))
    assert "one number a line" in heard.notices
    assert heard.values[-500:] == pulse[-500:]


@pytest.mark.slow
@settings(max_examples=60)
@given(st.data())
def test_mutated_streams_never_break_the_reader(data):
    name = data.draw(st.sampled_from(list(forms())))
    lines, rate_hz, each, _, _ = made(name)
    mutated = list(lines[: int(5 * rate_hz * each)])
    for _ in range(data.draw(st.integers(1, 30))):
        at = data.draw(st.integers(0, len(mutated) - 1))
        junk = data.draw(st.binary(max_size=12))
        keep = data.draw(st.integers(0, len(mutated[at])))
        mutated[at] = mutated[at][:keep] + junk
    heard = Heard(stream(mutated, rate_hz, each=each))
    assert all(np.isfinite(chunk.values).all() for chunk in heard.chunks)
    assert all(b.t > a.t for a, b in zip(heard.beats, heard.beats[1:], strict=False))


# ---- columns ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "step"), [(1e3, 5.0), (1e6, 5613.0), (1.0, 0.0056)])
def test_clocks_are_told_by_their_pace(unit, step):
    values = 100.0 + step * np.arange(400)
    assert clock_unit(values, 400 * step / unit) == unit
    assert clock_unit(values[::-1], 400 * step / unit) is None


@pytest.mark.parametrize("bits", [16, 32])
def test_a_clock_that_wraps_goes_on(bits):
    clock = Clock(1e6 if bits == 32 else 1e3)
    readings = [(2**bits - 3000 + 1000 * index) % 2**bits for index in range(8)]
    times = [clock.seconds(reading) for reading in readings]
    assert np.diff(times) == pytest.approx(1000 / clock.unit)


def test_a_board_that_starts_anew_does_not_turn_time_back():
    clock = Clock(1e3)
    assert clock.seconds(50_000.0) == 50.0
    assert clock.seconds(20.0) == pytest.approx(51.0)
    assert clock.seconds(30.0) == pytest.approx(51.01)


def test_flags_counters_and_averages_are_no_signals():
    rows = [
        {"n": i, "beat flag": i // 50 % 2, "x": 512 + 40 * math.sin(i / 9), "held": i // 80 * 0.7}
        for i in range(300)
    ]
    roles = {column.name: column.role for column in classify(rows, 3.0)}
    assert roles == {
        "n": Role.COUNTER, "beat flag": Role.READY_MADE, "x": Role.SIGNAL, "held": Role.STEADY,
    }  # fmt: skip


def test_names_of_columns_as_parts_of_addresses():
    assert [body_name(name) for name in ("GSR", "2", "Skin Temp (C)", "é")] == [
        "gsr", "column2", "skin_temp_c", "column",
    ]  # fmt: skip
    assert described(["1", "ecg"]) == "1, 2 (ecg)"
