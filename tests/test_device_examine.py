"""The device examines itself, and ``beatbridge device check`` says what passed and what to do."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bridge import __version__
from bridge.cli import device as command
from bridge.errors import BeatbridgeError
from bridge.osc import contract
from bridge.sinks.liveset.examine import ask, judge
from max_for_live.patch.sources import MENU
from tests.maxpatch.live import LiveSet, Parameter
from tests.maxpatch.rig import LOOPBACK, Rig, free_port, rig
from tests.test_device_drop import running

RUN = CliRunner()


def _reports(device: Rig) -> list[dict[str, str]]:
    """Every report that has left so far."""
    reports: list[dict[str, str]] = [{}]
    for box in device.max.of("udpsend"):
        for address, atoms in box.sent:
            if address == "/device/report":
                reports[-1][str(atoms[0])] = str(atoms[1])
            elif address == "/device/reported":
                assert atoms == [len(reports[-1])]
                reports.append({})
    return reports[:-1]


def test_it_reports_when_it_is_loaded_and_when_asked() -> None:
    live = LiveSet(parameters={100: Parameter(), 101: Parameter()})
    stored = {f"Row {row} Source": MENU.index("LF") for row in (2, 5)}
    with rig(stored=stored, live=live) as device:
        (first,) = _reports(device)
        assert first["port ours"] == "?"  # not known yet
        device.target(2, 100)
        device.target(5, 101)
        device.send("/norm/lf", 0.5)
        device.max.advance(5)
        device.send("/device/examine", 7772)
        device.max.advance(5)
        report = _reports(device)[-1]
        name = next(iter(device.max.dictionaries))
        assert report == {
            "device": __version__, "contract": str(contract.VERSION), "live": "12.1.5",
            "max": "8.6.2", "system": "macintosh", "port": str(device.port), "port ours": "1",
            "switched on": "1", "clips script": "alive", "mapping script": "alive",
            "hearts script": "alive", "dict of patch": name, "dict of script": name,
            "track": "Heart (Track)", "song tempo": "2", "tempo follow": "0", "grid": "default",
            "grid cell": "-1", "rows held": "2 5", "hearts": "0 -",
        }  # fmt: skip
        assert all(finding.passed for finding in judge(report, device.port))


def test_it_reports_with_live_s_audio_off() -> None:
    with rig(settle=False, audio=False) as device:
        device.send("/device/examine", 7772)
        report = _reports(device)[-1]
        assert report["clips script"] == "alive"
        failed = [f.what for f in judge(report, device.port) if not f.passed]
        assert failed == ["port ours: ?"]


def test_it_says_whether_the_tempo_follows() -> None:
    with rig() as device:
        told = []
        for follow in (1, 0, 1):
            device.max.user("Tempo Follow", follow)
            device.send("/device/examine", 7772)
            told.append(_reports(device)[-1]["tempo follow"])
        next(device.max.of("live.thisdevice")).enable(0)
        device.send("/device/examine", 7772)
        told.append(_reports(device)[-1]["tempo follow"])
    assert told == ["1", "0", "1", "0"]


@pytest.mark.parametrize("refuse", ["throw", "post"])
def test_an_older_live_is_asked_in_three_words(refuse: str) -> None:
    with rig() as device:
        device.script("examine").script.js(f"__oldLive = true; __refuse = '{refuse}';")
        device.send("/device/examine", 7772)
        assert _reports(device)[-1]["live"] == "11.3.21"


def test_the_answer_goes_to_the_port_that_was_named() -> None:
    with rig() as device, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.bind(("127.0.0.1", 0))
        asker.settimeout(60.0)
        device.send("/device/examine", asker.getsockname()[1])
        device.max.advance(5)
        assert asker.recv(500).startswith(b"/device/report\0")


GOOD = {
    "device": __version__, "contract": str(contract.VERSION), "live": "12.1.5", "max": "8.6.2",
    "port": "7771", "port ours": "1", "switched on": "1", "clips script": "alive",
    "mapping script": "alive", "hearts script": "alive", "dict of patch": "u1lanes",
    "dict of script": "u1lanes", "track": "1 (Track)", "song tempo": "17",
}  # fmt: skip


@pytest.mark.parametrize(
    ("item", "value", "advice"),
    [
        ("device", "0.0.1", "device install"),
        ("contract", "1", "device install"),
        ("live", "11.3.21", "made for Live 12"),
        ("live", "?", "made for Live 12"),
        ("max", "8.5.8", "made for Max 8.6"),
        ("port", "7773", "asked on 7771"),
        ("port ours", "0", "another program"),
        ("switched on", "0", "switch the device on"),
        ("clips script", "silent", "Max Window"),
        ("mapping script", "silent", "Max Window"),
        ("hearts script", "silent", "Max Window"),
        ("dict of script", "u2lanes", "not kept with the Set"),
        ("dict of patch", "?", "not kept with the Set"),
        ("track", "none", "no clip can be dropped"),
        ("song tempo", "0", "Tempo Follow"),
        ("song tempo", "?", "Tempo Follow"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(item: str, value: str, advice: str) -> None:
    assert [f for f in judge(GOOD, 7771) if not f.passed] == []
    (failed,) = [f for f in judge(GOOD | {item: value}, 7771) if not f.passed]
    assert advice in failed.do


def test_a_name_that_was_not_expanded_is_a_fault() -> None:
    raw = {"dict of patch": "---lanes", "dict of script": "---lanes"}
    assert len([f for f in judge(GOOD | raw, 7771) if not f.passed]) == 1


def _check(*arguments: str) -> tuple[str, str]:
    result = RUN.invoke(command.device, ["check", *arguments])
    assert isinstance(result.exception, BeatbridgeError | None)
    return result.output, str(result.exception or "")


def test_the_command_asks_the_running_device(tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    with rig() as device, running(device):
        output, error = _check("--port", str(device.port), "--report", str(report))
    assert error == ""
    assert "ok   clips script: alive" in output.splitlines()
    assert "FAIL" not in output
    text = report.read_text(encoding="utf-8")
    assert text.startswith(f"beatbridge {__version__}, contract {contract.VERSION}, Python ")
    assert "     rows held: none" in text.splitlines()
    assert all(line in text for line in output.splitlines()[:-1])


def test_what_failed_makes_the_command_fail(tmp_path: Path) -> None:
    with rig() as device, running(device):
        next(device.max.of("live.thisdevice")).enable(0)
        output, error = _check("--port", str(device.port), "--report", str(tmp_path / "r"))
    assert error == "1 of 13 checks failed"
    lines = output.splitlines()
    assert "FAIL switched on: 0" in lines
    assert "     switch the device on in Live" in lines


def test_without_a_device_the_command_says_so(tmp_path: Path) -> None:
    with _deaf() as port:
        _, error = _check("--port", str(port), "--wait", "0.2", "--report", str(tmp_path / "r"))
    assert error.startswith(f"no device answers on 127.0.0.1:{port}: is Live running")
    assert "no answer" in (tmp_path / "r").read_text(encoding="utf-8")


def test_a_report_that_nobody_asked_for_is_heard_too() -> None:
    """What a device says when it is loaded, on the port where the bridge usually listens."""
    told: list[Mapping[str, str]] = []
    usual = free_port()
    with _deaf() as port, rig() as device:
        asking = ask((LOOPBACK, port), 20, listen_port=usual)
        waiting = threading.Thread(target=lambda: told.append(asyncio.run(asking)))
        waiting.start()
        while waiting.is_alive():
            device.script("examine").message(0, ["examine", usual])
            device.max.advance(5)
            waiting.join(0.1)
    assert told[0]["clips script"] == "alive"


@contextmanager
def _deaf() -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        yield nobody.getsockname()[1]
