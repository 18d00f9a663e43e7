"""Readings that arrive over a cable become evenly spaced chunks on the session clock. Pure."""

import numpy as np

from bridge.events import SampleChunk
from bridge.gaps import HIDES_A_BEAT_S, RECONNECTED_S

LEARN_SECONDS = 2.5
"""How long arrivals are watched to learn an unknown rate: USB delivers in bursts of up to 16 ms."""
MAX_RATE_HZ = 2_200.0
USUAL_RATES_HZ = (
    10, 20, 25, 30, 40, 50, 60, 75, 100, 120, 125, 150, 200, 250, 300, 400, 500, 1000, 2000,
)  # fmt: skip
SNAP = 0.012
"""Boards with a timer sample at round rates; a rate measured this near to one is taken for it. In
``LEARN_SECONDS`` bursts of 16 ms leave an error of 0.6 %; a sketch that merely waits 20 ms between
readings is at 48 Hz, and must not be taken for 50."""
WRONG = 0.05
"""An assumed rate is corrected when arrivals differ by more than this share."""


def usual_rate(measured_hz: float) -> float:
    """The round rate nearest to a measured one, or the measured one where none is near."""
    nearest = min(USUAL_RATES_HZ, key=lambda rate: abs(rate - measured_hz))
    return float(nearest) if abs(nearest - measured_hz) <= SNAP * nearest else measured_hz


class Sampler:
    """Puts readings on the session clock: counted samples within a run, arrival times across gaps.

    The sample counter is a better clock than arrivals (HRV needs milliseconds, USB delivers in
    bursts), so arrivals serve to learn the rate and to see pauses only.
    """

    def __init__(self, rate_hz: float | None = None) -> None:
        self.rate_hz = rate_hz
        self._measured = self._assumed = False
        self._checked = 0
        self._anchor_t = 0.0
        self._count = 0
        self._reconnected = False
        self._last_arrival: float | None = None
        self._learning: list[float] = []
        self._learn_from: float | None = None
        self._first_burst = 0

    def add(
        self, readings: list[float], arrival: float, numbered: bool = False
    ) -> SampleChunk | None:
        """Take the readings that arrived together at ``arrival`` (s, any monotonic clock).

        Numbered readings are followed by ``skip`` alone: a pause of the cable or of this computer
        lost nothing.

        Returns:
            Their chunk, or None while the rate is being learned.

        Raises:
            ValueError: the readings arrive faster than any sensor's.
        """
        if not readings:
            return None
        pause = 0.0 if self._last_arrival is None else arrival - self._last_arrival
        self._last_arrival = arrival
        if self._reconnected:
            self._reconnected = False
            self._anchor_t += max(RECONNECTED_S, pause)
        elif self.rate_hz is not None and pause > HIDES_A_BEAT_S and not numbered:
            self._anchor_t += max(0.0, pause - len(readings) / self.rate_hz)
        if self.rate_hz is None:
            return self._learn(readings, arrival, pause)
        if self._assumed:
            self._check(len(readings), arrival, pause)
        return self._chunk(readings)

    def skip(self, count: int) -> None:
        """Note that ``count`` samples were lost: the next chunk starts that much later."""
        self._count += count

    def assume(self, rate_hz: float) -> None:
        """Take the usual rate of such a stream at once, until arrivals have shown another."""
        self.rate_hz = rate_hz
        self._measured = self._assumed = True
        self._learn_from = None

    def set_rate(self, rate_hz: float) -> None:
        """Take the rate that the sensor itself announces."""
        if rate_hz != self.rate_hz:
            self._end_run()
            self.rate_hz = rate_hz

    def reconnected(self) -> None:
        """Note that the cable was out: the next chunk follows a gap however short it was.

        A rate that was measured is measured again: another sketch may be on the board now.
        """
        self._reconnected = True
        if self._measured or self.rate_hz is None:
            self._end_run()
            self.rate_hz = None
            self._learn_from = None

    def _end_run(self) -> None:
        if self.rate_hz is not None:
            self._anchor_t += self._count / self.rate_hz
        self._count = 0

    def _learn(self, readings: list[float], arrival: float, pause: float) -> SampleChunk | None:
        if self._learn_from is None or pause > HIDES_A_BEAT_S:
            self._learning, self._learn_from = [], arrival
            self._first_burst = len(readings)
        self._learning += readings
        elapsed = arrival - self._learn_from
        if elapsed < LEARN_SECONDS:
            return None
        measured = (len(self._learning) - self._first_burst) / elapsed
        if measured > MAX_RATE_HZ:
            raise ValueError(f"readings arrive {measured:.0f} times a second")
        self.rate_hz = usual_rate(measured)
        self._measured = True
        learned, self._learning = self._learning, []
        return self._chunk(learned)

    def _check(self, count: int, arrival: float, pause: float) -> None:
        if self._learn_from is None or pause > HIDES_A_BEAT_S:
            self._learn_from, self._checked = arrival, 0
            return
        self._checked += count
        elapsed = arrival - self._learn_from
        if elapsed >= LEARN_SECONDS:
            self._assumed = False
            measured = self._checked / elapsed
            assert self.rate_hz is not None
            if measured <= MAX_RATE_HZ and abs(measured / self.rate_hz - 1.0) > WRONG:
                self.set_rate(usual_rate(measured))

    def _chunk(self, readings: list[float]) -> SampleChunk:
        assert self.rate_hz is not None
        # Counted, not added up: an hour of additions would let the clock drift.
        t = self._anchor_t + self._count / self.rate_hz
        self._count += len(readings)
        return SampleChunk(t, self.rate_hz, np.array(readings))
