"""The plain detector's own picture, as seed 002 draws it: reading, moving average, detections."""

from typing import TYPE_CHECKING

import numpy as np

from bridge.analysis.analyze import Analysis
from bridge.analysis.plot.look import legend
from bridge.detect.ema import EmaSettings, moving_average

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COUNTS = (0.0, 1023.0)
"""The axis of the seed's pictures: what a 10-bit converter gives."""


def threshold(axes: "Axes", analysis: Analysis) -> None:
    """Readings in black, their average in blue, and what is above it by the threshold in red."""
    settings = EmaSettings()
    values = np.concatenate([chunk.values for chunk in analysis.recording.chunks])
    for number, chunk in enumerate(analysis.recording.chunks):
        t = chunk.t + np.arange(len(chunk.values)) / chunk.rate_hz
        average = np.array(moving_average(chunk.values, chunk.rate_hz, settings.span_s))
        beating = np.where(chunk.values > average + settings.threshold, chunk.values, np.nan)
        for y, colour, name in (
            (chunk.values, "k", "pulse reading"),
            (average, "b", "moving average"),
            (beating, "r", "detected heartbeat"),
        ):
            axes.plot(t, y, color=colour, linewidth=1.0, label=None if number else name)
    if values.min() >= COUNTS[0] and values.max() <= COUNTS[1]:
        axes.set_ylim(*COUNTS)
    axes.set_ylabel("reading")
    legend(axes)
