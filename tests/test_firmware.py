"""pulse_stream's headers on this computer, the builds for all boards, and the README's tables."""

import ctypes
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.sources.serial import frames
from tests.firmware_harness import build

READY, FRAMES, TEXT = 0, 1, 2
START, STOP, TEXT_COMMAND, RATE, UNKNOWN = 1, 2, 3, 4, 5


@pytest.fixture(scope="module")
def headers(tmp_path_factory, need_program):
    return build.headers(tmp_path_factory.mktemp("headers"), need_program)


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("sensors", ["1", "2"])
def test_every_sketch_builds_for_every_board(tmp_path, need_program, built, sensors):
    """Warnings are errors; less than half of flash and memory is used."""
    out = build.reuse_cores(built, tmp_path)
    printed = build.sketches(out, need_program, DEFINES=f"-DBEATBRIDGE_SENSORS={sensors}")
    print(printed)
    built = re.findall(r"(\w+) for (\w+):", printed)
    assert sorted(built) == [
        (sketch, board)
        for sketch in ("heart_note", "max30102_lines", "pulse_lines", "pulse_stream")
        for board in ("leonardo", "promini8", "uno")
    ]
    shares = [float(share) for share in re.findall(r"\(([\d.]+)% Full\)", printed)]
    assert len(shares) == 24
    assert max(shares) < 50


@pytest.mark.slow
def test_midi_over_usb_builds_with_its_library_where_the_board_has_usb(
    tmp_path, need_program, built
):
    """The library stops the build of any other board."""
    out = build.reuse_cores(built, tmp_path)
    library = str(build.HARNESS / "midiusb")
    for board in ("uno", "leonardo"):
        (out / board / "core.a").unlink()  # the library goes in there
        build.sketches(out, need_program, f"{board}/heart_note.elf", LIBRARIES=library)
    calls = build.run(need_program("avr-nm"), "-C", out / "leonardo" / "heart_note.elf")
    assert "midi_usb_sent" in calls
    assert "midi_usb_sent" not in build.run(
        need_program("avr-nm"), "-C", out / "uno" / "heart_note.elf"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "defines", "says"),
    [
        ("promini8/pulse_stream.elf", "-UBEATBRIDGE_BAUD -DBEATBRIDGE_BAUD=115200", "cannot make"),
        ("uno/pulse_stream.elf", "-DBEATBRIDGE_RATE_HZ=300", "a divisor of the clock"),
        ("uno/pulse_stream.elf", "-DBEATBRIDGE_BAUD=9600", "too slow"),
        ("uno/pulse_stream.elf", "-UF_CPU -DF_CPU=20000000L", "a divisor of the clock"),
        ("uno/heart_note.elf", "-UF_CPU -DF_CPU=1000000L", "a clock of 8 MHz or more"),
    ],
)
def test_what_a_board_cannot_do_stops_the_build(
    tmp_path, need_program, built, target, defines, says
):
    printed = build.refused(
        build.reuse_cores(built, tmp_path), need_program, target, DEFINES=defines
    )
    assert says in printed


@pytest.mark.slow
@pytest.mark.parametrize("sketch", build.SKETCHES)
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
