"""The receivers themselves, headless, moved by the unmodified ``live`` command and asked again."""

import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from pythonosc.osc_message import OscMessage

from bridge.patchbay.load import load, text
from bridge.sinks.maps.readback import READERS, Asker
from tests.integration.test_osc_receivers import wait_until_bound

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="these programs are started as on Linux"),
]
WAIT_SECONDS = 60.0
SPEED = 8
RAMP = np.concatenate([[1.0], 60.0 / np.linspace(60.0, 110.0, 90), [60.0 / 110.0] * 80])
"""Intervals of a heart that quickens for a minute and stays there, s."""
WINDOW = 24_000
"""Samples of sound whose brightness is looked at together: half a second."""


@pytest.fixture
def start():
    running = []

    def run(*command, **options):
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **options,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=10)


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture
def mine(tmp_path):
    """A shipped map that arrives soon, at a port of our own."""

    def make(name, port, change=lambda toml: toml):
        toml = re.sub(r"smoothing_s = [\d.]+", "smoothing_s = 0.2", text(name))
        toml = re.sub(r'(?m)^osc = ".*"$', f'osc = "127.0.0.1:{port}"', toml)
        path = tmp_path / f"{name}.toml"
        path.write_text(change(toml), encoding="utf-8")
        return path

    return make


@pytest.fixture
def drive(tmp_path):
    """Play the ramp through ``live``; returns each rate told to everybody, with its time, s."""
    beats = tmp_path / "ramp.csv"
    times = "\n".join(f"{t:.4f}" for t in np.cumsum(RAMP))
    beats.write_text(f"t\n{times}\n", encoding="utf-8")

    def run(*maps):
        told = []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", 0))
            sock.settimeout(1.0)
            done = threading.Event()

            def hear():
                while not done.is_set():
                    try:
                        message = OscMessage(sock.recv(2048))
                    except TimeoutError:
                        continue
                    if message.address == "/heart/bpm":
                        told.append((time.monotonic(), message.params[0]))

            ear = threading.Thread(target=hear)
            ear.start()
            command = [sys.executable, "-m", "bridge", "live", "--speed", SPEED]
            command += ["--source", f"csv:{beats}?kind=beats"]
            command += ["--target", f"127.0.0.1:{sock.getsockname()[1]}"]
            for each in maps:
                command += ["--map", each]
            try:
                played = subprocess.run(
                    [str(part) for part in command],
                    capture_output=True, text=True, timeout=300, check=False,
                )  # fmt: skip
            finally:
                done.set()
                ear.join()
        assert played.returncode == 0, played.stderr
        assert len(told) > 150
        return told

    return run


def expected(path, name, bpm):
    """What a row of a map makes of a rate."""
    (row,) = [row for row in load(str(path)).rows if row.name == name]
    return row, row.output(row.stage().push(0.0, bpm))


def confirms(path):
    """``map check`` on the running program, as a person calls it."""
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "map", "check", str(path)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if re.search(" {2,}confirmed {2,}", line)]


FILTER = "/part0/kit0/adpars/GlobalPar/GlobalFilter/basefreq"


def wait_for_answer(port, address, *arguments, answer=None):
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        with Asker(("127.0.0.1", port)) as asker:
            asker.send(address, *arguments)
            if asker.answer(answer or address) is not None:
                return
    raise AssertionError(f"nothing answers {address} at {port}")


def brightness(sound, rate_hz=48_000):
    """The spectral centroid, Hz, of a stretch of sound, shape (n,)."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    frequency = np.fft.rfftfreq(len(sound), 1.0 / rate_hz)
    return float(np.sum(frequency * spectrum) / np.sum(spectrum))


def test_zynaddsubfx_has_what_was_sent_and_sounds_like_it(
    need_program, start, mine, drive, tmp_path
):
    port = free_port()
    program = need_program("zynaddsubfx")
    start(program, "-U", "-P", port, "-O", "NULL", "-I", "NULL", "-r", "48000", "-b", "256")
    wait_for_answer(port, FILTER)
    path = mine("zyn", port, lambda toml: toml[: toml.index('[[row]]\nname = "filter resonance"')])
    sound = tmp_path / "sound.raw"
    with Asker(("127.0.0.1", port)) as zyn:
        zyn.send("/part0/kit0/adpars/VoicePar0/Type", 1)  # noise: a filter is heard
        zyn.send("/HDDRecorder/preparefile", str(sound))
        time.sleep(0.3)
        zyn.send("/HDDRecorder/start")
        zyn.send("/noteOn", 0, 40, 110)
        told = drive(path)
        zyn.send("/HDDRecorder/stop")
        wait_for_answer(port, FILTER)
    row, value = expected(path, "filter cutoff, Hz", told[-1][1])
    assert READERS["zyn"](("127.0.0.1", port), row.form) == pytest.approx(value, rel=1e-3)
    heard = np.frombuffer(sound.read_bytes()[44:], np.int16).reshape(-1, 2)[:, 0].astype(float)
    # Whenever it was heard on a busy machine: from the darkest on it brightens, and not at once.
    pieces = heard[: len(heard) // WINDOW * WINDOW].reshape(-1, WINDOW)
    centroids = [brightness(piece) for piece in pieces if piece.std() > 0.1 * heard.std()]
    rising = centroids[int(np.argmin(centroids)) :]
    assert rising[-1] > 3.0 * rising[0], centroids
    assert np.all(rising > 0.85 * np.maximum.accumulate(rising)), centroids
    between = [each for each in rising if 1.3 * rising[0] < each < rising[-1] / 1.3]
    assert len(between) >= 3, centroids


def test_every_row_of_zynaddsubfx_is_confirmed(need_program, start, mine):
    port = free_port()
    program = need_program("zynaddsubfx")
    start(program, "-U", "-P", port, "-O", "NULL", "-I", "NULL", "-r", "48000", "-b", "256")
    wait_for_answer(port, FILTER)
    assert len(confirms(mine("zyn", port))) == 4


def synthdef(name, controls):
    """A SuperCollider synth definition of controls alone (file format version 2)."""

    def word(text):
        return bytes([len(text)]) + text.encode()

    data = b"SCgf" + struct.pack(">ih", 2, 1) + word(name) + struct.pack(">i", 0)
    data += struct.pack(f">i{len(controls)}f", len(controls), *([0.0] * len(controls)))
    data += struct.pack(">i", len(controls))
    for index, control in enumerate(controls):
        data += word(control) + struct.pack(">i", index)
    data += struct.pack(">i", 1) + word("Control")
    data += struct.pack(">biih", 1, 0, len(controls), 0) + bytes([1]) * len(controls)
    return data + struct.pack(">h", 0)


def test_scsynth_has_what_was_sent(need_program, start, mine, drive, jack, tmp_path):
    port = free_port()
    start(need_program("scsynth"), "-u", port, "-R", "0", "-B", "127.0.0.1", "-i", "0", "-o", "2")
    wait_for_answer(port, "/status", answer="/status.reply")
    folder = tmp_path / "defs"
    folder.mkdir()
    (folder / "knobs.scsyndef").write_bytes(synthdef("knobs", ["freq", "amp"]))
    with Asker(("127.0.0.1", port)) as server:
        server.send("/d_load", str(folder / "knobs.scsyndef"))
        assert server.answer("/done")
        server.send("/s_new", "knobs", 1000, 0, 0)
    path = mine("scsynth", port)
    row, value = expected(path, "freq of node 1000, Hz", drive(path)[-1][1])
    assert READERS["scsynth"](("127.0.0.1", port), row.form) == pytest.approx(value, rel=1e-3)
    assert len(confirms(path)) == 3


def test_hydrogen_has_the_tempo_that_was_sent(
    need_program, start, mine, drive, jack, tmp_path, monkeypatch
):
    program = need_program("hydrogen")
    port = free_port()
    shipped = Path("/usr/share/hydrogen/data/hydrogen.default.conf")
    settings = shipped.read_text(encoding="utf-8")
    for key, setting in (
        ("oscEnabled", "true"), ("oscFeedbackEnabled", "true"), ("oscServerPort", str(port)),
    ):  # fmt: skip
        settings, count = re.subn(f"<{key}>[^<]*</{key}>", f"<{key}>{setting}</{key}>", settings)
        assert count == 1, key
    home = tmp_path / "home"
    (home / ".hydrogen").mkdir(parents=True)
    (home / ".hydrogen" / "hydrogen.conf").write_text(settings, encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    start(program, "--driver", "jack", "--nosplash")
    wait_until_bound(port)
    path = mine("hydrogen", port)
    _, bpm = drive(path)[-1]
    row, value = expected(path, "tempo", bpm)
    assert READERS["hydrogen"](("127.0.0.1", port), row.form) == pytest.approx(value, rel=1e-2)
    assert len(confirms(path)) == 3


NO_SEQUENCER = """
#include <errno.h>
int snd_seq_open(void **handle, const char *name, int streams, int mode) {
  static int dummy; *handle = &dummy; return 0;
}
int snd_seq_event_input(void *handle, void **event) { return -EAGAIN; }
int snd_seq_close(void *h) { return 0; }
int snd_seq_set_client_name(void *h, const char *n) { return 0; }
int snd_seq_create_simple_port(void *h, const char *n, unsigned a, unsigned b) { return 0; }
int snd_seq_poll_descriptors_count(void *h, short e) { return 0; }
int snd_seq_poll_descriptors(void *h, void *p, unsigned s, short e) { return 0; }
int snd_seq_free_event(void *e) { return 0; }
int snd_seq_nonblock(void *h, int n) { return 0; }
"""
"""SooperLooper ends at once where there is no MIDI sequencer; this one has nothing to say."""


def test_sooperlooper_has_what_was_sent(need_program, start, mine, drive, jack, tmp_path):
    program, gcc = need_program("sooperlooper"), need_program("gcc")
    source, library = tmp_path / "noseq.c", tmp_path / "noseq.so"
    source.write_text(NO_SEQUENCER, encoding="utf-8")
    subprocess.run([gcc, "-shared", "-fPIC", "-w", "-o", library, source], check=True)
    port = free_port()
    env = {**os.environ, "LD_PRELOAD": str(library)}
    start(program, "-q", "-l", "1", "-c", "1", "-p", port, env=env)
    wait_until_bound(port)
    path = mine("sooperlooper", port)
    row, value = expected(path, "rate of loop 1", drive(path)[-1][1])
    assert READERS["sooperlooper"](("127.0.0.1", port), row.form) == pytest.approx(value, rel=1e-3)
    assert len(confirms(path)) == 3


PATCH = """#N canvas 0 0 600 400 10;
#X obj 30 20 netreceive -u -b {port};
#X obj 30 50 oscparse;
#X obj 30 80 list trim;
#X obj 30 110 print heard;
#X connect 0 0 1 0;
#X connect 1 0 2 0;
#X connect 2 0 3 0;
"""


def test_pure_data_hears_its_map(need_program, mine, drive, tmp_path):
    port = free_port()
    patch = tmp_path / "listen.pd"
    patch.write_text(PATCH.format(port=port), encoding="utf-8")
    pd = [need_program("pd"), "-nogui", "-noaudio", "-nomidi", "-stderr", "-nrt", "-noprefs"]
    with (
        (tmp_path / "heard").open("w") as heard,
        subprocess.Popen([*pd, "-open", patch], stderr=heard, stdout=subprocess.DEVNULL) as process,
    ):
        try:
            wait_until_bound(port)
            _, bpm = drive(mine("puredata", port))[-1]
        finally:
            process.terminate()
    lines = (tmp_path / "heard").read_text().splitlines()
    assert lines.count("heard: heart beat 1") == len(RAMP)
    rates = [float(line.split()[-1]) for line in lines if line.startswith("heard: heart rate")]
    assert rates[-1] == pytest.approx(bpm, rel=1e-3)


def test_jack_midi_hears_its_map_and_no_note_hangs(drive, listener, tmp_path):
    drive("midi@ear", "midi-learn@ear")
    until = time.monotonic() + WAIT_SECONDS
    while len([m for m in list(listener.messages) if m[0] == 0x80]) < len(RAMP):
        assert time.monotonic() < until, "not every note has ended"
        time.sleep(0.05)
    on, off = set(), 0
    for message in listener.messages:
        if message[0] == 0x90:
            assert message[1] not in on
            on.add(message[1])
        elif message[0] == 0x80:
            on.discard(message[1])
            off += 1
    assert not on
    assert off == len(RAMP)
    brightness = [m[2] for m in listener.messages if m[:2] == b"\xb0\x4a"]
    assert brightness[-1] > brightness[0]


def test_jack_midi_hears_the_clock(jack):
    rtmidi = pytest.importorskip("rtmidi")
    heard = []
    ear = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="listener")
    ear.ignore_types(timing=False)
    ear.open_virtual_port("ear")
    ear.set_callback(lambda event, _: heard.append(event[0][0]))
    live = ["live", "--source", "sim?bpm=100", "--duration", "9", "--clock-out", "ear"]
    try:
        played = subprocess.run(
            [sys.executable, "-m", "bridge", *live, "--target", "127.0.0.1:9"],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        until = time.monotonic() + WAIT_SECONDS
        while heard[-1:] != [0xFC] and time.monotonic() < until:
            time.sleep(0.05)  # it may be on its way
    finally:
        ear.close_port()
        ear.delete()
    assert played.returncode == 0, played.stderr
    assert heard[0] == 0xFA
    assert heard[-1] == 0xFC
    assert set(heard[1:-1]) == {0xF8}
    assert len(heard) > 60
