"""Sums over intervals in exact integers, and the time-domain measures made of them: the one place.

Live windows add and take away, tables subtract running sums, a whole recording adds everything up:
integers give the same to the last bit, and an hour of it leaves no error behind.
"""

import math
from dataclasses import dataclass

ONE = 1 << 48
"""Fixed-point ms: a float of 16 ms or more is represented exactly."""


def fixed(ms: float) -> int:
    """Milliseconds as an exact integer."""
    return round(ms * ONE)


def deviation_ms(n: int, total: int, squares: int, ddof: int = 1) -> float | None:
    """Standard deviation, ms, from sums; None where there are too few values.

    Args:
        n: how many values.
        total: their sum, fixed point.
        squares: the sum of their squares.
        ddof: 1 for the sample deviation (n - 1), 0 for the population's (n).
    """
    if n <= ddof:
        return None
    return math.sqrt((n * squares - total * total) / (n * (n - ddof))) / ONE


def root_mean_square_ms(n: int, squares: int) -> float | None:
    """Root mean square, ms, from sums; None without values."""
    return math.sqrt(squares / n) / ONE if n else None


@dataclass(frozen=True, slots=True)
class Held:
    """An interval as the sums take it, ms in fixed point."""

    nn: int
    before: int | None
    """The interval before; None where no difference may be taken (the first, or after a gap)."""


@dataclass(slots=True)
class Sums:
    """Sums over a set of intervals; what was added can be taken away again."""

    n: int = 0
    total: int = 0
    squares: int = 0
    steps: int = 0
    """Successive differences."""
    step_total: int = 0
    step_sizes: int = 0
    step_squares: int = 0
    pair_total: int = 0
    """Of each interval and the one before, added."""
    pair_squares: int = 0
    over20: int = 0
    over50: int = 0

    def add(self, held: Held, sign: int = 1) -> None:
        """Take an interval, or with -1 take it away."""
        self.n += sign
        self.total += sign * held.nn
        self.squares += sign * held.nn * held.nn
        self.add_step(held, sign)

    def add_step(self, held: Held, sign: int = 1) -> None:
        """Take only an interval's difference to the one before, or with -1 take it away."""
        if held.before is None:
            return
        step, pair = held.nn - held.before, held.nn + held.before
        size = abs(step)
        self.steps += sign
        self.step_total += sign * step
        self.step_sizes += sign * size
        self.step_squares += sign * step * step
        self.pair_total += sign * pair
        self.pair_squares += sign * pair * pair
        self.over20 += sign * (size > 20 * ONE)
        self.over50 += sign * (size > 50 * ONE)

    @property
    def ms(self) -> float:
        """How long the intervals are together, ms."""
        return self.total / ONE

    def measures(self) -> "TimeDomain":
        """All measures in the time domain."""
        sdsd_ms = deviation_ms(self.steps, self.step_total, self.step_squares)
        pair_ms = deviation_ms(self.steps, self.pair_total, self.pair_squares)
        return TimeDomain(
            ibi_ms=self.total / (self.n * ONE) if self.n else None,
            bpm=60_000.0 * ONE * self.n / self.total if self.n else None,
            sdnn_ms=deviation_ms(self.n, self.total, self.squares),
            rmssd_ms=root_mean_square_ms(self.steps, self.step_squares),
            sdsd_ms=sdsd_ms,
            sdsd_abs_ms=deviation_ms(self.steps, self.step_sizes, self.step_squares, ddof=0),
            pnn20=self.over20 / self.steps if self.steps else None,
            pnn50=self.over50 / self.steps if self.steps else None,
            sd1_ms=None if sdsd_ms is None else sdsd_ms / math.sqrt(2.0),
            sd2_ms=None if pair_ms is None else pair_ms / math.sqrt(2.0),
        )


@dataclass(frozen=True, slots=True)
class TimeDomain:
    """Measures in the time domain. A measure is None where there are too few intervals for it.

    Task Force of the ESC/NASPE (1996), Circulation 93:1043-1065; SD1 and SD2: Brennan, Palaniswami
    and Kamen (2001), IEEE Trans Biomed Eng 48(11):1342-1347.
    """

    ibi_ms: float | None
    """Mean interval."""
    bpm: float | None
    """60,000 over the mean interval."""
    sdnn_ms: float | None
    """Sample standard deviation (n - 1) of the intervals."""
    rmssd_ms: float | None
    """Root mean square of the successive differences."""
    sdsd_ms: float | None
    """Sample standard deviation (n - 1) of the successive differences, each with its sign, as the
    Task Force and NeuroKit2 have it."""
    sdsd_abs_ms: float | None
    """Standard deviation (n) of the successive differences *without* their signs: what van Gent
    (seed 001) and HeartPy call SDSD. About half as large in a breathing heart."""
    pnn20: float | None
    """Share, 0-1, of successive differences greater than 20 ms in size."""
    pnn50: float | None
    """Share, 0-1, of successive differences greater than 50 ms in size."""
    sd1_ms: float | None
    """Spread of the Poincare plot across its line of identity, SDSD / sqrt(2)."""
    sd2_ms: float | None
    """Spread of the Poincare plot along its line of identity."""
