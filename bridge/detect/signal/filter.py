"""The first stage of both adaptive detectors: an even, decimated signal and FIR filter's output.

Exactly the same numbers come out whether samples arrive one at a time or as a whole file: every
sum is taken in one fixed order, in plain Python for few samples and in numpy for many.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BLOCK = 8192
"""Samples taken in one go: large enough for numpy, small enough for a cache of 256 KiB. Speed
only; the output does not depend on it."""

_FEW = 12
"""Up to this many decimated samples are filtered one by one, where numpy's cost a call is more
than the sums. Speed only; the output does not depend on it."""


class Prefilter:
    """Decimates by a whole factor (mean of ``step`` samples) and applies FIR kernels.

    With one kernel the filtered signal is its output; with several, the sum of their squares: a
    pair in quadrature gives the energy in its band.

    Everything is indexed by decimated sample since the last ``clear``. A filtered value carries
    the index of its kernel's origin, so the filter is without delay in the indices; in time it is
    late by the ``after`` samples that the kernel reaches beyond its origin.
    """

    def __init__(self, step: int, kernels: list[Floats], after: int, history: int) -> None:
        self.step = step
        self._size = len(kernels[0])
        self.after = after
        self.before = self._size - 1 - after
        self._kernels = kernels
        self._history = max(history, self._size + 3)
        capacity = 2 * self._history + _BLOCK
        self._x = np.zeros(capacity)
        self._f = np.zeros(capacity)
        self.clear()

    def clear(self) -> None:
        """Forget the signal: a gap."""
        self.n = 0
        """Decimated samples so far."""
        self.first = 0
        """Index of the oldest sample still kept."""
        self._sum = 0.0
        self._count = 0

    def blocks(self, values: Floats) -> list[Floats]:
        """Cut a chunk into parts that ``take`` accepts."""
        if len(values) <= _BLOCK:
            return [values]
        return [values[i : i + _BLOCK] for i in range(0, len(values), _BLOCK)]

    def take(self, values: Floats) -> int:
        """Append a block of samples. Returns how many decimated samples it completed."""
        if len(values) < 4 * self.step:
            return self._take_few(values)
        step, head = self.step, -self._count % self.step
        done = self._take_few(values[:head])
        whole = (len(values) - head) // step
        body = values[head : head + whole * step]
        means = body[::step].copy()
        for column in range(1, step):
            means += body[column::step]
        if step > 1:
            means /= step
        self._make_room(whole)
        at = self.n - self.first
        self._x[at : at + whole] = means
        self.n += whole
        self._apply(whole)
        return done + whole + self._take_few(values[head + whole * step :])

    def _take_few(self, values: Floats) -> int:
        done = 0
        for value in values.tolist():
            self._sum = self._sum + value if self._count else value
            self._count += 1
            if self._count == self.step:
                self._make_room(1)
                self._x[self.n - self.first] = self._sum / self.step if self.step > 1 else self._sum
                self.n += 1
                self._count = 0
                self._apply(1)
                done += 1
        return done

    def _apply(self, new: int) -> None:
        """Filter where ``new`` more samples have completed the kernels' span."""
        new = min(new, self.n - self._size + 1)
        if new <= 0:
            return
        at = self.n - self.first - self._size - new + 1
        out = at + self.before
        if new > _FEW:
            self._f[out : out + new] = self._apply_many(at, new)
            return
        for i in range(new):
            self._f[out + i] = self._apply_once(at + i)

    def _apply_once(self, at: int) -> float:
        window = self._x[at : at + self._size]
        squares = 0.0
        for kernel in self._kernels:
            total = float(np.add.accumulate(window * kernel)[-1])
            if len(self._kernels) == 1:
                return total
            squares += total * total
        return squares

    def _apply_many(self, at: int, new: int) -> Floats:
        squares = np.zeros(new)
        for kernel in self._kernels:
            total = self._x[at : at + new] * kernel[0]
            for tap in range(1, self._size):
                total += self._x[at + tap : at + tap + new] * kernel[tap]
            squares += total * total if len(self._kernels) > 1 else total
        return squares

    def _make_room(self, new: int) -> None:
        used = self.n - self.first
        if used + new <= len(self._x):
            return
        keep = min(used, self._history)
        for buffer in (self._x, self._f):
            buffer[:keep] = buffer[used - keep : used].copy()
        self.first = self.n - keep

    def missing(self, index: int) -> int:
        """How many more samples complete the decimated one of this index, which is yet to come."""
        return (index - self.n + 1) * self.step - self._count

    @property
    def filtered_end(self) -> int:
        """One past the newest index that has a filtered value."""
        return self.n - self.after

    def decimated(self, start: int, stop: int) -> Floats:
        """The decimated signal between two indices, both still kept; a view."""
        return self._x[start - self.first : stop - self.first]

    def filtered(self, start: int, stop: int) -> Floats:
        """The filtered signal between two indices; a view. Defined from index ``before`` on."""
        return self._f[start - self.first : stop - self.first]


def maxima(f: Floats, before: int, after: int) -> list[int]:
    """Indices into f of values above all of the ``before`` before them and none below those after.

    The first ``before`` and the last ``after`` values are only neighbours.
    """
    size = len(f) - before - after
    if size <= 0:
        return []
    if size == 1:
        around = f.tolist()
        middle = around[before]
        if middle > max(around[:before]) and middle >= max(around[before + 1 :]):
            return [before]
        return []
    candidates = f[before : before + size]
    top = np.ones(size, dtype=bool)
    for j in range(1, before + 1):
        top &= candidates > f[before - j : before - j + size]
    for j in range(1, after + 1):
        top &= candidates >= f[before + j : before + j + size]
    found: list[int] = (np.flatnonzero(top) + before).tolist()
    return found


def decimation_step(rate_hz: float, wanted_hz: float) -> int:
    """The whole factor that brings a rate nearest to the wanted one, 1 where it is lower."""
    return max(1, round(rate_hz / wanted_hz))
