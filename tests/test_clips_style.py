"""Styles: TOML to values, with errors that name file and key."""

from pathlib import Path

import numpy as np
import pytest

from bridge.clips.cells import line_pitch
from bridge.clips.style import measures_of
from bridge.clips.style_file import STYLES, load_style, parse_change, style_names
from bridge.clips.style_text import EXPLAINED, style_text
from bridge.errors import UserError


def test_the_default_style_file_says_what_the_code_defaults_to() -> None:
    from bridge.clips.style import Grid, NoteLines, Style, Zones

    style = load_style("default")
    assert style.grid == Grid()
    assert style.zones == Zones()
    assert style.scope == Style().scope == "batch"
    assert style.notes.major == NoteLines().major
    assert (style.drums.velocity, style.drums.order, style.drums.layers) == (
        "value",
        "even",
        "cumulative",
    )


@pytest.mark.parametrize("name", ["default", "heartbeat", "euclid", "ambient"])
def test_shipped_styles_load_and_are_described(name: str) -> None:
    assert name in style_names()
    assert len(load_style(name).description) > 80


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[drums]\nkick = 3\n", "unknown key 'drums.kick'"),
        ("tempo = 3\n", "unknown key 'tempo'"),
        ("[grid]\ntempo = 'fast'\n", "grid.tempo = 'fast': a number is expected"),
        ("[grid]\ntempo = 5\n", "grid.tempo = 5: it must lie in 20 to 999"),
        ("[grid]\nfollow = 'time'\n", "grid.follow = 'time': not one of 'grid', 'clock'"),
        ("[grid]\nsignature = '4'\n", "grid.signature '4'"),
        ("[grid]\nswing = true\n", "grid.swing = True: a number is expected"),
        (
            "[zones]\nedges = 'even'\n",
            "zones.edges = 'even': not one of 'equal', 'quantile', a list",
        ),
        ("[zones]\nedges = [90, 80]\n", "borders must rise"),
        ("[zones]\nedges = [80, 90]\n", "2 borders, where 16 zones have 15"),
        ("[drums]\norder = [0, 16]\n", "drums.order = 16"),
        ("[drums]\nnotes = [36, 38]\n", "2 notes for 16 zones"),
        ("[drums]\nvelocity = [1, 2, 3]\n", "drums.velocity"),
        ("[drums]\nengine = 'euclid'\n", "needs at least one voice"),
        ("[drums]\nlanes = [{ column = 'SDNN' }]\n", "controller missing"),
        ("[drums]\nlanes = [{ column = 'SDNN', controller = 128 }]\n", "controller = 128"),
        ("[drums]\nlength = '1/7'\n", "note value '1/7'"),
        ("grid = 3\n", "grid: a table is expected"),
        ("x = [\n", "Invalid"),
    ],
)
def test_errors_name_file_and_key(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        load_style(str(path))
    assert str(path) in str(caught.value)
    assert why in str(caught.value)


def test_no_such_style() -> None:
    with pytest.raises(UserError, match="there are ambient, default, euclid, heartbeat"):
        load_style("disco")


def test_what_a_style_leaves_out_is_as_in_the_default(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[drums]\nnotes = 'gm'\n")
    mine, default = load_style(str(path)), load_style("default")
    assert mine.drums.notes == "gm"
    assert mine.drums.lanes == default.drums.lanes
    assert (mine.notes, mine.cc, mine.grid) == (default.notes, default.cc, default.grid)
    assert mine.description == ""


def test_changes_win(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[grid]\ntempo = 90\n")
    assert load_style(str(path)).grid.tempo == 90
    changed = load_style(str(path), {"grid.tempo": 100, "zones.edges": "quantile"})
    assert (changed.grid.tempo, changed.zones.edges) == (100, "quantile")
    with pytest.raises(UserError, match=r"unknown key 'grid\.speed'"):
        load_style("default", {"grid.speed": 3})
    with pytest.raises(UserError, match="scope is"):
        load_style("default", {"scope.file": 3})


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("grid.tempo=90.5", ("grid.tempo", 90.5)),
        ("zones.edges=quantile", ("zones.edges", "quantile")),
        ("zones.edges = [80, 90]", ("zones.edges", [80, 90])),
        ("grid.signature=7/8", ("grid.signature", "7/8")),
    ],
)
def test_changes_of_the_command_line(text: str, want: tuple[str, object]) -> None:
    assert parse_change(text) == want


@pytest.mark.parametrize("text", ["grid.tempo", "=3", ""])
def test_no_change(text: str) -> None:
    with pytest.raises(UserError, match="KEY=VALUE"):
        parse_change(text)


def test_only_what_is_used_is_read() -> None:
    assert measures_of(load_style("default"), ["drums"]) == {"HR", "SDNN", "RMSSD"}
    assert measures_of(load_style("default"), ["notes"]) == {"HR", "VLF", "LF", "HF", "LF_HF"}


@pytest.mark.parametrize("name", style_names())
def test_the_explained_text_of_a_style_is_that_style(tmp_path: Path, name: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(style_text(load_style(name)), encoding="utf-8")
    assert load_style(str(path)) == load_style(name)


def test_the_default_file_explains_every_key() -> None:
    assert (STYLES / "default.toml").read_text(encoding="utf-8") == style_text(
        load_style("default")
    ), "write bridge.clips.style_text.style_text(load_style('default')) to default.toml"
    assert all(text for text in EXPLAINED.values())


def test_the_mode_may_turn_as_the_seed_author_describes_it() -> None:
    for when, major in (("above", [False, False, True]), ("below", [True, False, False])):
        notes = load_style("default", {"notes.major_when": when}).notes
        third = np.full(3, 2.5 / 7)  # the third step: 4 in major, 3 in minor
        pitch = line_pitch(notes, notes.lines[0], third, np.array([1.0, 2.0, 3.0]))
        assert (pitch - 36 == 4).tolist() == major


@pytest.mark.parametrize(
    "change", [{"promise.key": ["H"]}, {"promise.hits_a_bar": [3]}, {"drums.channel": 0}]
)
def test_promises_and_channels_that_make_no_sense(change: dict[str, object]) -> None:
    with pytest.raises(UserError):
        load_style("default", change)


def test_the_page_for_the_studio_describes_every_style() -> None:
    page = (Path(__file__).parents[1] / "docs" / "studio.md").read_text(encoding="utf-8")
    for name in style_names():
        style = load_style(name)
        assert f"| `{name}` | {style.description} | {style.promise.sentence()} |" in page
