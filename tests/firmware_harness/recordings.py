"""Pulse waves as a 10-bit converter reads them at 1 kHz: recorded, bundled and simulated ones."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.simulate.heart import Heart, simulate

RATE_HZ = 1000
SWING = 400
"""Counts between the 1st and the 99th percentile, around 512, of recordings in other units: what a
finger on a pulse sensor gives."""
BUNDLED = Path(__file__).parents[2] / "examples" / "sessions" / "pulse.csv"


def swinging(signal: ArrayLike, swing: float = SWING) -> NDArray[np.uint16]:
    """Readings 0-1023 of a signal that goes so many counts up and down, around 512."""
    values = np.asarray(signal, float)
    low, high = np.percentile(values, (1, 99))
    return readings(512 + (values - (low + high) / 2) * swing / (high - low))


def readings(counts: ArrayLike) -> NDArray[np.uint16]:
    """What the converter makes of a signal in counts."""
    return np.clip(np.rint(counts), 0, 1023).astype(np.uint16)


def recorded(path: Path) -> NDArray[np.float64]:
    """A shared recording at 1 kHz, by straight lines between its samples."""
    header = path.read_text(encoding="utf-8").startswith("timer")
    if header:  # milliseconds and counts
        t_ms, values = np.loadtxt(path, delimiter=",", skiprows=1, unpack=True)
    else:  # 100 Hz
        values = np.loadtxt(path)
        t_ms = 10.0 * np.arange(len(values))
    return np.interp(np.arange(0.0, t_ms[-1]), t_ms, values)


def bundled() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The minute of pulse wave in ``examples``, at 1 kHz, and the true beats in it, s."""
    rows = [line.split(",") for line in BUNDLED.read_text(encoding="utf-8").splitlines()[1:]]
    values = np.array([float(row[1]) for row in rows if row[1]])
    heart = Heart(bpm=lambda t: 70.0 + 14.0 * math.sin(t / 60.0 * math.pi), seed=9)
    simulated, beats = simulate(heart, 60.0)
    assert (values == np.rint(simulated.values)).all(), "the bundled session is another one now"
    t_ms = 10.0 * np.arange(len(values))
    return np.interp(np.arange(0.0, t_ms[-1]), t_ms, values), beats


def simulated(seconds: float, bpm: float = 72.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A resting heart at 1 kHz, and the true time of each beat in it, s."""
    chunk, beats = simulate(Heart(rate_hz=float(RATE_HZ), bpm=bpm, seed=4), seconds)
    return chunk.values, beats


def f1(found: ArrayLike, true: ArrayLike, tolerance_s: float = 0.15) -> float:
    """Percent: of beats found, once a constant lag is taken off, and of true beats, in s.

    A beat counts where it and the other are the nearest to each other and no further apart.
    """
    beats, truth = np.asarray(found, float), np.asarray(true, float)
    if not len(beats):
        return 0.0

    def nearest(of: NDArray[np.float64], among: NDArray[np.float64]) -> NDArray[np.intp]:
        return np.abs(of[:, None] - among[None, :]).argmin(axis=1)

    def matched(lag: float) -> int:
        to_truth, back = nearest(beats - lag, truth), nearest(truth, beats - lag)
        mutual = back[to_truth] == np.arange(len(beats))
        close = np.abs(beats - lag - truth[to_truth]) <= tolerance_s
        return int(np.count_nonzero(mutual & close))

    best = max(matched(float(lag)) for lag in np.arange(-0.2, 0.5, 0.02))
    return 200.0 * best / (len(beats) + len(truth))
