"""Profiles: the shipped ones load, later ones go over earlier ones, mistakes are named."""

import pytest

from bridge.errors import UserError
from bridge.mapping import profile as profiles
from bridge.osc.contract import NORM_NAMES


@pytest.mark.parametrize("name", profiles.names())
def test_shipped_profiles_are_whole(name):
    profile = profiles.load([name])
    assert set(profile.norm) == set(NORM_NAMES)
    assert profile.description


def test_a_file_changes_what_it_names(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text("[norm]\nbpm = { low = 60.0, high = 80.0 }\n", encoding="utf-8")
    profile = profiles.load(["calm", str(mine)])
    levels = profile.levels()
    assert levels.push("bpm", 0.0, 65.0) == 0.25
    assert levels.push("bpm", 1.0, 200.0) == 1.0
    assert profile.norm["sdnn"] == profiles.load(["calm"]).norm["sdnn"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_file_as_windows_writes_it(tmp_path, encoding):
    mine = tmp_path / "mine.toml"
    mine.write_text(profiles.text("calm").replace("\n", "\r\n"), encoding=encoding, newline="")
    assert profiles.load([str(mine)]).norm == profiles.load(["calm"]).norm


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("norm = 3", "norm should be a table"),
        ("[norm]\nbmp = { low = 1.0, high = 2.0 }", "norm.bmp is none of"),
        ("[norm]\nbpm = { low = 3.0, high = 2.0 }", "low below high"),
        ("[norm]\nbpm = { low = 1.0 }", "norm.bpm should be"),
        ("[norm]\nbpm = { low = 1.0, high = inf }", "norm.bpm should be"),
        ("norm = 'learnt'", 'or norm = "learned"'),
        ("[norm]\nbpm = { high = 2.0 }", "norm.bpm should be"),
        ("[norm]\nbpm = { low = 1.0, high = true }", "norm.bpm should be"),
        ("[norm]\nbpm = { lower = 1.0 }", "known: low, high, learned, curve, smoothing_s"),
        ("[norm]\nbpm = { learned = 1 }", "learned: 1 is neither true nor false"),
        ("[norm]\nbpm = { smoothing_s = -1 }", "smoothing_s: -1 is less than 0 s"),
        ("[norm]\nbpm = { curve = 'sine' }", "curve: curve 'sine': it is none of linear, exp"),
        ("speed = 3", "unknown key speed"),
        ("[norm", "']'"),
    ],
)
def test_mistakes_are_named_with_file_and_key(tmp_path, toml, says):
    path = tmp_path / "bad.toml"
    path.write_text(toml, encoding="utf-8")
    with pytest.raises(UserError, match=r"bad\.toml") as error:
        profiles.load([str(path)])
    assert says in str(error.value)


def test_a_name_that_is_nothing_lists_what_there_is():
    with pytest.raises(UserError, match="calm, default"):
        profiles.load(["nothing"])


def test_all_ranges_learned_or_some():
    assert profiles.load([]).scaling == "fixed"
    learned = profiles.load(["learned"])
    assert learned.scaling == "learned"
    assert {row.low for row in learned.norm.values()} == {
        row.low for row in profiles.load([]).norm.values()
    }


def test_ends_that_are_given_are_fixed_unless_the_row_says_learned(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text(
        "[norm]\nbpm = { low = 60, high = 80 }\nibi = { low = 500, high = 900, learned = true }\n"
        "rmssd = { curve = 'log', smoothing_s = 2 }\n",
        encoding="utf-8",
    )
    profile = profiles.load(["learned", str(mine)])
    assert profile.scaling == "mixed"
    assert not profile.norm["bpm"].learned
    assert profile.norm["ibi"] == profiles.Row(500.0, 900.0, learned=True)
    rmssd = profile.norm["rmssd"]
    assert (rmssd.learned, rmssd.high, rmssd.smoothing_s) == (True, 120.0, 2.0)
    assert rmssd.curve(0.5) == pytest.approx(0.740, abs=1e-3)


def test_levels_are_learned_and_forgotten():
    levels = profiles.load(["learned"]).levels()
    first = levels.push("bpm", 0.0, 75.0)
    for t in range(1, 600):
        levels.push("bpm", float(t), 75.0 + 20 * (t % 2))
    assert levels.push("bpm", 601.0, 75.0) < 0.05
    levels.forget()
    assert levels.push("bpm", 602.0, 75.0) == first == 0.5
