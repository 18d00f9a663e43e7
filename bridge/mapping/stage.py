"""One value of the heart on its way to a knob: range, curve and smoothing, in that order."""

from dataclasses import dataclass
from math import exp

from bridge.mapping.curve import LINEAR, Curve
from bridge.mapping.range import Range


@dataclass(slots=True)
class LowPass:
    """A first-order low pass, worked out exactly for a value that goes in straight lines.

    So its output depends on how the value went, not on how often it was told: beats come twice as
    fast at 120 as at 60.
    """

    smoothing_s: float
    """Time constant: so long after a step 63 % of it are done. 0 does not smooth."""
    _t: float | None = None
    _value: float = 0.0
    _smooth: float = 0.0

    def push(self, t: float, value: float) -> float:
        """Take the value at ``t`` seconds; return it smoothed. The first is taken as it is."""
        if self._t is None or self.smoothing_s == 0.0:
            self._smooth = value
        elif t > self._t:
            passed = t - self._t
            lag = (value - self._value) / passed * self.smoothing_s
            left = exp(-passed / self.smoothing_s)
            self._smooth = value - lag + (self._smooth - self._value + lag) * left
        else:
            return self._smooth  # told twice, or late: no time has passed
        self._t, self._value = t, value
        return self._smooth

    def forget(self) -> None:
        """Take the next value as a first one."""
        self._t = None


class Stage:
    """Turns one value, pushed whenever it is known anew, into a level of 0-1.

    The same values at the same times give the same levels; nothing is looked at ahead.
    """

    __slots__ = ("_curve", "_low_pass", "_range")

    def __init__(self, range_: Range, curve: Curve = LINEAR, smoothing_s: float = 0.0) -> None:
        """Lay values over the range, bend them, and smooth them (see ``LowPass``)."""
        self._range, self._curve, self._low_pass = range_, curve, LowPass(smoothing_s)

    def push(self, t: float, value: float) -> float:
        """Take the value at ``t`` seconds; return its level."""
        self._range.push(t, value)
        level = self._low_pass.push(t, self._curve(self._range.share(value)))
        return min(1.0, max(0.0, level))  # rounding

    def goal(self, value: float) -> float:
        """The level at which smoothing arrives, if the value stays."""
        return self._curve(self._range.share(value))

    def forget(self) -> None:
        """Begin anew, as when another person puts the sensor on."""
        self._range.forget()
        self._low_pass.forget()
