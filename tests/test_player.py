"""The style player as a sink: a thread of its own, on an instrument that only listens."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

import pytest

from bridge.clips.groove import LATE_S, Groove
from bridge.clips.style_file import load_style
from bridge.errors import BeatbridgeError, UserError
from bridge.events import Beat, HrvSnapshot, Relearn, State, Status
from bridge.mapping import profile as profiles
from bridge.sinks.player import StylePlayer
from bridge.sinks.style import playing

SNAPSHOT = HrvSnapshot(1.0, coverage=1.0, bpm=150.0, sdnn_ms=50.0, rmssd_ms=40.0)


class Ear:
    """An instrument that notes what it is sent, and may break."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, bytes]] = []
        self.closed = 0
        self.broken = False

    def send(self, message: bytes) -> None:
        if self.broken:
            raise BeatbridgeError("MIDI port ear: gone")
        self.heard.append((time.perf_counter(), message))

    def close(self) -> None:
        self.closed += 1

    def ons(self) -> list[bytes]:
        return [message for _, message in list(self.heard) if message[0] & 0xF0 == 0x90]


def wait_for(condition, seconds: float = 60.0) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def started(
    name: str, clock: str = "own", *what: str, **changes: object
) -> tuple[StylePlayer, Ear]:
    style = load_style(name, {key.replace("__", "."): v for key, v in changes.items()})
    ear = Ear()
    chosen = playing(style, what or ("drums",), profiles.load([]), None, clock)
    player = chosen.start(ear, None, print)
    assert isinstance(player, StylePlayer)
    return player, ear


def check(ear: Ear) -> None:
    """All notes ended, controllers where a synth starts, and no note asked for after that."""
    sounding: Counter[tuple[int, int]] = Counter()
    at: dict[tuple[int, int], int] = {}
    for _, message in ear.heard:
        key = (message[0] & 15, message[1])
        kind = message[0] & 0xF0
        if kind == 0xB0:
            at[key] = message[2]
        else:
            sounding[key] += 1 if kind == 0x90 else -1
            assert sounding[key] in (0, 1)
    assert not +sounding
    assert ear.heard[-1][1][1] == 123
    assert {key: value for key, value in at.items() if key[1] != 123} == {
        key: {11: 127, 1: 0, 74: 64}[key[1]] for key in at if key[1] != 123
    }


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When the playing thread has looked what is due, s; the last look may not be over."""
    moments: list[float] = []
    advance = Groove.advance

    def look(self: Groove, now: float, heart: Mapping[str, float]) -> float:
        moments.append(now)
        return advance(self, now, heart)

    monkeypatch.setattr(Groove, "advance", look)
    return moments


@pytest.mark.slow
def test_it_plays_what_the_heart_says_and_leaves_nothing_behind(looked: list[float]) -> None:
    def until(moment: float) -> None:
        wait_for(lambda: len(looked) > 1 and looked[-2] > moment)

    switch = sys.getswitchinterval()
    player, ear = started("default", grid__tempo=300.0)
    until(time.perf_counter() + 0.4)
    assert ear.heard == []  # nothing is known of the heart
    player.event(SNAPSHOT, 0.0)
    wait_for(lambda: len(ear.ons()) >= 16)
    assert {message[0] for message in ear.ons()} == {0x99}
    assert {message[2] for message in ear.ons()} == {127}
    player.event(Status(2.0, State.LOST), 0.0)
    until(time.perf_counter() + 0.1)
    silent = len(ear.ons())
    until(time.perf_counter() + 0.3)
    assert len(ear.ons()) == silent
    player.event(Relearn(3.0), 0.0)
    player.close()
    assert ear.closed == 1
    asleep = max(after - before for before, after in pairwise(looked))
    assert player.left_out == 0 or asleep > LATE_S
    assert sys.getswitchinterval() == switch
    assert not any(thread.name == "groove" for thread in threading.enumerate())
    check(ear)


@pytest.mark.slow
def test_closed_in_the_middle_of_a_long_note_it_ends_it() -> None:
    player, ear = started("ambient", "own", "drums", "notes", grid__tempo=600.0)
    player.event(HrvSnapshot(1.0, 1.0, bpm=75.0, rmssd_ms=40.0, hf_ms2=9.0), 0.0)
    wait_for(lambda: len(ear.ons()) >= 2)
    player.close()
    sounding = Counter(m[1] for m in ear.ons())
    ends = Counter(m[1] for _, m in ear.heard if m[0] & 0xF0 == 0x80)
    assert sounding == ends
    assert {m[0] for _, m in ear.heard if m[1] == 123} == {
        0xB0,
        0xB3,
    }  # the bells, and the third line


@pytest.mark.slow
def test_a_heartbeat_sounds_when_it_is_announced() -> None:
    player, ear = started("heartbeat")
    player.event(SNAPSHOT, 0.0)
    time.sleep(0.3)
    player.event(Beat(1.0, 1.0, late=True), 0.5)
    player.event(Beat(2.0, 2.08), 0.08)
    wait_for(lambda: ear.ons())
    player.event(Beat(2.4, 2.48, ibi_ms=400.0), 0.08)
    wait_for(lambda: sum(message[1] == 36 for message in ear.ons()) == 2)
    wait_for(lambda: any(message[1] == 41 for message in ear.ons()))  # the echo, by a forecast
    player.close()
    check(ear)


@pytest.mark.slow
def test_on_the_heart_it_waits_for_beats() -> None:
    player, ear = started("default", "heart")
    player.event(SNAPSHOT, 0.0)
    time.sleep(0.3)
    assert ear.heard == []
    begin, beats = time.perf_counter(), 0
    while len(ear.ons()) < 12:
        assert beats < 100
        player.event(Beat(beats * 0.25, beats * 0.25), 0.0)
        time.sleep(0.25)
        beats += 1
    player.close()
    quarters = 1 + (time.perf_counter() - begin) / 0.25
    assert len(ear.ons()) <= 10 * quarters
    check(ear)


def test_an_instrument_that_is_gone_is_told_of_once_and_closed() -> None:
    player, ear = started("default", grid__tempo=300.0)
    ear.broken = True
    player.event(SNAPSHOT, 0.0)
    wait_for(lambda: not player._thread.is_alive())
    with pytest.raises(BeatbridgeError, match="gone"):
        player.event(SNAPSHOT, 0.0)
    player.close()
    assert ear.closed == 1


@pytest.mark.parametrize("clock", ["", "midi", "ableton", "own:75"])
def test_no_such_clock(clock: str) -> None:
    with pytest.raises(UserError, match="own, heart or midi:PORT"):
        playing(load_style("default"), ("drums",), profiles.load([]), None, clock)
