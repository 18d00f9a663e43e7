"""Analysis -> picture: the signal with its beats, the intervals as judged, and the measures."""

from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from bridge.analysis.analyze import Analysis
from bridge.analysis.plot.body import body
from bridge.analysis.plot.ema import threshold
from bridge.analysis.plot.look import GRID, INK, PHASES, clock, title_of, unlabelled
from bridge.analysis.plot.measures import lines, poincare, spectrum, tachogram
from bridge.analysis.plot.places import LABEL_IN, TICKS_IN, Row, place
from bridge.analysis.plot.signal import ZOOM_S, mark_zoom, moments, overview, quality, zoom
from bridge.clips.smf import source_mark
from bridge.errors import BeatbridgeError, UserError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Strip: TypeAlias = "tuple[float, Callable[[Axes, Analysis], None]]"

WIDTH_IN, DPI = 15.0, 120
COMPRESS_LEVEL = 3
"""Of PNG: a file larger by 3 % than at the usual 6, in two thirds of the time."""
ZOOMS_HEIGHT, LAST_HEIGHT = 1.7, 2.2
TICKS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400)
MOST_TICKS = 16


def picture(analysis: Analysis, source: str = "") -> bytes:
    """Draw an analysis as PNG, which says what it was made from.

    Raises:
        BeatbridgeError: matplotlib is not installed.
        UserError: there is nothing to draw.
    """
    try:
        from matplotlib import rc_context
    except ImportError as error:
        raise BeatbridgeError(
            'a picture needs matplotlib: uv sync --extra plot, or pip install ".[plot]"'
        ) from error

    with rc_context({"text.parse_math": False}):  # names and markers may hold dollars
        return _draw(analysis, source)


def _draw(analysis: Analysis, source: str) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    above, below = _strips(analysis)
    heights = [height for height, _ in above] + [ZOOMS_HEIGHT] * bool(above)
    heights += [height for height, _ in below] + [LAST_HEIGHT] * bool(analysis.intervals)
    if not heights:
        raise UserError(f"{analysis.recording.path}: no interval and no measure to draw")
    figure = Figure(figsize=(WIDTH_IN, 1.2 * sum(heights) + 1.4), dpi=DPI)
    canvas = FigureCanvasAgg(figure)
    long: list[Axes] = []
    rows: list[Row] = []
    for height, draw in [*above, *below]:
        long.append(figure.add_subplot())
        draw(long[-1], analysis)
        rows.append(Row(height, [(long[-1], 0, 3)]))
    if long:
        rows[-1] = rows[-1]._replace(below_in=TICKS_IN)
    if above:
        close = [figure.add_subplot() for _ in range(3)]
        for axes, start, name in zip(close, moments(analysis), "abc", strict=True):
            zoom(axes, analysis, start, name)
            if analysis.end_s > 5 * ZOOM_S:
                mark_zoom(long[0], start, name)
        views = [(axes, column, 1) for column, axes in enumerate(close)]
        rows.insert(len(above), Row(ZOOMS_HEIGHT, views, TICKS_IN))
    _dress(figure, long, analysis)
    if analysis.intervals:
        last = figure.add_subplot(), figure.add_subplot()
        spectrum(last[0], analysis)
        poincare(last[1], analysis)
        rows.append(Row(LAST_HEIGHT, [(last[0], 0, 2), (last[1], 2, 1)], LABEL_IN))
    place(figure, rows)
    file = BytesIO()
    canvas.print_png(  # type: ignore[no-untyped-call]  # savefig draws all of it twice
        file,
        metadata={"Software": "beatbridge", "Source": source_mark(source)},
        pil_kwargs={"compress_level": COMPRESS_LEVEL},
    )
    return file.getvalue()


def _strips(analysis: Analysis) -> tuple[list[Strip], list[Strip]]:
    """Heights and panels that span the page and share its time; above and below the close views."""
    above: list[Strip] = [(1.5, overview), (0.3, quality)] if analysis.recording.chunks else []
    if above and analysis.kind == "ema":
        above = [(2.0, threshold)]  # it gives no quality
    below: list[Strip] = [(2.0, tachogram)] if analysis.intervals else []
    measures: tuple[tuple[float, tuple[str, ...], str], ...] = (
        (1.1, ("HR",), "beats / min"),
        (1.4, ("SDNN", "RMSSD"), "ms"),
        (1.6, ("VLF", "LF", "HF"), "power"),
        (1.1, ("LF_HF",), "ratio"),
    )
    for height, names, unit in measures:
        known = [name for name in names if np.isfinite(analysis.table.get(name, np.nan)).any()]
        if known:
            below.append((height, partial(lines, names=known, unit=unit)))
    for name, column in analysis.recording.body.items():
        if len(column) > 1:
            below.append((1.1, partial(body, name=name)))
    return above, below


def _dress(figure: "Figure", long: Sequence["Axes"], analysis: Analysis) -> None:
    """What all panels share: minutes, phases between the markers, a title."""
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    t = analysis.table["t"]
    begin = float(t[0]) if len(t) else 0.0
    end = max(analysis.end_s, begin + 1.0)
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: clock(x, end)))
        axes.grid(True, color=GRID, linewidth=0.5)
        axes.set_axisbelow(True)
    apart = next((each for each in TICKS_S if (end - begin) / each <= MOST_TICKS), 86_400.0)
    for axes in long:
        axes.set_xlim(begin, end)
        if axes is long[-1]:
            axes.xaxis.set_major_locator(MultipleLocator(apart))
        else:
            unlabelled(axes, np.arange(np.ceil(begin / apart), end / apart + 1e-9) * apart)
    marks = [mark for mark in analysis.recording.markers if begin <= mark.t < end]
    for i, mark in enumerate(marks):
        stop = marks[i + 1].t if i + 1 < len(marks) else end
        for axes in long:
            axes.axvspan(mark.t, stop, color=PHASES[i % len(PHASES)], alpha=0.25, lw=0, zorder=0)
        long[0].annotate(
            mark.text, (mark.t, 1.0), xycoords=("data", "axes fraction"), xytext=(4, -3),
            textcoords="offset points", ha="left", va="top", fontsize=9, color=INK,
            bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.5},
        )  # fmt: skip
    y = 1.0 - 0.08 / figure.get_size_inches()[1]
    figure.suptitle(
        title_of(analysis), x=0.01, y=y, ha="left", va="top", fontsize=12, fontweight="bold"
    )
