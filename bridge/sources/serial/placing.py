"""Readings become evenly spaced runs on the session clock, counted from an anchor. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Reading = tuple[float, ...]
"""One instant: the heart's column, then the others; NaN where the board had no number."""

GRID_ERROR_S = 0.001
"""Runs are kept so short that a drifted clock errs by no more than this within one."""


@dataclass(slots=True, eq=False)
class Run:
    """Evenly spaced readings."""

    t: float
    """Of the first, s on the session clock."""
    rate_hz: float
    readings: list[Reading]
    arrival_t: float | None = None
    """When the last of them arrived, s on the session clock."""

    @property
    def end(self) -> float:
        """Where the next run begins when nothing was lost."""
        return self.t + len(self.readings) / self.rate_hz

    def column(self, index: int) -> Iterator[tuple[float, Floats]]:
        """One column's values, with the time of the first; in pieces where some are not known."""
        values = np.array([reading[index] for reading in self.readings])
        known = np.isfinite(values)
        if known.all():  # so it nearly always is, up to 2000 times a second
            yield self.t, values
            return
        there = np.flatnonzero(known)
        for part in np.split(there, np.flatnonzero(np.diff(there) > 1) + 1):
            if len(part):
                yield self.t + int(part[0]) / self.rate_hz, values[part]


class Placer:
    """Counts readings onto the session clock, and gathers them into runs."""

    def __init__(self, rate_hz: float | None = None) -> None:
        """Begin at 0 s; without a rate nothing can be placed."""
        self.rate_hz = rate_hz
        """As the runs have it."""
        self.step = 1.0 / rate_hz if rate_hz else 0.0
        """From one reading to the next, s: the rate's, or a little off, where a clock drifts."""
        self._anchor_t = 0.0
        self._count = 0
        self._nominal_t = 0.0
        """Where the next reading would be without drift."""
        self._out: list[Run] = []

    @property
    def now(self) -> float:
        """Where the next reading will be, s on the session clock."""
        return self._anchor_t + self._count * self.step

    def nominal(self, count: int) -> float:
        """Where ``count`` more readings would end by the announced rate alone, s."""
        assert self.rate_hz is not None
        return self._nominal_t + count / self.rate_hz

    def begin(self, rate_hz: float | None) -> None:
        """From here on at another rate; None: it is not known yet."""
        if self.rate_hz is not None:
            self._anchor_t = self.now
        self._count = 0
        self._nominal_t = self._anchor_t
        self.rate_hz = rate_hz
        if rate_hz is not None:
            self.step = 1.0 / rate_hz

    def stretch(self, step: float) -> None:
        """From here on readings are so far apart, s; the rate is announced as before."""
        self._anchor_t, self._count, self.step = self.now, 0, step

    def skip(self, count: int) -> None:
        """So many readings were lost: the next one is that much later."""
        self._count += count

    def shift(self, seconds: float) -> None:
        """So much time was lost."""
        self._anchor_t += seconds
        self._nominal_t += seconds

    def place(self, readings: list[Reading]) -> None:
        """Place readings one after the other."""
        assert self.rate_hz is not None
        # Counted, not added up: an hour of additions would let the clock drift.
        t = self.now
        off = abs(self.step - 1.0 / self.rate_hz)
        most = len(readings) if off < 1e-12 else max(1, int(GRID_ERROR_S / off))
        for start in range(0, len(readings), most):
            part = readings[start : start + most]
            at = t + start * self.step
            last = self._out[-1] if self._out else None
            if (
                last is not None
                and last.rate_hz == self.rate_hz
                and len(last.readings) + len(part) <= max(most, len(readings))
                and abs(at - last.end) <= GRID_ERROR_S
            ):
                last.readings += part
            else:
                self._out.append(Run(at, self.rate_hz, list(part)))
        self._count += len(readings)
        self._nominal_t += len(readings) / self.rate_hz

    def take(self) -> list[Run]:
        """The runs since the last call."""
        out, self._out = self._out, []
        return out
