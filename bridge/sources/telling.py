"""Tells beats that are known late: true after a constant delay, or predicted and then corrected.

Announced on arrival they would be off by a quarter of a second either way, and sound drunk.
"""

import asyncio
from collections.abc import Callable, Sequence

from bridge.events import Beat, Foretold
from bridge.sources import Item, Notice
from bridge.sources.intervals import Placed, RrClock

DELAY_S = 1.2
"""After a beat it is told; of 100 beats 95 are known by 1.12 s (a simulated strap, one packet a
second)."""
LATEST_S = 1.0
"""A beat that is told later than the delay by more than this counts for intervals only."""
COASTED = 2
"""Beats that are predicted without a packet to confirm them."""
LEAST_APART = 0.5
"""Two predicted beats lie at least this share of an interval apart, however one is corrected."""
BEATS = ("true", "predicted")
"""What ``beats=`` may be."""


class Teller:
    """Emits the beats of one sensor at their time."""

    def __init__(self, emit: Callable[[Item], None], clock: RrClock, beats: str = "true") -> None:
        """Begin; that beats are predicted is said at once.

        Args:
            emit: takes the beats.
            clock: says when each one was.
            beats: one of ``BEATS``.
        """
        self._emit = emit
        self._clock = clock
        self._predicted = beats == "predicted"
        self._due = 0.0
        self._told_t = float("-inf")
        self._waiting: list[asyncio.TimerHandle] = []
        if self._predicted:
            emit(Notice("beats are predicted, and corrected with each packet that comes"))
            emit(Foretold(0.0))

    def take(self, placed: Sequence[Placed]) -> None:
        """Take the beats of one packet, as it arrives; call it in the loop."""
        if not placed:
            return
        if self._predicted:
            for beat in placed:  # they count; what sounds was told before
                self._emit(Beat(beat.t, max(beat.t, self._now()), late=True))
            self._predict(placed[-1])
            return
        loop = asyncio.get_running_loop()
        self._waiting = [handle for handle in self._waiting if handle.when() > loop.time()]
        for beat in placed:
            self._due = max(self._due, beat.t + self._edge() + DELAY_S)
            self._waiting.append(loop.call_at(self._due, self._tell, beat.t))

    def stop(self) -> None:
        """Nothing more is told."""
        for handle in self._waiting:
            handle.cancel()
        self._waiting.clear()

    def _edge(self) -> float:
        edge = self._clock.edge
        assert edge is not None
        return edge

    def _now(self) -> float:
        """The session time that this moment is."""
        return asyncio.get_running_loop().time() - self._edge()

    def _tell(self, t: float) -> None:
        known_t = max(t, self._now())
        self._emit(Beat(t, known_t, late=known_t - t > DELAY_S + LATEST_S))

    def _predict(self, last: Placed) -> None:
        self.stop()
        loop = asyncio.get_running_loop()
        for count in range(1, COASTED + 1):
            t = last.t + count * last.rr_s
            if t > max(self._now(), self._told_t + LEAST_APART * last.rr_s):
                due = t + self._edge()
                self._waiting.append(loop.call_at(due, self._tell_predicted, t, last.rr_s))

    def _tell_predicted(self, t: float, rr_s: float) -> None:
        self._told_t = t
        self._emit(Beat(t, max(t, self._now()), predicted=True, ibi_ms=rr_s * 1000.0))
