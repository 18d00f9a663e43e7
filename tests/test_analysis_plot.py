"""The picture: that it can be drawn of whatever was found, and shows what it should."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread

from bridge.analysis.analyze import analyze
from bridge.analysis.plot import picture
from bridge.analysis.plot.ema import threshold
from bridge.analysis.plot.look import BEAT, MARKED, clock
from bridge.analysis.plot.signal import ZOOM_S, moments
from bridge.errors import UserError
from bridge.events import Label, Marker, SampleChunk
from bridge.recordings.recording import Recording
from bridge.simulate.heart import Heart, HeartSimulator

FILE = Path("session.csv")


def pixels(png: bytes) -> np.ndarray:
    assert png.startswith(b"\x89PNG")
    return np.round(imread(BytesIO(png))[..., :3] * 255).astype(int)


def has(image: np.ndarray, colour: str, least: int) -> bool:
    rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return int((np.abs(image - rgb).max(axis=2) <= 2).sum()) >= least


def chunk(seconds: float, start: float = 0.0) -> SampleChunk:
    values = HeartSimulator(Heart(rate_hz=100.0)).take(int((start + seconds) * 100)).values
    return SampleChunk(start, 100.0, values[int(start * 100) :])


@pytest.mark.slow
def test_phases_are_shaded_from_marker_to_marker() -> None:
    recording = Recording(
        FILE, chunks=(chunk(60.0),), markers=(Marker(0.0, "rest"), Marker(30.0, "stress"))
    )
    plain = pixels(picture(analyze(Recording(FILE, chunks=(chunk(60.0),)))))
    shaded = pixels(picture(analyze(recording)))
    rest, stress = "#e2f2f9", "#ffece8"  # the first two phase colours at a quarter on white
    assert has(shaded, rest, 20_000)
    assert has(shaded, stress, 20_000)
    assert not has(plain, rest, 100)


@pytest.mark.slow
def test_panels_and_their_labels_stay_on_the_page_and_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[Figure] = []
    monkeypatch.setattr(
        FigureCanvasAgg, "print_png", lambda self, file, **_: drawn.append(self.figure)
    )
    wide = replace(chunk(60.0), values=-4321.0 * chunk(60.0).values)
    t = np.arange(0.0, 60.0, 0.25)
    body = {"eda": np.column_stack([t, 4.0 + np.sin(t)]), "belt": np.column_stack([t, 1e5 * t])}
    picture(analyze(Recording(FILE, chunks=(wide,), body=body), "ppg"))
    (figure,) = drawn
    figure.canvas.draw()
    page = figure.bbox.padded(1.0)
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            taken = axis.get_tightbbox()
            assert taken is None or page.fully_containsx(taken.x0), axes.get_ylabel()
            assert taken is None or page.fully_containsx(taken.x1), axes.get_ylabel()
            assert taken is None or page.fully_containsy(taken.y0), axes.get_ylabel()
    above, _, *below = (axes.get_position(original=True) for axes in figure.axes)
    assert above.y0 > max(box.y1 for box in below)


@pytest.mark.slow
def test_beats_and_what_was_marked_are_drawn() -> None:
    beats_t = np.cumsum(np.r_[1.0, np.tile([0.80, 0.82, 0.85, 0.83, 0.79, 0.81], 20)])
    steady = pixels(picture(analyze(Recording(FILE, beats_t=beats_t))))
    missing = pixels(picture(analyze(Recording(FILE, beats_t=np.delete(beats_t, 60)))))
    colour = MARKED[Label.MISSED][0]
    measures = pixels(picture(analyze(Recording(FILE, chunks=(chunk(60.0),)))))
    assert has(measures, BEAT, 500)
    assert steady.shape == missing.shape
    assert has(missing[200:420], colour, 20)
    assert not has(steady[200:420], colour, 20)


@pytest.mark.slow
def test_a_close_view_may_fall_into_a_lost_signal() -> None:
    recording = Recording(FILE, chunks=(chunk(40.0), chunk(10.0, start=90.0)))
    analysis = analyze(recording)
    starts = moments(analysis)
    assert any(start > 40.0 and start + ZOOM_S < 90.0 for start in starts)
    assert pixels(picture(analysis)).shape[1] == 1800


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [8.0, 25.0, 70.0, 200.0])
def test_any_length_can_be_drawn(seconds: float) -> None:
    assert pixels(picture(analyze(Recording(FILE, chunks=(chunk(seconds),))))).shape[1] == 1800


@pytest.mark.slow
def test_the_plain_detector_has_the_picture_of_its_seed() -> None:
    """Reading in black, its average in blue; what is red begins where the detector fires."""
    analysis = analyze(Recording(FILE, chunks=(chunk(20.0), chunk(9.0, start=25.0))), kind="ema")
    assert analysis.kind == "ema"
    axes = Figure().add_subplot()
    threshold(axes, analysis)
    black, blue, red, *_ = axes.lines
    assert [line.get_label() for line in (black, blue, red)] == [
        "pulse reading", "moving average", "detected heartbeat",
    ]  # fmt: skip
    t, reading = np.asarray(black.get_xdata()), np.asarray(black.get_ydata())
    average, detected = np.asarray(blue.get_ydata()), np.asarray(red.get_ydata())
    above = reading > average + 60.0
    np.testing.assert_array_equal(np.isfinite(detected), above)
    np.testing.assert_array_equal(detected[above], reading[above])
    starts = t[1:][above[1:] & ~above[:-1]]
    fired = [beat.t for beat in analysis.beats if beat.t < 20.0]
    assert len(fired) > 15
    assert set(np.round(fired, 6)) <= set(np.round(starts, 6))
    assert axes.get_ylim() == (0.0, 1023.0)
    assert has(pixels(picture(analysis)), "#ff0000", 500)


def test_nothing_to_draw_is_said() -> None:
    lonely = analyze(Recording(FILE, beats_t=np.array([1.0, 10.0, 20.0])))
    with pytest.raises(UserError, match=r"session\.csv: no interval"):
        picture(lonely)


@pytest.mark.parametrize(
    ("t", "end", "shown"),
    [(7.5, 20.0, "7.5 s"), (59.99, 300.0, "1:00"), (1439.9, 1440.0, "24:00"),
     (3725.0, 9000.0, "1:02:05")],
)  # fmt: skip
def test_times_read_like_a_clock(t: float, end: float, shown: str) -> None:
    assert clock(t, end) == shown
