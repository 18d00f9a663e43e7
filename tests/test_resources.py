"""The bundled sessions are found, and the wheel takes all of them along."""

import re
import subprocess
import sys
import tomllib
import zipfile
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


@pytest.mark.slow
def test_the_readme_of_the_wheel_stands_alone(tmp_path: Path) -> None:
    """On a package index nothing lies beside it: no picture and no link that leads nowhere."""
    pytest.importorskip("hatchling")
    pytest.importorskip("hatch_fancy_pypi_readme")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith("/METADATA"))
        text = wheel.read(name).decode()
    readme = text[text.index("\n\n") :]
    assert "## Two commands" in readme
    assert "`docs/sensors.md` in the source" in readme
    assert re.findall(r"\]\((?!https?:)[^)]*\)", readme) == []
