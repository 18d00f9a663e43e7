"""How often something may happen: so many times a second, and so many at once."""


class Budget:
    """A bucket of tokens that fills up as time goes on; time is given, not read."""

    def __init__(self, per_second: float, at_once: int) -> None:
        self._per_second = per_second
        self._at_once = float(at_once)
        self._left = self._at_once
        self._last: float | None = None

    def spend(self, now: float) -> bool:
        """Whether it may happen once more at ``now``, s; then it has."""
        if self._last is not None:
            earned = self._per_second * max(0.0, now - self._last)
            self._left = min(self._at_once, self._left + earned)
        self._last = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
