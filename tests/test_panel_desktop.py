"""``beatbridge`` alone: the panel where a person sits before a screen, the help everywhere else."""

import os
import signal
import subprocess
import sys
import time

import pytest

from bridge.cli import desktop

COMMAND = [sys.executable, "-m", "bridge"]


class Terminal:
    """A terminal, present or not, as ``isatty`` has it."""

    def __init__(self, present=True):
        self.isatty = lambda: present


@pytest.mark.parametrize(
    ("platform", "env", "expected"),
    [
        ("darwin", {}, True),
        ("win32", {}, True),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {}, False),
        ("darwin", {"SSH_CONNECTION": "a 1 b 2"}, False),
        ("linux", {"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "a 1 b 2"}, False),
    ],
)
def test_where_a_desktop_is(monkeypatch, platform, env, expected):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(desktop.sys, "platform", platform)
    for given, answered in ((True, True), (False, True), (True, False)):
        monkeypatch.setattr(desktop.sys, "stdin", Terminal(given))
        monkeypatch.setattr(desktop.sys, "stdout", Terminal(answered))
        assert desktop.is_desktop() == (expected and given and answered)


def in_a_terminal(tmp_path, **env):
    """Start ``beatbridge`` alone; the process, and the end of the terminal where a person is."""
    import pty

    person, program = pty.openpty()
    clean = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "SSH_CONNECTION")}
    home = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}
    process = subprocess.Popen(
        COMMAND, stdin=program, stdout=program, stderr=program, env=clean | home | env
    )
    os.close(program)
    return process, person


def read_until(person, text):
    """What the terminal shows, up to a text or its end."""
    shown = b""
    while text not in shown:
        try:
            part = os.read(person, 4096)
        except OSError:  # the other end has gone
            break
        if not part:
            break
        shown += part
    return shown


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_on_a_desktop_the_panel_opens_in_the_browser(tmp_path):
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{opened}.part"\nmv "{opened}.part" "{opened}"\n')
    browser.chmod(0o755)
    process, person = in_a_terminal(tmp_path, DISPLAY=":99", BROWSER=f"{browser} %s")
    try:
        shown = read_until(person, b"ends the session.")
        assert b"The panel: http://127.0.0.1:" in shown
        until = time.monotonic() + 60
        while not opened.exists():
            assert time.monotonic() < until, "no browser was opened"
            time.sleep(0.05)
        assert opened.read_text().strip().encode() in shown
    finally:
        process.send_signal(signal.SIGTERM)
        read_until(person, b"\0")
        os.close(person)
        assert process.wait(60) == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_in_a_terminal_without_a_screen_there_is_help(tmp_path):
    process, person = in_a_terminal(tmp_path, WAYLAND_DISPLAY="")
    shown = read_until(person, b"\0")
    os.close(person)
    assert b"Usage: " in shown
    assert b"The panel:" not in shown
    assert process.wait(60) in (0, 2)


@pytest.mark.slow
def test_in_a_pipe_there_is_help(tmp_path):
    env = os.environ | {"DISPLAY": ":99"}
    done = subprocess.run(
        COMMAND, capture_output=True, text=True, env=env, stdin=subprocess.DEVNULL, timeout=60
    )
    assert "Usage: " in done.stdout + done.stderr
    assert "The panel:" not in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="ends the program by a signal")
def test_a_second_start_finds_the_first(tmp_path):
    env = os.environ | {"XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}
    command = [*COMMAND, "panel", "--no-open", "--folder", str(tmp_path / "sessions")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as first:
        address = first.stdout.readline().removeprefix("The panel: ").strip()
        try:
            second = subprocess.run(command, capture_output=True, text=True, env=env, timeout=120)
        finally:
            first.send_signal(signal.SIGTERM)
            assert first.wait(60) == 0
    assert second.returncode == 0
    assert second.stdout == f"The panel is open already: {address}\n"
