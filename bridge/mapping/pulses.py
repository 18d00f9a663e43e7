"""Heart rate -> the pulses of a MIDI clock, 24 a quarter note. Pure: times are arguments.

Receivers average a clock over a quarter note or two and stumble over jumps, so the tempo is the
smoothed rate, folded into a range, and moves a little with each pulse; the train is integrated and
never begins anew.
"""

from math import exp

PULSES_A_QUARTER = 24
LOWEST, HIGHEST = 70.0, 140.0
"""The tempo's range: one octave, so that every rate has a place in it."""
HYSTERESIS = 0.06
"""The rate may leave the range by this share before it is folded anew: breathing alone moves it by
as much, and a tempo that halves and doubles with it is no tempo."""
SMOOTHING_S = 6.0
"""Time constant. Over 4 s the rate of the shared recordings still moves by 0.2-0.9 a minute at each
beat; 8 s lag behind a climax."""
STEP = 0.02
"""Most that a pulse interval differs from the one before, as a share: a receiver takes 0.2."""


class FoldedRate:
    """The rate of a heart as a tempo: smoothed, and an octave up or down where it must be."""

    def __init__(self) -> None:
        self._t = 0.0
        self._smooth: float | None = None
        self._last = 0.0
        self._fold = 1.0

    def push(self, t: float, bpm: float) -> None:
        """The heart's rate at ``t``, s."""
        if self._smooth is None:
            self._smooth, self._t = bpm, t
            while bpm * self._fold < LOWEST:
                self._fold *= 2.0
            while bpm * self._fold >= HIGHEST:
                self._fold /= 2.0
        self._pass(t)
        self._last = bpm

    def at(self, t: float) -> float | None:
        """The tempo at ``t``, a minute; without news it is held. None while no rate is known."""
        if self._smooth is None:
            return None
        self._pass(t)
        if self._smooth * self._fold > HIGHEST * (1.0 + HYSTERESIS):
            self._fold /= 2.0
        elif self._smooth * self._fold < LOWEST * (1.0 - HYSTERESIS):
            self._fold *= 2.0
        return self._smooth * self._fold

    def _pass(self, t: float) -> None:
        if self._smooth is not None and t > self._t:
            self._smooth += (self._last - self._smooth) * (1.0 - exp((self._t - t) / SMOOTHING_S))
            self._t = t


class PulseTrain:
    """Says when the next pulse is due."""

    def __init__(self) -> None:
        """Begin silent, until a rate is known."""
        self._rate = FoldedRate()
        self._tempo = 0.0
        self.due: float | None = None
        """When the next pulse is due, s; None while no rate is known."""

    @property
    def tempo(self) -> float:
        """Quarter notes a minute, as the pulses have it now."""
        return self._tempo

    def rate(self, t: float, bpm: float) -> None:
        """The heart's rate at ``t``, s. The first one starts the train."""
        self._rate.push(t, bpm)
        if self.due is None:
            self.due, self._tempo = t, self._rate.at(t) or 0.0

    def pulse(self) -> float:
        """The pulse that was due is sent: step on; returns its moment, s."""
        at = self.due
        goal = self._rate.at(at) if at is not None else None
        assert at is not None
        assert goal is not None
        self._tempo = min(max(goal, self._tempo / (1.0 + STEP)), self._tempo * (1.0 + STEP))
        self.due = at + 60.0 / (self._tempo * PULSES_A_QUARTER)
        return at

    def stall(self, seconds: float) -> None:
        """Nobody could send for so long: go on later, rather than all at once."""
        if self.due is not None:
            self.due += seconds
