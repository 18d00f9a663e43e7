"""Readings of a sketch that takes them at uneven times lie where they arrived. Pure.

A loop of first order draws the even grid after the arrivals: fast enough for a board whose readings
come 5 to 9 ms apart at random, slow enough to smooth what a cable's hand-overs add.
"""

from math import pi

from bridge.gaps import HIDES_A_BEAT_S
from bridge.sources.serial.placing import Placer, Reading
from bridge.sources.serial.waited import AT_ONCE_S, WAITED_S, more_of

BANDWIDTH_HZ = 2.0
"""Of the loop. With simulated readings 5-9 ms apart intervals err by 2.4 ms (sd) on a board's own
USB and by 5.9 through the 16 ms hand-overs of an FTDI chip; with 1 Hz 3.2 and 6.1, with 4 Hz 3.0
and 6.5, with 8 Hz 4.0 and 7.0."""
MOST_STEPS = 0.45
"""Nothing is moved by more at once, so that no reading seems to be missing or one too many."""
AHEAD_S = 0.1
"""Readings so early had waited where a silence was seen: their time goes on, for what was told
cannot be taken back. The loop itself strays by 0.03 s at most."""
LOOK_S = 3.0
OTHER = 0.15
"""Over so long, a share of the rate by which no uneven sketch strays: it is another rate."""


class ArrivalLoop:
    """Places readings one after the other, each a little nearer to where it arrived."""

    def __init__(self, placer: Placer) -> None:
        self._placer = placer
        self._origin: float | None = None
        """Arrival minus session time."""
        self._from: float | None = None
        self._count = 0
        self._waited: float | None = None

    def place(self, readings: list[Reading], when: float, pause: float) -> None:
        """Take the readings that arrived at ``when``, ``pause`` after those before."""
        placer = self._placer
        behind = when - (placer.now + len(readings) * placer.step)
        if self._origin is None:
            self._origin = behind
        late = behind - self._origin
        length_s = len(readings) * placer.step
        if not more_of(self._waited, length_s, when, pause):
            self._waited = when if length_s > WAITED_S else None
        if self._waited is not None:
            self._from = None
        elif late > HIDES_A_BEAT_S:
            placer.shift(late)  # a silence: some were lost
            self._from = None
        elif late < -AHEAD_S:
            self._origin = behind
            if length_s > AT_ONCE_S:
                self._from = None
        else:
            most = MOST_STEPS * placer.step
            share = min(1.0, 2.0 * pi * BANDWIDTH_HZ * max(pause, placer.step))
            placer.shift(max(-most, min(most, share * late)))
        placer.place(readings)

    def another_rate(self, count: int, when: float) -> bool:
        """Whether the readings of the last seconds came at another rate; asked of each delivery."""
        self._count += count
        if self._from is None:
            self._from, self._count = when, 0
        if when - self._from < LOOK_S:
            return False
        off = self._count / (when - self._from) * self._placer.step - 1.0
        self._from, self._count = when, 0
        return abs(off) > OTHER
