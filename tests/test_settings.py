"""What a machine remembers: the sensor of last time, shown, forgotten, never in the way."""

import json
import re
import subprocess
import sys

import pytest

from bridge import settings
from bridge.settings import Remembered

LAST = Remembered("serial:COM3", (), ("10.0.0.5:7771",), ("calm",), "my synth")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "folder", lambda: tmp_path / "kept")
    for name in ("XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    return tmp_path


def beatbridge(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "bridge", *map(str, arguments)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def test_what_is_kept_is_found_and_forgotten():
    assert settings.load() is None
    settings.keep(LAST, ["serial:COM3"])
    assert settings.load() == LAST
    assert settings.forget()
    assert settings.load() is None
    assert not settings.forget()


@pytest.mark.parametrize("source", ["sim", "SIM?bpm=90", "csv:a.csv", "sim:"])
def test_what_is_no_sensor_is_not_remembered(source):
    settings.keep(LAST, ["serial:COM3"])
    settings.keep(Remembered(source), [source])
    assert settings.load() == LAST
    settings.keep(Remembered(None, (f"a={source}", "b=ble:")), [source, "ble:"])
    assert settings.load() == Remembered(None, (f"a={source}", "b=ble:"))


def test_a_profile_is_found_from_another_folder(tmp_path, monkeypatch):
    (tmp_path / "mine.toml").touch()
    monkeypatch.chdir(tmp_path)
    settings.keep(Remembered("ble:", profile=("mine.toml", "calm")), ["ble:"])
    assert settings.load().profile == (str(tmp_path / "mine.toml"), "calm")


def test_an_explicit_option_wins():
    settings.keep(LAST, ["serial:COM3"])
    assert settings.filled(Remembered(), more=False) == LAST
    assert settings.filled(Remembered(), more=True).midi is None
    other = Remembered(target=("127.0.0.1:9",), profile=("default",), midi="other")
    assert settings.filled(other, more=True) == Remembered(
        "serial:COM3", (), ("127.0.0.1:9",), ("default",), "other"
    )
    for given in (Remembered("sim"), Remembered(heart=("a=sim",))):
        assert settings.filled(given, more=False) == given, "a source says all that is to happen"


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "3", "[" * 100_000, '{"source": 3}',
     '{"source": "sim", "heart": ["a"]}', '{"source": "ble:", "target": "x"}',
     '{"source": "ble:", "profile": [1]}',
     '{"source": "ble:", "midi": {}}', "\xff", "{}"],
)  # fmt: skip
def test_a_mangled_file_is_nothing(content):
    settings.folder().mkdir()
    settings.path().write_text(content, encoding="latin-1")
    assert settings.load() is None


def test_options_can_be_typed_again():
    said = Remembered(
        "serial:COM3?baud=9600&rate=500", target=("[::1]:7771",), midi="a b"
    ).options()
    assert said == ('--source "serial:COM3?baud=9600&rate=500" --target "[::1]:7771" --midi "a b"')


@pytest.mark.parametrize(
    ("platform", "end"),
    [("darwin", "Library/Application Support/beatbridge"), ("linux", "beatbridge")],
)
def test_each_system_has_its_own_folder(monkeypatch, platform, end):
    import typer

    monkeypatch.setattr(sys, "platform", platform)
    assert typer.get_app_dir("beatbridge").replace("\\", "/").endswith(end)


@pytest.mark.slow
def test_live_alone_says_what_it_plays_and_that_its_port_is_gone(own_folder):
    kept = own_folder / "beatbridge" / "settings.json"
    kept.parent.mkdir()
    kept.write_text(json.dumps({"source": "serial:/dev/nowhere"}), encoding="utf-8")
    if sys.platform == "darwin":
        pytest.skip("this folder cannot be moved on a Mac")
    assert "--source serial:/dev/nowhere" in beatbridge("devices").stdout
    done = beatbridge("live")
    assert done.returncode == 2
    assert done.stdout.startswith("as last time: --source serial:/dev/nowhere\n")
    assert "serial port /dev/nowhere: is not there" in done.stderr
    assert beatbridge("devices", "--forget").stdout == "forgotten\n"
    done = beatbridge("live")
    assert (done.returncode, done.stdout) == (2, "")
    assert "who plays?" in done.stderr


@pytest.mark.slow
def test_a_run_that_heard_a_sensor_is_remembered(own_folder):
    """OSC from another program is a sensor; nothing need come for a second."""
    if sys.platform == "darwin":
        pytest.skip("this folder cannot be moved on a Mac")
    import socket
    import threading
    import time

    from pythonosc.udp_client import SimpleUDPClient

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    stop = threading.Event()

    def beat():
        with SimpleUDPClient("127.0.0.1", port) as client:
            while not stop.is_set():
                client.send_message("/rr", 800.0)
                time.sleep(0.8)

    sender = threading.Thread(target=beat)
    sender.start()
    try:
        arguments = ("--target", "127.0.0.1:9", "--profile", "calm", "--duration", "6")
        done = beatbridge("live", "--source", f"osc:{port}?rr=/rr", *arguments)
        assert done.returncode == 0, done.stderr
        again = beatbridge("live", "--duration", "2")
    finally:
        stop.set()
        sender.join()
    said = f'--source "osc:{port}?rr=/rr" --target 127.0.0.1:9 --profile calm'
    assert again.stdout.startswith(f"as last time: {said}\n"), again.stdout
    assert again.returncode == 0, again.stderr
    assert re.search(r"to 127\.0\.0\.1:9 as /heart", again.stdout)
