"""The heart through the speakers: every beat is struck at once, and no device ends no show."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from bridge.errors import UnavailableError
from bridge.events import Beat, HrvSnapshot, State, Status
from bridge.mapping import profile as profiles
from bridge.resources import example
from bridge.sinks import Seat
from bridge.sinks.sound import SoundSink, open_sinks
from bridge.sinks.spec import open_sinks as open_all
from bridge.sound.output import LiveVoice, MiniaudioOutput


class Ear:
    """miniaudio's device without sound, which asks for frames in time, and what it was given."""

    def __init__(self):
        self._device = MiniaudioOutput(null=True)
        self.heard = []
        self.loud = threading.Event()
        self.closed = 0

    def start(self, render):
        def listen(count):
            frames = render(count)
            self.heard.append(frames.copy())
            if np.abs(frames).max() > 0.01:
                self.loud.set()
            return frames

        self._device.start(listen)

    def close(self):
        self.closed += 1
        self._device.close()


class Port:
    def __init__(self):
        self.sent = []

    def send(self, message):
        self.sent.append(message.hex())

    def close(self):
        self.sent.append("closed")


def test_every_beat_in_time_is_struck_and_nothing_else():
    port = Port()
    sink = SoundSink(port)
    sink.event(Beat(1.0, 1.1, strength=1.0), age_s=0.1)
    sink.event(Beat(2.0, 3.5, late=True), age_s=1.5)
    sink.event(HrvSnapshot(2.0, 1.0, sdnn_ms=50.0), age_s=0.0)
    sink.event(Status(3.0, State.LOST), age_s=0.0)
    sink.event(Beat(4.0, 4.1, strength=0.0), age_s=0.1)
    sink.close()
    assert port.sent == ["99247f", "992428", "closed"]


def test_a_beat_leaves_the_callback_with_the_next_block():
    ear = Ear()
    voice = LiveVoice(ear, [36])
    SoundSink(voice).event(Beat(1.0, 1.0), age_s=0.0)
    assert ear.loud.wait(60.0)
    voice.close()
    assert ear.closed == 1
    first = next(k for k, block in enumerate(ear.heard) if np.abs(block).max() > 0.01)
    assert np.abs(ear.heard[first][:96]).max() > 1e-4  # at its very beginning
    assert all(np.abs(block).max() < 1e-6 for block in ear.heard[:first])
    assert ear.heard[0].shape[1] == 2


def test_hearts_share_one_device_each_with_its_own_drum(monkeypatch):
    ear = Ear()
    monkeypatch.setattr("bridge.sound.output.MiniaudioOutput", lambda: ear)
    scaling = profiles.load([])
    violin, cello = open_sinks("", [Seat(n, 1, scaling, alone=False) for n in ("a", "b")])
    sent = []
    monkeypatch.setattr(violin._instrument, "send", sent.append)
    for sink in (violin, cello):
        sink.event(Beat(1.0, 1.0), age_s=0.0)
    violin.close()
    assert ear.closed == 0
    cello.close()
    assert ear.closed == 1
    assert len({message[1] for message in sent}) == 2


def test_without_a_device_the_others_play_on(monkeypatch):
    def none():
        raise UnavailableError("no sound device answers")

    monkeypatch.setattr("bridge.sound.output.MiniaudioOutput", none)
    said = []
    (sinks,) = open_all({"sound": "True"}, [Seat("heart", 1, profiles.load([]))], said.append)
    assert sinks == []
    assert said == [
        "--sound: no sound device answers: --midi PORT plays it on a synth; "
        "the heart plays on without"
    ]


@pytest.fixture
def without_sound(tmp_path):
    """Run a command as on a machine that has no sound device."""
    if sys.platform != "linux":
        pytest.skip("only there can a machine be made deaf")
    deaf = {
        **os.environ, "ALSA_CONFIG_PATH": str(tmp_path / "none"), "JACK_NO_START_SERVER": "1",
        "PULSE_SERVER": f"unix:{tmp_path}/none", "JACK_DEFAULT_SERVER": "none-of-ours",
    }  # fmt: skip

    def run(*arguments):
        command = [sys.executable, "-m", "bridge", *map(str, arguments)]
        return subprocess.run(
            command,
            env=deaf,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.mark.slow
def test_live_on_a_machine_without_sound(without_sound):
    done = without_sound(
        "live", "--source", "sim", "--sound", "--speed", "0", "--duration", "12",
        "--target", "127.0.0.1:9",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if "sound" in line]
    assert len(lines) == 1
    assert lines[0].startswith("--sound: ")
    assert lines[0].endswith("--midi PORT plays it on a synth; the heart plays on without")
    assert "ALSA" not in done.stderr
    assert "beats in 12.0 s" in done.stdout


@pytest.mark.slow
def test_play_on_a_machine_without_sound(without_sound, tmp_path):
    made = without_sound("render", example("arc.csv"), "--out", tmp_path)
    assert made.returncode == 0, made.stderr
    done = without_sound("play", tmp_path / "arc_drums.mid")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("beatbridge: ")
    assert "--wav OUT.wav keeps the sound" in line
    assert "--midi PORT plays it" in line


def test_only_who_asks_for_sound_loads_its_library():
    code = (
        "import sys, bridge.cli.live, bridge.sinks.spec, bridge.cli.play, bridge.sinks.sound\n"
        "from bridge.sound.reel import Reel\n"
        "sys.exit('miniaudio' in sys.modules or 'scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
