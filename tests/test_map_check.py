"""``map check`` against a double of AbletonOSC, and ``map learn``; real programs: integration."""

import re
import socket
from types import SimpleNamespace

import pytest
from pythonosc.osc_message import OscMessage

from bridge.errors import UserError
from bridge.patchbay.load import load, text
from bridge.sinks.maps import learn, readback
from bridge.sinks.maps.check import Verdict, check
from bridge.sinks.maps.learn import move
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


def test_who_has_the_old_value_still_is_asked_again(live, mine, monkeypatch):
    """As on a busy machine: its audio thread has not come to it yet."""
    read, asked = readback.READERS["abletonosc"], []

    def late(target, form):
        asked.append(form)
        return -1.0 if len(asked) % 3 else read(target, form)

    monkeypatch.setitem(readback.READERS, "abletonosc", late)
    assert [each.verdict for each in check(load(str(mine)))] == [Verdict.CONFIRMED] * 3


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


def heard(sock):
    found = []
    try:
        while True:
            message = OscMessage(sock.recv(2048))
            found.append((message.address, *message.params))
    except BlockingIOError:
        return found


@pytest.fixture
def learner():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        yield sock


@pytest.fixture
def time_of_its_own(monkeypatch):
    """A clock that goes on by what is slept, so that no step is left out."""
    now = 0.0

    def sleep(seconds):
        nonlocal now
        now += seconds

    monkeypatch.setattr(learn, "time", SimpleNamespace(monotonic=lambda: now, sleep=sleep))


@pytest.mark.usefixtures("time_of_its_own")
def test_one_value_alone_moves_from_end_to_end_and_back(learner):
    said = []
    sent = move("norm/bpm", None, learner.getsockname(), 4.2, said.append)
    found = heard(learner)
    assert len(found) == sent
    assert {address for address, _ in found} == {"/heart/norm/bpm"}
    values = [value for _, value in found]
    assert min(values) < 0.01
    assert max(values) > 0.9
    top = values.index(max(values))
    assert values[: top + 1] == sorted(values[: top + 1])
    assert "let it learn now" in said[0]


@pytest.mark.usefixtures("time_of_its_own")
def test_the_row_of_a_map_that_follows_the_value_moves_within_its_range(learner, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        f"""osc = "127.0.0.1:{learner.getsockname()[1]}"
[[row]]
from = "beat"
to = "/strike"
min = 0.0
max = 1.0
[[row]]
from = "hrv/rmssd"
to = "/cutoff"
args = ["i:2", "i"]
min = 300
max = 100
"""
    )
    move("hrv/rmssd", str(path), ("127.0.0.1", 9), 2.5, lambda text: None)
    found = heard(learner)
    assert {(address, first) for address, first, _ in found} == {("/cutoff", 2)}
    assert {type(value) for _, _, value in found} == {int}
    assert {min(v for *_, v in found), max(v for *_, v in found)} <= set(range(100, 301))
    assert max(v for *_, v in found) - min(v for *_, v in found) > 150


@pytest.mark.parametrize(
    ("value", "using", "says"),
    [
        ("beat", None, "should be a value of one number"),
        ("pulse", None, "no value of the contract"),
        ("hrv/sdnn", "zyn", "has no row that follows hrv/sdnn"),
    ],
)
def test_what_cannot_be_learned_is_said(value, using, says):
    with pytest.raises(UserError, match=says):
        move(value, using, ("127.0.0.1", 9), 0.1, print)
