"""Which tick of the music it is in a session that others share: they have its beat and its tempo.

No clock is read here, and nothing of the session is ever changed.
"""

from math import ceil

from bridge.clips.clip import PPQ

LINK = "link"
"""What such a session is called among the clocks of a style."""
QUANTUM = 4
"""Quarter notes after which those who share a session agree on where they are; Live's default."""
JUMP = 0.25
"""Quarter notes. Where the beat is further than this from where it should be, the session was
joined or began anew. What is nearer is followed: nothing is played twice for it."""
COAST_S = 1.0
"""Without a word of the session for so long, the music waits."""


class SharedClock:
    """Tick 0 is beat 0 of the session, so that bars begin where the others' do."""

    def __init__(self) -> None:
        self.stretch = self.start = 0
        self._t: float | None = None
        self._beat = 0.0
        self._tempo = 0.0

    def told(self, t: float, beat: float, tempo: float) -> None:
        """The session is at ``beat`` at ``t`` seconds, and goes on at ``tempo`` a minute."""
        if self._t is None or abs(beat - self.tick(t) / PPQ) > JUMP:
            self.stretch += 1
            self.start = max(0, ceil(beat / QUANTUM)) * QUANTUM * PPQ
        self._t, self._beat, self._tempo = t, beat, tempo

    def running(self, now: float) -> bool:
        """Whether anything is known of the session."""
        return self._t is not None and now - self._t <= COAST_S

    def moment(self, tick: float) -> float:
        """When a tick is due, by what was told last."""
        assert self._t is not None
        return self._t + (tick / PPQ - self._beat) * 60.0 / self._tempo

    def tick(self, now: float) -> float:
        """Which tick it is."""
        assert self._t is not None
        return (self._beat + (now - self._t) * self._tempo / 60.0) * PPQ
