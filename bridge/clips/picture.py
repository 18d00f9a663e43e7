"""Clips as a picture: the drums under the heart-rate curve, the notes, and the lanes below."""

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bridge.clips.cells import zone_edges
from bridge.clips.clip import Clip, Lane, Track
from bridge.clips.drums import drum_rows
from bridge.clips.kit import note_name
from bridge.clips.render import Setting
from bridge.clips.scale import Scales
from bridge.clips.session import Session
from bridge.clips.smf import source_mark
from bridge.clips.style import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = 1000
"""More cells than this are drawn bar by bar: cells finer than the pixels would shimmer."""
_CURVE_POINTS = 1600
_LABELS = 24
"""So many names of drums fit beside the roll."""
_NOTES = 1200
"""More notes of a line than this are drawn as a band."""
_GAP = 0.14
"""White between two drums, of a row: a full bar is no wall."""
LEFT, RIGHT = 0.115, 0.865
"""Where the time axis begins and ends, of the picture's width; a page moves a cursor over it."""
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
    notes: Clip | None = None,
) -> bytes:
    """Return the picture of a session's clips as PNG or SVG, the same bytes for the same clips.

    Rows are all drums of the style, the lowest zone's at the bottom, so that pictures of one batch
    compare; each row is as high as its zone of heart rate, so that the curve runs along the upper
    edge of what sounds.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    track = clip.tracks[0]
    sung = notes.tracks if notes is not None else ()
    settings: Any = {
        "svg.hashsalt": "beatbridge",
        "font.size": 9.0,
        "axes.edgecolor": "#8d99ae",
        "text.parse_math": False,  # a name may hold dollars
    }
    with rc_context(settings):
        figure = Figure(figsize=(14, 6.4 + 1.8 * bool(sung)), dpi=110, facecolor=_PAPER)
        FigureCanvasAgg(figure)
        has_lanes = bool(track.lanes)
        heights = [3, *[1.1] * bool(sung), *[1] * has_lanes]
        roll, *rest = figure.subplots(
            len(heights),
            1,
            sharex=True,
            squeeze=False,
            gridspec_kw={
                "height_ratios": heights,
                "left": LEFT,
                "right": RIGHT,
                "top": 0.9,
                "bottom": 0.085,
                "hspace": 0.16,
            },
        )[:, 0]
        seconds = session.seconds
        rows = _draw_roll(roll, track, style, setting, seconds)
        _draw_curve(roll, session, style, scales, rows)
        if sung:
            _draw_notes(rest[0], sung, setting, seconds)
        if has_lanes:
            _draw_lanes(rest[-1], track.lanes, style, setting, seconds)
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
    softest, loudest = np.percentile(loud[loud > 0], (2, 98)).tolist() if len(notes) else (0, 1)
    shade = np.clip((loud - softest) / max(loudest - softest, 0.05 * loudest), 0, 1)
    lines = np.full((2 * rows, columns), -1.0)  # every second one is the gap between two drums
    lines[::2] = np.where(loud > 0, shade, -1.0)
    borders = np.minimum(
        np.arange(columns + 1) * cells, setting.cells
    ) * style.grid.cell_ticks  # fmt: skip
    axes.pcolormesh(
        setting.timeline.seconds(borders),
        np.repeat(np.arange(rows + 1), 2)[:-1] + np.tile((0.0, 1 - _GAP), rows + 1)[: 2 * rows + 1],
        np.ma.masked_less(lines, 0),
        cmap=_ink_map(),
        vmin=0,
        vmax=1,
        rasterized=True,
        zorder=2,
    )
    shown = range(0, rows, -(-rows // _LABELS))
    names = [f"{pitches[row]} {note_name(pitches[row], track.channel)}" for row in shown]
    axes.set_yticks([row + 0.5 for row in shown], names)
    axes.set_ylabel("each hit" if cells == 1 else "each bar: the darker, the harder and fuller")
    axes.set_ylim(0, rows * 1.04)
    axes.set_xlim(0, seconds)
    return rows


def _ink_map() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("ink", ["#c3cde0", "#6b7ba3", _INK])


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
        even = np.allclose(np.diff(borders), np.diff(borders).mean(), rtol=0.01)
        steps = "" if even else ", zones equally high: not linear"
        twin.set_ylabel(f"{column}{unit}{steps}", color=_CURVE)
        twin.tick_params(axis="y", colors=_CURVE)


def _draw_notes(axes: "Axes", tracks: tuple[Track, ...], setting: Setting, seconds: float) -> None:
    """Draw the pitches of each line; of a long clip the band that they move in."""
    used: list[int] = []
    for number, track in enumerate(tracks):
        colour = _LANE_COLOURS[number % len(_LANE_COLOURS)]
        label = track.name.replace("_", " ")
        moments = setting.timeline.seconds(track.notes.tick)
        pitch = track.notes.pitch
        used += pitch.tolist()
        if len(pitch) <= _NOTES:
            ends = setting.timeline.seconds(track.notes.tick + track.notes.length)
            axes.hlines(pitch, moments, ends, color=colour, linewidth=2.4, label=label)
            continue
        starts = np.linspace(0, len(pitch), _NOTES // 4, endpoint=False).astype(np.int64)
        low, high = (reach.reduceat(pitch, starts) for reach in (np.minimum, np.maximum))
        axes.fill_between(moments[starts], low - 0.5, high + 0.5, step="post", color=colour,
                          linewidth=0, alpha=0.8, label=f"{label} (range)")  # fmt: skip
    marks = [pitch for pitch in range(128) if pitch % 12 == 0]
    axes.set_yticks(marks, [note_name(pitch) for pitch in marks])
    axes.set_ylim(min(used, default=36) - 2, max(used, default=72) + 2)
    axes.set_ylabel("notes")
    axes.set_xlim(0, seconds)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)


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
    last.xaxis.set_major_locator(MaxNLocator(12, steps=[1, 1.5, 2, 3, 6, 10], integer=True))
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
