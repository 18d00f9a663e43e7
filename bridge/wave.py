"""The signal as a scope shows it: at most 60 points a second, scaled to 0-1 by its recent range."""

from math import ceil

from bridge.events import SampleChunk, Wave

POINTS_PER_SECOND = 60.0
RELEASE_SECONDS = 4.0
"""The range follows a larger signal at once, and lets go of it with this time constant."""


class Scope:
    """Thins and scales one signal; any chunking gives the same points."""

    def __init__(self) -> None:
        self._skip = 0
        self._low: float | None = None
        self._high = 0.0

    def push(self, chunk: SampleChunk) -> list[Wave]:
        """Return the points that fall into this chunk."""
        step = ceil(chunk.rate_hz / POINTS_PER_SECOND)
        count = len(chunk.values)
        points: list[Wave] = []
        if self._skip >= count:
            self._skip -= count
            return points
        for index in range(self._skip, count, step):
            value = float(chunk.values[index])
            points.append(Wave(chunk.t + index / chunk.rate_hz, self._scale(value, step, chunk)))
        self._skip = (self._skip - count) % step
        return points

    def _scale(self, value: float, step: int, chunk: SampleChunk) -> float:
        if self._low is None:
            self._low = self._high = value
            return 0.5
        release = step / chunk.rate_hz / RELEASE_SECONDS * (self._high - self._low)
        self._low = min(self._low + release / 2, value)
        self._high = max(self._high - release / 2, value)
        span = self._high - self._low
        return (value - self._low) / span if span > 0.0 else 0.5
