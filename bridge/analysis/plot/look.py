"""What the panels of the picture share: colours, legends, clocks."""

from typing import TYPE_CHECKING

import numpy as np

from bridge.events import Label
from bridge.hrv.measures import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from bridge.analysis.analyze import Analysis

GRID = "#dddddd"
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


def legend(axes: "Axes") -> None:
    """Above the panel, where it hides nothing."""
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 0.99), ncols=8, frameon=False, fontsize=8.5,
        borderpad=0.1, columnspacing=1.4, handlelength=1.4,
    )  # fmt: skip


def unlabelled(axes: "Axes", at: Floats) -> None:
    """Lines and strokes at these places of the axis that goes across, as ticks without labels are
    drawn: of those matplotlib makes an object each, and a picture has a hundred."""
    from matplotlib.collections import LineCollection
    from matplotlib.markers import TICKDOWN

    axes.xaxis.set_ticks([])
    across = axes.get_xaxis_transform()
    lines = LineCollection(
        [[(x, 0.0), (x, 1.0)] for x in at.tolist()],
        colors=GRID, linewidths=0.5, zorder=0.5, transform=across,
    )  # fmt: skip
    axes.add_collection(lines, autolim=False)
    axes.plot(
        at, np.zeros(len(at)), linestyle="", marker=TICKDOWN, markersize=3.5, markeredgewidth=0.8,
        color="black", transform=across, clip_on=False, scalex=False, scaley=False,
    )  # fmt: skip


def plain(axes: "Axes", across: str, up: str) -> None:
    """Bare axes with a faint grid."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel(across)
    axes.set_ylabel(up)


def clock(t: float, end: float) -> str:
    """A time as seconds, m:ss or h:mm:ss, whichever suits a recording of this length."""
    if end <= 60.0:
        return f"{t:g} s"
    minutes, seconds = divmod(round(t), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def title_of(analysis: "Analysis") -> str:
    """What was recorded, and its measures in the whole."""
    t = analysis.table["t"]
    begin = float(t[0]) if len(t) else 0.0  # a clock may have begun days before
    parts = [analysis.recording.path.name, clock(analysis.end_s - begin, 61.0)]
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
