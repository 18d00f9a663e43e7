"""A simulated heart on a simulated sensor: ``sim?bpm=72``. For demos, rehearsals and tests."""

from collections.abc import Callable, Iterator

from bridge.events import SampleChunk
from bridge.simulate.heart import Heart, HeartSimulator
from bridge.sources import Item, Notice, pace


class SimSource:
    """Plays a simulated heart without end."""

    def __init__(self, heart: Heart, speed: float = 1.0) -> None:
        self.realtime = speed == 1.0
        self._heart = heart
        self._speed = speed

    async def run(self, emit: Callable[[Item], None]) -> None:
        """Emit until cancelled."""
        emit(Notice(f"a simulated heart, {self._heart.rate_hz:g} samples a second"))
        await pace.emit_in_time(self._chunks(), emit, self._speed)

    def summary(self) -> list[str]:
        """A simulated cable loses nothing."""
        return []

    def _chunks(self) -> Iterator[SampleChunk]:
        simulator = HeartSimulator(self._heart)
        while True:
            yield simulator.take(round(self._heart.rate_hz))
