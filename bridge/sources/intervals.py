"""Beats from intervals that arrive in packets, late and uneven: when each one happened. Pure.

The beats' times are the running sum of the intervals, so that every interval stays what the sensor
measured. When that was on this computer's clock is told by the earliest arrivals: a packet may be
late, never early. Naive placing at arrival errs by 0.27 s (measured on a simulated strap); this by
0.02 s.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from bridge.gaps import LONGEST_INTERVAL_S

DOWN = 0.5
"""An arrival earlier than all before moves the edge by this share at once: half of it is unrest."""
UP, MOST_UP_S = 0.02, 0.002
"""Clocks drift: later arrivals move it up slowly, by so much an interval at the most."""
AHEAD_S = 0.3
"""Intervals cannot add up to more time than has passed; what does was sent twice, or is old."""
BEHIND_INTERVALS = 1.5
PACKET_S = 1.1
"""Straps send about once a second: a beat may wait so long for its packet. A sum that falls further
behind than that and 1.5 intervals lost beats."""
WATCHED = 12
"""Where every one of so many packets is late by half an interval or more, one beat was lost."""
SETTLED = 8
"""Packets after which the edge is known."""
GAP_S = LONGEST_INTERVAL_S + 0.1
"""A break in the sum is at least this long on the session clock: no interval spans it."""
OLD_S = 2.5
"""Beats of the first packet may be from before the connection; older ones are left out."""
RR_S = (0.25, 3.0)
"""Intervals outside are no heart's (240 and 20 a minute)."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One beat."""

    t: float
    """s on the session clock."""
    rr_s: float
    """The interval that it ended, as sent."""


class RrClock:
    """Places the beats of one sensor."""

    def __init__(self) -> None:
        self.refused = 0
        """Intervals that came twice, or that no heart has."""
        self._sum = 0.0
        self._edge: float | None = None
        """Arrival minus session time of the earliest packets, s."""
        self._late: deque[float] = deque(maxlen=WATCHED)
        self._broken = False
        self._packets = 0

    @property
    def edge(self) -> float | None:
        """What to add to a session time to have the arrivals' clock; None before the first."""
        return self._edge

    def gap(self) -> None:
        """Beats were lost: what comes next is placed by its arrival, after a break."""
        self._broken = True

    def push(self, rr_s: Sequence[float], arrival: float) -> list[Placed]:
        """Take the intervals of one packet, the oldest first; return their beats in order.

        Args:
            rr_s: s.
            arrival: s, of any clock that does not go back.
        """
        good = [rr for rr in rr_s if RR_S[0] <= rr <= RR_S[1]]
        self.refused += len(rr_s) - len(good)
        if not good:
            return []
        if self._edge is None:
            return self._begin(good, arrival, 0.0)
        behind = arrival - (self._sum + sum(good)) - self._edge
        if self._broken or behind > PACKET_S + BEHIND_INTERVALS * good[-1]:
            return self._begin(good, arrival, self._sum + GAP_S)
        # The first packets only feel their way to the edge: any of them may have been a whole
        # packet's time late.
        settling = self._packets < SETTLED
        self._packets += 1
        while good and behind < -AHEAD_S - PACKET_S * settling:
            behind += good.pop(0)
            self.refused += 1
        if not good:
            return []
        placed = []
        for rr in good:
            self._sum += rr
            placed.append(Placed(self._sum, rr))
        self._late.append(behind)
        if len(self._late) == WATCHED and min(self._late) > 0.5 * good[-1]:
            self.gap()  # of one beat: what follows is placed anew
        if behind < 0:
            self._edge += behind if settling else DOWN * behind
        else:
            self._edge += min(UP * behind, MOST_UP_S) * len(good)
        return placed

    def _begin(self, good: list[float], arrival: float, earliest: float) -> list[Placed]:
        """Place a packet by its arrival alone, its first beat not before ``earliest``."""
        self._broken = False
        self._packets = 0
        self._late.clear()
        while len(good) > 1 and sum(good[1:]) > OLD_S:
            good = good[1:]
        first = earliest
        if self._edge is not None:
            first = max(first, arrival - self._edge - sum(good[1:]))
        placed = [Placed(first, good[0])]
        for rr in good[1:]:
            placed.append(Placed(placed[-1].t + rr, rr))
        self._sum = placed[-1].t
        self._edge = arrival - self._sum
        return placed
