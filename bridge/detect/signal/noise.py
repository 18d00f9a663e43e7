"""How noisy an ECG is: the energy between the beats against that of the beats."""

import numpy as np

from bridge.detect.signal.filter import Floats

NOISE_FLOOR = 0.28
"""Where the usual energy (as a root) is more of its peaks than this, nothing stands out: in ECGs
of shared/data it is 0.01-0.26, in noise, hum and tremor 0.30 and more."""
CLEAR_FLOOR = 0.10
"""Where it is less than this, whatever stands out is more than noise."""
CLEAN, NOISY = 0.04, 0.08
"""Usual energy between beats relative to a beat's (roots): nothing to mind, and too much for trust.
Chosen on shared/data and simulated arrhythmia at 10-40 dB. F1 within 0.1: CLEAN 0.02 to 0.056;
NOISY 0.056 to 0.16."""


def noisiness_of(share: float) -> float:
    """0 in a clean signal to 1 in a noisy one, by the noise floor as a share of a beat's height."""
    return max(0.0, min(1.0, (share - CLEAN) / (NOISY - CLEAN)))


def upper_median(values: Floats) -> float:
    """The upper median; numpy's own takes longer to find out what it was given."""
    return float(np.partition(values, len(values) // 2)[len(values) // 2])
