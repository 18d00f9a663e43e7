"""The curves by which 0-1 becomes 0-1: one definition each, for profiles, clips and synths."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from bridge.errors import UserError

Level = TypeVar("Level", float, NDArray[np.float64])
"""One value, or an array of any shape."""
_DECADE = 10.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A rising curve through (0, 0) and (1, 1).

    Call it with levels in 0-1, a float or an array; what comes back lies in 0-1 as well.
    """

    kind: Literal["linear", "exponential", "power"] = "linear"
    amount: float = 1.0
    """``exponential``: the ratio that equal steps add up to, above 1. Laid between two frequencies
    of that ratio it gives equal intervals, which is what a knob in Hz wants. ``power``: the
    exponent, above 0; below 1 opens up what is small. (The device's Curve of c % is the power
    4^(c / 100).)"""
    inverted: bool = False
    """The same curve read backwards: a logarithm for ``exponential``."""

    def __post_init__(self) -> None:
        least = 1.0 if self.kind == "exponential" else 0.0
        if self.kind != "linear" and not least < self.amount < np.inf:
            raise UserError(f"curve {self.kind}:{self.amount:g}: above {least:g} is expected")

    def __call__(self, level: Level) -> Level:
        """Bend levels."""
        if self.kind == "linear":
            return level
        # NumPy works out floats as well, so that live values and whole columns round alike.
        bent: Level = _BENT[self.kind, self.inverted](level, self.amount)
        return bent if isinstance(level, np.ndarray) else float(bent)

    def inverse(self) -> "Curve":
        """The curve that undoes this one."""
        return Curve(self.kind, self.amount, not self.inverted)


_BENT: dict[tuple[str, bool], Callable[[Any, float], Any]] = {
    ("exponential", False): lambda level, ratio: (np.power(ratio, level) - 1) / (ratio - 1),
    # Logarithms to ten, so that a decade divides by exactly 1.
    ("exponential", True): lambda level, ratio: np.log10(1 + (ratio - 1) * level) / np.log10(ratio),
    ("power", False): lambda level, exponent: np.power(level, exponent),
    ("power", True): lambda level, exponent: np.power(level, 1 / exponent),
}

LINEAR = Curve()
NAMED: dict[str, Curve] = {
    "linear": LINEAR,
    "exp": Curve("exponential", _DECADE),
    "log": Curve("exponential", _DECADE, inverted=True),
    "power": Curve("power", 2.0),
}
"""The curves as files name them. ``exp`` opens up what is large and ``log`` what is small."""


def parse_curve(text: str) -> Curve:
    """A curve as profiles and styles spell it: a name of ``NAMED``, or one with its own amount.

    ``exp:100`` spans two decades, ``power:0.5`` is a square root.

    Raises:
        UserError: no such curve, or an amount that it cannot have.
    """
    name, colon, amount = text.partition(":")
    curve = NAMED.get(name)
    if curve is None or (colon and name == "linear"):
        raise UserError(f"curve {text!r}: it is none of {', '.join(NAMED)}, or such as power:0.5")
    if not colon:
        return curve
    try:
        return Curve(curve.kind, float(amount), curve.inverted)
    except ValueError:
        raise UserError(f"curve {text!r}: a number is expected, as in {name}:4") from None
