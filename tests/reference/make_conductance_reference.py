"""Writes conductance_reference.json: NeuroKit2's high-pass method on a simulated conductance.

uv run --group reference python tests/reference/make_conductance_reference.py
"""

import json
from pathlib import Path

import neurokit2
import numpy as np

RATE_HZ = 10.0


def conductance() -> np.ndarray:
    """A slow drift, five responses of known places, and a little noise; microsiemens."""
    t = np.arange(round(120 * RATE_HZ)) / RATE_HZ
    x = 4.0 + 0.004 * t + 0.3 * np.sin(2 * np.pi * t / 90)
    for onset, height in ((12.0, 0.5), (31.0, 0.9), (54.0, 0.3), (77.0, 0.7), (101.0, 0.4)):
        after = np.clip(t - onset, 0, None)
        x += height * 2.2 * (np.exp(-after / 4.0) - np.exp(-after / 0.9)) * (after > 0)
    return np.round(x + np.random.default_rng(8).normal(0, 0.002, len(t)), 4)


def main() -> None:
    x = conductance()
    found = neurokit2.eda_phasic(x, sampling_rate=RATE_HZ, method="highpass")
    file = Path(__file__).with_name("conductance_reference.json")
    numbers = {
        "neurokit2": neurokit2.__version__,
        "rate_hz": RATE_HZ,
        "values": x.tolist(),
        "tonic": np.round(found["EDA_Tonic"], 6).tolist(),
        "phasic": np.round(found["EDA_Phasic"], 6).tolist(),
    }
    file.write_text(json.dumps(numbers) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
