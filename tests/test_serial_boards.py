"""Boards by their USB numbers, and the line that ``beatbridge devices`` makes of them."""

import re
from pathlib import Path

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo
from typer.testing import CliRunner

from bridge.cli import make_app
from bridge.sources.serial.boards import BOARDS, board_name

CORE = Path("/usr/share/arduino/hardware/arduino/avr/boards.txt")


@pytest.mark.parametrize(
    ("vendor", "product", "name"),
    [
        (0x2341, 0x0043, "Arduino Uno R3"),
        (0x2341, 0x8036, "Arduino Leonardo"),
        (0x1A86, 0x7523, "CH340 (Uno or Nano clone)"),
        (0x2341, 0xFFFF, "Arduino board"),
        (0x1234, 0x0043, None),
        (None, None, None),
    ],
)
def test_names(vendor, product, name):
    assert board_name(vendor, product) == name


def test_the_numbers_are_those_of_the_arduino_core():
    """Every Uno, Leonardo and Micro that Arduino's own list knows by number, under its name."""
    if not CORE.is_file():
        pytest.skip("the Arduino core (arduino-core-avr) is not installed")
    rows = re.findall(
        r"^(uno|leonardo|micro)\.(vid|pid)\.(\d)=0x(\w+)$", CORE.read_text("utf-8"), re.MULTILINE
    )
    numbers: dict[tuple[str, str], dict[str, int]] = {}
    for board, key, index, value in rows:
        numbers.setdefault((board, index), {})[key] = int(value, 16)
    assert len(numbers) > 8
    for (board, _), ids in numbers.items():
        name = BOARDS.get((ids["vid"], ids["pid"]))
        assert name is None or board in name.lower()
        assert board_name(ids["vid"], ids["pid"]) is not None


@pytest.mark.slow
def test_devices_names_the_board(monkeypatch):
    port = ListPortInfo("/dev/ttyACM3")
    port.vid, port.pid, port.description = 0x2341, 0x0043, "ttyACM3"
    monkeypatch.setattr(list_ports, "comports", lambda: [port])
    shown = CliRunner().invoke(make_app(), ["devices"]).output
    assert "serial:/dev/ttyACM3  Arduino Uno R3: ttyACM3" in shown
