"""The index page in a real Chromium: each clip plays, and the cursor is where the sound is."""

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.clips.picture import LEFT, RIGHT
from bridge.clips.style_file import load_style
from bridge.offline.batch import render_batch
from bridge.offline.files import plan
from bridge.offline.index_page import write_index
from bridge.offline.options import Options
from bridge.resources import example
from tests.integration.conftest import listen_for_errors

pytest.importorskip("matplotlib")
pytestmark = pytest.mark.slow

FIND = """() => {
    window.sound = document.querySelector("audio");
    window.figure = document.querySelector(".played");
}"""
WHERE = """([begin, pixels]) => {
    const at = figure.querySelector("i").getBoundingClientRect().left;
    return Math.abs(at - begin - pixels * sound.currentTime) <= 4;
}"""


def written(folder: Path, **changes: object) -> tuple[Path, Any]:
    options = Options(load_style("default", changes), ("drums", "notes"), picture="png", sound=True)
    outcomes = render_batch(plan([example("arc.csv")], folder), options, 1, lambda _: None)
    index = write_index(outcomes, folder)
    assert index is not None
    return index, outcomes[0]


def test_a_clip_plays_and_the_cursor_moves_with_it(chromium: Any, tmp_path: Path) -> None:
    index, outcome = written(tmp_path / "clips")
    page = chromium.new_page(viewport={"width": 1300, "height": 1200})
    wrong = listen_for_errors(page)
    page.set_default_timeout(120_000)
    page.goto(index.as_uri())
    page.evaluate(FIND)
    left, width = page.evaluate(
        "() => { const box = figure.getBoundingClientRect(); return [box.left, box.width]; }"
    )
    # A click a third of the way into the time axis plays from there.
    page.evaluate(
        "x => figure.dispatchEvent(new MouseEvent('click', {bubbles: true, clientX: x}))",
        left + width * (LEFT + (RIGHT - LEFT) / 3),
    )
    seconds = outcome.heard[0].axis_s
    page.wait_for_function("t => sound.error || sound.currentTime > t", arg=seconds / 3 + 1.0)
    now, paused, error, duration = page.evaluate(
        "() => [sound.currentTime, sound.paused, sound.error && sound.error.code, sound.duration]"
    )
    assert error is None
    assert not paused
    assert seconds / 3 + 1.0 < now < seconds
    assert duration == pytest.approx(seconds + 1.5, abs=1.7)  # the last bar, and the room
    # As it plays, and where it stops; a frame that a busy machine brings late is not looked at.
    page.wait_for_function(WHERE, arg=[left + width * LEFT, width * (RIGHT - LEFT) / seconds])
    page.evaluate("sound.pause()")
    page.wait_for_function(WHERE, arg=[left + width * LEFT, width * (RIGHT - LEFT) / seconds])
    assert page.evaluate("figure.querySelector('img').naturalWidth") > 1000
    page.close()
    assert wrong == []


def test_the_sound_of_a_page_is_that_of_the_clips(tmp_path: Path) -> None:
    _, outcome = written(tmp_path / "a", **{"grid.tempo": 150.0})
    heard = outcome.heard[0]
    assert heard.axis_s == pytest.approx(
        outcome.seconds / 2
    )  # a row keeps to a cell: twice as fast
    _, again = written(tmp_path / "b", **{"grid.tempo": 150.0})
    assert heard.sound.read_bytes() == again.heard[0].sound.read_bytes()
    with wave.open(str(heard.sound)) as file:
        assert (file.getnchannels(), file.getframerate()) == (1, 24_000)
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    assert 0.2 < np.abs(sound).max() < 1.0
    assert b"beatbridge clip of " in heard.sound.read_bytes()[:200]
