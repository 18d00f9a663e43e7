"""What can be said about the heart: searching, live or lost. Beat, Quality, time -> Status."""

from itertools import pairwise

from bridge.events import Beat, Quality, State, Status

BEATS_TO_LIVE = 3
"""Beats that follow one another before the state is ``live``; the late ones count too."""
BEATS_WITHIN_S = 8.0
"""Those beats lie within this time, s: 4 beats at 30 a minute take 6 s."""
LOW_QUALITY = 0.2
"""A signal below this quality no longer carries the beats found in it."""
LOW_QUALITY_S = 1.5
"""Such a quality for this long, s, is a loss."""
LONGEST_SILENCE_S = 2.8
"""Time without a beat, s, that is a loss: a rate of 30 a minute has one every 2 s."""
INTERVALS_OF_SILENCE = 2.5
"""Intervals without a beat that are a loss, where that is sooner ..."""
SHORTEST_SILENCE_S = 1.8
"""... but not before this, s."""


class StatusTracker:
    """Follows what a detector says and returns the state when it changes.

    ``push`` each beat and quality as it is announced; ``tick`` with the time up to which the signal
    is known, or with the clock's time on the same axis where no sample comes any more. A change
    carries the moment at which it came true, however seldom one ticks.
    """

    def __init__(self) -> None:
        self.state = State.SEARCHING
        self._beats: list[float] = []
        self._low_since: float | None = None

    def push(self, event: Beat | Quality) -> list[Status]:
        """Take one event of the detector."""
        if isinstance(event, Quality):
            changes = self.tick(event.t)
            if event.value >= LOW_QUALITY:
                self._low_since = None
            elif self._low_since is None:
                self._low_since = event.t
            return changes
        changes = self.tick(event.sure_t)
        self._low_since = None
        self._beats = [t for t in self._beats[-5:] if t > event.t - BEATS_WITHIN_S]
        self._beats.append(event.t)
        fresh = event.sure_t - event.t < self._patience()
        if self.state is not State.LIVE and len(self._beats) >= BEATS_TO_LIVE and fresh:
            self.state = State.LIVE
            changes.append(Status(event.sure_t, State.LIVE))
        return changes

    def tick(self, t: float) -> list[Status]:
        """Signal time has reached t, s."""
        if self.state is not State.LIVE:
            return []
        lost_t = self._beats[-1] + self._patience()
        if self._low_since is not None:
            lost_t = min(lost_t, self._low_since + LOW_QUALITY_S)
        return self.lose(lost_t) if t > lost_t else []

    def lose(self, t: float) -> list[Status]:
        """The heart is known to be lost since ``t``, s: the sensor says that it touches nobody."""
        self._beats = []
        self._low_since = None
        if self.state is not State.LIVE:
            return []
        self.state = State.LOST
        return [Status(t, State.LOST)]

    def _patience(self) -> float:
        """Time after the last beat, s, for which the next may be out."""
        if len(self._beats) < 2:
            return LONGEST_SILENCE_S
        gaps = sorted(b - a for a, b in pairwise(self._beats))
        usual = gaps[len(gaps) // 2]
        return min(LONGEST_SILENCE_S, max(SHORTEST_SILENCE_S, INTERVALS_OF_SILENCE * usual))
