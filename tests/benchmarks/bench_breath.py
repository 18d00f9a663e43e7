"""How true the breath is: recordings with a breathing channel against what their beats show.

``uv run python -m tests.benchmarks.bench_breath --rate 100 FILE.csv...``: each file has a header, a
column ``ECG`` or ``PPG`` (or both), and one of the breath (``RSP`` or ``RESP``, high when breathed
in). The project has none of its own; ``docs/numbers.md`` says what was measured on which kind.
"""

import argparse
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.signal import butter, hilbert, sosfiltfilt

from bridge.events import Breath, SampleChunk
from bridge.hrv.breath import POINTS_HZ
from bridge.pipeline import Pipeline

GRID_HZ = 10
SETTLED_S = 30.0
WITHIN = 2.0
"""Breaths a minute by which a rate may be off and still be called right."""
SHALLOW = 0.35
"""Parts of the usual depth below which the channel itself says nothing of the phase."""


class Truth(NamedTuple):
    """The breathing channel on an even grid: each of shape (n,)."""

    t: np.ndarray
    phase: np.ndarray
    """Radians, unwrapped, a multiple of 2 pi where it is highest."""
    rate: np.ndarray
    """A minute, over the last and next five seconds."""
    deep: np.ndarray


def truth_of(breath: np.ndarray, rate_hz: float) -> Truth:
    """Phase and rate of a breathing channel, by the Hilbert transform around its main frequency."""
    slow = sosfiltfilt(butter(2, 2.0, fs=rate_hz, output="sos"), breath)
    t = np.arange(0.0, len(breath) / rate_hz, 1.0 / GRID_HZ)
    even = np.interp(t, np.arange(len(breath)) / rate_hz, slow)
    size = 60 * GRID_HZ
    frequencies = np.fft.rfftfreq(1 << 14, 1.0 / GRID_HZ)
    power = np.zeros(len(frequencies))
    for start in range(0, len(even) - size, size // 2):
        part = even[start : start + size]
        found = np.abs(np.fft.rfft((part - part.mean()) * np.hanning(size), 1 << 14)) ** 2
        power += found / found.sum()
    inside = (frequencies > 0.06) & (frequencies < 0.7)
    main_hz = float(frequencies[inside][np.argmax(power[inside])])
    band = butter(2, [0.5 * main_hz, 1.8 * main_hz], "band", fs=GRID_HZ, output="sos")
    turning = hilbert(sosfiltfilt(band, even))
    phase, depth = np.unwrap(np.angle(turning)), np.abs(turning)
    rate = 60.0 * np.gradient(phase, t) / (2.0 * math.pi)
    rate = np.convolve(rate, np.ones(10 * GRID_HZ) / (10 * GRID_HZ), "same")
    return Truth(t, phase, rate, depth > SHALLOW * np.median(depth))


def breath_of(values: np.ndarray, rate_hz: float, kind: str) -> list[Breath]:
    """What the live pipeline tells of the breath."""
    pipeline, points = Pipeline(kind), []
    step = max(1, round(rate_hz / 10.0))
    for start in range(0, len(values), step):
        chunk = SampleChunk(start / rate_hz, rate_hz, values[start : start + step])
        points += [event for event in pipeline.push(chunk) if isinstance(event, Breath)]
    return points


def line(name: str, kind: str, points: list[Breath], truth: Truth) -> str:
    """One row of the report."""
    last = float(truth.t[-1]) - 5.0

    def counts(t: float) -> bool:
        return SETTLED_S < t < last and bool(truth.deep[round(t * GRID_HZ)])

    rates = [(p.t, p.rate) for p in points if p.rate is not None and counts(p.t)]
    levels = [(p.t, p.level) for p in points if p.level is not None and counts(p.t)]
    seconds = np.count_nonzero([counts(t) for t in truth.t]) / GRID_HZ
    if not rates or not levels:
        return f"{name:28} {kind}  nothing told in {seconds:.0f} s"
    t, rate = np.array(rates).T
    off = np.abs(rate - np.interp(t, truth.t, truth.rate))
    t, level = np.array(levels).T
    mean = 2.0 * np.mean((2.0 * level - 1.0) * np.exp(-1j * np.interp(t, truth.t, truth.phase)))
    spread = math.sqrt(-2.0 * math.log(min(1.0, abs(mean))))
    right, angle = float(np.mean(off <= WITHIN)), math.degrees(np.angle(mean))
    curve = len(levels) / seconds / POINTS_HZ
    return (
        f"{name:28} {kind}  rate told {len(rates) / seconds:4.0%}, off by {np.median(off):.1f} a "
        f"minute, {right:4.0%} within {WITHIN:g}; curve told {curve:4.0%}, "
        f"phase {angle:+4.0f}, spread {math.degrees(spread):3.0f} degrees"
    )


def main() -> None:
    """Measure the files of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--rate", type=float, required=True, help="samples a second")
    asked = parser.parse_args()
    for file in asked.files:
        table = np.genfromtxt(file, delimiter=",", names=True)
        columns = {name.upper(): table[name] for name in table.dtype.names or ()}
        truth = truth_of(columns.get("RSP", columns.get("RESP")), asked.rate)
        for kind in ("ecg", "ppg"):
            if kind.upper() in columns:
                points = breath_of(columns[kind.upper()], asked.rate, kind)
                print(line(file.stem, kind, points, truth))


if __name__ == "__main__":
    main()
