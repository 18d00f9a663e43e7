"""How periodic a few seconds of a pulse wave are, and whether they are more than a hum."""

from dataclasses import dataclass

import numpy as np

from bridge.detect.front import Floats, step_for

RATE_HZ = 30.0
"""About the rate that the analysis works at."""
TREND_S = 1.0
"""Slower than this is baseline."""
SHORTEST_S = 0.27
LONGEST_S = 2.0


@dataclass(frozen=True, slots=True)
class Periodicity:
    """What repeats in a stretch of signal."""

    strength: float
    """Autocorrelation at the period, up to 1; 0 where nothing repeats."""
    period_s: float
    overtones: float
    """Power at two and three times the rate, relative to the power at the rate: 0 for a hum."""


NOTHING = Periodicity(0.0, 0.0, 0.0)


def periodicity(x: Floats, fs: float) -> Periodicity:
    """Analyse a window of at least ``TREND_S`` and three periods."""
    step = step_for(fs, RATE_HZ)
    rate = fs / step
    whole = len(x) // step
    y = x[len(x) - whole * step :].reshape(whole, step).mean(axis=1)
    y = y - y[0]
    span = round(TREND_S * rate) | 1
    sums = np.concatenate([[0.0], np.add.accumulate(y)])
    trend = (sums[span:] - sums[:-span]) / span
    y = y[span // 2 : span // 2 + len(trend)] - trend
    y = y[:-2] + 2.0 * y[1:-1] + y[2:]
    # A jump must not drown what repeats.
    usual = float(np.median(np.abs(y)))
    if usual <= 0.0:
        return NOTHING
    y = np.clip(y, -4.0 * usual, 4.0 * usual)
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
    # Twice the period repeats as well; the shortest that does so nearly as well is the period.
    lag = next(lag for lag in tops if r[lag] > 0.85 * best)
    a, b, c = r[lag - 1], r[lag], r[lag + 1]
    exact = lag + 0.5 * (a - c) / (a - 2 * b + c)
    return Periodicity(r[lag], exact / rate, _overtones(y, exact))


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
