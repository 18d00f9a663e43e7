"""Pictures: the roll shows what sounds, the same bytes for the same clip, valid PNG and SVG."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest

from bridge.clips.style import GM
from bridge.clips.style_file import load_style
from bridge.offline.batch import render_batch
from bridge.offline.files import find_recordings, plan
from bridge.offline.options import Options
from bridge.resources import example

pytest.importorskip("matplotlib")


def draw(out: Path, form: str, style: str = "default", name: str = "arc.csv") -> bytes:
    jobs = plan(find_recordings([example(name)]), out)
    (outcome,) = render_batch(jobs, Options(load_style(style), picture=form), 1, lambda _: None)
    assert outcome.error is None
    return outcome.files[-1].read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("form", ["png", "svg"])
def test_pictures_are_deterministic(tmp_path: Path, form: str) -> None:
    assert draw(tmp_path / "a", form) == draw(tmp_path / "b", form)


@pytest.mark.slow
@pytest.mark.parametrize("style", ["default", "euclid", "ambient"])
def test_every_style_draws_an_svg_with_its_phases(tmp_path: Path, style: str) -> None:
    root = ET.fromstring(draw(tmp_path, "svg", style))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = draw(tmp_path, "svg", style).decode()
    for phase in (
        "rest",
        "effort",
        "recovery",
        "HR (bpm)" if style == "default" else "HR (bpm), zones equally high: not linear",
        "36 kick" if style != "ambient" else "57 A2",
        f"SDNN (CC {11 if style == 'default' else 74})",
    ):
        assert f"<!--  {phase} -->" in texts or f"<!-- {phase} -->" in texts


@pytest.mark.parametrize("seconds", [5, 13, 19, 200])
def test_the_seconds_below_a_clip_are_even(tmp_path: Path, seconds: int) -> None:
    """Ticks 1.5 s apart once read 0:00, 0:01, 0:03, 0:04."""
    (tmp_path / "s").mkdir()
    rows = "".join(f"{k / 10},{60 + k % 30}\n" for k in range(10 * seconds))
    (tmp_path / "s" / "short.csv").write_text("t,HR\n" + rows)
    jobs = plan(find_recordings([tmp_path / "s"]), tmp_path)
    options = Options(load_style("default"), picture="svg")
    (outcome,) = render_batch(jobs, options, 1, lambda _: None)
    labels = re.findall(r"<!-- (\d+):(\d\d) -->", outcome.files[-1].read_text(encoding="utf-8"))
    moments = [60 * int(minutes) + int(rest) for minutes, rest in labels]
    assert len(moments) > 3
    assert len({later - earlier for earlier, later in pairwise(moments)}) == 1


def test_rows_of_silent_zones_are_there(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    for name, high in (("calm", 70), ("wild", 140)):
        rows = "".join(f"{k / 10},{60 + (high - 60) * k / 1000:.2f}\n" for k in range(1000))
        (tmp_path / "s" / f"{name}.csv").write_text("t,HR\n" + rows)
    options = Options(load_style("default", {"drums.notes": "gm"}), picture="svg")
    jobs = plan(find_recordings([tmp_path / "s"]), tmp_path)
    rows = []
    for outcome in render_batch(jobs, options, 1, lambda _: None):
        texts = re.findall(r"<!-- (\d+) [a-z ]+ -->", outcome.files[-1].read_text(encoding="utf-8"))
        rows.append([text for text in texts if text in map(str, GM)][: len(GM)])
    calm, wild = rows
    assert calm == wild == [str(note) for note in GM]  # from the lowest zone up


def test_the_roll_is_dark_below_the_curve_and_empty_above(tmp_path: Path) -> None:
    from matplotlib.image import imread

    (tmp_path / "s").mkdir()
    rows = "".join(f"{k / 10},{60 if k < 8000 else 140}\n" for k in range(16000))
    (tmp_path / "s" / "step.csv").write_text("t,HR\n" + rows)
    jobs = plan(find_recordings([tmp_path / "s"]), tmp_path)
    options = Options(load_style("default", {"drums.lanes": []}), picture="png")
    (outcome,) = render_batch(jobs, options, 1, lambda _: None)
    picture = imread(outcome.files[-1])[..., :3].mean(axis=2)
    height, width = picture.shape
    roll = picture[int(height * 0.15) : int(height * 0.88), int(width * 0.06) : int(width * 0.94)]
    left, right = roll[:, 10 : roll.shape[1] // 2 - 20], roll[:, roll.shape[1] // 2 + 20 : -10]
    assert left[: int(0.8 * len(left))].mean() > 0.95  # only the lowest drum sounds
    assert right[10:].mean() < 0.5  # all sixteen sound
