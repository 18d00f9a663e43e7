"""How fluent a session's page is: ``uv run python -m tests.benchmarks.bench_page``.

In a headless Chromium that draws by software: the page of 24 minutes at 500 Hz with all clips (11
rows), its size, how long it takes to open, to move the window by a quarter of itself (until it
stands there; until all rows are drawn as finely as they can be), and how many frames a second a
drag makes. Beside it, in the same run, the way of the seed's own viewers: every sample given to
plotly, here of the signal alone, in one row.
"""

import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from bridge.clips.style_file import load_style
from bridge.events import Marker
from bridge.offline.batch import render_batch
from bridge.offline.files import plan
from bridge.offline.options import Options

SHARED_ECG = Path(__file__).resolve().parents[3] / "shared" / "data" / "ecg" / "embodied_005.csv"
WINDOWS_S = (1440, 300, 60, 10, 2)
TURNS = 5
MOVE = """async ([low, high]) => {
    const shown = () => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
    const began = performance.now();
    const fine = window.fill && new Promise(r => plot.addEventListener('filled', r, {once: true}));
    await Plotly.relayout(plot, {'xaxis.range': [low, high]});
    await shown();
    const there = performance.now() - began;
    if (!fine) return [there, there];
    await fine;
    await shown();
    return [there, performance.now() - began];
}"""


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as run:
        here = Path(scratch)
        pages = {"ours": ours(here), "every sample in plotly": plain(here)}
        root = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
        browser = run.chromium.launch(executable_path=shutil.which("chromium"), args=root)
        for name, path in pages.items():
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.set_default_timeout(120_000)
            began = time.perf_counter()
            page.goto(path.as_uri())
            page.wait_for_function("document.querySelector('#plot .xtick') !== null")
            opened = time.perf_counter() - began
            print(f"{name}: {path.stat().st_size / 1e6:.1f} MB, open after {opened:.1f} s")
            for length in WINDOWS_S:
                there, fine = moved(page, length)
                print(
                    f"  a window of {length} s: moved after {there:.0f} ms, fine after {fine:.0f}"
                )
            print(f"  dragging a window of 60 s: {frames(page):.0f} frames a second")
            page.close()
        browser.close()


def ours(here: Path) -> Path:
    marks = (Marker(0.0, "rest"), Marker(360.0, "stress"), Marker(1080.0, "recovery"))
    options = Options(
        load_style("default"), ("drums", "notes", "cc"), "ecg", 500.0, marks, page=True
    )
    (outcome,) = render_batch(plan([SHARED_ECG], here), options, 1, lambda _: None)
    return next(path for path in outcome.files if path.suffix == ".html")


def plain(here: Path) -> Path:
    """The signal alone, as plotly is given it."""
    from plotly.graph_objects import Figure, Scatter

    values = np.loadtxt(SHARED_ECG)
    figure = Figure(Scatter(x=np.arange(len(values)) / 500, y=values))
    figure.update_layout(dragmode="pan", xaxis_rangeslider_visible=True)
    path = here / "plain.html"
    figure.write_html(path, div_id="plot", default_height="900px")
    text = path.read_text(encoding="utf-8")
    name = "<script>const plot = document.getElementById('plot')</script>"
    path.write_text(text + name, encoding="utf-8")
    return path


def moved(page: Page, length: float) -> tuple[float, float]:
    """The median ms of some moves by a quarter of the window: until it stands there, and fine."""
    took = []
    for turn in range(TURNS):
        low = min(max(700 - length / 2, 0) + turn * length / 4, 1440 - length)
        took.append(page.evaluate(MOVE, [low - 1e-3 * turn, low + length]))
    there, fine = (statistics.median(each) for each in zip(*took, strict=True))
    return there, fine


def frames(page: Page) -> float:
    """Frames a second while the pointer drags the window to and fro."""
    page.evaluate(MOVE, [600, 660])
    page.evaluate(
        """() => {
            window.frames_ = 0;
            const count = () => { window.frames_ += 1; requestAnimationFrame(count); };
            count();
        }"""
    )
    page.mouse.move(700, 120)
    page.mouse.down()
    before, began = page.evaluate("frames_"), time.perf_counter()
    for step in range(60):
        page.mouse.move(700 + 5 * (step % 30) * (-1) ** (step // 30), 120)
    shown = page.evaluate("frames_") - before
    seconds = time.perf_counter() - began
    page.mouse.up()
    return shown / seconds


if __name__ == "__main__":
    main()
