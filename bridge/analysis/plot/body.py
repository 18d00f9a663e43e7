"""The panels of a sensor's other columns, such as skin conductance or a breath belt."""

from typing import TYPE_CHECKING

import numpy as np

from bridge.analysis.analyze import Analysis
from bridge.analysis.plot.look import BEAT, FAINT, INK, MEASURES, legend
from bridge.conductance import is_conductance, part
from bridge.steps import median_step

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def body(axes: "Axes", analysis: Analysis, name: str) -> None:
    """One column over time; skin conductance with its level, its responses and their number."""
    t, values = analysis.recording.body[name].T
    axes.plot(t, values, color=FAINT if is_conductance(name) else INK, linewidth=0.8, label=name)
    axes.set_ylabel(name)
    if not is_conductance(name):
        return
    step = median_step(t)
    even = np.arange(t[0], t[-1], step)
    parts = part(np.interp(even, t, values), 1.0 / step)
    if parts is None:
        return
    axes.plot(even, parts.level, color=MEASURES["SDNN"][0], linewidth=1.2, label="level")
    beside = axes.twinx()
    beside.plot(even, parts.response, color=MEASURES["HF"][0], linewidth=0.8)
    axes.plot([], [], color=MEASURES["HF"][0], label="response (right)")
    beside.plot(even[parts.peaks], parts.response[parts.peaks], ".", color=BEAT, markersize=4)
    axes.plot([], [], ".", color=BEAT, label=f"{len(parts.peaks)} responses")
    beside.spines[["top"]].set_visible(False)
    legend(axes)
