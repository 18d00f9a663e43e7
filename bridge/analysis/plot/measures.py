"""The panels of intervals and measures."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bridge.analysis.analyze import Analysis
from bridge.analysis.plot.look import FAINT, INK, MARKED, MEASURES, legend, plain
from bridge.events import Label
from bridge.hrv.measures import (
    BANDS_HZ,
    band_powers,
    normal_intervals,
)
from bridge.hrv.stretch import LEAST_S, mean_density

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def tachogram(axes: "Axes", analysis: Analysis) -> None:
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
    legend(axes)


def lines(axes: "Axes", analysis: Analysis, names: Sequence[str], unit: str) -> None:
    """Columns of the table over time."""
    for name in names:
        colour, label = MEASURES[name]
        values = analysis.table[name]
        axes.plot(analysis.table["t"], values, color=colour, linewidth=1.2, label=label)
    if unit == "power" and all(np.nanmin(analysis.table[name]) > 0.0 for name in names):
        _logarithmic(axes)
    # A table says nothing of its units, and not every program's powers are ms^2.
    in_ms2 = unit == "power" and analysis.kind != "table"
    axes.set_ylabel("power, ms²" if in_ms2 else unit)
    legend(axes)


def _logarithmic(axes: "Axes") -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def spectrum(axes: "Axes", analysis: Analysis) -> None:
    """The density over the whole recording, averaged over windows one after the other."""
    plain(axes, "frequency, Hz", "ms² / Hz")
    axes.set_title("spectrum", loc="left", fontsize=10, fontweight="bold", pad=3)
    normal = normal_intervals(analysis.intervals)
    start_s, end_s = (float(normal.start_s[0]), analysis.end_s) if len(normal.nn_ms) else (0.0, 0.0)
    f, density = mean_density(normal, start_s, end_s)
    if density is None or end_s - start_s < LEAST_S["HF"]:
        text = "a spectrum needs a minute of beats"
        axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", color=FAINT)
        return
    bands = band_powers(f, density)
    powers = {"VLF": bands.vlf_ms2, "LF": bands.lf_ms2, "HF": bands.hf_ms2}
    for name, power in powers.items():
        low, high = BANDS_HZ[name.lower()]
        here = (f >= low - 1e-9) & (f <= high + 1e-9)
        label = f"{name} {power:.0f} ms²"
        axes.fill_between(f[here], density[here], color=MEASURES[name][0], alpha=0.6, label=label)
    if bands.respiration_hz is not None:
        breath = f"breath {60.0 * bands.respiration_hz:.0f} / min"
        axes.axvline(bands.respiration_hz, color=INK, linewidth=0.8, linestyle=":", label=breath)
    axes.set_xlim(0.0, 0.4)
    axes.set_ylim(0.0, 1.15 * float(density[f >= BANDS_HZ["lf"][0]].max()))  # VLF may reach beyond
    legend(axes)


def poincare(axes: "Axes", analysis: Analysis) -> None:
    """Each interval against the one before."""
    normal = normal_intervals(analysis.intervals)
    follows = ~normal.breaks[1:]
    one, two = normal.nn_ms[:-1][follows], normal.nn_ms[1:][follows]
    whole = analysis.whole()
    plain(axes, "interval, ms", "the next, ms")
    axes.set_title("Poincaré", loc="left", fontsize=10, fontweight="bold", pad=3)
    if whole.sd1_ms is None or whole.sd2_ms is None:
        return
    axes.plot(one, two, ".", color=INK, markersize=2.0, alpha=0.5)
    low, high = np.percentile(np.concatenate((one, two)), [0.2, 99.8])
    room = 0.15 * (high - low) + 5.0
    axes.plot([low - room, high + room], [low - room, high + room], color=FAINT, linewidth=0.7)
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(low - room, high + room)
    axes.set_aspect("equal")
    text = f"SD1 {whole.sd1_ms:.1f} ms\nSD2 {whole.sd2_ms:.1f} ms"
    axes.text(0.04, 0.96, text, transform=axes.transAxes, va="top", fontsize=8.5)
