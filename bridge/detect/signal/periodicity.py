"""How periodic a few seconds of a pulse wave are, and whether they are more than a hum."""

from dataclasses import dataclass

import numpy as np

from bridge.detect.signal.filter import Floats, decimation_step

RATE_HZ = 30.0
"""About the rate that the analysis works at, Hz: pulses have little above 10 Hz; more costs time.
F1 within 0.1: 25.5 to 34.5."""
TREND_S = 1.0
"""Slower than this, s, is baseline: a moving average so long is taken away. F1 within 0.1: 1
only."""
SHORTEST_S = 0.27
LONGEST_S = 2.0
"""Periods looked for, s: 30-220 beats a minute."""
TONE_STRENGTH = 0.8
TONE_OVERTONES = 0.008
"""What repeats this well (autocorrelation, 0-1) with overtones weaker than this (power to that of
the fundamental) is a mere tone: mains hum aliased into the range of a heart. Pulses of shared/data
have more. F1 within 0.1: TONE_STRENGTH 0.4 to 1.6; TONE_OVERTONES 0.004 to 0.016."""
NEARLY_AS_WELL = 0.85
"""A shorter period that repeats so well, relative to the best, is the period: twice it repeats as
well. F1 within 0.1: 0.425 to 0.977."""
CLIPPED_AT = 4.0
"""What is further off than so many usual deviations is cut: a jump must not drown what repeats."""
SLOPE_S = 0.1
SIGNAL_WEIGHT = 0.8
"""Uprightness is the skewness of the slope over so long, s, and at this weight of the signal
without its baseline. Chosen on shared/data. F1 within 0.1: SLOPE_S 0.05 to 0.14; SIGNAL_WEIGHT 0.4
to 1.6."""


@dataclass(frozen=True, slots=True)
class Periodicity:
    """What repeats in a stretch of signal."""

    strength: float
    """Autocorrelation at the period, up to 1; 0 where nothing repeats."""
    period_s: float
    overtones: float
    """Power at two and three times the rate, relative to the power at the rate: 0 for a hum."""

    @property
    def is_tone(self) -> bool:
        """Whether what repeats is a mere tone."""
        return self.strength > TONE_STRENGTH and self.overtones < TONE_OVERTONES


NOTHING = Periodicity(0.0, 0.0, 0.0)


def periodicity(x: Floats, fs: float) -> Periodicity:
    """Analyse a window of at least ``TREND_S`` and three periods."""
    y, _, rate = slow(x, fs)
    rough = y[1:-1]
    y = 0.25 * (y[:-2] + 2.0 * rough + y[2:])
    kept = _power(y) / max(_power(rough), 1e-300)
    usual = float(np.median(np.abs(y)))
    if usual <= 0.0:
        return NOTHING
    y = np.clip(y, -CLIPPED_AT * usual, CLIPPED_AT * usual)
    longest = min(round(LONGEST_S * rate), len(y) // 2)
    shortest = max(2, int(SHORTEST_S * rate))
    if longest < shortest + 2:
        return NOTHING
    r = _autocorrelation(y, longest + 1)
    tops = [
        lag
        for lag in range(shortest, longest)
        if r[lag] > r[lag - 1] and r[lag] >= r[lag + 1] and r[lag] > 0
    ]
    if not tops:
        return NOTHING
    best = max(r[lag] for lag in tops)
    lag = next(lag for lag in tops if r[lag] > NEARLY_AS_WELL * best)
    a, b, c = r[lag - 1], r[lag], r[lag + 1]
    exact = lag + 0.5 * (a - c) / (a - 2 * b + c)
    # Where smoothing takes most of the signal away, what is left of it may be anything.
    return Periodicity(r[lag] * min(1.0, 2.0 * kept), exact / rate, _overtones(y, exact))


def _power(x: Floats) -> float:
    return float(np.add.accumulate(x * x)[-1])


def uprightness(x: Floats, fs: float) -> float:
    """Above 0 for a pulse wave the right way up, below 0 for one upside down; about -2 to 2.

    Skewness of the slope over 100 ms and, at less weight, of the signal without its baseline.
    """
    y, raw, rate = slow(x, fs)
    lag = max(1, round(SLOPE_S * rate))
    return skewness(raw[lag:] - raw[:-lag]) + SIGNAL_WEIGHT * skewness(y)


def slow(x: Floats, fs: float) -> tuple[Floats, Floats, float]:
    """The window at about ``RATE_HZ``: without its baseline, with it, and the exact rate."""
    step = decimation_step(fs, RATE_HZ)
    rate = fs / step
    whole = len(x) // step
    raw = x[len(x) - whole * step :].reshape(whole, step).mean(axis=1)
    raw = raw - raw[0]
    span = min(round(TREND_S * rate), whole // 2) | 1
    sums = np.concatenate([[0.0], np.add.accumulate(raw)])
    trend = (sums[span:] - sums[:-span]) / span
    return raw[span // 2 : span // 2 + len(trend)] - trend, raw, rate


def skewness(x: Floats) -> float:
    """Third standardised moment, with outliers held to four times the usual."""
    x = x - np.add.accumulate(x)[-1] / len(x)
    usual = CLIPPED_AT * float(np.median(np.abs(x)))
    x = np.clip(x, -usual, usual)
    x = x - np.add.accumulate(x)[-1] / len(x)
    square = float(np.add.accumulate(x * x)[-1]) / len(x)
    cube = float(np.add.accumulate(x * x * x)[-1]) / len(x)
    return cube / square**1.5 if square > 0 else 0.0


def _autocorrelation(y: Floats, lags: int) -> list[float]:
    """Correlation of y with itself, each lag normalised over the overlap; sums in fixed order."""
    n = len(y)
    padded = np.concatenate([y, np.zeros(lags)])
    shifted = np.lib.stride_tricks.sliding_window_view(padded, n)
    products = np.add.accumulate(shifted * y, axis=1)[:, -1]
    squares = np.concatenate([[0.0], np.add.accumulate(y * y)])
    lag = np.arange(lags + 1)
    powers = squares[n - lag] * (squares[n] - squares[lag])
    normal: list[float] = (products / np.sqrt(np.maximum(powers, 1e-300))).tolist()
    return normal


def is_tone(x: Floats, fs: float, period_s: float) -> bool:
    """Whether a window is a mere tone of this period."""
    y, _, rate = slow(x, fs)
    return len(y) >= period_s * rate and _overtones(y, period_s * rate) < TONE_OVERTONES


def _overtones(y: Floats, period: float) -> float:
    cycles = int(len(y) / period)
    y = y[len(y) - round(cycles * period) :]
    k = np.arange(len(y)) * (2 * np.pi / period)
    powers = []
    for harmonic in (1, 2, 3):
        real = float(np.add.accumulate(y * np.cos(harmonic * k))[-1])
        imaginary = float(np.add.accumulate(y * np.sin(harmonic * k))[-1])
        powers.append(real * real + imaginary * imaginary)
    return (powers[1] + powers[2]) / powers[0] if powers[0] > 0 else 0.0
