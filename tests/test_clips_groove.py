"""The groove: every cell once, at its moment, and no note without its end."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.clips.causal import CellStage
from bridge.clips.clock import Clock, OwnClock, heart_follower, midi_follower
from bridge.clips.groove import Groove
from bridge.clips.render import render, setting_of
from bridge.clips.scale import Scales
from bridge.clips.session import spreads_of
from bridge.clips.spans import spans_of
from bridge.clips.style_file import load_style, style_names
from bridge.mapping import profile as profiles
from bridge.offline.files import Job
from bridge.offline.load import load
from bridge.offline.options import Options

HEART = {"HR": 150.0, "SDNN": 50.0, "RMSSD": 40.0, "LF_HF": 1.0, "VLF": 9.0, "LF": 9.0, "HF": 9.0}


class Ear:
    """A port that notes what comes, and when."""

    def __init__(self) -> None:
        self.now = 0.0
        self.heard: list[tuple[float, bytes]] = []

    def send(self, message: bytes) -> None:
        self.heard.append((self.now, message))

    def notes(self) -> list[tuple[float, int, int, int]]:
        """(when, channel, pitch, velocity) of all that began."""
        return [(t, m[0] & 15, m[1], m[2]) for t, m in self.heard if m[0] & 0xF0 == 0x90]

    def check(self) -> None:
        """Nothing hangs, and no pitch begins while it sounds."""
        sounding: Counter[tuple[int, int]] = Counter()
        for _, message in self.heard:
            key = (message[0] & 15, message[1])
            if message[0] & 0xF0 == 0x90:
                assert not sounding[key]
                sounding[key] += 1
            elif message[0] & 0xF0 == 0x80:
                assert sounding[key] == 1
                sounding[key] -= 1
        assert not +sounding


def groove(name: str, clock: Clock, *what: str, **changes: object) -> tuple[Groove, Ear]:
    style = load_style(name, {key.replace("__", "."): v for key, v in changes.items()})
    ear = Ear()
    chosen = what or ("drums",)
    stage = CellStage(style, chosen, spans_of(style, chosen, profiles.load([])))
    return Groove(stage, clock, ear.send), ear


def play(groove: Groove, ear: Ear, until: float, late: "list[float] | None" = None) -> None:
    """Call it when it asks to be, or by so much too late."""
    k = 0
    while ear.now < until:
        wake = groove.advance(ear.now, HEART)
        assert wake > ear.now
        ear.now = wake + (late[k % len(late)] if late else 0.0)
        k += 1


@pytest.mark.slow
@settings(max_examples=30)
@given(
    st.sampled_from(style_names()),
    st.lists(st.floats(0.0, 0.09), min_size=1, max_size=20),
    st.floats(60.0, 90.0),
)
def test_a_late_thread_changes_when_but_never_what(
    name: str, late: list[float], tempo: float
) -> None:
    """Late by less than a cell: the same notes in the same order, none before its time."""
    on_time, ear = groove(name, OwnClock(tempo, 0.0), "drums", "notes")
    play(on_time, ear, 12.0)
    other, late_ear = groove(name, OwnClock(tempo, 0.0), "drums", "notes")
    cell = OwnClock(tempo, 0.0).moment(other.stage.ticks)
    play(other, late_ear, 12.0, [min(step, 0.9 * cell) for step in late])
    count = min(len(ear.notes()), len(late_ear.notes()))
    assert count
    for (t, *note), (t_late, *note_late) in zip(ear.notes(), late_ear.notes(), strict=False):
        assert note == note_late
        assert t <= t_late + 1e-9
    assert abs(len(ear.notes()) - len(late_ear.notes())) <= 30
    assert other.left_out == 0
    for each, its_ear in ((on_time, ear), (other, late_ear)):
        each.silence()
        its_ear.check()


def test_cells_sound_at_their_absolute_moments() -> None:
    player, ear = groove("default", OwnClock(75.0, 3.0))
    play(player, ear, 603.0)
    began = np.array([t for t, _, pitch, _ in ear.notes() if pitch == 36])
    assert np.abs(began - (3.0 + 1.6 * np.arange(len(began)))).max() < 1e-6
    assert len(began) == 375


def test_after_a_sleep_there_is_no_burst() -> None:
    player, ear = groove("default", OwnClock(75.0, 0.0))
    play(player, ear, 10.0)
    before = len(ear.notes())
    ear.now += 60.0
    player.advance(ear.now, HEART)
    assert len(ear.notes()) - before <= 2 * 16
    assert player.left_out in (599, 600, 601)
    play(player, ear, 75.0)
    cells = {round(t / 0.1) % 16 for t, _, pitch, _ in ear.notes() if t > 71 and pitch == 36}
    assert cells == {0}


def test_a_longer_note_ends_where_its_pitch_begins_again() -> None:
    """And the end that it had before does not cut the one that took its place."""
    player, ear = groove("ambient", OwnClock(60.0, 0.0), drums__length="3/2", zones__edges="equal")
    play(player, ear, 39.0)
    player.silence()
    ear.check()
    ons = [t for t, m in ear.heard if m[0] & 0xF0 == 0x90]
    offs = [t for t, m in ear.heard if m[0] & 0xF0 == 0x80]
    assert len(ons) == 10
    assert offs[:-1] == ons[1:]


def test_swung_notes_come_later_and_not_as_a_cell() -> None:
    player, ear = groove("euclid", OwnClock(100.0, 0.0))
    play(player, ear, 20.0)
    places = {round((t / 0.15) % 2, 2) for t, *_ in ear.notes()}
    assert places == {0.0, 1.18}


def test_the_heart_that_is_unknown_is_silent_and_what_sounds_ends() -> None:
    player, ear = groove("default", OwnClock(75.0, 0.0))
    play(player, ear, 5.0)
    for k in range(100):
        ear.now += 0.05
        player.advance(ear.now, {})
        if k == 5:
            silent_from = len(ear.notes())
    assert len(ear.notes()) == silent_from
    ear.check()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["default", "ambient"])
@pytest.mark.parametrize("session", ["sub_005", "sub_044"])
def test_what_leaves_the_port_is_the_rendered_clip(
    shared_data: Path, session: str, name: str
) -> None:
    """24 minutes at its tempo, message by message, over the same spans, by a late thread."""
    style = load_style(name)
    recorded = load(Job(shared_data / "sessions" / f"{session}.csv", Path("x")), Options(style))
    spreads = spreads_of(recorded, counted="HR")
    setting = setting_of(recorded, style)
    (track,) = render(
        "drums", recorded, style, Scales(spreads, spreads, ((0.0, spreads),)), setting
    ).tracks
    ear = Ear()
    stage = CellStage(style, ("drums",), spans_of(style, ("drums",), profiles.load([]), spreads))
    player = Groove(stage, OwnClock(style.grid.tempo, 0.0), ear.send, lead_s=0.0)
    a_second = style.grid.tempo * 8
    rows = {measure: values.tolist() for measure, (_, values) in recorded.columns.items()}
    late = np.random.default_rng(1).uniform(0, 0.004, 1000).tolist()
    k = 0
    while ear.now < recorded.seconds - 1e-6:
        row = min(int(ear.now * 10 + 1e-6), 14399)
        heart = {measure: values[row] for measure, values in rows.items()}
        wake = player.advance(ear.now, heart)
        ear.now = wake + late[k % 1000]
        k += 1
    player.silence()
    ear.check()
    played = sorted((round(t * a_second / 60), pitch, loud) for t, _, pitch, loud in ear.notes())
    written = zip(
        (track.notes.tick / 60).tolist(),
        track.notes.pitch.tolist(),
        track.notes.velocity.tolist(),
        strict=True,
    )
    assert played == sorted(written)
    assert player.left_out == 0


# MIDI clock


def test_start_stop_and_continue_are_obeyed() -> None:
    clock = midi_follower(75.0)
    player, ear = groove("default", clock)

    def run(first: int, count: int) -> None:
        for k in range(first, first + count):
            ear.now = k / 30  # 75 a minute
            clock.pulse(ear.now)
            for part in range(10):
                ear.now = (k + part / 10) / 30
                player.advance(ear.now, HEART)

    run(0, 48)
    assert not ear.notes()
    clock.roll(0)
    run(48, 48)
    first = len(ear.notes())
    kicks = [t for t, _, pitch, _ in ear.notes() if pitch == 36]
    assert kicks == [pytest.approx(1.6, abs=1e-6)]
    clock.stop()
    player.advance(ear.now, HEART)
    ear.check()
    run(96, 30)
    assert len(ear.notes()) == first
    clock.roll()
    run(126, 48)
    kicks = [t for t, _, pitch, _ in ear.notes() if pitch == 36]
    assert kicks[1:] == [pytest.approx(126 / 30, abs=0.004)]
    clock.roll(0)  # a start without a stop
    run(174, 20)
    kicks = [t for t, _, pitch, _ in ear.notes() if pitch == 36]
    assert kicks[2:] == [pytest.approx(174 / 30, abs=0.004)]
    player.silence()
    ear.check()


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_a_jittery_clock_never_doubles_or_loses_a_cell(seed: int) -> None:
    noise = np.random.default_rng(seed)
    clock = midi_follower(75.0)
    clock.roll(0)
    player, ear = groove("default", clock)
    t, pulses = 0.0, []
    for _ in range(24 * 16):
        pulses.append(t + abs(float(noise.normal(0, 0.003))))
        t += (60 / 140 / 24) * float(noise.uniform(0.97, 1.03))
    for k, moment in enumerate(sorted(pulses)):
        clock.pulse(moment)
        until = pulses[k + 1] if k + 1 < len(pulses) else moment + 0.01
        ear.now = max(ear.now, moment)
        while ear.now < until:
            wake = player.advance(ear.now, HEART)
            ear.now = max(min(wake, until), ear.now + 1e-4)
    kicks = [t for t, _, pitch, _ in ear.notes() if pitch == 36]
    gaps = np.diff(kicks)
    assert len(kicks) == 8  # a bar is two quarter notes
    assert gaps.min() > 0.75 * 2 * 60 / 140
    assert gaps.max() < 1.25 * 2 * 60 / 140
    assert player.left_out == 0


# The heart as a clock, and heartbeats as notes


def test_on_the_heart_a_bar_takes_two_beats() -> None:
    clock = heart_follower(75.0)
    player, ear = groove("default", clock)
    for beat in range(40):
        clock.pulse(1.0 + beat * 0.5)
        for _ in range(50):
            player.advance(ear.now, HEART)
            ear.now = max(ear.now + 0.01, 1.0 + beat * 0.5)
    kicks = np.array([t for t, _, pitch, _ in ear.notes() if pitch == 36])
    assert np.abs((kicks[5:] - 1.0) / 1.0 - np.rint(kicks[5:] - 1.0)).max() < 0.03
    for _ in range(300):
        ear.now += 0.01
        player.advance(ear.now, HEART)
    ear.check()  # no beats: it waits, and nothing hangs


def test_heartbeats_sound_at_once_and_guesses_yield_to_the_next_beat() -> None:
    player, ear = groove("heartbeat", OwnClock(75.0, 0.0))
    for ibi in (None, 1.0, 1.0, 1.0):
        ear.now += ibi or 1.0
        player.advance(ear.now, HEART)
        player.beat(ear.now, ear.now - 0.08, ibi, HEART)
        play(player, ear, ear.now + 0.2)
    since = ear.now
    ear.now += 0.05
    player.beat(ear.now, ear.now, 0.25, HEART)  # early: the echo of the last is dropped
    play(player, ear, ear.now + 3.0)
    after = [(round(t - since, 2), pitch) for t, _, pitch, _ in ear.notes() if t > since]
    assert after[0] == (0.05, 36)
    assert sum(pitch == 41 for _, pitch in after) == 1
    player.silence()
    ear.check()
