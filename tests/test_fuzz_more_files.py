"""Thousands of damaged maps, MIDI files, setups, lists and devices: read, or refused in a line."""

import contextlib
import json
import random

import numpy as np
import pytest

from bridge import settings
from bridge.clips import read as clips
from bridge.clips import smf_read
from bridge.errors import UserError
from bridge.offline import owners
from bridge.offline.files import Job
from bridge.osc.send import parse_target
from bridge.panel import setups
from bridge.patchbay import load as maps
from bridge.phases import parse_mark
from bridge.recordings.phases import read_phases
from bridge.resources import example
from bridge.sinks.liveset import amxd
from bridge.sources.hearts import parse_hearts
from bridge.sources.spec import open_source
from tests import fuzz
from tests.test_render_cli import beatbridge

pytestmark = pytest.mark.slow


def in_a_line(error, *names):
    text = str(error)
    assert "\n" not in text
    assert all(name in text for name in names), text


ODD_ROWS = (
    b"", b"to = 3", b"min = nan", b"max = inf", b"from = ''", b"[[row]]", b"args = [[]]",
    b"channel = 99", b"curve = 'exp:0'", b"x = " + b"[" * 900, b"min = " + b"9" * 5000,
    b"osc = '[::1]:7'", b"scale = [12, -3]",
)  # fmt: skip


@pytest.mark.parametrize("name", ["zyn", "midi", "surge", "hydrogen"])
def test_damaged_maps(name):
    chance = random.Random(name)
    good = maps.text(name)
    lines = good.encode().split(b"\n")
    read = 0
    for number in range(600):
        if number % 2:
            damaged = fuzz.bytes_of(good.encode(), chance, most=2)
        else:
            at = chance.randrange(len(lines))
            odd = chance.choice(ODD_ROWS)
            damaged = b"\n".join([*lines[:at], odd, *lines[at + 1 :]])
        try:
            maps.parse("mine", damaged.decode("utf-8", "replace"))
            read += 1
        except UserError as error:
            in_a_line(error, "map mine")
    assert read > 50


@pytest.fixture(scope="module")
def midi_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    done = beatbridge(
        "render", example("pulse.csv"), "--what", "drums,cc", "--tempo-map", "--out", folder
    )
    assert done.returncode == 0, done.stderr
    # The beginning of each, with a length that says so: most of what can be wrong is there.
    found = []
    for file in sorted(folder.glob("*.mid")):
        data = file.read_bytes()
        found.append(data)
        at = data.index(b"MTrk")
        size = min(400, int.from_bytes(data[at + 4 : at + 8], "big"))
        cut = data[: at + 4] + size.to_bytes(4, "big") + data[at + 8 : at + 8 + size]
        found.append(cut[:10] + b"\0\1" + cut[12:])
    return found


def test_damaged_midi_files_for_the_player(midi_files):
    chance = random.Random(4)
    small = [data for data in midi_files if len(data) < 1000]
    read = 0
    for number in range(3000):
        good = chance.choice(small if number % 10 else midi_files)
        try:
            score = smf_read.decode(fuzz.bytes_of(good, chance, most=3), "a.mid")
        except UserError as error:
            in_a_line(error, "a.mid")
            continue
        read += 1
        assert score.data.shape == (len(score), 3)
        assert (np.diff(score.seconds) >= 0).all()
        assert np.isfinite(score.end_s)
    assert read > 100


def test_damaged_midi_files_for_live(tmp_path, midi_files):
    chance = random.Random(5)
    small = [data for data in midi_files if len(data) < 1000]
    path = tmp_path / "a.mid"
    read = 0
    for _ in range(2000):
        path.write_bytes(fuzz.bytes_of(chance.choice(small), chance, most=3))
        try:
            found = clips.read_clips(path)
        except UserError as error:
            in_a_line(error, "a.mid")
            continue
        read += 1
        assert all(0 <= note.pitch < 128 for clip in found for note in clip.notes)
    assert read > 25, "mido refuses most of what is damaged"


SETUP = {
    "hearts": [["violin", "serial:COM3"], ["cello", "sim?bpm=66"]],
    "targets": ["127.0.0.1:7771"], "midi": None, "sound": True, "style": "default",
    "style_on": False, "receivers": {"zyn": "osc = 'a'"},
}  # fmt: skip
REMEMBERED = {
    "source": "serial:COM3", "heart": [], "target": ["127.0.0.1:7771"], "profile": ["calm"],
    "midi": "my synth",
}  # fmt: skip


def damaged_json(good, chance):
    if chance.random() < 0.6:
        return json.dumps(fuzz.value_of(good, chance)).encode()
    return fuzz.bytes_of(json.dumps(good).encode(), chance)


def test_damaged_setups_of_the_panel(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "folder", lambda: tmp_path)
    chance = random.Random(6)
    path = setups.folder() / "mine.json"
    path.parent.mkdir()
    read = 0
    for _ in range(3000):
        path.write_bytes(damaged_json(SETUP, chance))
        try:
            setup = setups.load("mine")
        except UserError as error:
            in_a_line(error, "mine")
            continue
        read += 1
        assert all(isinstance(text, str) for heart in setup.hearts for text in heart)
        assert all(isinstance(text, str) for text in setup.targets)
    assert read > 100


def test_damaged_settings_and_owners(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "folder", lambda: tmp_path)
    chance = random.Random(7)
    job = Job(tmp_path / "p" / "s.csv", tmp_path / "out" / "s")
    (tmp_path / "out").mkdir()
    known = 0
    for _ in range(2000):
        settings.path().write_bytes(damaged_json(REMEMBERED, chance))
        last = settings.load()
        if last is not None:
            known += 1
            assert bool(last.source) != bool(last.heart)
            assert isinstance(last.options(), str)
        (tmp_path / "out" / owners.NAME).write_bytes(damaged_json({"s": "/p/s.csv"}, chance))
        assert owners.refused([job]) == {}
    assert known > 300


def test_damaged_lists_of_phases(tmp_path):
    chance = random.Random(8)
    good = b"file,t,phase\na.csv,0,rest\na.csv,1:30,stress\n,6:00,recovery\n"
    path = tmp_path / "phases.csv"
    for _ in range(2000):
        path.write_bytes(fuzz.bytes_of(good, chance, most=2))
        try:
            markers = read_phases(path, "a.csv")
        except UserError as error:
            in_a_line(error, "phases.csv")
        else:
            assert [m.t for m in markers] == sorted(m.t for m in markers)


def test_damaged_devices():
    from bridge.cli.device import packaged

    chance = random.Random(9)
    whole = packaged().read_bytes()
    # What is parsed is at both ends; the patcher between them is not looked into here.
    device = amxd.read(whole)
    good = amxd.write(
        amxd.Device(device.patcher[:300], (amxd.File("a.js", b"x" * 40, b"TEXT", 0, 0),), "D.amxd")
    )
    for _ in range(3000):
        try:
            amxd.read(fuzz.bytes_of(good, chance, most=2))
        except amxd.ContainerError as error:
            in_a_line(error)


def test_odd_words_on_the_command_line():
    chance = random.Random(10)
    words = (
        (open_source, ("serial:COM3?baud=9600&rate=500", "sim?bpm=72&kind=ecg", "osc:7000?rr=/a",
                       "csv:a.csv?rate=9", "ble:x?stream=ecg", "lsl:a?column=2")),
        (parse_target, ("127.0.0.1:7771", "[::1]:7771", "7771")),
        (lambda text: parse_hearts([text]), ("violin:3=sim?bpm=60",)),
        (parse_mark, ("6:00=stress", "1:02:03=rest")),
    )  # fmt: skip
    for read, good in words:
        for _ in range(600):
            text = fuzz.bytes_of(chance.choice(good).encode(), chance, most=2).decode("latin-1")
            if read is parse_target and not all(c in "0123456789.:[]" for c in text):
                continue  # names are looked up on the network
            with contextlib.suppress(UserError):
                read(text)
