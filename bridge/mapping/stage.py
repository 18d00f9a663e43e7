"""One value of the heart on its way to a knob: range, curve and smoothing, in that order."""

from dataclasses import dataclass
from math import exp

from bridge.mapping.curve import LINEAR, Curve
from bridge.mapping.range import Range


@dataclass(slots=True)
class Stage:
    """Turns one value, pushed whenever it is known anew, into a level of 0-1.

    The same values at the same times give the same levels; nothing is looked at ahead.
    """

    range: Range
    curve: Curve = LINEAR
    smoothing_s: float = 0.0
    """Time constant: so long after a step 63 % of it are done. 0 does not smooth."""
    _t: float | None = None
    _bent: float = 0.0
    _level: float = 0.0

    def push(self, t: float, value: float) -> float:
        """Take the value at ``t`` seconds; return its level.

        The level follows a first-order low pass, worked out exactly for a value that went in a
        straight line since the last push. So it depends on how the value went, not on how often it
        was told: beats come twice as fast at 120 as at 60.
        """
        self.range.push(t, value)
        bent = self.curve(self.range.share(value))
        if self._t is None or self.smoothing_s == 0.0:
            self._level = bent
        elif t > self._t:
            passed = t - self._t
            lag = (bent - self._bent) / passed * self.smoothing_s
            left = exp(-passed / self.smoothing_s)
            level = bent - lag + (self._level - self._bent + lag) * left
            self._level = min(1.0, max(0.0, level))  # rounding
        else:
            return self._level  # told twice, or late: no time has passed
        self._t, self._bent = t, bent
        return self._level

    def forget(self) -> None:
        """Begin anew, as when another person puts the sensor on."""
        self.range.forget()
        self._t = None
