"""Styles on a MIDI port, from a process of their own: what goes in, and how it ends."""

import io
import pickle
import time
from typing import Any

import pytest

from bridge.clips.session import Spread
from bridge.clips.style_file import load_style
from bridge.errors import BeatbridgeError, UserError
from bridge.events import Beat, Event, HrvSnapshot, Relearn, SampleChunk, State, Status
from bridge.mapping import profile as profiles
from bridge.sinks import Playing, Seat
from bridge.sinks.midi import styled, styled_process
from bridge.sinks.midi.notes import open_sinks
from bridge.sinks.style import playing
from tests.test_player import Ear, wait_for

PROFILE = profiles.load([])


class Player:
    """A sink that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Event, float]] = []
        self.closed = 0

    def samples(self, chunk: SampleChunk) -> None: ...

    def event(self, event: Event, age_s: float) -> None:
        self.told.append((event, age_s))

    def close(self) -> None:
        self.closed += 1


def chosen(name: str = "default") -> Playing:
    return playing(load_style(name, {"grid.tempo": 300.0}), ("drums",), PROFILE)


@pytest.mark.slow
def test_every_style_and_range_travels_to_another_process() -> None:
    spreads = {"HR": Spread(50.0, 120.0, {6000: 1, 9000: 2})}
    for profile in (PROFILE, profiles.load(["learned"])):
        for name in ("default", "ambient", "euclid", "heartbeat"):
            style = load_style(name)
            there = pickle.loads(pickle.dumps(playing(style, ("drums",), profile, spreads)))
            ear = Ear()
            player = there.start(ear, 3, print)
            player.event(HrvSnapshot(1.0, 1.0, bpm=80.0, sdnn_ms=5.0, rmssd_ms=5.0), 0.0)
            player.event(Beat(1.0, 1.0), 0.0)
            player.close()
            assert all(message[0] & 15 == 2 for _, message in ear.heard)


def test_frames_reach_the_players_in_order_with_their_age() -> None:
    one, two = Player(), Player()
    said: list[tuple[int, Event | None, float]] = [
        (0, Beat(1.0, 1.1), time.perf_counter() - 5.0),
        (1, Relearn(2.0), time.perf_counter()),
        (0, Status(3.0, State.LOST), time.perf_counter()),
        (1, None, 0.0),
    ]
    stream = io.BytesIO(b"".join(map(pickle.dumps, said)) + b"\x80")  # cut off in a frame
    styled_process.play(stream, [one, two])
    most = time.perf_counter() - said[0][2]
    assert [event for event, _ in one.told] == [said[0][1], said[2][1]]
    assert 5.0 <= one.told[0][1] <= most
    assert [event for event, _ in two.told] == [said[1][1]]
    assert (one.closed, two.closed) == (0, 1)


def test_a_port_that_is_not_there_is_said_as_it_always_was() -> None:
    with pytest.raises(UserError, match=r"no such port of anybody|no MIDI system"):
        open_sinks("no such port of anybody", [Seat("heart", 1, PROFILE, playing=chosen())])


class Fake:
    """A process in place of the real one: a few lines of Python."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
        real = styled.subprocess.Popen

        def start(command: list[str], **pipes: Any) -> Any:
            self.process = real([command[0], "-c", code], **pipes)
            return self.process

        monkeypatch.setattr(styled.subprocess, "Popen", start)


PATIENT = "import sys; print('{\"ready\": true}', flush=True); sys.stdin.buffer.read()"


@pytest.fixture
def seats() -> list[Seat]:
    notices: list[str] = []
    return [
        Seat(name, n, PROFILE, False, chosen(), notices.append) for n, name in enumerate("ab", 1)
    ]


def test_it_ends_with_the_last_heart(seats: list[Seat], monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Fake(monkeypatch, PATIENT)
    one, two = styled.open_styled("x", seats)
    one.event(Beat(1.0, 1.0), 0.0)
    one.close()
    assert fake.process.poll() is None
    two.close()
    assert fake.process.poll() == 0


def test_one_that_dies_is_told_of_at_the_next_event(
    seats: list[Seat], monkeypatch: pytest.MonkeyPatch
) -> None:
    error = 'import sys; print(\'{"ready": true}\\n{"error": "MIDI port x: gone"}\', flush=True)'
    fake = Fake(monkeypatch, error)
    one, two = styled.open_styled("x", seats)
    fake.process.wait(60)

    with pytest.raises(BeatbridgeError, match=r"^MIDI port x: gone$"):
        wait_for(lambda: one.event(Beat(1.0, 1.0), 0.0))
    one.close()
    two.close()


def test_one_that_never_starts_is_no_riddle(
    seats: list[Seat], monkeypatch: pytest.MonkeyPatch
) -> None:
    Fake(monkeypatch, "pass")
    with pytest.raises(BeatbridgeError, match="did not start"):
        styled.open_styled("x", seats)


def test_what_it_notices_is_shown(seats: list[Seat], monkeypatch: pytest.MonkeyPatch) -> None:
    notice = 'import sys; print(\'{"notice": "hm"}\'); ' + PATIENT.removeprefix("import sys; ")
    Fake(monkeypatch, notice)
    for sink in styled.open_styled("x", seats):
        sink.close()
    assert seats[0].notice.__self__ == ["hm"]  # type: ignore[attr-defined]


@pytest.mark.slow
def test_hearts_share_the_bar() -> None:
    """Two that begin at different times strike the same cells together."""
    ears = [Ear(), Ear()]
    players = []
    for ear in ears:
        players.append(chosen().start(ear, None, print))
        players[-1].event(HrvSnapshot(1.0, 1.0, bpm=150.0, sdnn_ms=5.0, rmssd_ms=5.0), 0.0)
        time.sleep(0.13)
    wait_for(lambda: all(len(ear.ons()) > 30 for ear in ears))
    clocks = [player._clock for player in players]  # type: ignore[attr-defined]
    for player in players:
        player.close()
    bar_s = 16 * 60 / (300 * 480 / 60)
    apart = (clocks[1].moment(0) - clocks[0].moment(0)) / bar_s
    assert apart == pytest.approx(round(apart), abs=1e-6)
