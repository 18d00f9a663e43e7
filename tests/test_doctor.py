"""``beatbridge doctor``: what it says is what is so on this machine, and it can be pasted."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.cli import health
from bridge.cli.health import FAIL, NONE, OK, Finding
from bridge.osc import contract


def doctor(**env):
    return subprocess.run(
        [sys.executable, "-m", "bridge", "doctor"], env=os.environ | env,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_it_is_a_page_and_its_end_is_its_exit_code():
    done = doctor()
    lines = done.stdout.splitlines()
    assert [line for line in lines if not line.startswith(" ")][:-1] == list(health.CHECKS)
    assert len(lines) < 60
    assert done.returncode == (1 if any(line.startswith("  FAIL") for line in lines) else 0)
    assert done.stderr == ""


def test_a_folder_that_cannot_be_written_is_a_failure(tmp_path):
    if sys.platform == "darwin":
        pytest.skip("this folder cannot be moved on a Mac")
    file = tmp_path / "file"
    file.touch()
    done = doctor(XDG_CONFIG_HOME=str(file), APPDATA=str(file))
    assert done.returncode == 1
    failed = [line for line in done.stdout.splitlines() if line.startswith("  FAIL")]
    assert any("cannot be written" in line for line in failed)
    assert done.stdout.splitlines()[-1].startswith(f"{len(failed)} FAIL")


def found(check):
    return list(check())


def test_who_listens_is_found_out():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        try:
            ear.bind((contract.TARGET_HOST, contract.TARGET_PORT))
        except OSError:
            pytest.skip("another program has the port")
        assert Finding(OK, f"somebody listens on UDP {contract.TARGET_PORT}") in found(
            health._network
        )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets everybody at serial ports")
def test_a_port_that_this_user_may_not_open_says_what_helps(tmp_path, monkeypatch):
    device = tmp_path / "ttyACM0"
    device.touch()
    assert health._may_open(device, "ttyACM0") == Finding(OK, "ttyACM0")
    import grp

    monkeypatch.setattr(health.os, "access", lambda *_: False)
    for group, how in (
        ("dialout", "sudo usermod -aG dialout $USER, then log out and in again"),
        ("root", "it is root's alone; a udev rule gives it to a group"),
    ):
        known = grp.struct_group((group, "x", 20, []))
        monkeypatch.setattr(grp, "getgrgid", lambda _, known=known: known)
        told = health._may_open(device, "ttyACM0 (Uno)")
        assert told == Finding(FAIL, "ttyACM0 (Uno): this user may not open it", how)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets everybody at serial ports")
@pytest.mark.parametrize(("vid", "state"), [(0x2341, FAIL), (None, NONE)])
def test_only_a_board_that_is_there_must_be_open(monkeypatch, vid, state):
    from serial.tools import list_ports
    from serial.tools.list_ports_common import ListPortInfo

    port = ListPortInfo("/dev/ttyX0")
    port.vid, port.pid = vid, 0x43
    monkeypatch.setattr(list_ports, "comports", lambda: [port])
    monkeypatch.setattr(health.os, "access", lambda *_: False)
    first = found(health._serial)[0]
    assert first.state == state
    assert "/dev/ttyX0" in first.what


@pytest.mark.skipif(sys.platform != "linux", reason="a group for serial ports is Linux's")
@pytest.mark.parametrize(("user", "state"), [(0, OK), (1000, NONE)])
def test_who_is_in_no_group_will_not_be_let_at_a_board(monkeypatch, user, state):
    import grp

    groups = [grp.struct_group((name, "x", 20, [])) for name in ("uucp", "dialout")]
    monkeypatch.setattr(grp, "getgrall", lambda: groups)
    monkeypatch.setattr(health.os, "getgroups", lambda: [1000])
    monkeypatch.setattr(health.os, "getegid", lambda: 1000)
    monkeypatch.setattr(health.os, "geteuid", lambda: user)
    assert health._in_group().state == state
    assert "group dialout" in health._in_group().what
    groups.clear()
    assert health._in_group().state == NONE


def test_a_missing_extra_says_how_to_get_it_and_is_no_failure(monkeypatch):
    monkeypatch.setattr(health, "find_spec", lambda name: None)
    for finding, extra in zip(found(health._extras), health.EXTRAS, strict=True):
        assert finding.state == NONE
        assert finding.do == f'uv sync --extra {extra}, or pip install ".[{extra}]"'


def test_the_extras_are_those_of_the_project():
    import tomllib

    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
    assert set(health.EXTRAS) == set(project["project"]["optional-dependencies"])


def test_a_check_that_fails_ends_no_other(monkeypatch):
    def broken():
        raise RuntimeError("no")
        yield

    monkeypatch.setattr(health, "CHECKS", {"a": broken, "b": health._extras})
    (_, first), (_, second) = health.examine()
    assert first == [Finding(FAIL, "could not be examined: RuntimeError: no")]
    assert len(second) == len(health.EXTRAS)


def test_an_open_panel_is_told_without_its_key(monkeypatch):
    from bridge.panel import already

    monkeypatch.setattr(already, "address", lambda: "http://127.0.0.1:7780/?key=SECRET#SECRET")
    assert found(health._panel) == [Finding(OK, "it is open on 127.0.0.1:7780")]


def test_nobody_is_named_by_the_page(monkeypatch, tmp_path):
    monkeypatch.setattr(health.Path, "home", lambda: tmp_path)
    assert health._short(tmp_path / "a" / "b") == str(Path("~") / "a" / "b")
