"""The other columns of a sensor, such as skin conductance: BodyChunk -> Body, at most 30 a second.

A knob needs no more, and slow sensors should not crowd out a beat.
"""

from math import ceil

from bridge.events import Body, BodyChunk

VALUES_PER_SECOND = 30.0


class BodyValues:
    """Thins each column by averaging neighbours; any chunking gives the same values.

    An average is told at the time of the last sample that it holds.
    """

    def __init__(self) -> None:
        self._begun: dict[str, tuple[float, int]] = {}
        """By name: sum and number of the samples that wait for the rest of their average."""

    def push(self, chunk: BodyChunk) -> list[Body]:
        """Return the averages that this chunk completes."""
        each = ceil(chunk.rate_hz / VALUES_PER_SECOND)
        total, count = self._begun.get(chunk.name, (0.0, 0))
        found = []
        for index, value in enumerate(chunk.values.tolist()):
            total, count = total + value, count + 1
            if count >= each:
                found.append(Body(chunk.t + index / chunk.rate_hz, chunk.name, total / count))
                total, count = 0.0, 0
        self._begun[chunk.name] = total, count
        return found
