"""Whether a short stretch of signal shows pulse waves: smooth, rising steeper than it falls."""

import numpy as np

from bridge.detect.signal.filter import Floats
from bridge.detect.signal.periodicity import SLOPE_S, skewness, slow

MOST_ROUGHNESS = 0.9
"""Power of the second difference over that of the first at 30 Hz: three pulses of the clean half of
shared/data have 0.2-0.8, three chance beats in noise 1.1-2.5 (5 to 95 %). Within 0.8-1.2 the first
beat of nine in ten recordings moves by less than 0.3 s; above 1.0 bursts and clipped light pass."""
LEAST_S = 0.5
"""Of less signal, s, nothing is said: two periods of the fastest heart."""
LEAST_SKEWNESS = 0.3
"""Of the slope over 100 ms. Upright pulses have 0.4-1.5, upside down as much below 0, a sine 0.
0.2-0.4 give the same first beats within 0.1 s; less lets walking pass."""


def shows_upstrokes(x: Floats, fs: float, sign: int) -> bool:
    """Whether pulses point up (sign 1) or down (-1) in a window of two periods and more."""
    if len(x) < LEAST_S * fs:
        return False
    _, raw, rate = slow(x, fs)
    first = np.diff(raw)
    lag = max(1, round(SLOPE_S * rate))
    second = np.diff(first)
    power = float(np.add.accumulate(first * first)[-1])
    bend = float(np.add.accumulate(second * second)[-1])
    smooth = 0.0 < bend < MOST_ROUGHNESS * power
    return smooth and sign * skewness(raw[lag:] - raw[:-lag]) > LEAST_SKEWNESS
