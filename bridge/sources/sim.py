"""A simulated heart on a simulated sensor: ``sim?bpm=72``. For demos, rehearsals and tests."""

from collections.abc import Callable, Iterator

from bridge.events import SampleChunk
from bridge.simulate.heart import Heart, HeartSimulator
from bridge.sources import Item, Notice, pace
from bridge.sources.spec import SourceEntry, SourceSpec

KINDS = ("ppg", "ecg")


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


def _open(spec: SourceSpec, speed: float) -> SimSource:
    heart = Heart(
        kind=spec.choice("kind", KINDS),
        rate_hz=spec.number("rate", 250.0, 25.0, 2000.0),
        bpm=spec.number("bpm", 72.0, 30.0, 220.0),
        seed=int(spec.number("seed", 1.0, 0.0, 2**31)),
    )
    return SimSource(heart, speed)


ENTRY = SourceEntry(_open, frozenset({"bpm", "rate", "kind", "seed"}), KINDS)
