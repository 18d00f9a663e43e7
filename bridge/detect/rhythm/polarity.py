"""Which way up a pulse wave is: evidence gathered over the signal, decided with hysteresis."""

FORGETTING = 0.75
"""Share of the evidence kept at each look while no rhythm is followed: what came before may not
have been a heart. Less decides on the newest seconds only. Chosen on shared/data. F1 within 0.1:
0.375 to 0.862."""
MOST = 4.0
"""Evidence (sums of skewness) beyond this is not saved up, so that a signal that turns over is
followed within some seconds. Chosen on shared/data. F1 within 0.1: 2 to 8."""
CLEAR = 2.0
"""Evidence for the sign of beats that are clear: two usual looks. F1 within 0.1: 1 to 4."""
TURN = (0.0, 1.5)
"""Evidence against the present sign at which it turns: at once while no rhythm is followed, and
against a rhythm. Chosen on shared/data. F1 within 0.1: (0, 0.75) to (0, 3)."""


class Polarity:
    """The sign of the beats in the signal as it came."""

    def __init__(self) -> None:
        self.sign = 1
        self._evidence = 0.0

    def decide(self, sign: int) -> None:
        """Beats that are clear point this way: what was gathered before them is forgotten."""
        self.sign = sign
        self._evidence = sign * CLEAR

    def weigh(self, uprightness: float, locked: bool) -> int:
        """Take one more look (above 0: beats point up); return the sign as known with it."""
        if not locked:
            self._evidence *= FORGETTING
        self._evidence = max(-MOST, min(MOST, self._evidence + uprightness))
        if self._evidence * self.sign < -TURN[locked]:
            self.sign = -self.sign
        return self.sign
