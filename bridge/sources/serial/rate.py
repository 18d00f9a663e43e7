"""How many readings a second a sensor sends, told by when they arrive. Pure: times come in.

Arrivals are uneven (USB delivers each 1-16 ms, Bluetooth and networks in bursts of up to 0.6 s),
never early: over seconds their first edge is as straight as the sensor's own clock.
"""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEARN_SECONDS = 2.5
"""Arrivals are watched at least so long before a rate is told ..."""
WINDOW_SECONDS = 5.0
"""... and what came longer ago is left out, such as lines that a sketch printed at its start."""
FEWEST_BURSTS = 4
UNSURE = 0.06
"""Arrivals this far off a straight line, as a share of the time watched, are not sure yet. A line
fitted to four bursts is then within 5 %; the simulated links of the tests stay within 2 %."""
USUAL_RATES_HZ = (
    10, 20, 25, 30, 40, 50, 60, 75, 100, 120, 125, 128, 130, 150, 200, 250, 256, 300, 360, 400, 500,
    512, 1000, 1024, 2000,
)  # fmt: skip
WRONG = 0.03
"""A rate given by a person is doubted when arrivals differ by more than this share."""
UNEVEN = 0.03
"""Steps that spread by less, as a share, keep within 30 ms of an even grid for a minute."""
FEWEST_STEPS = 40
BLOCK_SECONDS = 1.0
"""Of each second, the earliest arrival counts for the drift ..."""
BLOCKS = 16
FEWEST_BLOCKS = 4
"""... over so many of them: a rate that creeps by 1 % a minute is followed within 0.2 %, and the
unrest of Bluetooth moves it by no more than that."""
NEWEST_SECONDS = 2.0
EDGE_SECONDS = 5.0
"""The earliest arrivals are those of the last five to ten seconds but two."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A measured rate."""

    hz: float
    error: float
    """Share by which it may be off."""
    unrest_s: float
    """Between the earliest and the latest arrival, held against an even stream."""
    uneven: bool = False
    """The sensor itself takes its readings at uneven times, and no link makes them so."""


def usual_rate(rate: Rate) -> float:
    """The round rate that the measured one may as well be, or the measured one."""
    nearest = min(USUAL_RATES_HZ, key=lambda usual: abs(usual - rate.hz))
    return float(nearest) if abs(nearest / rate.hz - 1.0) <= rate.error else rate.hz


class RateMeter:
    """Measures an unknown rate from arrivals."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, int]] = deque()
        self._count = 0

    @property
    def since(self) -> float:
        """The arrival from which on the rate holds, s."""
        return self._points[0][0]

    def push(self, count: int, arrival: float) -> Rate | None:
        """Note that ``count`` readings arrived together; return the rate once it is sure.

        Args:
            count: of readings, above 0.
            arrival: s, of any clock that does not go back.
        """
        self._count += count
        points = self._points
        if points and arrival - points[-1][0] < 1e-4:  # one delivery, read in two pieces
            points.pop()
        points.append((arrival, self._count))
        while arrival - points[0][0] > WINDOW_SECONDS:
            points.popleft()
        elapsed = arrival - points[0][0]
        if elapsed < LEARN_SECONDS or len(points) <= FEWEST_BURSTS:
            return None
        t, n = np.array(points, float).T
        slope = float(np.polynomial.polynomial.polyfit(n - n[0], t - t[0], 1)[1])
        if slope <= 0:
            return None
        off = t - t[0] - slope * (n - n[0])
        unrest = float(np.ptp(off))
        if unrest > UNSURE * elapsed:
            return None
        # A line through many points is surer than two of them; one burst late at an end is not.
        error = max(0.0005, 2.0 * unrest / elapsed / np.sqrt(min(len(points), 25)))
        return Rate(1.0 / slope, error, unrest, _uneven(t, n))


def _uneven(t: Floats, n: Floats) -> bool:
    """Whether single readings come at steps that have nothing to do with each other.

    What a link delays is followed by a shorter step: there the steps' correlation is about -0.5.
    """
    if n[-1] - n[0] > 1.25 * (len(n) - 1) or len(n) < FEWEST_STEPS:
        return False
    steps = np.diff(t) - np.diff(t).mean()
    variance = float(np.mean(steps**2))
    if variance**0.5 < UNEVEN * np.diff(t).mean():
        return False
    return float(np.mean(steps[1:] * steps[:-1])) > -0.25 * variance


class Doubt:
    """Holds the rate that a person gave against the arrivals, once."""

    def __init__(self, rate_hz: float) -> None:
        self._given = rate_hz
        self._meter: RateMeter | None = RateMeter()

    def push(self, count: int, when: float) -> list[str]:
        """Note an arrival; what should be said of the rate, once that is sure."""
        rate = self._meter.push(count, when) if self._meter is not None else None
        if rate is None:
            return []
        self._meter = None
        if abs(rate.hz / self._given - 1.0) <= WRONG + rate.error:
            return []
        return [
            f"rate={self._given:g} was given, but {rate.hz:.4g} readings a second arrive, so "
            f"that every interval is {self._given / rate.hz:.2g} times what it should be; "
            "without rate= it is measured"
        ]


class Drift:
    """Follows a rate that is nearly right: how far the sensor's clock is from the arrivals'."""

    def __init__(self) -> None:
        self._blocks: deque[tuple[float, float]] = deque(maxlen=BLOCKS)
        self._from: float | None = None
        self._best: tuple[float, float] | None = None

    def push(self, arrival: float, behind_s: float) -> float | None:
        """Take one arrival.

        Args:
            arrival: s.
            behind_s: by how much it is behind a stream of exactly the announced rate.

        Returns:
            After each block, once there are enough: seconds lost a second (above 0 where the
            sensor is slower than announced). None at all other times.
        """
        if self._from is None:
            self._from = arrival
        if self._best is None or behind_s < self._best[1]:
            self._best = (arrival, behind_s)
        if arrival - self._from < BLOCK_SECONDS:
            return None
        self._blocks.append(self._best)
        self._from, self._best = arrival, None
        if len(self._blocks) < FEWEST_BLOCKS:
            return None
        t, behind = np.array(self._blocks).T
        return float(np.polynomial.polynomial.polyfit(t - t[0], behind, 1)[1])


class Earliest:
    """The least of a value over the last seconds, without the newest ones.

    Against these it shows at once where a stream is ahead of itself, which no cable can make it.
    """

    def __init__(self) -> None:
        self._newest: deque[tuple[float, float]] = deque()
        self._from = 0.0
        self._now: float | None = None
        self._before: float | None = None
        self._least = math.inf
        """Of the newest ones, until there are older."""

    @property
    def value(self) -> float | None:
        """None before the first."""
        known = [value for value in (self._now, self._before) if value is not None]
        return min(known) if known else self._least if self._newest else None

    def push(self, t: float, value: float) -> None:
        """Take the value at ``t`` s."""
        self._newest.append((t, value))
        if self._now is None:
            self._least = min(self._least, value)
        while t - self._newest[0][0] > NEWEST_SECONDS:
            at, value = self._newest.popleft()
            if self._now is None or at - self._from >= EDGE_SECONDS:
                self._before, self._now, self._from = self._now, value, at
            else:
                self._now = min(self._now, value)
