"""The live stage of a style: the rendered clip's notes at the same cells, and no look ahead."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.clips.causal import CellStage, Control, Echo, Note
from bridge.clips.clip import Clip
from bridge.clips.render import What, render, setting_of
from bridge.clips.scale import Scales
from bridge.clips.session import Session, Spreads, join_spreads, session_of, spreads_of
from bridge.clips.spans import NORM, Spans, learns_zones, spans_of
from bridge.clips.style import Style
from bridge.clips.style_file import load_style, style_names
from bridge.mapping import profile as profiles
from bridge.mapping.range import Fixed, Learned
from bridge.osc.contract import NORM_NAMES
from tests.clipcheck import held

WHAT: tuple[What, ...] = ("drums", "notes", "cc")
PROFILE = profiles.load([])
SESSIONS = ("sub_005", "sub_044")
FORECAST = ("heartbeat", "drums")
"""The one clip that is not causal: voices between heartbeats, which live rest on a forecast."""
Key = tuple[int, int, int]
"""Channel, tick, pitch."""


def heard(
    session: Session, style: Style, what: What, spans: Spans, cells: int
) -> tuple[dict[Key, tuple[int, int]], dict[tuple[int, int], dict[int, int]]]:
    """What the stage plays, fed with the last row at or before each cell.

    Returns notes as (channel, tick, pitch): (velocity, length), and lanes as (channel, controller):
    {tick: value}.
    """
    stage = CellStage(style, (what,), spans)
    notes: dict[Key, tuple[int, int]] = {}
    lanes: dict[tuple[int, int], dict[int, int]] = {}
    for number in range(cells):
        tick = number * stage.ticks
        t = tick / style.grid.ticks_a_second
        heart = {
            measure: float(values[np.searchsorted(times, t + 1e-9, side="right") - 1])
            for measure, (times, values) in session.columns.items()
            if times[0] <= t + 1e-9
        }
        for sound in stage.cell(number, t, heart):
            if isinstance(sound, Note):
                key = (sound.channel, tick + sound.late, sound.pitch)
                assert key not in notes
                notes[key] = (sound.velocity, sound.length)
            else:
                points = lanes.setdefault((sound.channel, sound.controller), {})
                assert not points or points[max(points)] != sound.value
                points[tick] = sound.value
    return notes, lanes


def cut(notes: dict[Key, tuple[int, int]], end: int) -> dict[Key, tuple[int, int]]:
    """End notes where their pitch starts again, and with the clip: the player's business."""
    shortened, following = {}, {}
    for (channel, tick, pitch), (velocity, length) in sorted(notes.items(), reverse=True):
        until = following.get((channel, pitch), end)
        shortened[channel, tick, pitch] = (velocity, min(length, until - tick))
        following[channel, pitch] = tick
    return shortened


def written(clip: Clip) -> dict[Key, tuple[int, int]]:
    return {
        (track.channel, tick, pitch): (velocity, length)
        for track in clip.tracks
        for tick, pitch, velocity, length in zip(
            track.notes.tick.tolist(),
            track.notes.pitch.tolist(),
            track.notes.velocity.tolist(),
            track.notes.length.tolist(),
            strict=True,
        )
    }


@pytest.fixture(scope="module")
def sessions(shared_data: Path) -> dict[str, Session]:
    from bridge.offline.files import Job
    from bridge.offline.load import load
    from bridge.offline.options import Options

    options = Options(load_style("default"), WHAT)
    return {
        name: load(Job(shared_data / "sessions" / f"{name}.csv", Path(name)), options)
        for name in SESSIONS
    }


@pytest.fixture(scope="module")
def spreads(sessions: dict[str, Session]) -> Spreads:
    return join_spreads(spreads_of(session, counted="HR") for session in sessions.values())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "what"),
    [(name, what) for name in style_names() for what in WHAT if (name, what) != FORECAST],
)
@pytest.mark.parametrize("session", SESSIONS)
def test_live_plays_the_notes_of_the_clip_over_the_same_spans(
    sessions: dict[str, Session], spreads: Spreads, session: str, name: str, what: What
) -> None:
    """Every note at its cell. Where cells fall between rows, the clip's values lie between theirs.

    Then a clip looks ahead to the next row, by 0.1 s here: no note moves, a velocity or a
    controller differs by one at most.
    """
    style = load_style(name)
    recorded = sessions[session]
    setting = setting_of(recorded, style)
    clip = render(what, recorded, style, Scales(spreads, spreads, ((0.0, spreads),)), setting)
    spans = Spans(dict(spreads))  # as they are: these tables' bands are in s^2
    notes, lanes = heard(recorded, style, what, spans, setting.cells)
    between_rows = style.grid.cell_ticks / style.grid.ticks_a_second % 0.1 > 0.01
    want, have = written(clip), cut(notes, setting.length)
    if not between_rows:
        assert have == want
    assert {key: length for key, (_, length) in have.items()} == {
        key: length for key, (_, length) in want.items()
    }
    assert max((abs(have[key][0] - want[key][0]) for key in want), default=0) <= between_rows
    grid = np.arange(setting.cells) * style.grid.cell_ticks
    for track in clip.tracks:
        for lane in track.lanes:
            told = held(lanes[track.channel, lane.controller], grid)
            points = dict(zip(lane.tick.tolist(), lane.value.tolist(), strict=True))
            assert np.abs(told - held(points, grid)).max() <= between_rows


# Blind to the future


def made_up(seed: int, rows: int = 300) -> Session:
    noise = np.random.default_rng(seed)
    columns = {"t": np.arange(rows) * 0.1, "HR": 70 + np.cumsum(noise.normal(0, 1, rows))}
    for measure in ("SDNN", "RMSSD", "VLF", "LF", "HF", "LF_HF"):
        columns[measure] = np.abs(np.cumsum(noise.normal(0, 3, rows))) + 1
    return session_of("s", columns)


def chosen(style: Style, learned: bool, session: Session) -> Spans:
    profile = profiles.load(["learned"] if learned else [])
    return spans_of(style, WHAT, profile, None if learned else spreads_of(session, counted="HR"))


@pytest.mark.slow
@settings(max_examples=25)
@given(
    st.sampled_from(["default", "ambient", "euclid", "heartbeat"]),
    st.sampled_from(WHAT),
    st.integers(0, 10**6),
    st.integers(0, 299),
    st.booleans(),
)
def test_the_stage_is_blind_to_the_future(
    name: str, what: What, seed: int, cut_row: int, learned: bool
) -> None:
    """Other values from some moment on: until then, the same."""
    style = load_style(name)
    session, other = made_up(seed), made_up(seed + 1)
    mixed = Session("s", 0.0, 30.0, {
        measure: (times, np.where(np.arange(300) < cut_row, values, other.columns[measure][1]))
        for measure, (times, values) in session.columns.items()
    })  # fmt: skip
    cells = int(30.0 * style.grid.ticks_a_second / style.grid.cell_ticks)
    one, two = (
        heard(each, style, what, chosen(style, learned, session), cells)
        for each in (session, mixed)
    )
    same_until = cut_row * 0.1 * style.grid.ticks_a_second - 1e-6

    def before(notes: dict[Key, Any], lanes: dict[tuple[int, int], dict[int, int]]) -> Any:
        late = style.grid.cell_ticks  # a swung note was decided at its cell
        kept = {k: v for k, v in notes.items() if k[1] // late * late < same_until}
        return kept, {k: {t: v for t, v in p.items() if t < same_until} for k, p in lanes.items()}

    def told(lanes: dict[tuple[int, int], dict[int, int]]) -> Any:
        return {k: p for k, p in lanes.items() if p}

    (notes_one, lanes_one), (notes_two, lanes_two) = before(*one), before(*two)
    assert notes_one == notes_two
    assert told(lanes_one) == told(lanes_two)


# What is not known


HEART = {"HR": 100.0, "SDNN": 50.0, "RMSSD": 40.0, "LF_HF": 1.0, "VLF": 9.0, "LF": 9.0, "HF": 9.0}


def stage_of(name: str, *what: What, **changes: Any) -> CellStage:
    style = load_style(name, {key.replace("__", "."): v for key, v in changes.items()})
    return CellStage(style, what, spans_of(style, what, PROFILE))


@pytest.mark.parametrize("name", style_names())
def test_an_unknown_heart_is_silent(name: str) -> None:
    stage = stage_of(name, "drums", "notes", "cc")
    assert [stage.cell(number, number * 0.1, {}) for number in range(64)] == [[]] * 64
    assert stage.beat(0.8, {}) == []


def test_a_measure_that_is_not_known_yet_leaves_its_lane_alone() -> None:
    stage = stage_of("default", "drums")
    sounds = stage.cell(0, 0.0, {"HR": 72.0, "SDNN": 75.0})
    assert sounds == [Control(9, 11, 64), Note(9, 36, 72, 60), ]  # fmt: skip
    assert stage.cell(16, 1.6, {"HR": 72.0}) == [Note(9, 36, 72, 60)]


def test_it_may_begin_in_the_middle_of_a_bar() -> None:
    stage = stage_of("euclid", "drums")
    begun = [stage.cell(number, number * 0.15, HEART) for number in range(5, 16)]
    assert any(isinstance(sound, Note) for sounds in begun for sound in sounds)


def test_a_euclidean_pattern_changes_at_bar_lines_only() -> None:
    style = load_style("euclid", {"zones.edges": [60.0, 90.0, 120.0]})
    stage = CellStage(style, ("drums",), spans_of(style, ("drums",), PROFILE))

    def bar(first: int, *rates: float) -> list[int]:
        return [
            number % 16
            for number, rate in zip(range(first, first + 16), rates, strict=True)
            for sound in stage.cell(number, number * 0.15, HEART | {"HR": rate})
            if isinstance(sound, Note) and sound.pitch == 42
        ]

    slow = bar(0, *[50.0] * 16)
    assert bar(16, *[50.0] * 4, *[150.0] * 12) == slow
    assert len(bar(32, *[150.0] * 16)) > len(slow)


# Heartbeats


def test_the_heartbeat_sounds_at_once_and_its_echo_by_a_forecast() -> None:
    stage = stage_of("heartbeat", "drums")
    first = stage.beat(None, HEART)
    assert [(e.after_s, e.note.pitch, e.note.channel) for e in first] == [(0, 36, 9), (0, 42, 9)]
    for interval in (0.8, 0.8, 0.8, 0.8):
        echoes = stage.beat(interval, HEART)
    assert echoes[0].after_s == 0.0
    assert [echo.after_s for echo in echoes if echo.note.pitch == 41] == [pytest.approx(0.288)]
    ectopic = stage.beat(0.4, HEART)
    assert [e.after_s for e in ectopic if e.note.pitch == 41] == [pytest.approx(0.288)]


def test_other_styles_do_not_sound_heartbeats() -> None:
    assert stage_of("default", "drums").beat(0.8, HEART) == []
    assert stage_of("heartbeat", "notes").beat(0.8, HEART) == []


# Spans


def test_every_column_has_a_row_in_the_profile() -> None:
    assert set(NORM.values()) <= set(NORM_NAMES)


def kinds(spans: Spans) -> Iterator[tuple[str, bool]]:
    return ((measure, isinstance(span, Learned)) for measure, span in spans.of.items())


def test_quantiles_are_learned_unless_they_are_given(spreads: Spreads) -> None:
    euclid, default = load_style("euclid"), load_style("default")
    assert learns_zones(euclid)
    assert not learns_zones(default)
    assert dict(kinds(spans_of(euclid, ("drums",), PROFILE))) == {
        "HR": True, "RMSSD": False, "SDNN": False,
    }  # fmt: skip
    assert not any(learned for _, learned in kinds(spans_of(euclid, ("drums",), PROFILE, spreads)))
    assert not any(learned for _, learned in kinds(spans_of(default, ("drums",), PROFILE)))
    learned = spans_of(default, ("drums",), profiles.load(["learned"]))
    assert all(learned for _, learned in kinds(learned))


def test_bands_of_a_table_in_s2_are_laid_over_live_ones_in_ms2(spreads: Spreads) -> None:
    """The seed's tables hold s^2."""
    assert spreads["LF"].high < 0.01
    live = spans_of(load_style("default"), ("notes",), PROFILE, spreads).of["LF"]
    assert live.high == pytest.approx(spreads["LF"].high * 1e6)
    assert live.share((live.low + live.high) / 2) == pytest.approx(0.5)


def test_learned_zones_last_equally_long_and_are_forgotten() -> None:
    learned = Learned(Fixed(40.0, 180.0))
    for t in range(300):
        learned.push(float(t), 60.0 + 40.0 * (t % 10 == 0) + t % 3)
    edges = learned.quantiles(np.array([0.25, 0.5, 0.75]))
    assert edges.tolist() == [60.0, 61.0, 62.0]
    learned.forget()
    learned.push(0.0, 80.0)
    assert learned.quantiles(np.array([0.5])).tolist() == [80.0]


def test_echoes_come_in_order() -> None:
    stage = stage_of("heartbeat", "drums")
    stage.beat(None, HEART | {"HR": 175.0})
    echoes: list[Echo] = stage.beat(0.4, HEART | {"HR": 175.0})
    assert len(echoes) == 7
    assert [e.after_s for e in echoes] == sorted(e.after_s for e in echoes)
