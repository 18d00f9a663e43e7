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
    assert profile.norm["bpm"].scale(65.0) == 0.25
    assert profile.norm["bpm"].scale(200.0) == 1.0
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
