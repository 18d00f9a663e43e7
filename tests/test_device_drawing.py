"""The picture of the device: drawn from the built file, marked as a drawing, whole."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from max_for_live.build import HERE, PICTURES, build, picture
from max_for_live.drawing import draw
from max_for_live.patch import face_more

BUILT = build()
SVG = "{http://www.w3.org/2000/svg}"


def _words(svg: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize(("name", "unfolded"), PICTURES.items())
def test_the_committed_pictures_are_of_the_built_device(name: str, unfolded: bool) -> None:
    committed = (HERE / f"{name}.svg").read_text(encoding="utf-8")
    assert committed == picture(BUILT, unfolded=unfolded), "run: python -m max_for_live.build"
    assert (HERE / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    words = _words(committed)
    assert any("drawing" in text and "Not a screenshot" in text for text in words)
    assert ("Tempo" in words) == unfolded
    assert {"Play", "72", "BPM"} < set(words)


def test_it_shows_the_initial_values_of_every_control() -> None:
    words = _words(draw(BUILT.frozen(), face_more.WIDTH))
    values = "Note|C1|120 ms|7771|100 %|Off|Beat|4 beats|2.0 s|½|Hold"
    assert set(values.split("|")) < set(words)
    assert words.count("Map") == 1 + 8
    assert words.count("–") == 6


def test_a_browser_can_draw_it(need_program: Callable[[str], str], tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.png"
    command = [need_program("rsvg-convert"), str(HERE / "preview.svg"), "-o", str(drawn)]
    subprocess.run(command, check=True, timeout=300)
    assert drawn.read_bytes().startswith(b"\x89PNG")
