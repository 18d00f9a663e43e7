"""A session's page in a real Chromium: what it draws, zooms to, and says under the pointer."""

import os

import numpy as np
import pytest

from bridge.analysis.analyze import analyze
from bridge.clips.style_file import load_style
from bridge.events import Marker
from bridge.offline.batch import render_batch
from bridge.offline.files import plan
from bridge.offline.options import Options
from bridge.recordings.read import read_recording
from bridge.resources import example

pytest.importorskip("plotly")
playwright = pytest.importorskip("playwright.sync_api")

NASTY = "</script><img src=x onerror=alert(1)>&amp; $x$ <b>"


@pytest.fixture(scope="module")
def chromium(need_program):
    path = need_program("chromium")
    with playwright.sync_playwright() as run:
        sandbox = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
        browser = run.chromium.launch(
            executable_path=path, args=[*sandbox, "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """The page of a minute of pulse wave with all clips, whose phases have ugly names."""
    folder = tmp_path_factory.mktemp("page")
    options = Options(
        load_style("default"), ("drums", "notes", "cc"), page=True,
        marks=(Marker(0.0, "rest"), Marker(30.0, NASTY)),
    )  # fmt: skip
    (outcome,) = render_batch(plan([example("pulse.csv")], folder), options, 1, lambda _: None)
    assert outcome.error is None
    return next(file for file in outcome.files if file.suffix == ".html")


@pytest.fixture
def page(chromium, rendered):
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, offline=True)
    page = context.new_page()
    page.set_default_timeout(120_000)  # five megabytes of script on a machine that is busy
    wrong, asked = [], []
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(rendered.as_uri())
    page.wait_for_function("axis !== undefined")
    yield page
    context.close()
    assert wrong == []
    assert [url for url in asked if not url.startswith(("data:", "blob:", rendered.as_uri()))] == []


def drawn(page, name):
    """What is drawn of a trace, within the window: times and values."""
    found = page.evaluate(
        """name => {
            const trace = plot.data.find(each => each.name === name), [from, to] = axis.range;
            return [from, to, Array.from(trace.x), Array.from(trace.y)];
        }""",
        name,
    )
    low, high, x, y = found[0], found[1], np.array(found[2]), np.array(found[3], float)
    here = (x >= low) & (x <= high)
    return x[here], y[here]


def look(page, low, high):
    """Show a stretch, and wait until it is drawn."""
    page.evaluate(
        """async ([low, high]) => {
            const done = new Promise(r => plot.addEventListener('filled', r, {once: true}));
            await Plotly.relayout(plot, {'xaxis.range': [low, high]});
            await done;
        }""",
        [low, high],
    )


def pixel_of(page, t):
    """Where a moment is, in the middle of the first row."""
    x, y = page.evaluate(
        """t => {
            const box = plot.getBoundingClientRect();
            return [box.left + axis._offset + axis.d2p(t), box.top + 80];
        }""",
        t,
    )
    return x, y


def read_beside(page, row, number):
    """A value that stands beside a row."""
    beside = page.locator(".beside").nth(page.evaluate("data.rows.map(r => r.name)").index(row))
    return float(beside.locator("output").nth(number).inner_text())


def test_every_row_is_drawn(page):
    rows = page.evaluate("data.rows.map(row => row.name)")
    assert rows == [
        "signal", "intervals", "heart rate", "variability", "drums", "drums, lanes", "cc, lanes",
    ]  # fmt: skip
    for name in ("beat", "interval", "normal-to-normal", "heart rate", "SDNN CC 11"):
        x, _ = drawn(page, name)
        assert len(x) > 10, name
    (drums,) = page.evaluate(
        "plot.data.filter(t => t.type === 'heatmap').map(t => t.z.flat().filter(v => v > 0).length)"
    )
    assert drums > 100
    assert page.locator(".rangeslider-container").count() == 1
    assert page.locator(".beside").count() == len(rows)


def test_no_peak_is_lost_and_zooming_shows_every_sample(page):
    (chunk,) = read_recording(example("pulse.csv")).chunks
    _, y = drawn(page, "PPG")
    assert (y.min(), y.max()) == (chunk.values.min(), chunk.values.max())
    look(page, 20.0, 24.0)
    x, y = drawn(page, "PPG")
    t = chunk.t + np.arange(len(chunk.values)) / chunk.rate_hz
    here = (t >= 20.0) & (t <= 24.0)
    assert np.allclose(x, t[here], atol=1e-6)
    assert np.array_equal(y, chunk.values[here])


def test_values_under_the_pointer(page):
    look(page, 20.0, 30.0)
    page.mouse.move(*pixel_of(page, 25.0))
    assert page.locator("#now").inner_text().startswith("0:2")
    at = page.evaluate("axis.p2d(parseFloat(cursor.style.left) - axis._offset)")
    assert at == pytest.approx(25.0, abs=0.02)
    (chunk,) = read_recording(example("pulse.csv")).chunks
    signal = page.locator(".beside").first.locator("output").first.inner_text()
    nearby = chunk.values[round(at * chunk.rate_hz) - 2 : round(at * chunk.rate_hz) + 3]
    assert float(signal) in nearby
    beats = page.evaluate("data.rows[0].marks[0].t")
    before = sum(t < at for t in beats)
    assert page.get_by_text(f"{before} of {len(beats)}").count() == 1
    # The interval is that which the moment lies in, a lane's value the last that was sent.
    (own,) = (e for e in analyze(read_recording(example("pulse.csv"))).intervals
              if e.t - e.ibi_ms / 1000 < at <= e.t)  # fmt: skip
    assert read_beside(page, "intervals", 0) == pytest.approx(own.nn_ms, rel=1e-4)
    lane = page.evaluate(
        """at => {
            const {runs: [run]} = data.rows.find(row => row.name === 'drums, lanes').lines[0];
            const sent = Array.from(run.values, (_, k) => k).filter(k => timeOf(run, k) < at);
            return valueOf(run, sent.at(-1));
        }""",
        at,
    )
    assert read_beside(page, "drums, lanes", 0) == lane
    page.mouse.move(*pixel_of(page, 20.0 - 0.5))
    assert page.locator("#now").inner_text() == ""


def test_the_slider_the_keys_and_the_wheel_move_all_rows(page):
    whole = page.evaluate("axis.range.slice()")
    box = page.locator(".rangeslider-grabarea-max").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] - 400, middle, steps=4)
    page.mouse.up()
    page.wait_for_function("axis.range[1] < data.end - 10")
    page.keyboard.press("0")
    page.wait_for_function(f"Math.abs(axis.range[1] - {whole[1]}) < 1e-6")
    page.keyboard.press("+")
    page.wait_for_function("axis.range[1] - axis.range[0] < span * .6")
    before = page.evaluate("axis.range[0]")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"axis.range[0] > {before} + 1")
    width = page.evaluate("axis.range[1] - axis.range[0]")
    page.mouse.move(*pixel_of(page, page.evaluate("(axis.range[0] + axis.range[1]) / 2")))
    page.mouse.wheel(0, -300)
    page.wait_for_function(f"axis.range[1] - axis.range[0] < {width} * .95")
    page.wait_for_function("plot._fullLayout.xaxis2.range[0] === plot._fullLayout.xaxis.range[0]")


def test_names_are_text(page):
    names = page.evaluate("data.phases.map(phase => phase.name)")
    assert names == ["rest", NASTY]
    shown = page.evaluate(
        "[...document.querySelectorAll('.annotation-text')].map(each => each.textContent)"
    )
    assert NASTY in shown
    assert page.locator("img").count() == 0
