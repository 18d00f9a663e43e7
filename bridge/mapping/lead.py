"""Heart rate -> the tempo of a session that others share. Pure: times are arguments.

All changes of a shared tempo are everybody's: small, seldom, and none once a person has made one.
"""

from bridge.mapping.pulses import FoldedRate

LEAST_S = 0.25
"""At most four changes a second: more never settle at the other side."""
SLEW_BPM_S = 1.0
"""The tempo goes towards the heart's by so much a second at most."""
LEAST_BPM = 0.05
"""Smaller changes are not sent: a session keeps whole microseconds a beat."""
OURS_BPM = 0.04
"""The session's tempo is the one we set if it is no further from it."""


class Lead:
    """Leads the tempo of a session, from where it is, until somebody else changes it."""

    def __init__(self) -> None:
        self.yielded = False
        """Somebody else has changed the tempo: it is theirs from then on."""
        self._rate = FoldedRate()
        self._set: float | None = None
        self._t = 0.0

    def rate(self, t: float, bpm: float) -> None:
        """The heart's rate at ``t``, s."""
        self._rate.push(t, bpm)

    def rest(self) -> None:
        """Nothing is set for a while: what the tempo is afterwards is where to begin."""
        self._set = None

    def step(self, t: float, session: float) -> float | None:
        """The tempo to set at ``t``, where the session has another; None to leave it."""
        if self._set is not None and abs(session - self._set) > OURS_BPM:
            self.yielded = True
        goal = self._rate.at(t)
        if self.yielded or goal is None or (self._set is not None and t < self._t + LEAST_S):
            return None
        most = SLEW_BPM_S * LEAST_S
        tempo = min(max(goal, session - most), session + most)
        if abs(tempo - session) < LEAST_BPM:
            return None
        self._set, self._t = tempo, t
        return tempo
