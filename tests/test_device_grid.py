"""The device's mode Grid: the transport drives the cells, the heart decides which sound."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.clips.clip import Clip
from bridge.clips.render import render, setting_of
from bridge.clips.scale import Scales
from bridge.clips.session import Session, Spread, session_of, spreads_of
from bridge.clips.spans import NORM, Spans, spans_of
from bridge.clips.style import Style
from bridge.clips.style_file import load_style
from bridge.clips.table import HEAD, MEASURES, ROW, table_of
from bridge.mapping import profile as profiles
from bridge.offline.files import Job
from bridge.offline.load import load
from bridge.offline.options import Options
from bridge.osc import contract
from max_for_live.patch.grid import LANE, author_style, measures
from max_for_live.patch.sources import LANES
from tests.clipcheck import held
from tests.maxpatch.rig import Rig, rig
from tests.maxpatch.transport import Faults

TEMPO = 75.0
CELL_MS = 100.0
"""Of the seed's grid at its tempo: a row of its tables."""
BEFORE_MS = 5.0
"""A value comes so long before its cell: a bang that is early is taken as on time."""
AUTHOR = load_style("default")
PATHS = dict(zip(MEASURES, measures(), strict=True))
BUNDLED = Path(__file__).parents[1] / "examples" / "sessions"
Hits = dict[tuple[int, int], int]
"""(cell, pitch): velocity."""


@contextmanager
def grid_rig(**options: Any) -> Iterator[Rig]:
    """A device in mode Grid, in a Set at 75 a minute that stands."""
    with rig(stored={"Play Mode": 2}, **options) as device:
        device.max.transport.change(TEMPO)
        yield device


def say(device: Rig, **heart: float) -> None:
    for measure, value in heart.items():
        device.send(PATHS[measure], value)


def hits(device: Rig, cell_ms: float = CELL_MS, start: float = 0.0) -> Hits:
    """What began at which cell; every note ends, and none begins while its pitch sounds."""
    found: Hits = {}
    sounding: Counter[int] = Counter()
    for event in device.max.notes():
        pitch, velocity = event.data
        sounding[pitch] += 1 if velocity else -1
        assert sounding[pitch] in (0, 1)
        if velocity:
            key = round((event.ms - start) / cell_ms), pitch
            assert key not in found
            found[key] = velocity
    assert not +sounding
    return found


def fixed(style: Style, session: Session) -> Spans:
    return Spans(dict(spreads_of(session, counted=style.zones.column)))


def replay(
    device: Rig, session: Session, style: Style, spans: Spans, seconds: float
) -> tuple[Hits, dict[int, dict[int, int]]]:
    """Feed a session in real time of the device; returns hits and lanes (tick: value) by cell."""
    device.send("/grid/style", "test", *table_of(style, spans))
    said: dict[str, np.float32] = {}
    now = device.max.now
    start = now + 50
    device.max.advance_to(start - BEFORE_MS)
    for row in range(int(seconds * 10)):
        if row % 20 == 0:
            device.hello()
        for measure in ("HR", "SDNN", "RMSSD"):
            value = np.float32(session.at(measure, np.array([row * 0.1]))[0])
            if said.get(measure) != value:
                said[measure] = value
                say(device, **{measure: float(value)})
        if row == 0:
            device.max.advance_to(start)
            device.max.transport.start(0)
        device.max.advance_to(start + (row + 1) * CELL_MS - BEFORE_MS)
    device.max.transport.stop()
    device.max.advance(1000)
    lanes: dict[int, dict[int, int]] = {}
    for event in device.max.controllers():
        controller, value = event.data
        lanes.setdefault(controller, {})[round((event.ms - start) / CELL_MS) * 60] = value
    return hits(device, CELL_MS, start), lanes


def written(clip: Clip, cells: int) -> Hits:
    notes = clip.tracks[0].notes
    return {
        (tick // 60, pitch): velocity
        for tick, pitch, velocity in zip(
            notes.tick.tolist(), notes.pitch.tolist(), notes.velocity.tolist(), strict=True
        )
        if tick < cells * 60
    }


def as_clip(session: Session, style: Style) -> Clip:
    spreads = spreads_of(session, counted=style.zones.column)
    scales = Scales(spreads, spreads, ((0.0, spreads),))
    return render("drums", session, style, scales, setting_of(session, style))


def loaded(path: Path) -> Session:
    return load(Job(path, Path("x")), Options(AUTHOR, ("drums",)))


def compare(session: Session, seconds: float, **faults: float) -> None:
    """The clip's notes and lanes, as far as it is played."""
    with grid_rig() as device:
        device.max.transport.faults = Faults(**faults)  # type: ignore[arg-type]
        played, lanes = replay(device, session, AUTHOR, fixed(AUTHOR, session), seconds)
    clip, cells = as_clip(session, AUTHOR), int(seconds * 10)
    assert played == written(clip, cells)
    assert len(played) >= cells / 16
    grid = np.arange(cells) * 60
    for lane in clip.tracks[0].lanes:
        points = dict(zip(lane.tick.tolist(), lane.value.tolist(), strict=True))
        assert held(lanes[lane.controller], grid).tolist() == held(points, grid).tolist()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sub_005", "sub_044"])
def test_a_replayed_session_gives_the_notes_of_its_clip(shared_data: Path, name: str) -> None:
    compare(loaded(shared_data / "sessions" / f"{name}.csv"), 60)


@pytest.mark.slow
def test_so_does_the_bundled_session() -> None:
    compare(loaded(BUNDLED / "arc.csv"), 40)


def made_up(seconds: float, seed: int = 1) -> Session:
    """A wild heart, with a value for every cell."""
    noise, rows = np.random.default_rng(seed), int(seconds * 10)
    columns = {"t": np.arange(rows) * 0.1, "HR": 90 + 40 * np.sin(np.arange(rows) / 30)}
    columns["HR"] += noise.normal(0, 5, rows)
    for measure in ("SDNN", "RMSSD"):
        columns[measure] = np.abs(np.cumsum(noise.normal(0, 3, rows))) + 1
    return session_of("s", {name: values.astype(np.float32) for name, values in columns.items()})


@pytest.mark.slow
@pytest.mark.parametrize(
    "faults", [{}, {"late_ms": 4.0}, {"phase": 3.0}, {"doubled": True}], ids=str
)
def test_a_wild_heart_gives_the_notes_of_its_clip(faults: dict[str, float]) -> None:
    compare(made_up(6.4), 6.4, **faults)


# The table


def test_the_stored_style_is_the_author_s_rule() -> None:
    """Sixteen cells, cumulative zones, velocity from the rate; with no word from a bridge."""
    with grid_rig() as device:
        name, numbers = author_style()
        assert name == "default"
        assert numbers == table_of(AUTHOR, spans_of(AUTHOR, ("drums",), profiles.load([])))
        assert device.max.line("Grid: –") == "Grid: default"
        say(device, HR=110.0)  # exactly half of 40-180: eight zones lie below
        device.max.transport.start(0)
        device.max.advance(1600 - 1)
        device.max.transport.stop()
        device.max.advance(500)
        start = device.max.now - 500 - 1600 + 1
        cells = (0, 8, 4, 12, 2, 10, 6, 14)
        assert hits(device, CELL_MS, start) == {(c, 36 + n): 110 for n, c in enumerate(cells)}


def test_every_style_fits_into_the_contract_and_the_lists() -> None:
    with grid_rig() as device:
        message = contract.BY_PATH["/grid/style"]
        assert len(message.tags) == 1 + HEAD
        assert len(message.repeat) == ROW
        counts = {int(rate * 100): 1 for rate in range(50, 150)}
        for name in ("default", "euclid", "ambient"):
            style = load_style(name)
            spans = Spans({m: Spread(40.0, 180.0, counts) for m in NORM})
            device.send("/grid/style", name, *table_of(style, spans))
            assert device.max.line("Grid: –") == f"Grid: {name}"


def test_a_style_with_swing_plays_its_late_cells_late() -> None:
    style = load_style("euclid", {"zones.edges": [60.0, 90.0, 120.0]})
    spans = spans_of(style, ("drums",), profiles.load([]))
    with grid_rig() as device:
        device.send("/grid/style", "euclid", *table_of(style, spans))
        say(device, HR=150.0)
        device.max.advance(10)
        start = device.max.now
        device.max.transport.start(0)
        device.max.advance(16 * 200 - 1)
        device.max.transport.stop()
        device.max.advance(500)
        begins = {event.ms - start for event in device.max.notes() if event.data[1]}
        odd = {ms for ms in begins if round(ms / 200 - 0.18) % 2}
        late = 22 / 120 * 200
        assert len(odd) == 8
        assert all(-5 < ms % 400 - 200 - late < 9 for ms in odd)
        assert all(ms % 400 == pytest.approx(0, abs=1e-6) for ms in begins - odd)


def test_where_one_zone_holds_for_a_bar_it_is_the_first_that_was_known() -> None:
    with grid_rig() as device:
        style = load_style("default", {"drums.layers": "single", "drums.order": [0, 8, 4, 12]})
        spans = spans_of(style, ("drums",), profiles.load([]))
        device.send("/grid/style", "single", *table_of(style, spans))
        start = device.max.now
        device.max.transport.start(0)
        device.max.advance(650)
        say(device, HR=70.0)  # lowest of four: cell 0 alone, which is over
        device.max.advance(100)
        say(device, HR=100.0)  # second: cell 8, from the next bar on
        device.max.advance(1700)
        device.max.transport.stop()
        device.max.advance(500)
        assert hits(device, CELL_MS, start) == {(24, 37): 100}


# When it is silent


def _off(device: Rig) -> None:
    device.max.user("Play Mode", 0)


def _beat(device: Rig) -> None:
    device.max.user("Play Mode", 1)


def _bypass(device: Rig) -> None:
    next(device.max.of("live.thisdevice")).enable(0)


def _lost(device: Rig) -> None:
    device.send("/status", "lost")


def _panic(device: Rig) -> None:
    device.max.user("Panic")


def _unload(device: Rig) -> None:
    device.max.each("freed")


def _stand(device: Rig) -> None:
    device.max.transport.stop()


@pytest.mark.parametrize(
    ("stop", "within_ms"),
    [(_off, 0), (_beat, 0), (_bypass, 0), (_lost, 0), (_panic, 0), (_unload, 0), (_stand, 200)],
    ids=lambda value: getattr(value, "__name__", "").strip("_"),
)
def test_what_silences_the_grid(stop, within_ms: float) -> None:  # type: ignore[no-untyped-def]
    """No note after it, and none hangs: here each would sound for a bar."""
    style = load_style("default", {"drums.length": "1/2"})
    numbers = table_of(style, spans_of(style, ("drums",), profiles.load([])))
    with grid_rig() as device:
        device.hello()
        device.send("/grid/style", "long", *numbers)
        say(device, HR=179.0, SDNN=50.0)
        device.max.transport.start(0)
        device.max.advance(450)
        began = [event for event in device.max.notes() if event.data[1]]
        told = len(device.max.controllers())
        assert len(began) == 5
        at = device.max.now
        stop(device)
        if stop in (_off, _beat, _bypass, _stand):
            say(device, HR=178.0, SDNN=80.0)  # the heart beats on
        device.max.advance(1000)
        if stop is not _unload:  # its objects live on here, without an instrument
            assert [event for event in device.max.notes() if event.data[1]] == began
            say_nothing = device.max.controllers()[told:]
            assert say_nothing == []
        ends = [event.ms for event in device.max.notes() if not event.data[1]]
        assert len(ends) >= 5
        assert all(ms <= at + within_ms for ms in ends[:5])


def test_a_hit_is_on_its_cell() -> None:
    with grid_rig() as device:
        say(device, HR=179.0)
        start = device.max.now
        device.max.transport.start(0)
        device.max.advance(2000)
        begins = [event.ms - start for event in device.max.notes() if event.data[1]]
    assert begins == pytest.approx([cell * CELL_MS for cell in range(21)], abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rate", "cells"), [(75.0, {0}), (75.01, {8}), (110.0, {8}), (110.01, {4})]
)
def test_the_borders_of_zones_are_the_clip_s(rate: float, cells: set[int]) -> None:
    """A value on a border belongs to the zone below, of which alone this style plays."""
    style = load_style("default", {"drums.layers": "single", "drums.order": [0, 8, 4, 12]})
    with grid_rig() as device:
        numbers = table_of(style, spans_of(style, ("drums",), profiles.load([])))
        device.send("/grid/style", "single", *numbers)
        say(device, HR=rate)
        start = device.max.now
        device.max.transport.start(0)
        device.max.advance(1550)
        device.max.transport.stop()
        device.max.advance(500)
        assert {cell for cell, _ in hits(device, CELL_MS, start)} == cells


def test_an_unknown_heart_is_silent_and_one_that_comes_back_plays() -> None:
    with grid_rig() as device:
        device.hello()
        device.max.transport.start(0)
        device.max.advance(1600)
        assert device.max.notes() == []
        say(device, HR=179.0)
        device.max.advance(300)
        assert device.max.notes()
        device.send("/status", "lost")
        device.max.advance(500)
        silent = len(device.max.notes())
        device.max.advance(300)
        assert len(device.max.notes()) == silent
        device.hello()
        say(device, HR=179.0)
        device.max.advance(300)
        assert len(device.max.notes()) > silent


def test_in_mode_beat_it_is_as_it_was() -> None:
    with rig() as device:
        device.max.transport.start(0)
        moments = device.beats(75, 4)
        device.max.advance(500)
        assert [e.ms for e in device.max.notes() if e.data[1]] == moments


def test_in_mode_grid_a_beat_plays_no_note_of_its_own() -> None:
    with grid_rig() as device:
        device.beats(75, 4)
        device.max.advance(500)
        assert device.max.notes() == []


# Where the song goes


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    moves=st.lists(
        st.tuples(
            st.sampled_from(["jump", "stop", "tempo"]), st.floats(0, 4000), st.floats(20, 900)
        ),
        max_size=6,
    ),
    late=st.floats(0, 4),
    phase=st.floats(0, 4.9),
    doubled=st.booleans(),
    first=st.booleans(),
)
def test_cells_are_where_the_song_is(
    moves: list[tuple[str, float, float]], late: float, phase: float, doubled: bool, first: bool
) -> None:
    """Whatever the song does: each cell that it passes the beginning of sounds there, once."""
    with grid_rig(seed=3) as device:
        transport = device.max.transport
        transport.faults = Faults(late, phase, doubled, first)
        order = (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15)
        passed: list[tuple[float, int]] = []
        last = -1
        make = next(box for box in device.max.of("makenote") if box.args == [100, 60])
        noted = make.message

        def note(inlet: int, atoms: list[float]) -> None:
            if inlet == 0 and atoms != ["stop"]:
                passed.append((transport.ticks() + 2.5, int(atoms[0]) - 36))
            noted(inlet, atoms)

        def go(ms: float) -> None:
            """Let the song go on, and look at what sounded."""
            nonlocal last
            begin = transport.ticks()
            passed.clear()
            device.hello()
            device.max.advance(ms)
            end = transport.ticks()
            cells = [int(ticks // 60) for ticks, _ in passed]
            assert all(ticks % 60 <= 16 + 1e-3 for ticks, _ in passed)
            assert [cell % 16 for cell in cells] == [order[pitch] for _, pitch in passed]
            assert len(set(cells)) == len(cells)
            due = {cell for cell in range(int(end // 60) + 1) if begin <= cell * 60 <= end - 16}
            assert due - {last} <= set(cells)
            last = cells[-1] if cells else last

        say(device, HR=500.0)  # all sixteen
        make.message = note
        transport.start(0)
        for kind, where, ms in moves:
            go(ms)
            if kind == "jump":
                transport.jump(where)
            elif kind == "tempo":
                transport.change(40 + where / 25)
            else:
                transport.stop()
                device.max.advance(300)
                last = -1
                transport.start(where)
        go(1000)
        transport.stop()
        device.max.advance(1000)
        begun = Counter(event.data[0] for event in device.max.notes() if event.data[1])
        ended = Counter(event.data[0] for event in device.max.notes() if not event.data[1])
        assert begun == ended


def test_the_very_first_cell_sounds_even_when_its_bang_is_missed() -> None:
    with grid_rig() as device:
        device.max.transport.faults = Faults(first=False)
        say(device, HR=179.0)
        device.max.transport.start(0)
        device.max.advance(99)
        (begin, *_) = [event for event in device.max.notes() if event.data[1]]
        assert begin.data[0] == 36


def test_after_a_jump_into_a_cell_it_waits_for_the_next() -> None:
    with grid_rig() as device:
        say(device, HR=179.0)
        start = device.max.now
        device.max.transport.start(90)
        device.max.advance(120)
        begins = [event.ms - start for event in device.max.notes() if event.data[1]]
    assert begins == pytest.approx([50.0])  # 30 ticks at 75 a minute


def test_below_zero_nothing_sounds() -> None:
    with grid_rig() as device:
        say(device, HR=179.0)
        device.max.transport.start(-480)
        device.max.advance(795)
        assert device.max.notes() == []
        device.max.advance(10)
        assert device.max.notes()


def test_the_same_place_again_sounds_again() -> None:
    with grid_rig() as device:
        say(device, HR=50.0)
        starts = []
        for _ in range(3):
            starts.append(device.max.now)
            device.max.transport.start(0)
            device.max.advance(50)
            device.max.transport.stop()
            device.max.advance(300)
        begins = [event.ms for event in device.max.notes() if event.data[1]]
        assert begins == pytest.approx(starts)


# Lanes, the Set


def test_the_lanes_go_as_sources_too_and_the_switch_ends_them() -> None:
    with grid_rig() as device:
        say(device, SDNN=75.0, RMSSD=30.0)
        device.max.user("Row 1 Source", 0)
        bus = [made for made in device.max.of("route") if made.args == list(LANES)]
        heard = []
        for box in bus:
            told = box.message
            box.message = lambda inlet, atoms, told=told: (heard.append(atoms), told(inlet, atoms))
        device.max.transport.start(0)
        device.max.advance(150)
        assert sorted(e.data for e in device.max.controllers()) == [(1, 32), (11, 64)]
        assert [11, 64] in heard
        assert [1, 32] in heard
        device.max.user("Clip Lanes", 0)
        say(device, SDNN=150.0)
        device.max.advance(300)
        assert len(device.max.controllers()) == 2


def test_a_sent_style_is_kept_with_the_set_and_the_report_names_it() -> None:
    with grid_rig() as device:
        style = load_style("default", {"drums.notes": [60] * 16})
        numbers = table_of(style, spans_of(style, ("drums",), profiles.load([])))
        device.send("/grid/style", "mine", *numbers)
        device.max.save()
        live = device.max.live
    with grid_rig(live=live) as again:
        assert again.max.line("Grid: –") == "Grid: mine"
        say(again, HR=50.0)
        again.max.transport.start(0)
        again.max.advance(50)
        assert again.max.notes()[0].data == (60, 50)
        again.max.advance(350)
        again.send("/device/examine", 7772)
        reports = [
            atoms
            for box in again.max.of("udpsend")
            for address, atoms in box.sent
            if address == "/device/report"
        ]
        assert dict(reports)["grid"] == "mine"  # type: ignore[arg-type]
        assert dict(reports)["grid cell"] == "4"  # type: ignore[arg-type]


def test_a_set_without_a_style_plays_the_author_s_rule() -> None:
    """Saved before one was sent: what the Set kept is empty, and may be said at load."""
    with grid_rig() as device:
        device.max.save()
        live = device.max.live
    with grid_rig(live=live) as again:
        assert again.max.line("Grid: –") == "Grid: default"
        say(again, HR=50.0)
        again.max.transport.start(0)
        again.max.advance(50)
        assert again.max.notes()[0].data == (36, 50)


def test_a_new_style_waits_for_a_value() -> None:
    """What it goes by may be another measure: the last value says nothing of it."""
    with grid_rig() as device:
        say(device, HR=179.0, RMSSD=5.0)
        style = load_style("default", {"zones.column": "RMSSD", "drums.velocity_from": "RMSSD"})
        numbers = table_of(style, spans_of(style, ("drums",), profiles.load([])))
        device.send("/grid/style", "mine", *numbers)
        start = device.max.now
        device.max.transport.start(0)
        device.max.advance(350)
        say(device, RMSSD=119.0, HR=179.0)
        device.max.advance(100)
        device.max.transport.stop()
        device.max.advance(500)
        assert hits(device, CELL_MS, start) == {(4, 38): 119}
        assert LANE == 4
