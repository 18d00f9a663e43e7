"""OSC as receivers that are not ours hear it: liblo's oscdump and Pure Data."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.events import Beat, HrvSnapshot, State, Status
from bridge.mapping import profile as profiles
from bridge.sinks.osc import OscSink

WAIT_SECONDS = 60.0


@pytest.fixture
def port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture
def start():
    """Start programs whose output is read line by line, and end them afterwards."""
    running = []

    def run(*command):
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.terminate()
        process.wait(timeout=WAIT_SECONDS)
        process.stdout.close()


def lines_until(process, last):
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        if last in line:
            return lines
    raise AssertionError(f"{process.args[0]} ended without hearing {last}: {lines}")


def play(port):
    sink = OscSink([("127.0.0.1", port)], "/heart", profiles.load([]))
    sink.hello()
    sink.event(Status(1.0, State.LIVE), age_s=0.0)
    sink.event(Beat(1.0, 1.0, strength=0.5), age_s=0.25)
    sink.event(Beat(1.75, 1.75, strength=0.5, ibi_ms=750.0, bpm=80.0), age_s=0.25)
    sink.event(HrvSnapshot(1.75, coverage=0.5, rmssd_ms=42.5), age_s=0.0)
    return sink


def wait_until_bound(port):
    """Ask the kernel, not the clock, whether the receiver has its port."""
    wanted = f":{port:04X}"
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        table = Path("/proc/net/udp").read_text() + Path("/proc/net/udp6").read_text()
        if any(line.split()[1].endswith(wanted) for line in table.splitlines() if ":" in line):
            return
        time.sleep(0.01)
    raise AssertionError(f"nobody listens on {port}")


def test_oscdump_hears_the_contract(need_program, start, port):
    program = need_program("oscdump")
    process = start(need_program("stdbuf"), "-oL", program, str(port))
    wait_until_bound(port)
    play(port).close()
    heard = [line.split(" ", 1)[1] for line in lines_until(process, "/heart/hrv/coverage")]
    assert heard[1:] == [
        '/heart/status s "searching"',
        '/heart/status s "live"',
        "/heart/beat iff 1 0.500000 250.000000",
        "/heart/beat iff 2 0.500000 250.000000",
        "/heart/ibi f 750.000000",
        "/heart/norm/ibi f 0.357326",
        "/heart/bpm f 80.000000",
        "/heart/norm/bpm f 0.285714",
        "/heart/hrv/rmssd f 42.500000",
        "/heart/norm/rmssd f 0.354167",
        "/heart/hrv/coverage f 0.500000",
    ]


PATCH = """#N canvas 0 0 600 400 10;
#X obj 30 20 netreceive -u -b {port};
#X obj 30 50 oscparse;
#X obj 30 80 list trim;
#X obj 30 110 print heard;
#X connect 0 0 1 0;
#X connect 1 0 2 0;
#X connect 2 0 3 0;
"""


def test_pure_data_hears_the_contract(need_program, start, port, tmp_path):
    patch = tmp_path / "listen.pd"
    patch.write_text(PATCH.format(port=port), encoding="utf-8")
    process = start(
        need_program("pd"),
        *["-nogui", "-noaudio", "-nomidi", "-stderr", "-nrt", "-noprefs", "-open"],
        str(patch),
    )
    wait_until_bound(port)
    play(port).close()
    heard = [line for line in lines_until(process, "coverage") if line.startswith("heard:")]
    assert "heard: heart beat 1 0.5 250" in heard
    assert "heard: heart ibi 750" in heard
    assert "heard: heart hrv rmssd 42.5" in heard
    assert heard.index("heard: heart beat 2 0.5 250") + 1 == heard.index("heard: heart ibi 750")


def test_the_pure_data_example_sounds_at_a_beat(need_program, start, port, tmp_path):
    example = Path(__file__).parents[2] / "examples" / "receivers" / "heart.pd"
    patch = tmp_path / "heart.pd"
    text = example.read_text(encoding="utf-8")
    assert "netreceive -u -b 7771;" in text
    patch.write_text(text.replace("-b 7771;", f"-b {port};"), encoding="utf-8")
    process = start(
        need_program("pd"),
        *["-nogui", "-noaudio", "-nomidi", "-stderr", "-nrt", "-noprefs", "-open"],
        str(patch),
    )
    wait_until_bound(port)
    play(port).close()
    heard = lines_until(process, "beat: 2")
    assert "beat: 1" in heard
    assert not [line for line in heard if "error" in line or "couldn't" in line]


LIVE = [sys.executable, "-m", "bridge", "live", "--source", "sim?bpm=100", "--duration", "12"]


NTP_EPOCH_S = 2_208_988_800


def seconds_of(tag):
    """A time tag as oscdump prints it, s since 1900."""
    seconds, share = tag.split(".")
    return int(seconds, 16) + int(share, 16) / 2**32


def live_heard(need_program, start, port, *options):
    """What oscdump hears of a live run: time tags in s, addresses, arguments."""
    process = start(need_program("stdbuf"), "-oL", need_program("oscdump"), str(port))
    wait_until_bound(port)
    played = subprocess.run(
        [*LIVE, "--target", f"127.0.0.1:{port}", *options],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert played.returncode == 0, played.stderr
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(OscMessageBuilder("/that/is/all").build().dgram, ("127.0.0.1", port))
    heard = []
    for line in lines_until(process, "/that/is/all")[:-1]:
        tag, address, *arguments = line.split()
        heard.append((seconds_of(tag), address, arguments))
    return heard


def test_what_a_receiver_does_not_want_is_left_out(need_program, start, port):
    heard = live_heard(
        need_program, start, port, "--without", "wave", "--without", "norm", "--without", "hrv/vlf"
    )
    addresses = {address for _, address, _ in heard}
    left_out = {each for each in addresses if each.startswith(("/heart/wave", "/heart/norm"))}
    assert left_out == set()
    assert {"/heart/hello", "/heart/status", "/heart/beat", "/heart/ibi", "/heart/bpm"} < addresses


def test_bundles_are_dated_at_one_delay_after_what_they_tell(need_program, start, port):
    """A message told 0.25 s late and one told at once: both are dated by when it happened."""
    process = start(need_program("stdbuf"), "-oL", need_program("oscdump"), str(port))
    wait_until_bound(port)
    sink, ages_s, sent = (
        OscSink([("127.0.0.1", port)], "/heart", profiles.load([]), (), 0.5),
        [],
        [],
    )
    for number, age_s in enumerate((0.25, 0.0, 0.1)):
        before = time.time()
        sink.event(Beat(float(number), number + age_s), age_s)
        sent.append((before, time.time()))
        ages_s.append(age_s)
    heard = [line.split() for line in lines_until(process, "/heart/beat iff 3 ")]
    sink.close()
    for tag, address, _, number, *_ in heard:
        assert address == "/heart/beat"
        before, after = sent[int(number) - 1]
        due = seconds_of(tag) - NTP_EPOCH_S
        happened = due - 0.5 + ages_s[int(number) - 1]
        assert before - 0.001 <= happened <= after + 0.001


def test_all_that_live_sends_is_dated_where_bundles_are_asked_for(need_program, start, port):
    heard = live_heard(need_program, start, port, "--bundles", "200", "--without", "wave")
    assert {address for _, address, _ in heard} > {"/heart/hello", "/heart/beat", "/heart/bpm"}
    assert all(abs(tag - NTP_EPOCH_S - time.time()) < 300.0 for tag, _, _ in heard)
