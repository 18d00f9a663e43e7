"""One column without a name: intervals between beats, or samples of a signal? Told by evidence.

And which numbers in a column of samples are no readings but a program's word for "nothing".
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.events import Beat, SampleChunk

Floats = NDArray[np.float64]

INTERVAL_MS = (240.0, 3000.0)
"""20-250 beats a minute."""
_INSIDE = 0.95
"""Share of a list of intervals that lies in that range: pauses and missed beats are the rest."""
_FEW = 200
"""Fewer numbers than this are hardly a signal (2 s at 100 Hz), and may well be intervals."""
_LIKE_NEIGHBOURS = 1.0
_DRIFTING = 1.25
"""Energy of the second differences over that of the first. A wave sampled finely enough to be of
use is smooth: below 1 in most signals of ``shared/data``, where lists of 40 intervals and more
have 1.2-3.4 (3 is white noise, 2 a random walk). Between the two it is unclear."""
_PACED = 0.5
"""The same, in a short list: slow breathing makes intervals smooth (0.8 in welltory_03)."""
_SLOW = 0.3
"""Energy of the first differences over that of the values: below this in sampled waves."""
_ROUGH = 0.1
"""Median step over the spread of the values, above which successive values jump like intervals."""
_TRIAL_RATES_HZ = (100.0, 250.0, 500.0)
"""Rates at which a heart is listened for. Lower ones would take the breathing in a list of
intervals (one wave in 4-13 values) for a pulse."""
_BEATS_OF_A_HEART = 3
_LISTENED = 30_000
"""So many of the numbers are listened to: a minute at 500 Hz. More would cost a minute to read."""

_RATE_IN_NAME = re.compile(r"(?<![a-z0-9.])(\d{2,5}(?:\.\d+)?)[ _-]?hz(?![a-z0-9])", re.IGNORECASE)

_SENTINELS = (-1.0, 0.0, 65535.0, -32768.0, 32767.0, -999.0, -9999.0, 9999.0, 999999.0)
"""What programs and converters write where there was no reading."""
_MOST_SENTINELS = 0.2
_APART = 0.5
"""A sentinel lies this far from all readings, in spans of the readings: a wave passes through what
lies between, and a clipped R peak has flanks."""


def milliseconds_a_unit(intervals: Floats) -> float | None:
    """1 or 1000 where the median is a heartbeat's length in ms or in s, else None."""
    typical = float(np.median(intervals))
    low, high = INTERVAL_MS
    for scale in (1.0, 1000.0):
        if low <= typical * scale <= high:
            return scale
    return None


def are_intervals(values: Floats) -> bool | None:
    """Whether a column is intervals between beats: True, False, or None where it is not clear.

    A signal in counts of a converter may lie in just the range of intervals in ms; what parts the
    two is that a signal's neighbours are alike and that a heart can be heard in it.
    """
    known = values[np.isfinite(values)]
    if len(known) < 3:
        return False
    scale = milliseconds_a_unit(known)
    if scale is None:
        return False
    low, high = INTERVAL_MS
    if float(np.mean((known * scale >= low) & (known * scale <= high))) <= _INSIDE:
        return False
    steps = np.diff(known)
    energy = float(steps @ steps)
    if energy == 0.0:
        return False
    bend = np.diff(steps)
    smoothness = float(bend @ bend) / energy
    centred = known - known.mean()
    slowness = energy / float(centred @ centred)
    if len(known) < _FEW:
        return True if smoothness > _PACED else None
    if holds_a_heart(known):
        return False
    if smoothness < _LIKE_NEIGHBOURS and slowness < _SLOW:
        return None
    spread = float(np.percentile(known, 90) - np.percentile(known, 10))
    rough = float(np.median(np.abs(steps))) > _ROUGH * spread
    return True if rough or smoothness > _DRIFTING else None


def rate_in_name(name: str) -> float | None:
    """Samples a second as a file's name says them: 500 of ``rest-500hz.csv``; None: it does not."""
    found = _RATE_IN_NAME.findall(name)
    return float(found[-1]) if found and float(found[-1]) > 0 else None


def holds_a_heart(values: Floats, rates_hz: Sequence[float] = _TRIAL_RATES_HZ) -> bool:
    """Whether the detectors hear a heart in the values, taken as samples at one of these rates."""
    from bridge.detect import make_detector  # reading a table should not load the detectors

    values = values[:_LISTENED]
    for rate_hz in rates_hz:
        detector = make_detector("auto", rate_hz)
        found = [*detector.push(SampleChunk(0.0, rate_hz, values)), *detector.flush()]
        if sum(isinstance(each, Beat) for each in found) >= _BEATS_OF_A_HEART:
            return True
    return False


def sentinels(values: Floats) -> tuple[float, ...]:
    """The values that stand for "no reading": -1, 0, 65535 and the like, far from all the others.

    Args:
        values: shape (n,), samples of one signal; NaN where a cell was empty.
    """
    found: list[float] = []
    rest = values if np.isfinite(values).all() else values[np.isfinite(values)]
    for sentinel in _SENTINELS:
        is_it = rest == sentinel
        if not is_it.any() or is_it.all() or is_it.mean() > _MOST_SENTINELS:
            continue
        others = rest[~is_it]
        low, high = float(others.min()), float(others.max())
        apart = max(low - sentinel, sentinel - high)
        if high > low and apart > _APART * (high - low):
            found.append(sentinel)
            rest = others
    return tuple(found)
