"""``map check`` against a double of AbletonOSC; the programs that can be run are in integration."""

import re
import socket

import pytest

from bridge.patchbay.load import load, text
from bridge.sinks.maps import readback
from bridge.sinks.maps.check import Verdict, check
from tests.livefake.abletonosc import AbletonOscDouble

pytestmark = pytest.mark.slow


@pytest.fixture
def live(monkeypatch):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        answers = sock.getsockname()[1]
    monkeypatch.setattr(readback, "_ABLETONOSC_ANSWERS", answers)
    with AbletonOscDouble(answers, tick_s=0.1).running() as double:
        yield double


@pytest.fixture
def mine(live, tmp_path):
    path = tmp_path / "live.toml"
    toml = re.sub(r'(?m)^osc = ".*"$', f'osc = "127.0.0.1:{live.port}"', text("abletonosc"))
    path.write_text(toml, encoding="utf-8")
    return path


def test_every_row_of_abletonosc_is_read_back(live, mine):
    found = list(check(load(str(mine))))
    assert [each.verdict for each in found] == [Verdict.CONFIRMED] * 3
    assert (live.tempo, live.parameters[1], live.sends[0]) == (160.0, 127.0, 1.0)
    assert live.errors == []


def test_what_live_does_not_take_and_what_is_not_there_are_told(live, mine):
    mine.write_text(
        mine.read_text()
        .replace("max = 127.0", "max = 200.0")
        .replace('"i:0", "i:0", "f"', '"i:0", "i:7", "f"')
    )
    tempo, macro, send = check(load(str(mine)))
    assert tempo.verdict is Verdict.CONFIRMED
    assert macro.verdict is Verdict.REFUSED
    assert macro.says == "200 was sent, it has 100"
    assert send.verdict is Verdict.SILENT
    assert any("min/max" in error for error in live.errors)
