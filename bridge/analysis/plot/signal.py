"""The panels of the signal: all of it, its quality, and a few seconds from close by."""

from typing import TYPE_CHECKING

import numpy as np

from bridge.analysis.analyze import Analysis
from bridge.analysis.plot.look import BEAT, INK, LATE, MARKED, MEASURES, SIGNAL, legend
from bridge.events import Label
from bridge.hrv.measures import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ZOOM_S = 9.0
MOST_POINTS = 3000
"""More points than this across the page are drawn as the range they cover."""


def overview(axes: "Axes", analysis: Analysis) -> None:
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
    legend(axes)


def quality(axes: "Axes", analysis: Analysis) -> None:
    """How far the signal looked like a heart, 0-1."""
    t = [each.t for each in analysis.quality]
    values = [each.value for each in analysis.quality]
    axes.fill_between(t, values, step="pre", color=MEASURES["HF"][0], alpha=0.5, linewidth=0)
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks([0.0, 1.0])
    axes.set_ylabel("quality", rotation=0, ha="right", va="center")


def moments(analysis: Analysis) -> list[float]:
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


def zoom(axes: "Axes", analysis: Analysis, start: float, name: str) -> None:
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
    if len(values):  # the signal may be lost just here
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
    axes.tick_params(axis="x", labelsize=9)  # a label a second
    axes.set_title(name, loc="left", fontsize=10, fontweight="bold", pad=3)
    if any(beat.late for beat in shown):
        axes.set_title("o  found by looking back", loc="right", fontsize=8, color=LATE, pad=3)


def mark_zoom(axes: "Axes", start: float, name: str) -> None:
    """Show on the overview where a close view was taken."""
    axes.axvspan(start, start + ZOOM_S, color=INK, alpha=0.25, lw=0)
    axes.annotate(
        name, (start + ZOOM_S / 2, 1.0), xycoords=("data", "axes fraction"),
        ha="center", va="bottom", fontweight="bold",
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
            first = min(int(place), len(chunk.values) - 1)
            around = chunk.values[first : first + 2]
            return float(np.interp(place - first, np.arange(len(around)), around))
    return float("nan")
