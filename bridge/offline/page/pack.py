"""Arrays as text in a page: base64 of little-endian numbers, values in 16 bits of their range."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_LAST = 65534
"""Steps of 16 bits; the one below them, -32768, is for what is unknown."""
_EVEN = 1e-4
"""Of a step, by which steps may differ that are equal but for rounding."""


def packed(values: NDArray[Any], kind: str) -> str:
    """An array in a numpy type such as ``<f8``, as base64."""
    return b64encode(np.ascontiguousarray(values, np.dtype(kind)).tobytes()).decode("ascii")


def run_of(times: Floats, values: Floats, begin: float) -> dict[str, Any]:
    """A run of values over time; evenly spaced times take no room.

    Args:
        times: s, rising, one a value.
        values: NaN where unknown.
        begin: which moment of the recording's clock other times are counted from, s.
    """
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    step = (high - low) / _LAST
    if high - low <= _LAST and not (known % 1.0).any():
        step = 1.0  # whole numbers stay what they are
    steps = np.rint((values - low) / (step or 1.0)) - _LAST // 2
    steps[~np.isfinite(values)] = -_LAST // 2 - 1
    apart = np.diff(times)
    even = len(apart) > 0 and float(np.ptp(apart)) < _EVEN * float(apart[0])
    each = float(times[-1] - times[0]) / len(apart) if even else 0.0
    where = {"start": float(times[0]), "step": each} if even else times_of(times, begin)
    return {**where, "low": low, "unit": step, "values": packed(steps, "<i2")}


def times_of(times: Floats, begin: float, key: str = "times") -> dict[str, str]:
    """Times as 32-bit numbers from the begin on: to 0.1 ms in an hour."""
    return {key: packed(times - begin, "<f4")}


def line(
    name: str,
    colour: str,
    runs: Sequence[dict[str, Any]],
    *,
    stepped: bool = False,
    ends: bool = False,
) -> dict[str, Any]:
    """A line of a row.

    Args:
        name: shown beside the row.
        colour: of the line.
        runs: as of ``run_of``.
        stepped: each value is held up to the next.
        ends: a value is that of the time before it, as of an interval.
    """
    return {"name": name, "colour": colour, "stepped": stepped, "ends": ends, "runs": list(runs)}
