"""A drum clip as a picture: a piano roll under the heart-rate curve, its lanes below."""

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bridge.clips.cells import zone_edges
from bridge.clips.clip import Clip, Lane, Track
from bridge.clips.drums import drum_rows
from bridge.clips.render import Setting
from bridge.clips.scale import Scales
from bridge.clips.session import Session
from bridge.clips.smf import source_mark
from bridge.clips.style import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = 2400
"""More cells than this are drawn bar by bar: cells finer than the pixels would shimmer."""
_CURVE_POINTS = 1600
_LABELS = 24
"""So many names of drums fit beside the roll."""
_INK, _CURVE, _PAPER, _GRID = "#2b2d42", "#d90429", "#ffffff", "#d7dae3"
_LANE_COLOURS = ("#0077b6", "#e07a00", "#2a9d8f", "#7b2cbf", "#6c757d")


def draw(
    clip: Clip,
    title: str,
    source: str,
    session: Session,
    style: Style,
    scales: Scales,
    setting: Setting,
    form: str,
) -> bytes:
    """Return the picture of a drum clip as PNG or SVG, the same bytes for the same clip.

    Rows are all drums of the style, the lowest zone's at the bottom, so that pictures of one batch
    compare; each row is as high as its zone of heart rate, so that the curve runs along the upper
    edge of what sounds.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    track = clip.tracks[0]
    settings: Any = {
        "svg.hashsalt": "beatbridge",
        "font.size": 9.0,
        "axes.edgecolor": "#8d99ae",
        "text.parse_math": False,  # a name may hold dollars
    }
    with rc_context(settings):
        figure = Figure(figsize=(14, 6.4), dpi=110, facecolor=_PAPER)
        FigureCanvasAgg(figure)
        has_lanes = bool(track.lanes)
        roll, *rest = figure.subplots(
            1 + has_lanes,
            1,
            sharex=True,
            squeeze=False,
            gridspec_kw={
                "height_ratios": [3, 1] if has_lanes else [1],
                "left": 0.045,
                "right": 0.875 if has_lanes else 0.95,
                "top": 0.9,
                "bottom": 0.085,
                "hspace": 0.16,
            },
        )[:, 0]
        seconds = session.seconds
        rows = _draw_roll(roll, track, style, setting, seconds)
        _draw_curve(roll, session, style, scales, rows)
        if has_lanes:
            _draw_lanes(rest[0], track.lanes, style, setting, seconds)
        _draw_phases((roll, *rest), session)
        _finish((roll, *rest), clip, title, session)
        out = io.BytesIO()
        unset = "Date" if form == "svg" else "Software"  # they would differ from day to day
        metadata: dict[str, Any] = {unset: None, "Source": source_mark(source)}
        figure.savefig(out, format=form, metadata=metadata)
    return out.getvalue()


def _draw_roll(axes: "Axes", track: Track, style: Style, setting: Setting, seconds: float) -> int:
    """Draw how much and how hard each drum sounds; return how many rows there are."""
    notes, pitches = track.notes, drum_rows(style)
    rows = len(pitches)
    row_of = np.zeros(128, np.int64)
    row_of[list(pitches)] = np.arange(rows)
    cells = 1 if setting.cells <= _COLUMNS else style.grid.cells
    columns = -(-setting.cells // cells)
    width = cells * style.grid.cell_ticks
    first = np.minimum(notes.tick // width, columns - 1)
    last = np.minimum((notes.tick + notes.length - 1) // width, columns - 1)
    row = row_of[notes.pitch]
    change = np.zeros((rows, columns + 1))
    np.add.at(change, (row, first), notes.velocity)
    np.add.at(change, (row, last + 1), -notes.velocity)
    loud = np.cumsum(change, axis=1)[:, :columns]
    loudest = float(np.percentile(loud[loud > 0], 98)) if len(notes) else 1.0
    borders = np.minimum(
        np.arange(columns + 1) * cells, setting.cells
    ) * style.grid.cell_ticks  # fmt: skip
    axes.pcolormesh(
        setting.timeline.seconds(borders),
        np.arange(rows + 1),
        np.ma.masked_equal(np.clip(loud / loudest, 0, 1), 0),
        cmap=_ink_map(),
        vmin=0,
        vmax=1,
        rasterized=True,
        zorder=2,
    )
    shown = range(0, rows, -(-rows // _LABELS))
    axes.set_yticks([row + 0.5 for row in shown], [str(pitches[row]) for row in shown])
    axes.set_ylabel("drum note")
    axes.set_ylim(0, rows * 1.04)
    axes.set_xlim(0, seconds)
    return rows


def _ink_map() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("ink", ["#b9c3d8", "#5b6b92", _INK])


def _draw_curve(axes: "Axes", session: Session, style: Style, scales: Scales, rows: int) -> None:
    """Draw the measure that the zones are cut from, on an axis where every zone is a row."""
    column = style.zones.column
    moments = np.linspace(0, session.seconds, _CURVE_POINTS)
    values = session.at(column, moments)
    height = np.empty(len(values))
    borders: NDArray[np.float64] = np.empty(0)
    for at, spreads in scales.pieces(style.scope, moments):
        spread = spreads[column]
        inner = zone_edges(style, spread)
        borders = np.unique(
            np.concatenate(([min(spread.low, inner[0])], inner, [max(spread.high, inner[-1])]))
            if len(inner)
            else np.array([spread.low, spread.high])
        )
        if len(borders) < 2:
            borders = np.array([borders[0], borders[0] + 1])
        height[at] = np.interp(values[at], borders, np.linspace(0, rows, len(borders)))
    axes.plot(moments, height, color=_CURVE, linewidth=1.6, zorder=4)
    for line in np.linspace(0, rows, len(borders)).tolist():
        axes.axhline(line, color=_GRID, linewidth=0.6, zorder=1)
    if scales.one_piece(style.scope):
        twin = axes.twinx()
        twin.set_ylim(axes.get_ylim())
        every = max(1, (len(borders) - 1) // 8)
        marks = np.linspace(0, rows, len(borders))[::every]
        shown = borders[::every].tolist()
        digits = 0 if len({round(value) for value in shown}) == len(shown) else 1
        twin.set_yticks(marks, [f"{value:.{digits}f}" for value in shown])
        unit = " (bpm)" if column == "HR" else ""
        twin.set_ylabel(f"{column}{unit}", color=_CURVE)
        twin.tick_params(axis="y", colors=_CURVE)


def _draw_lanes(
    axes: "Axes", lanes: tuple[Lane, ...], style: Style, setting: Setting, seconds: float
) -> None:
    names = {lane.controller: lane.column for lane in style.drums.lanes}
    for number, lane in enumerate(lanes):
        moments = np.append(setting.timeline.seconds(lane.tick), seconds)
        values = np.append(lane.value, lane.value[-1])
        colour = _LANE_COLOURS[number % len(_LANE_COLOURS)]
        label = f"{names.get(lane.controller, '')} (CC {lane.controller})"
        axes.step(moments, values, where="post", color=colour, linewidth=1.1, label=label)
    axes.set_ylim(-4, 131)
    axes.set_yticks([0, 64, 127])
    axes.set_ylabel("controller")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def _draw_phases(all_axes: "tuple[Axes, ...]", session: Session) -> None:
    if not session.markers:
        return
    top = all_axes[0]
    for number, phase in enumerate(session.phases()):
        begin, end = phase.start - session.start, phase.end - session.start
        for axes in all_axes:
            if number % 2:
                axes.axvspan(begin, end, color="#8ecae6", alpha=0.22, linewidth=0, zorder=0)
            axes.axvline(begin, color="#8d99ae", linewidth=0.8, zorder=3)
        top.text(
            begin,
            1.01,
            f" {phase.name}",
            transform=top.get_xaxis_transform(),
            va="bottom",
            ha="left",
            clip_on=False,
        )


def _finish(all_axes: "tuple[Axes, ...]", clip: Clip, title: str, session: Session) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    last = all_axes[-1]
    last.xaxis.set_major_locator(MaxNLocator(12, steps=[1, 1.5, 2, 3, 6, 10]))
    last.xaxis.set_major_formatter(FuncFormatter(lambda s, _: f"{int(s) // 60}:{int(s) % 60:02d}"))
    last.set_xlabel("time in the session (min:s)")
    for axes in all_axes:
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.set_facecolor("none")
    tempo = 60e6 / float(clip.tempo_us[0])
    how = "follows the heart" if len(clip.tempo_us) > 1 else f"{tempo:g} bpm"
    numerator, denominator = clip.metre
    all_axes[0].set_title(
        f"{title}: {len(clip.tracks[0].notes)} hits, tempo {how}, {numerator}/{denominator}",
        loc="left",
        pad=18 if session.markers else 8,
        fontweight="bold",
    )
