"""Writes hrv_reference.json: what NeuroKit2, HeartPy and scipy make of one row of intervals.

Run it with the ``reference`` dependency group, which nothing else needs:
``uv run --group reference python tests/reference/make_hrv_reference.py``
"""

import json
import math
import sys
from importlib.metadata import version
from pathlib import Path

import heartpy
import neurokit2
import numpy as np
from scipy.interpolate import interp1d
from scipy.signal import lombscargle


def resting_heart(beats: int) -> list[int]:
    """Intervals, ms: breathing at 0.23 Hz, a slow wave at 0.1 Hz, a drift, a little jitter."""
    t, out = 0.0, []
    for i in range(beats):
        jitter = 7.0 * math.sin(12.9898 * i) * math.cos(78.233 * i)
        wave = 38.0 * math.sin(2 * math.pi * 0.23 * t) + 30.0 * math.sin(2 * math.pi * 0.1 * t)
        out.append(round(840.0 + wave + 25.0 * math.sin(2 * math.pi * 0.009 * t) + jitter))
        t += out[-1] / 1000.0
    return out


def with_artifacts(intervals: list[int]) -> list[int]:
    """Two premature beats, a missed one, an extra one, and a beat 180 ms off its place."""
    out = list(intervals)
    out[60] -= 290
    out[61] += 280
    out[110] -= 250
    out[111] += 90
    out[150:152] = [out[150] + out[151]]
    out[200:201] = [out[200] * 2 // 5, out[200] - out[200] * 2 // 5]
    out[260] += 180
    out[261] -= 180
    return out


def irregular_heart(beats: int) -> list[int]:
    """A resting heart that a small generator of random numbers throws off now and then."""
    state, out = 9, []
    for ibi in resting_heart(beats):
        state = (1103515245 * state + 12345) % 2**31
        draw, size = state / 2**31, (state // 7) % 400
        out.append(ibi - size if draw < 0.06 else ibi + size if draw < 0.12 else ibi)
    return out


def neurokit_labels(intervals: list[int]) -> dict[str, str]:
    """What NeuroKit2 marks, by the number of the interval."""
    artifacts, _ = neurokit2.signal_fixpeaks(
        np.cumsum([0, *intervals]), sampling_rate=1000, iterative=False, method="Kubios"
    )
    names = {
        "ectopic": "ectopic",
        "missed": "missed",
        "extra": "extra",
        "longshort": "long-or-short",
    }
    # NeuroKit2 names a beat by the interval that ends there; beat 1 ends interval 0.
    marked = {int(beat) - 1: name for key, name in names.items() for beat in artifacts[key]}
    return {str(number): marked[number] for number in sorted(marked)}


def main() -> None:
    """Compute and write."""
    clean = resting_heart(360)
    peaks = np.cumsum([0, *clean])
    time = neurokit2.hrv_time(peaks, sampling_rate=1000)
    poincare = neurokit2.hrv_nonlinear(peaks, sampling_rate=1000)
    differences = np.abs(np.diff(clean))
    _, measures = {}, {}
    _, measures = heartpy.analysis.calc_ts_measures(
        np.array(clean, float), differences.astype(float), differences.astype(float) ** 2, {}, {}
    )

    t, nn = peaks[1:] / 1000.0, np.array(clean, float)
    f = np.arange(3, 401) / 1000.0
    lomb = lombscargle(t, nn - nn.mean(), 2 * np.pi * f) * 2.0 * (t[-1] - t[0]) / (len(t) - 1)

    # The spectrum of seed 001: cubic interpolation to one value a sample, FFT over n, one side. Its
    # amplitude |Y| (per bin) is turned into a density: a bin holds 2 |Y|^2 ms^2 and is 1 / T wide.
    n = round((t[-1] - t[0]) * 100.0)
    even_t = np.linspace(t[0], t[-1], n)
    even = interp1d(t, nn, kind="cubic")(even_t)
    spacing = even_t[1] - even_t[0]
    amplitude = np.abs(np.fft.fft(even - even.mean()) / n)[: n // 2]
    fft_f, density = np.fft.fftfreq(n, spacing)[: n // 2], 2.0 * amplitude**2 * n * spacing

    def bands(frequencies: np.ndarray, psd: np.ndarray) -> dict[str, float]:
        edges = {"vlf": (0.003, 0.04), "lf": (0.04, 0.15), "hf": (0.15, 0.4)}
        out = {}
        for name, (low, high) in edges.items():
            fine = np.linspace(low, high, 20_001)
            out[name] = float(np.trapezoid(np.interp(fine, frequencies, psd), fine))
        return out

    reference = {
        "made with": {name: version(name) for name in ("neurokit2", "heartpy", "scipy", "numpy")}
        | {"python": sys.version.split()[0]},
        "intervals_ms": " ".join(map(str, clean)),
        "neurokit2": {
            name: float(table[f"HRV_{name}"].iloc[0])
            for table, keys in (
                (time, ("SDNN", "RMSSD", "SDSD", "pNN20", "pNN50")),
                (poincare, ("SD1", "SD2")),
            )
            for name in keys
        },
        "heartpy": {
            key: float(measures[key]) for key in ("bpm", "ibi", "rmssd", "sdsd", "pnn20", "pnn50")
        },
        "neurokit2_nonlinear": {
            "dfa_4_16": float(
                neurokit2.fractal_dfa(clean, scale=np.arange(4, 17), overlap=False)[0]
            ),
            "SampEn": float(poincare["HRV_SampEn"].iloc[0]),
        },
        "scipy_lomb_ms2": bands(f, lomb),
        "seed_001_fft_ms2": bands(fft_f, density),
        "artifact_intervals_ms": " ".join(map(str, with_artifacts(clean))),
        "neurokit2_labels": neurokit_labels(with_artifacts(clean)),
        "irregular_intervals_ms": " ".join(map(str, irregular_heart(360))),
        "neurokit2_irregular_labels": neurokit_labels(irregular_heart(360)),
    }
    text = json.dumps(reference, indent=1)
    Path(__file__).with_name("hrv_reference.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
