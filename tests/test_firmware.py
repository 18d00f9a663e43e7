"""The sketches' headers on this computer, and the builds for both boards."""

import ctypes
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.detect.ema import EmaDetector, EmaSettings
from bridge.events import Beat, SampleChunk
from bridge.sources.serial import frames
from tests.firmware_harness import build
from tests.firmware_harness.recordings import counts

READY, FRAMES, TEXT = 0, 1, 2
START, STOP, TEXT_COMMAND, RATE, UNKNOWN = 1, 2, 3, 4, 5

RECORDINGS = ["heartpy_1", "heartpy_2_timer", "rest5min"] + [
    f"welltory_{number:02}" for number in range(1, 11)
]
SETTINGS = [(3000, 60, 250), (1500, 30, 250), (750, 8, 0)]
"""Span in ms, threshold in counts, refractory in ms: the seed's, and two that fire more often."""


@pytest.fixture(scope="module")
def headers(tmp_path_factory, need_program):
    return build.headers(tmp_path_factory.mktemp("headers"), need_program)


def find_beats(headers, readings, span_ms=3000, threshold=60, refractory_ms=250, rate_hz=1000):
    """Indices of the beats, and of those that heart_note would sound."""
    readings = np.ascontiguousarray(readings, np.uint16)
    marks = np.zeros(len(readings), np.uint8)
    headers.find_beats(rate_hz, span_ms, threshold, refractory_ms,
                       readings.ctypes.data_as(ctypes.c_void_p), len(readings),
                       marks.ctypes.data_as(ctypes.c_void_p))  # fmt: skip
    return np.flatnonzero(marks).tolist(), np.flatnonzero(marks == 2).tolist()


def bridge_beats(readings, span_ms, threshold, refractory_ms, rate_hz=1000):
    settings = EmaSettings(span_ms / 1000, float(threshold), refractory_ms / 1000)
    detector = EmaDetector(float(rate_hz), settings)
    found = detector.push(SampleChunk(0.0, float(rate_hz), np.asarray(readings, float)))
    return [round(beat.t * rate_hz) for beat in found if isinstance(beat, Beat)]


@pytest.mark.parametrize("name", RECORDINGS)
def test_board_and_bridge_find_the_same_beats(headers, shared_data, name):
    """Sample for sample: whole numbers there, floating point here."""
    readings = counts(shared_data / "ppg" / f"{name}.csv")
    found = 0
    for settings in SETTINGS:
        beats, _ = find_beats(headers, readings, *settings)
        assert beats == bridge_beats(readings, *settings)
        found += len(beats)
    assert found > 20


@given(
    st.lists(st.tuples(st.integers(0, 1023), st.integers(1, 400)), min_size=1, max_size=40),
    st.sampled_from([1000, 500, 200]),
    st.integers(20, 8000),
    st.integers(1, 500),
    st.integers(0, 1500),
)
def test_they_agree_on_any_steps_and_settings(
    headers, steps, rate_hz, span_ms, threshold, refractory_ms
):
    readings = [level for level, length in steps for _ in range(length)]
    settings = (span_ms, threshold, refractory_ms, rate_hz)
    assert find_beats(headers, readings, *settings)[0] == bridge_beats(readings, *settings)


@pytest.mark.parametrize(("apart", "expected"), [(249, [1000]), (250, [1000, 1250])])
def test_the_refractory_is_250_readings_to_the_reading(headers, apart, expected):
    readings = np.full(2000, 400)
    for start in (1000, 1000 + apart):
        readings[start : start + 100] = 700
    assert find_beats(headers, readings)[0] == expected
    assert bridge_beats(readings, 3000, 60, 250) == expected


def no_finger():
    """Ten minutes each of what a sensor that nobody touches gives."""
    rng = np.random.default_rng(20)
    t = np.arange(600_000) / 1000
    noise = rng.standard_normal(len(t))
    yield "flat", np.full(len(t), 512.0)
    yield "at the upper end", np.full(len(t), 1023.0)
    for level in (10, 40, 100, 400):
        yield f"white noise {level}", 512 + level * noise
    for mains in (50, 60, 100, 120):
        for level in (70, 200, 2000):
            yield f"hum {mains} Hz {level}", 512 + level * np.sin(2 * np.pi * mains * t) + noise
    for step in (1, 5, 20):
        walk = np.mod(np.cumsum(noise) * step, 2046)
        yield f"wandering {step}", np.minimum(walk, 2046 - walk)


@pytest.mark.parametrize(("what", "signal"), [pytest.param(*row, id=row[0]) for row in no_finger()])
def test_the_box_is_quiet_without_a_finger(headers, what, signal):
    """At most one note a minute, whatever hangs on the pin."""
    _, notes = find_beats(headers, np.clip(np.rint(signal), 0, 1023))
    assert len(notes) <= 10


def test_a_dicrotic_wave_is_no_note(headers):
    """After every third beat a second wave that the threshold does not keep out."""
    t = np.arange(60_000) / 1000
    main = 300 * np.exp(-(((t % 1.0 - 0.2) / 0.06) ** 2))
    second = 180 * np.exp(-(((t % 3.0 - 2.65) / 0.06) ** 2))
    beats, notes = find_beats(headers, np.rint(450 + main + second))
    assert len(beats) == 60 + 20
    assert len(notes) == 60 - 3  # from the fourth on
    assert np.abs(np.diff(notes) - 1000).max() <= 20


def test_one_stumble_does_not_silence_a_heart(headers):
    t = np.arange(60_000) / 1000
    beats_at = np.concatenate([np.arange(0.5, 20), [20.1], np.arange(21.5, 59)])  # one comes early
    pulse = sum(300 * np.exp(-(((t - at) / 0.08) ** 2)) for at in beats_at)
    beats, notes = find_beats(headers, np.rint(450 + pulse))
    assert len(beats) == len(beats_at)
    assert len(notes) == len(beats) - 3


@given(st.integers(0, 65535), st.lists(st.integers(0, 1023), min_size=1, max_size=2))
def test_frames_are_those_that_the_bridge_reads(headers, number, readings):
    out = (ctypes.c_uint8 * 8)()
    values = (ctypes.c_uint16 * 2)(*readings)
    length = headers.frame(out, number, values, len(readings))
    assert bytes(out[:length]) == frames.encode(number, tuple(readings))


@pytest.mark.parametrize(("state", "name"), [(READY, "ready"), (FRAMES, "frames"), (TEXT, "text")])
@pytest.mark.parametrize("sensors", [1, 2])
def test_the_bridge_reads_the_greeting(headers, state, name, sensors):
    out = ctypes.create_string_buffer(96)
    headers.greet(out, state, 250, sensors)
    parser = frames.FrameParser()
    assert parser.feed(out.value) == [
        frames.Greeting("pulse_stream", frames.PROTOCOL_VERSION, name, 250, sensors, 10)
    ]


def obey(headers, data):
    commands = (ctypes.c_uint8 * len(data))()
    rate = headers.obey(data, len(data), commands)
    return [command for command in commands if command], rate


@pytest.mark.parametrize(
    ("data", "commands", "rate"),
    [
        (frames.START, [START], 0),
        (frames.STOP, [STOP], 0),
        (b"text\r\n", [TEXT_COMMAND], 0),
        (b"rate 500\n", [RATE], 500),
        (b"rate 300\n", [UNKNOWN], 0),  # the timer does not hit 300 exactly
        (b"rate 24\nrate 1001\nrate \nrate 1x0\n", [UNKNOWN] * 4, 0),
        (b"sss" + frames.START, [UNKNOWN, START], 0),  # bytes that wake other sketches
        (b"st\x80rt\nstart me\nstarting the engines\n\n\r\n", [UNKNOWN] * 3, 0),
        (b"rate 125\nstart\nstop\n", [RATE, START, STOP], 125),
    ],
)
def test_commands(headers, data, commands, rate):
    assert obey(headers, data) == (commands, rate)


WORDS = (b"start", b"stop", b"text", b"rate")


@given(st.binary(max_size=200).filter(lambda data: not any(word in data for word in WORDS)))
def test_no_noise_on_the_line_is_a_command(headers, data):
    commands, _ = obey(headers, data or b"\n")
    assert all(command == UNKNOWN for command in commands)
    assert obey(headers, data + frames.START)[0][-1] == START


@pytest.mark.parametrize("sensors", ["1", "2"])
def test_every_sketch_builds_for_both_boards(tmp_path, need_program, sensors):
    """Warnings are errors; less than half of flash and memory is used."""
    printed = build.sketches(
        tmp_path,
        need_program,
        DEFINES=f"-DBEATBRIDGE_SENSORS={sensors}",
        LIBRARIES=str(build.HARNESS / "midiusb"),
    )
    print(printed)
    built = re.findall(r"(\w+) for (\w+):", printed)
    assert sorted(built) == [
        ("heart_note", "leonardo"),
        ("heart_note", "uno"),
        ("pulse_stream", "leonardo"),
        ("pulse_stream", "uno"),
    ]
    shares = [float(share) for share in re.findall(r"\(([\d.]+)% Full\)", printed)]
    assert len(shares) == 8
    assert max(shares) < 50


@pytest.mark.parametrize("sketch", ["pulse_stream", "heart_note"])
def test_the_arduino_ide_s_builder_takes_the_folder_as_it_is(tmp_path, need_program, sketch):
    printed = build.as_the_ide_does(tmp_path, need_program, sketch)
    assert int(re.search(r"Sketch uses \d+ bytes \((\d+)%\)", printed)[1]) < 50
    assert int(re.search(r"Global variables use \d+ bytes \((\d+)%\)", printed)[1]) < 50


README = (build.FIRMWARE / "README.md").read_text(encoding="utf-8")


def table_rows(first_header):
    """Cells of the README's table whose first column has this header."""
    lines = iter(README.splitlines())
    for line in lines:
        if line.startswith(f"| {first_header} |"):
            next(lines)
            rows = []
            for row in lines:
                if not row.startswith("|"):
                    return rows
                rows.append([cell.strip() for cell in row.strip("|").split("|")])
    raise AssertionError(f"no table begins with {first_header}")


@pytest.mark.parametrize("sensors", [1, 2])
def test_the_readme_s_frame_table_is_the_code_s(sensors):
    """A frame put together from the table's rows is the one that ``encode`` makes."""
    number, readings = 4242, [777, 333][:sensors]
    words: dict[int, int] = {}
    last = -1
    for row in table_rows("bytes, one sensor"):
        place, bits, content = row[sensors - 1], row[2], row[3]
        if not place and row[2 - sensors]:
            continue  # this row is of the other kind of frame
        at = int(place.split("-")[0]) if place else last
        last = at
        low = int(bits.split("-")[0])
        value = {
            "sensors": sensors - 1,
            "number": number,
            "reading of A0, 0": readings[0],
            "reading of A1": readings[-1],
            "check: CRC": None,
        }[re.match(r"sensors|number|reading of A0, 0|reading of A1|check: CRC", content)[0]]
        if value is None:
            head = b"".join(bytes((words[i] & 0x7F, words[i] >> 7)) for i in sorted(words))
            value = frames.crc14(head)
        words[at] = words.get(at, 0) | value << low
    body = b"".join(bytes((words[i] & 0x7F, words[i] >> 7)) for i in sorted(words))
    expected = bytes((0x80 | body[0],)) + body[1:]
    assert expected == frames.encode(number, tuple(readings))


def test_the_readme_s_examples():
    rows = table_rows("number")
    assert len(rows) == 3
    for number, readings, frame in rows:
        values = tuple(int(reading) for reading in readings.split(","))
        assert frames.encode(int(number), values).hex(" ") == frame
    parser = frames.FrameParser()
    line = re.search(r"^beatbridge pulse_stream .*$", README, re.MULTILINE)[0]
    assert parser.feed(line.encode() + b"\n") == [
        frames.Greeting("pulse_stream", frames.PROTOCOL_VERSION, "ready", 1000, 1, 10)
    ]
    assert f"0x{frames.CRC_POLYNOMIAL:04X}" in README
    assert f"0x{frames.CRC_START:04X}" in README
    assert f"version {frames.PROTOCOL_VERSION}" in README


def test_the_readme_s_commands(headers):
    words = [row[0].strip("`") for row in table_rows("command")]
    assert words == ["start", "stop", "text", "rate N"]
    for word in words:
        commands, _ = obey(headers, word.replace("N", "500").encode() + b"\n")
        assert commands != [UNKNOWN]


def test_the_wiring_drawing_is_well_formed_and_drawn(tmp_path, need_program):
    picture = tmp_path / "wiring.png"
    build.run(need_program("rsvg-convert"), build.FIRMWARE / "wiring.svg", "-o", picture)
    assert picture.stat().st_size > 10_000
