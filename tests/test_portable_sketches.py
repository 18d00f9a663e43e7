"""The sketches for any board, on this computer as other cores would be told; and the drawings.

Nobody has run them on such a board: what stands for its core is a shim of the API they use.
"""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from tests.firmware_harness import build
from tests.firmware_harness.recordings import readings, simulated

PULSE_LINES, MAX30102_LINES = (
    build.FIRMWARE / name / f"{name}.ino" for name in ("pulse_lines", "max30102_lines")
)
CORES = pytest.mark.parametrize("core", build.CORES)
BITS = {"Uno R4": 14, "Nano Every": 10, "ESP8266": 10}
"""Of the converter; 12 of all others."""


@pytest.fixture
def printed(tmp_path, need_program):
    """Run a sketch for some seconds of its time; return its lines and what it says at the end."""

    def run(sketch, core, values, seconds):
        program = build.shimmed(tmp_path, need_program, sketch, core)
        file = tmp_path / "readings.txt"
        np.savetxt(file, values, fmt="%d")
        *lines, end = build.run(program, str(seconds), file).splitlines()
        return lines, end

    return run


def table(lines):
    return np.array([[int(number) for number in line.split(",")] for line in lines]).T


@pytest.mark.slow
@CORES
def test_pulse_lines(printed, core):
    """250 readings a second, each with its time; micros() wraps after five of the ten seconds."""
    values = readings(simulated(20.0)[0])[::4]
    lines, end = printed(PULSE_LINES, core, values, 10)
    t_us, found = table(lines)
    assert found.tolist() == values[: len(found)].tolist()
    assert len(found) == pytest.approx(2500, abs=2)
    steps = np.diff(t_us) % 2**32
    assert steps.mean() == pytest.approx(4000, abs=1)
    assert np.abs(steps - 4000).max() < 200
    assert end == f"{BITS.get(core, 12)} bits"


@pytest.mark.slow
@CORES
def test_max30102_lines(printed, core):
    values = 100_000 + np.arange(2000)
    lines, _ = printed(MAX30102_LINES, core, values, 10)
    t_us, found = table(lines)
    assert found.tolist() == values[: len(found)].tolist()
    assert len(found) == pytest.approx(1000, abs=5)
    assert np.abs(np.diff(t_us) % 2**32 - 10_000).max() < 1000


def test_an_electrode_that_is_off_is_said(printed, tmp_path):
    """Lead-off on pin 7, as one would write it into the sketch: high from 10 s to 11 s."""
    text = PULSE_LINES.read_text(encoding="utf-8")
    wired = re.sub(r"(kLeadOffMinusPin) = -1", r"\1 = 7", text)
    assert wired != text
    copy = tmp_path / "wired.ino"
    copy.write_text(wired, encoding="utf-8")
    lines, _ = printed(copy, "ESP32", np.full(5000, 2048), 12)
    assert len(lines) == pytest.approx(3000, abs=2)
    off = [number for number, line in enumerate(lines) if line == "!"]
    assert off == list(range(off[0], off[-1] + 1))
    assert off[0] == pytest.approx(2500, abs=2)
    assert len(off) == pytest.approx(250, abs=2)


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["wiring.svg", "wiring-3v3.svg"])
def test_the_drawings_words_stay_inside_their_boxes(tmp_path, need_program, name):
    """As wide as DejaVu Sans draws them, the widest of the usual fonts."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    drawing = build.FIRMWARE / name
    root = ET.parse(drawing).getroot()
    sizes = {"note": 14, "name": 20, "pad": 15, "pin": 15}
    boxes = [
        [float(rect.get(key, 0)) for key in ("x", "y", "width", "height")]
        for rect in root.iter(f"{SVG}rect")
    ]
    checked = 0
    for text in root.iter(f"{SVG}text"):
        if text.get("x") is None or text.get("text-anchor"):
            continue
        own = re.search(r"font-size:(\d+)", text.get("style", ""))
        size = int(own[1]) if own else sizes.get(text.get("class"), 15)
        font = FontProperties(
            family="DejaVu Sans", weight=400 if text.get("class") == "note" else 700
        )
        x, y = float(text.get("x")), float(text.get("y"))
        right = x + TextPath((0, 0), text.text, size=size, prop=font).get_extents().width
        for left, top, width, height in boxes:
            if left <= x <= left + width and top <= y <= top + height:
                assert right <= left + width, text.text
                checked += 1
    assert checked > 10
    picture = tmp_path / "wiring.png"
    build.run(need_program("rsvg-convert"), drawing, "-o", picture)
    assert picture.stat().st_size > 10_000
