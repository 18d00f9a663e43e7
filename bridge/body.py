"""The other columns of a sensor, such as skin conductance: BodyChunk -> Body, at most 30 a second.

A knob needs no more, and slow sensors should not crowd out a beat.
"""

from math import ceil

from bridge.conductance import LivePart, is_conductance
from bridge.events import Body, BodyChunk

VALUES_PER_SECOND = 30.0
SLOWEST_HZ = 1.0
"""A slower column is not parted: its filters would have nothing to go by."""
SAME_RATE = 0.05


class BodyValues:
    """Thins each column by averaging neighbours; any chunking gives the same values.

    An average is told at the time of the last sample that it holds.
    """

    def __init__(self) -> None:
        self._begun: dict[str, tuple[float, int]] = {}
        """By name: sum and number of the samples that wait for the rest of their average."""
        self._parts: dict[str, LivePart] = {}

    def push(self, chunk: BodyChunk) -> list[Body]:
        """Return the averages that this chunk completes; of skin conductance its parts as well."""
        each = ceil(chunk.rate_hz / VALUES_PER_SECOND)
        total, count = self._begun.get(chunk.name, (0.0, 0))
        found = []
        for index, value in enumerate(chunk.values.tolist()):
            total, count = total + value, count + 1
            if count >= each:
                body = Body(chunk.t + index / chunk.rate_hz, chunk.name, total / count)
                found += [body, *self._parted(body, chunk.rate_hz / each)]
                total, count = 0.0, 0
        self._begun[chunk.name] = total, count
        return found

    def _parted(self, body: Body, rate_hz: float) -> list[Body]:
        if not is_conductance(body.name) or rate_hz < SLOWEST_HZ:
            return []
        parts = self._parts.get(body.name)
        # A rate that is measured anew now and then is still the same column.
        if parts is None or abs(rate_hz / parts.rate_hz - 1.0) > SAME_RATE:
            parts = self._parts[body.name] = LivePart(rate_hz)
        return [Body(body.t, body.name + end, value) for end, value in parts.push(body.value)]
