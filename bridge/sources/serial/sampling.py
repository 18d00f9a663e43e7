"""How many readings a second arrive over a cable, and which of them were lost. Pure.

The rate is measured before anything is told, and followed afterwards: slow drift moves the times
and is not heard; a jump holds the readings back, is said, and leaves a gap.
"""

from itertools import pairwise

from bridge.gaps import HIDES_A_BEAT_S, RECONNECTED_S
from bridge.sources.serial.arrivals import Arrivals
from bridge.sources.serial.placing import Placer, Reading, Run
from bridge.sources.serial.rate import Doubt, Drift, Earliest, Rate, RateMeter, usual_rate
from bridge.sources.serial.uneven import ArrivalLoop
from bridge.sources.serial.waited import WAITED_S, more_of

MAX_RATE_HZ = 2_200.0
TOLERANCE_S = 0.03
"""Readings later than this, and half as late again as any while the rate was learned, are a jump, a
loss or a stall. To take a stall for another at first costs nothing: it is late in any case."""
EARLY_S = 0.012
"""Readings earlier than this, and than the unrest seen, are a jump for sure: no cable is faster.
Until then up to two beats may be told, and be wrong by as much."""
STAMP_TOLERANCE_S = 0.02
"""The same for a board's own time stamps, which no cable delays."""
LOOK_SECONDS = 0.4
"""After so long, a stall is told from a jump by the readings that came meanwhile."""
SAME = 0.1
"""The rate of so few readings may differ by this share and be the same."""
LONGEST_PAUSE_S = 2.0
"""A rate is not learned across a longer silence."""
JUMP_GAP_S = 0.3
"""Left out where the rate jumped: more than ``HIDES_A_BEAT_S``, so that no interval spans it."""
STRAYS, SHORT_PAUSE_S = 2, 0.05
"""Readings that so often came when they should not, over a link without bursts and at the old rate,
are taken at uneven times."""
DRIFTED = 0.05
"""A rate that drifted by more than this share is announced anew; the detectors start again."""


class Sampler:
    """Tells readings once their rate is sure: counted within a run, arrival times across gaps."""

    def __init__(self, rate_hz: float | None = None) -> None:
        """Begin; ``rate_hz`` is what a person says it is."""
        self.remarks: list[str] = []
        """What should be said; whoever says it empties the list."""
        self.given = rate_hz is not None
        """A person has said the rate."""
        self._announced = False
        self._doubt = Doubt(rate_hz) if rate_hz is not None else None
        self._placer = Placer(rate_hz)
        self._last: float | None = None
        self._reconnected = self._stamped = False
        self._jumped_from: float | None = None
        self._tolerance, self._early = TOLERANCE_S, EARLY_S
        self._usual_pause, self._strays = 0.0, 0
        self._waited: float | None = None
        """When readings came that had waited, until it is known what was lost."""
        self._arrivals = Arrivals()
        self._start_learning()

    @property
    def rate_hz(self) -> float | None:
        """As announced to the detectors; None while it is measured."""
        return self._placer.rate_hz

    @property
    def now(self) -> float:
        """Where the next reading will be, s on the session clock."""
        return self._placer.now

    def add(
        self,
        readings: list[Reading],
        arrival: float,
        numbered: bool = False,
        stamps: list[float] | None = None,
    ) -> list[Run]:
        """Take the readings that arrived together.

        Args:
            readings: in order.
            arrival: s, of any clock that does not go back.
            numbered: they are followed by ``skip`` alone: a pause of the cable or of this computer
                lost nothing.
            stamps: the board's own time of each reading, s, rising, where it sends one.

        Returns:
            What may be told now; nothing while the rate is being learned or doubted.

        Raises:
            ValueError: so many a second are no pulse sensor's.
        """
        if stamps is not None:
            self._stamped = True
            for reading, stamp in zip(readings, stamps, strict=True):
                self._take([reading], stamp, numbered)
        elif readings:
            self._take(readings, arrival, numbered)
        out = self._placer.take()
        self._arrivals.date(out, arrival)
        return out

    def soonest(self, count: int) -> float | None:
        """Before when so many more readings cannot arrive; None: each reading's arrival counts."""
        if self.rate_hz is None or self._held or self._waited is not None or self._loop is not None:
            return None
        return self._arrivals.soonest(self.now + count * self._placer.step)

    def skip(self, count: int) -> None:
        """Note that ``count`` readings were lost: the next run starts that much later."""
        self._placer.skip(count)

    def set_rate(self, rate_hz: float) -> None:
        """Take the rate that the sensor itself announces."""
        self._announced = True
        self._doubt = None
        if rate_hz != self.rate_hz:
            self._settle(rate_hz)

    def reconnected(self) -> None:
        """Note that the cable was out: the next run follows a gap however short it was.

        A rate that was measured is measured again: another sketch may be on the board now.
        """
        self._reconnected = True
        self._jumped_from = None
        self._arrivals = Arrivals()
        if not self.given and not self._announced:
            self._placer.begin(None)
            self._start_learning()

    def _take(self, readings: list[Reading], when: float, numbered: bool) -> None:
        pause = 0.0 if self._last is None else when - self._last
        self._last = when
        if self._reconnected:
            self._reconnected = False
            self._placer.shift(max(RECONNECTED_S, pause))
        if self.rate_hz is None:
            self._learn(readings, when, pause)
        elif self.given or self._announced:
            if not numbered:
                if self._doubt is not None:
                    self.remarks += self._doubt.push(len(readings), when)
                self._follow_given(len(readings), when, pause)
            self._placer.place(readings)
        elif self._loop is not None:
            self._loop.place(readings, when, pause)
            if self._loop.another_rate(len(readings), when):
                self._held.append((readings, when))
                self._jump()
        elif self._held:
            self._hold(readings, when, pause)
        else:
            self._follow(readings, when, pause)

    # ---- learning -----------------------------------------------------------------------------

    def _start_learning(self) -> None:
        self._meter, self._drift, self._edge = RateMeter(), Drift(), Earliest()
        self._held: list[tuple[list[Reading], float]] = []
        self._loop: ArrivalLoop | None = None

    def _learn(self, readings: list[Reading], when: float, pause: float) -> None:
        if self._held and pause > LONGEST_PAUSE_S:
            self._start_learning()
        self._held.append((readings, when))
        rate = self._meter.push(len(readings), when)
        while self._held[0][1] < self._meter.since:
            self._held.pop(0)
        if rate is None:
            return
        if rate.hz > MAX_RATE_HZ:
            raise ValueError(f"readings arrive {rate.hz:.0f} times a second")
        held = self._held
        self._settle(usual_rate(rate), rate)
        self._usual_pause = max((b - a for (_, a), (_, b) in pairwise(held)), default=0.0)
        cut = 0.0
        if self._jumped_from is not None:
            self._placer.shift(JUMP_GAP_S)
            cut, self._jumped_from = held[0][1] + JUMP_GAP_S, None
        for part, at in held:
            if at >= cut:
                self._watch(len(part), at)
                self._placer.place(part)
        if rate.uneven:
            self._loop = ArrivalLoop(self._placer)

    def _settle(self, rate_hz: float, measured: Rate | None = None) -> None:
        self._placer.begin(rate_hz)
        self._start_learning()
        if measured is not None:
            floor = STAMP_TOLERANCE_S if self._stamped else TOLERANCE_S
            self._tolerance = max(floor, 1.5 * measured.unrest_s, 2.0 * self._placer.step)
            self._early = max(EARLY_S, measured.unrest_s, 2.0 * self._placer.step)

    def _follow_given(self, count: int, when: float, pause: float) -> None:
        """A given rate is believed; a silence on the cable may still have lost readings."""
        behind, edge = self._behind(count, when)
        if count * self._placer.step > WAITED_S:
            self._waited = when
            return
        if more_of(self._waited, count * self._placer.step, when, pause):
            return
        had_waited, self._waited = self._waited is not None, None
        if (had_waited or pause > HIDES_A_BEAT_S) and behind - edge > HIDES_A_BEAT_S:
            self._placer.shift(behind - edge)
            behind = edge
        self._edge.push(when, behind)

    # ---- following ----------------------------------------------------------------------------

    def _behind(self, count: int, when: float) -> tuple[float, float]:
        """How late ``count`` more readings come, and how late they should be at the least."""
        behind = when - (self.now + count * self._placer.step)
        edge = self._edge.value
        return behind, behind if edge is None else edge

    def _in_time(self, late_s: float) -> bool:
        return -self._early <= late_s <= self._tolerance

    def _follow(self, readings: list[Reading], when: float, pause: float) -> None:
        behind, edge = self._behind(len(readings), when)
        if not self._in_time(behind - edge):
            waited = len(readings) * self._placer.step > WAITED_S
            late = behind - edge > self._tolerance
            if waited or not late or pause <= max(HIDES_A_BEAT_S, 2 * self._usual_pause):
                self._waited = when if waited else None
                self._held.append((readings, when))
                return
            self._placer.shift(behind - edge)  # a silence on the cable that lost readings
            self._edge = Earliest()
        self._watch(len(readings), when)
        self._placer.place(readings)

    def _watch(self, count: int, when: float) -> None:
        """Let the arrivals correct the step."""
        assert self.rate_hz is not None
        behind, _ = self._behind(count, when)
        self._edge.push(when, behind)
        nominal = when - self._placer.nominal(count)
        slope = self._drift.push(when, nominal)
        if slope is None:
            return
        step = 1.0 / self.rate_hz / (1.0 - slope)
        if abs(slope) > DRIFTED:
            self.remarks.append(f"the rate has drifted: {1.0 / step:.4g} readings a second")
            self._settle(1.0 / step)
        elif abs(step / self._placer.step - 1.0) > 1e-5:
            self._placer.stretch(step)

    def _hold(self, readings: list[Reading], when: float, pause: float) -> None:
        """Readings came when they should not: wait and see whether they stalled, or jumped."""
        length_s = len(readings) * self._placer.step
        if len(self._held) == 1 and more_of(self._waited, length_s, when, pause):
            self._held = [(self._held[0][0] + readings, when)]
            return
        self._held.append((readings, when))
        count = sum(len(part) for part, _ in self._held)
        behind, edge = self._behind(count, when)
        if self._in_time(behind - edge):
            self._release()  # they had stalled, or came in one burst
            return
        first, since = self._held[0]
        if when - since < max(LOOK_SECONDS, 3 * self._usual_pause) or len(self._held) < 4:
            return
        rate_hz = (count - len(first)) / (when - since)
        if abs(rate_hz * self._placer.step - 1.0) > SAME:
            self._jump()
            return
        if self._waited is not None:
            self._placer.place(self._held.pop(0)[0])  # the oldest: what was lost came after them
        if behind > edge:
            self._placer.shift(behind - edge)  # some were lost
        self._edge = Earliest()
        self._release()
        self._strays += 1
        if self._strays >= STRAYS and self._usual_pause < SHORT_PAUSE_S:
            self._loop = ArrivalLoop(self._placer)

    def _release(self) -> None:
        held, self._held, self._waited = self._held, [], None
        for part, at in held:
            self._watch(len(part), at)
            self._placer.place(part)

    def _jump(self) -> None:
        held, self._waited = self._held, None
        self.remarks.append(
            f"readings no longer come {self.rate_hz:.4g} times a second; measuring anew"
        )
        self._placer.begin(None)
        self._start_learning()
        self._jumped_from = held[0][1]
        before = held[0][1]
        for part, at in held:
            self._learn(part, at, at - before)
            before = at
