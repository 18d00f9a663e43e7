"""The shared pulse-wave recordings as a 10-bit converter reads them at 1 kHz."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 1000
SWING = 400
"""Counts between the 1st and the 99th percentile, around 512, of recordings in other units: what a
finger on a pulse sensor gives."""


def counts(path: Path) -> NDArray[np.uint16]:
    """Readings 0-1023 at 1 kHz, by straight lines between the recorded ones."""
    header = path.read_text(encoding="utf-8").startswith("timer")
    if header:  # milliseconds and counts
        t_ms, values = np.loadtxt(path, delimiter=",", skiprows=1, unpack=True)
    else:  # 100 Hz
        values = np.loadtxt(path)
        t_ms = 10.0 * np.arange(len(values))
    dense = np.interp(np.arange(0.0, t_ms[-1]), t_ms, values)
    if dense.min() < 0 or dense.max() < 10:  # volts or a camera's brightness, not counts
        low, high = np.percentile(dense, (1, 99))
        dense = 512 + (dense - (low + high) / 2) * SWING / (high - low)
    return np.clip(np.rint(dense), 0, 1023).astype(np.uint16)
