"""Analysis -> picture: the signal with its beats, the intervals as judged, and the measures."""

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from bridge.analysis import Analysis
from bridge.errors import BeatbridgeError
from bridge.events import Label
from bridge.hrv import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_IN, DPI = 15.0, 120
ZOOM_S = 9.0
MOST_POINTS = 3000
"""More points than this across the page are drawn as the range they cover."""

TICKS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400)
MOST_TICKS = 16

INK, FAINT, SIGNAL = "#222222", "#9a9a9a", "#3d5a80"
BEAT, LATE = "#c1121f", "#f4a259"
# Okabe and Ito's colours: told apart by every kind of colour vision.
MARKED = {
    Label.ECTOPIC: ("#D55E00", "D"),
    Label.MISSED: ("#0072B2", "^"),
    Label.EXTRA: ("#CC79A7", "v"),
    Label.LONG_OR_SHORT: ("#E69F00", "s"),
}
MEASURES = {
    "HR": ("#c1121f", "heart rate"),
    "SDNN": ("#0072B2", "SDNN"),
    "RMSSD": ("#009E73", "RMSSD"),
    "VLF": ("#56B4E9", "VLF 0.003-0.04 Hz"),
    "LF": ("#0072B2", "LF 0.04-0.15 Hz"),
    "HF": ("#009E73", "HF 0.15-0.40 Hz"),
    "LF_HF": ("#6a4c93", "LF / HF"),
}
PHASES = ("#8ecae6", "#ffb4a2", "#b7e4c7", "#ffe5a0", "#d7c6f0")


def picture(analysis: Analysis) -> bytes:
    """Draw an analysis as PNG.

    Raises:
        BeatbridgeError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine
    except ImportError as error:
        raise BeatbridgeError(
            "a picture needs matplotlib: pip install 'beatbridge[plot]'"
        ) from error

    signal = bool(analysis.recording.chunks)
    heights = [1.5, 0.3, 1.7] if signal else []
    heights += [2.0] if analysis.intervals else []
    heights += [1.1, 1.4, 1.6, 1.1]
    figure = Figure(figsize=(WIDTH_IN, 1.2 * sum(heights) + 1.4))
    figure.set_layout_engine(ConstrainedLayoutEngine(h_pad=0.05, w_pad=0.08, hspace=0.01))
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(len(heights), 3, height_ratios=heights)
    rows = iter(range(len(heights)))
    long: list[Axes] = []

    def wide() -> "Axes":
        axes = figure.add_subplot(grid[next(rows), :], sharex=long[0] if long else None)
        long.append(axes)
        return axes

    if signal:
        _overview(wide(), analysis)
        _quality(wide(), analysis)
        row = next(rows)
        for column, start in enumerate(_moments(analysis)):
            _zoom(figure.add_subplot(grid[row, column]), analysis, start, "abc"[column])
            _mark_zoom(long[0], start, "abc"[column])
    if analysis.intervals:
        _tachogram(wide(), analysis)
    _lines(wide(), analysis, ["HR"], "beats / min")
    _lines(wide(), analysis, ["SDNN", "RMSSD"], "ms")
    _lines(wide(), analysis, ["VLF", "LF", "HF"], "power", log=True)
    _lines(wide(), analysis, ["LF_HF"], "ratio")
    _dress(figure, long, analysis)
    file = BytesIO()
    figure.savefig(file, format="png", dpi=DPI, metadata={"Software": "beatbridge"})
    return file.getvalue()


def _overview(axes: "Axes", analysis: Analysis) -> None:
    """The whole signal as the band it covers, and a stroke below for each beat."""
    for chunk in analysis.recording.chunks:
        t = chunk.t + np.arange(len(chunk.values)) / chunk.rate_hz
        each = max(1, len(t) * len(analysis.recording.chunks) // MOST_POINTS)
        cuts = np.arange(0, len(t), each)
        low, high = np.minimum.reduceat(chunk.values, cuts), np.maximum.reduceat(chunk.values, cuts)
        axes.fill_between(t[cuts], low, high, color=SIGNAL, linewidth=0.6, alpha=0.85)
    beats = np.array([beat.t for beat in analysis.beats])
    axes.set_ylim(*_robust_range(np.concatenate([c.values for c in analysis.recording.chunks])))
    axes.plot(
        beats, np.full(len(beats), 0.02), "|", color=BEAT, markersize=5, markeredgewidth=0.5,
        transform=axes.get_xaxis_transform(), label=f"{len(beats)} beats",
    )  # fmt: skip
    axes.set_ylabel(f"{analysis.kind.upper()} signal")
    _legend(axes)


def _quality(axes: "Axes", analysis: Analysis) -> None:
    """How far the signal looked like a heart, 0-1."""
    t = [each.t for each in analysis.quality]
    values = [each.value for each in analysis.quality]
    axes.fill_between(t, values, step="pre", color=MEASURES["HF"][0], alpha=0.5, linewidth=0)
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks([0.0, 1.0])
    axes.set_ylabel("quality", rotation=0, ha="right", va="center")


def _moments(analysis: Analysis) -> list[float]:
    """Where to look closely: an ordinary stretch early and late, and between them the worst."""
    end = analysis.end_s
    wanted = np.array([0.15 * end, 0.5 * end, 0.85 * end])
    trouble = [each.t for each in analysis.intervals if each.label is not Label.NORMAL]
    trouble += [beat.t for beat in analysis.beats if beat.late and beat.t > ZOOM_S]
    if trouble:
        near = np.array(trouble)
        crowd = np.sum(np.abs(near[:, None] - near[None, :]) < ZOOM_S / 2, axis=1)
        wanted[1] = near[int(np.argmax(crowd))]
        for side in (0, 2):
            clear = np.min(np.abs(near - wanted[side])) > ZOOM_S / 2
            if not clear:
                tries = wanted[side] + np.linspace(-0.12, 0.12, 49) * end
                tries = tries[np.argsort(np.abs(tries - wanted[side]))]
                free = [x for x in tries if np.min(np.abs(near - x)) > ZOOM_S / 2]
                wanted[side] = free[0] if free else wanted[side]
    starts = np.clip(wanted - ZOOM_S / 2, 0.0, max(0.0, end - ZOOM_S))
    return sorted(starts.tolist())


def _zoom(axes: "Axes", analysis: Analysis, start: float, name: str) -> None:
    """A few seconds, with each beat at its time and each interval in ms."""
    stop = start + ZOOM_S
    level = []
    for chunk in analysis.recording.chunks:
        t = chunk.t + np.arange(len(chunk.values)) / chunk.rate_hz
        here = (t >= start) & (t <= stop)
        axes.plot(t[here], chunk.values[here], color=SIGNAL, linewidth=1.0)
        level.append(chunk.values[here])
    shown = [beat for beat in analysis.beats if start <= beat.t <= stop]
    for late, colour in ((False, BEAT), (True, LATE)):
        t_beats = [beat.t for beat in shown if beat.late == late]
        heights = [_value_at(analysis, t) for t in t_beats]
        face = colour if not late else "white"
        axes.plot(t_beats, heights, "o", color=colour, markerfacecolor=face, markersize=5)
        for t_beat in t_beats:
            axes.axvline(t_beat, color=colour, linewidth=0.7, alpha=0.35)
    values = np.concatenate(level)
    margin = 0.22 * float(np.ptp(values) or 1.0)
    axes.set_ylim(float(values.min()) - 0.3 * margin, float(values.max()) + margin)
    for each in analysis.intervals:
        if start < each.t - each.ibi_ms / 2000.0 < stop:
            colour = INK if each.label is Label.NORMAL else MARKED[each.label][0]
            if each.label is not Label.NORMAL:
                axes.axvspan(each.t - each.ibi_ms / 1000.0, each.t, color=colour, alpha=0.15, lw=0)
            axes.annotate(
                f"{each.ibi_ms:.0f}", (each.t - each.ibi_ms / 2000.0, 0.94), color=colour,
                xycoords=("data", "axes fraction"), ha="center", va="center", fontsize=7.5,
            )  # fmt: skip
    axes.set_xlim(start, stop)
    axes.set_title(name, loc="left", fontsize=10, fontweight="bold", pad=3)
    if any(beat.late for beat in shown):
        axes.set_title("o  found by looking back", loc="right", fontsize=8, color=LATE, pad=3)


def _mark_zoom(axes: "Axes", start: float, name: str) -> None:
    axes.axvspan(start, start + ZOOM_S, color=INK, alpha=0.25, lw=0)
    axes.annotate(
        name, (start + ZOOM_S / 2, 1.0), xycoords=("data", "axes fraction"),
        ha="center", va="bottom", fontweight="bold",
    )  # fmt: skip


def _tachogram(axes: "Axes", analysis: Analysis) -> None:
    """Every interval; what was marked, and what it was corrected to."""
    t = np.array([each.t for each in analysis.intervals])
    ibi_ms = np.array([each.ibi_ms for each in analysis.intervals])
    nn_ms = np.array([np.nan if e.nn_ms is None else e.nn_ms for e in analysis.intervals])
    gap = np.array([each.after_gap for each in analysis.intervals])
    counts = analysis.counts()
    line = nn_ms.copy()
    line[gap] = np.nan  # the line is broken where the signal was
    axes.plot(t, line, color=FAINT, linewidth=0.7, zorder=1, label="normal-to-normal")
    normal = np.array([each.label is Label.NORMAL for each in analysis.intervals])
    axes.plot(
        t[normal], ibi_ms[normal], ".", color=INK, markersize=2.5, zorder=2,
        label=f"{counts[Label.NORMAL]} normal",
    )  # fmt: skip
    for label, (colour, shape) in MARKED.items():
        here = np.array([each.label is label for each in analysis.intervals])
        if here.any():
            axes.vlines(t[here], ibi_ms[here], nn_ms[here], color=colour, lw=0.8, zorder=2)
            axes.plot(
                t[here], ibi_ms[here], shape, color=colour, markersize=5, zorder=3,
                markeredgecolor="white", markeredgewidth=0.4,
                label=f"{counts[label]} {label.value}",
            )  # fmt: skip
    axes.set_ylabel("interval, ms")
    _legend(axes)


def _lines(
    axes: "Axes", analysis: Analysis, names: Sequence[str], unit: str, log: bool = False
) -> None:
    """Columns of the table over time."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    table = analysis.table
    drawn = False
    for name in names:
        values = table.get(name)
        if values is not None and np.isfinite(values).any():
            colour, label = MEASURES[name]
            axes.plot(table["t"], values, color=colour, linewidth=1.2, label=label)
            drawn = True
    if drawn:
        if log and _positive(table, names):
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.yaxis.set_minor_formatter(NullFormatter())
        _legend(axes)
    else:
        axes.text(
            0.5, 0.5, "the recording is too short for this window", transform=axes.transAxes,
            ha="center", va="center", color=FAINT,
        )  # fmt: skip
    in_ms2 = unit == "power" and analysis.kind != "table"
    axes.set_ylabel("power, ms$^2$" if in_ms2 else unit)


def _positive(table: dict[str, Floats], names: Sequence[str]) -> bool:
    values = np.concatenate([table[name] for name in names if name in table])
    return bool(np.nanmin(values) > 0.0)


def _dress(figure: "Figure", long: Sequence["Axes"], analysis: Analysis) -> None:
    """What all panels share: minutes, phases between the markers, a title."""
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    t = analysis.table["t"]
    begin = 0.0 if analysis.recording.chunks or not len(t) else float(t[0])
    end = max(analysis.end_s, begin + 1.0)
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _clock(x, end)))
        axes.grid(True, color="#dddddd", linewidth=0.5)
        axes.set_axisbelow(True)
    apart = next((each for each in TICKS_S if (end - begin) / each <= MOST_TICKS), 86_400.0)
    for axes in long:
        axes.set_xlim(begin, end)
        axes.xaxis.set_major_locator(MultipleLocator(apart))
        axes.tick_params(labelbottom=axes is long[-1])
    marks = [mark for mark in analysis.recording.markers if begin <= mark.t < end]
    for i, mark in enumerate(marks):
        stop = marks[i + 1].t if i + 1 < len(marks) else end
        for axes in long:
            axes.axvspan(mark.t, stop, color=PHASES[i % len(PHASES)], alpha=0.25, lw=0, zorder=0)
        long[0].annotate(
            mark.text, (mark.t, 1.0), xycoords=("data", "axes fraction"), ha="left", va="bottom",
            fontsize=9, color=INK,
        )  # fmt: skip
    figure.suptitle(_title(analysis), x=0.01, ha="left", fontsize=12, fontweight="bold")


def _title(analysis: Analysis) -> str:
    parts = [analysis.recording.path.name, _clock(analysis.end_s, 61.0)]
    if analysis.recording.chunks:
        parts.append(f"{analysis.recording.chunks[0].rate_hz:g} Hz")
    whole = analysis.whole()
    for value, unit in (
        (whole.bpm, "bpm"),
        (whole.sdnn_ms, "ms SDNN"),
        (whole.rmssd_ms, "ms RMSSD"),
    ):
        if value is not None:
            parts.append(f"{value:.1f} {unit}")
    return "   ·   ".join(parts)


def _clock(t: float, end: float) -> str:
    """A time as seconds, m:ss or h:mm:ss, whichever suits a recording of this length."""
    if end <= 60.0:
        return f"{t:g} s"
    minutes, seconds = divmod(round(t), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _legend(axes: "Axes") -> None:
    """Above the panel, where it hides nothing."""
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 0.99), ncols=8, frameon=False, fontsize=8.5,
        borderpad=0.1, columnspacing=1.4, handlelength=1.4,
    )  # fmt: skip


def _robust_range(values: Floats) -> tuple[float, float]:
    """A range that a single spike does not squeeze, with room for the strokes below."""
    low, high = np.percentile(values, [0.05, 99.95])
    span = float(high - low) or 1.0
    return float(low) - 0.25 * span, float(high) + 0.1 * span


def _value_at(analysis: Analysis, t: float) -> float:
    for chunk in analysis.recording.chunks:
        if chunk.t <= t < chunk.end:
            place = (t - chunk.t) * chunk.rate_hz
            return float(np.interp(place, np.arange(len(chunk.values)), chunk.values))
    return float("nan")
