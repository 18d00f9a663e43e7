"""How late readings arrive, and when those to come can be here at the soonest. Pure."""

import math

from bridge.sources.serial.placing import Run
from bridge.sources.serial.rate import Earliest

LET_GO = 0.01
"""The edge is let go so fast, s a second: no clock drifts faster."""
SETTLED_S = 3.0
"""How early readings can be is not known before so much of the connection, s: longer than a rate
is learned or doubted."""


class Arrivals:
    """Follows how long after its time on the session clock each delivery arrives."""

    def __init__(self) -> None:
        self._earliest = Earliest()
        self._since: float | None = None
        self._at = self._late = 0.0
        self._edge = math.inf

    def date(self, runs: list[Run], arrival: float) -> None:
        """Say of runs when they arrived, on the session clock: the earliest ever came at once.

        Args:
            runs: what may be told of a delivery, in order; empty where it is held back.
            arrival: of the delivery, s, of any clock that does not go back.
        """
        if not runs:
            return
        if self._since is None:
            self._since = arrival
        end = runs[-1].end
        self._late = arrival - end
        self._edge = min(self._late, self._edge + LET_GO * (arrival - self._at))
        self._at = arrival
        self._earliest.push(arrival, self._late)
        for run in runs:
            run.arrival_t = end + max(0.0, self._late - self._least)

    def soonest(self, end: float) -> float | None:
        """The arrival before which a reading cannot be here; None where that is not known yet.

        Args:
            end: of the reading, s on the session clock.
        """
        if self._since is None or self._at - self._since < SETTLED_S:
            return None
        return end + self._edge

    @property
    def _least(self) -> float:
        least = self._earliest.value
        return self._late if least is None else least
