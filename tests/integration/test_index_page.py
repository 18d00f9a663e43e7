"""The index page in a real Chromium: each clip plays, and the cursor is where the sound is."""

import time
import wave
from collections.abc import Iterator
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

pytest.importorskip("matplotlib")
pytestmark = pytest.mark.slow


@pytest.fixture
def browser(need_program: Any, tmp_path: Path) -> Iterator[Any]:
    chromium, driver = need_program("chromium"), need_program("chromedriver")
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = chromium
    for flag in ("headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run",
                 "disable-background-networking", "disable-component-update", "disable-sync",
                 "mute-audio", "autoplay-policy=no-user-gesture-required",
                 "window-size=1300,1200", f"user-data-dir={tmp_path / 'profile'}"):  # fmt: skip
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = Chrome(options=options, service=Service(driver))
    yield chrome
    chrome.quit()


def page(folder: Path, **changes: object) -> tuple[Path, Any]:
    options = Options(load_style("default", changes), ("drums", "notes"), picture="png", sound=True)
    outcomes = render_batch(plan([example("arc.csv")], folder), options, 1, lambda _: None)
    index = write_index(outcomes, folder)
    assert index is not None
    return index, outcomes[0]


def test_a_clip_plays_and_the_cursor_moves_with_it(browser: Any, tmp_path: Path) -> None:
    index, outcome = page(tmp_path / "clips")
    browser.get(index.as_uri())
    find = "const a = document.querySelector('audio'), f = document.querySelector('.played');"
    box = browser.execute_script(
        f"{find} const b = f.getBoundingClientRect(); return [b.left, b.width]"
    )
    # A click a third of the way into the time axis plays from there.
    browser.execute_script(
        f"{find} const x = arguments[0];"
        "f.dispatchEvent(new MouseEvent('click', {bubbles: true, clientX: x}))",
        box[0] + box[1] * (LEFT + (RIGHT - LEFT) / 3),
    )
    seconds = outcome.heard[0].axis_s
    deadline = time.monotonic() + 30
    state: list[float] = []
    while time.monotonic() < deadline:
        state = browser.execute_script(
            f"{find} const c = f.querySelector('i').getBoundingClientRect();"
            "return [a.currentTime, a.paused, a.error && a.error.code, c.left, a.duration]"
        )
        if state[0] > seconds / 3 + 1.0:
            break
        time.sleep(0.1)
    now, paused, error, left, duration = state
    assert error is None
    assert not paused
    assert seconds / 3 + 1.0 < now < seconds / 3 + 30
    assert duration == pytest.approx(seconds + 1.5, abs=1.7)  # the last bar, and the room
    expected = box[0] + box[1] * (LEFT + (RIGHT - LEFT) * now / seconds)
    assert left == pytest.approx(expected, abs=4)
    width = browser.execute_script("return document.querySelector('.played img').naturalWidth")
    assert width > 1000
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_the_sound_of_a_page_is_that_of_the_clips(tmp_path: Path) -> None:
    _, outcome = page(tmp_path / "a", **{"grid.tempo": 150.0})
    heard = outcome.heard[0]
    assert heard.axis_s == pytest.approx(
        outcome.seconds / 2
    )  # a row keeps to a cell: twice as fast
    _, again = page(tmp_path / "b", **{"grid.tempo": 150.0})
    assert heard.sound.read_bytes() == again.heard[0].sound.read_bytes()
    with wave.open(str(heard.sound)) as file:
        assert (file.getnchannels(), file.getframerate()) == (1, 24_000)
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    assert 0.2 < np.abs(sound).max() < 1.0
    assert b"beatbridge clip of " in heard.sound.read_bytes()[:200]
