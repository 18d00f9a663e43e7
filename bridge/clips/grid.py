"""Where data time falls in music: cells, bars, the declared metre, and the two timelines."""

from dataclasses import dataclass
from math import gcd
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bridge.clips.clip import PPQ
from bridge.errors import UserError

WHOLE = 4 * PPQ
LIVE_DENOMINATOR = 16
"""The finest denominator that Live shows."""
_SEED_EIGHT = (0, 4, 2, 6, 3, 7, 1, 5)


class Timeline(Protocol):
    """Seconds of a session to ticks of a clip and back."""

    def ticks(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where moments fall, in ticks, not rounded."""

    def seconds(self, ticks: NDArray[np.int64]) -> NDArray[np.float64]:
        """Which moments ticks show."""


@dataclass(frozen=True, slots=True)
class SteadyTime:
    """A fixed number of ticks a second of data."""

    ticks_a_second: float

    def ticks(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where moments fall, in ticks, not rounded."""
        return seconds * self.ticks_a_second

    def seconds(self, ticks: NDArray[np.int64]) -> NDArray[np.float64]:
        """Which moments ticks show. Divided, so that tick 60 at 600 a second is exactly 0.1."""
        return ticks / self.ticks_a_second


def parse_signature(text: str, key: str = "time signature") -> tuple[int, int]:
    """``16/16`` as (16, 16).

    Args:
        text: two whole numbers.
        key: what the caller's user knows it by, for errors.

    Raises:
        UserError: it is not two whole numbers, or nothing could be built on them.
    """
    top, slash, bottom = text.partition("/")
    if not (slash and top.strip().isdecimal() and bottom.strip().isdecimal()):
        raise UserError(f"{key} {text!r}: write two whole numbers, as in 16/16")
    numerator, denominator = int(top), int(bottom)
    if not 1 <= numerator <= 92:
        raise UserError(f"{key} {text!r}: 1 to 92 cells a bar (drum notes end at 127)")
    if denominator not in (1, 2, 4, 8, 16, 32, 64):
        raise UserError(f"{key} {text!r}: the lower number is a power of two up to 64")
    return numerator, denominator


def parse_fraction(text: str) -> int:
    """A note value such as ``1/32`` in ticks.

    Raises:
        UserError: it is no fraction, or no whole number of ticks.
    """
    top, _, bottom = text.partition("/")
    if not (top.strip().isdecimal() and bottom.strip().isdecimal() and int(top) and int(bottom)):
        raise UserError(f"note value {text!r}: write a fraction of a whole note, as in 1/32")
    ticks, rest = divmod(WHOLE * int(top), int(bottom))
    if rest or not ticks:
        raise UserError(f"note value {text!r}: no whole number of 1/{WHOLE} notes")
    return ticks


def declared_metre(cells: int, cell_ticks: int) -> tuple[int, int]:
    """The metre that a bar of so many cells really has, in a form Live can show.

    16 cells of 1/32 are 2/4, 12 are 3/8. Where one bar needs a finer denominator than Live's 16,
    the metre spans as few bars of the pattern as it takes: 7 cells of 1/32 are declared as 7/16.
    """
    bar = cells * cell_ticks
    unit = WHOLE // LIVE_DENOMINATOR
    bars = unit // gcd(bar, unit)
    numerator, denominator = bar * bars // unit, LIVE_DENOMINATOR
    while numerator % 2 == 0 and denominator > 4:
        numerator, denominator = numerator // 2, denominator // 2
    return numerator, denominator


def bar_ticks(metre: tuple[int, int]) -> int:
    """Ticks in a bar of a declared metre."""
    return metre[0] * WHOLE // metre[1]


def even_order(cells: int) -> tuple[int, ...]:
    """The order in which cells are switched on so that hits lie as far apart as they can.

    The bar is halved again and again; for 16 cells this is the seed's own map. For 8 the seed
    lists another order, which is kept.
    """
    if cells == len(_SEED_EIGHT):
        return _SEED_EIGHT
    return _halved(cells)


def _halved(cells: int) -> tuple[int, ...]:
    if cells == 1:
        return (0,)
    left = (cells + 1) // 2
    near, far = _halved(left), [cell + left for cell in _halved(cells - left)]
    order = []
    for k, cell in enumerate(near):
        order.append(cell)
        order += far[k : k + 1]
    return tuple(order)
