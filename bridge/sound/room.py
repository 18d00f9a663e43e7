"""A small room around the voice: four delays that feed one another (a feedback delay network).

After Jot and Chaigne, *Digital delay networks for designing artificial reverberators*, AES 90,
1991, with a Householder matrix. Delays and gains are ours.
"""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
_DELAYS = (1499, 1777, 2129, 2467)
"""Frames at 48 kHz (31 to 51 ms): primes, so that their echoes do not fall together."""
_GAIN = np.float32(0.72)
"""Of a round: 60 dB take 0.85 s."""
_DAMP = np.float32(0.35)
"""Share of the frame before in each echo: walls swallow what is high."""
_FLOOR = np.float32(1e-15)
"""Added so that a dying echo never becomes a denormal number, which processors take long for."""


class Room:
    """Answers a mono signal in stereo. Any cutting into blocks gives the same samples."""

    def __init__(self) -> None:
        self._lines = [np.zeros(2 * delay, np.float32) for delay in _DELAYS]
        self._at = 0
        self._before = np.zeros((4, 1), np.float32)

    def answer(self, sound: Samples) -> Samples:
        """The echo of some frames, shape (2, n); the sound itself is not in it."""
        out = np.empty((2, len(sound)), np.float32)
        step = _DELAYS[0]
        for start in range(0, len(sound), step):
            part = sound[start : start + step]
            out[:, start : start + step] = self._step(part)
        return out

    def _step(self, sound: Samples) -> Samples:
        n, at = len(sound), self._at
        heard = np.empty((4, n + 1), np.float32)
        heard[:, :1] = self._before
        for row, (line, delay) in enumerate(zip(self._lines, _DELAYS, strict=True)):
            _read(line, at - delay, heard[row, 1:])
        self._before = heard[:, -1:].copy()
        dull = heard[:, 1:] * (1 - _DAMP) + heard[:, :-1] * _DAMP
        mixed = (dull[0] + dull[1] + dull[2] + dull[3]) * np.float32(0.5)
        back = (dull - mixed) * _GAIN + (sound + _FLOOR)
        for row, line in enumerate(self._lines):
            _write(line, at, back[row])
        self._at = at + n
        return np.stack((dull[0] - dull[2], dull[1] - dull[3]))


def _read(line: Samples, at: int, out: Samples) -> None:
    start = at % len(line)
    first = min(len(out), len(line) - start)
    out[:first] = line[start : start + first]
    out[first:] = line[: len(out) - first]


def _write(line: Samples, at: int, values: Samples) -> None:
    start = at % len(line)
    first = min(len(values), len(line) - start)
    line[start : start + first] = values[:first]
    line[: len(values) - first] = values[first:]
