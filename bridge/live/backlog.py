"""How old a beat may be and still sound: what waited while nobody heard it plays no bunch. Pure."""

from math import inf

SILENT_S, SOUNDS_WITHIN_S = 1.0, 0.3
"""After so long a silence (a program that stood still, a stalled link; packets of sensors are 0.6 s
at most) samples have waited: a beat older than the second would sound in a bunch with others."""
CATCHING_UP_S = 0.1
"""What waited is read within this, or comes at twice its own pace at least."""


class Backlog:
    """Tells, from when samples come, whether they have waited."""

    def __init__(self) -> None:
        """Begin before the first samples."""
        self._came, self._behind_until = inf, -inf

    def oldest_s(self, now: float, length_s: float) -> float:
        """Take the samples that come now.

        Args:
            now: s, of any clock that does not go back.
            length_s: how long they last.

        Returns:
            How old a beat that is found in them may be and still sound, s. As old as it will where
            they have not waited: a board with a slow clock falls behind for ever, and still plays.
        """
        apart, self._came = now - self._came, now
        catching_up = now < self._behind_until and apart < length_s / 2
        if apart > SILENT_S or catching_up:
            self._behind_until = now + CATCHING_UP_S
        return SOUNDS_WITHIN_S if now < self._behind_until else inf
