"""The list of hearts in reach: what is missing says what to do."""

import asyncio
import sys

import pytest

from bridge.errors import BeatbridgeError
from bridge.panel import reach
from bridge.panel.library import Library


@pytest.mark.parametrize(
    ("what", "module", "says"),
    [("straps", "bleak", "--extra ble"), ("LSL streams", "pylsl", "--extra lsl")],
)
def test_without_its_extra_a_kind_says_how_to_get_it(monkeypatch, what, module, says):
    monkeypatch.setitem(sys.modules, module, None)
    (line,) = reach.LOOKED_FOR[what]()
    assert line["source"] is None
    assert says in line["note"]


async def nobody(seconds):
    return []


async def no_bluetooth(seconds):
    raise BeatbridgeError("no Bluetooth here: it is off")


async def one(seconds):
    return ["Polar H10 1234"]


@pytest.mark.parametrize(
    ("straps", "source", "says"),
    [
        (nobody, None, "worn and wet"),
        (no_bluetooth, None, "Switch Bluetooth on"),
        (one, "ble:Polar H10 1234", "a strap"),
    ],
)
def test_a_strap_or_what_is_in_its_way(monkeypatch, straps, source, says):
    monkeypatch.setattr("bridge.sources.ble.scan.straps", straps)
    (line,) = reach.LOOKED_FOR["straps"]()
    assert line["source"] == source
    assert says in line["note"]


def test_what_is_known_at_once_does_not_wait_for_the_rest(monkeypatch, tmp_path):
    told = []
    found = [reach.entry("ble:H10", "H10", "")]
    monkeypatch.setattr(reach, "LOOKED_FOR", {"straps": lambda: found, "streams": lambda: []})
    (tmp_path / "take.csv").write_text("800\n810\n790\n", encoding="utf-8")
    library = Library(tmp_path, told.append)
    for _ in range(2):
        asyncio.run(library.commands["look"]({}))
    lists = [message["list"] for message in told if message["k"] == "reach"]
    assert "Looking for straps …" in [each["title"] for each in lists[0]]
    assert lists[0][0]["source"] == "sim?bpm=72"
    assert lists[0][-1]["source"] == f"csv:{tmp_path / 'take.csv'}"
    assert found[0] in lists[2]
    assert found[0] in lists[3]  # kept while it is looked for again
    assert sum(message["k"] == "sessions" for message in told) == 1
