"""The bundled sessions are found, and the wheel takes all of them along."""

import tomllib
from pathlib import Path

import pytest

from bridge.errors import BeatbridgeError
from bridge.resources import example

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("name", ["arc.csv", "pulse.csv"])
def test_examples_are_there(name: str) -> None:
    assert example(name).stat().st_size > 10_000


def test_a_missing_example_says_what_to_do() -> None:
    with pytest.raises(BeatbridgeError, match="install beatbridge again"):
        example("none.csv")


def test_the_wheel_takes_every_session_along() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    include = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for path in (ROOT / "examples" / "sessions").glob("*.csv"):
        source = path.relative_to(ROOT).as_posix()
        assert include[source] == f"bridge/_examples/sessions/{path.name}"
