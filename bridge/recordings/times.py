"""Time columns: which one it is, in what unit, as seconds; and evenly spaced runs in it."""

import re
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bridge.errors import UserError
from bridge.events import SampleChunk
from bridge.gaps import long_steps
from bridge.recordings.sheet import Sheet

TIME_NAMES = {
    "t": 1.0,
    "t_s": 1.0,
    "time": 1.0,
    "time_s": 1.0,
    "time_sec": 1.0,
    "time_seconds": 1.0,
    "sec": 1.0,
    "seconds": 1.0,
    "elapsed": 1.0,
    "timestamp": 1.0,
    "datetime": 1.0,
    "date_time": 1.0,
    "localtimestamp": 1.0,
    "timer": 1e-3,  # HeartPy's name for milliseconds
    "t_ms": 1e-3,
    "time_ms": 1e-3,
    "ms": 1e-3,
    "millis": 1e-3,
    "milliseconds": 1e-3,
    "timestamp_ms": 1e-3,
}
"""Plain column names, and seconds a unit."""
UNIT_UNSAID = frozenset({"t", "time", "elapsed", "timestamp"})
"""Names that do not say the unit: seconds are taken, unless the numbers make another likely."""
_BRACKETED = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "us": 1e-6, "min": 60.0}
_EPOCH_S = 1e8
"""Seconds since 1970 are above this from 1973 on; no recording is that long."""
ROUNDED = 2e-6
"""Share by which times in whole microseconds can move the rate of a second or more. At 250 a second
a detector works with every second sample, and with every third from a hair above it on."""
GRID_ERROR_S = 0.001
LOOK_AHEAD = 64
"""Samples that are looked at first: as many a run has where readings are uneven, twice as many each
time where they are even."""
_CLOCK = re.compile(r"\d{1,2}:\d{2}:\d{2}(\.\d+)?")


def time_column(sheet: Sheet) -> int | None:
    """The index of the first column whose name says that it holds times."""
    for column, name in enumerate(sheet.names):
        if name in TIME_NAMES:
            return column
    return None


def read_times(sheet: Sheet, column: int) -> NDArray[np.float64]:
    """A time column in seconds, as it stands (not shifted to 0).

    Understands numbers (unit from the name or from brackets behind it, epochs in s, ms and us),
    dates with times (ISO 8601, a blank for the T allowed) and times of day.

    Raises:
        UserError: a cell is no time, or time goes back; the message names the row.
    """
    cells = sheet.body[: sheet.body.find(b"\n")].split(b",")
    # A first row that is cut short or mangled is told of by what reads the whole column.
    first = b"".join(cells[column : column + 1]).strip().strip(b'"').decode("utf-8", "replace")
    if ":" in first or "-" in first[1:]:
        times = _parse_dates(sheet, column)
    else:
        times = sheet.numbers([column])[:, 0]
        unknown = np.flatnonzero(~np.isfinite(times))
        if len(unknown):
            raise UserError(f"{sheet.path}: row {sheet.first_row + unknown[0]}: no time")
        times = times * _seconds_a_unit(sheet, column, float(times[-1]))
    back = np.flatnonzero(np.diff(times) < 0)
    if len(back):
        row = int(back[0])
        before, after = sheet.texts(column)[row : row + 2]
        raise UserError(
            f"{sheet.path}: row {sheet.first_row + row + 1}: time goes back, "
            f"from {before} to {after}"
        )
    return np.asarray(times, np.float64)


def _seconds_a_unit(sheet: Sheet, column: int, last: float) -> float:
    unit = sheet.unit(column)
    if unit in _BRACKETED:
        return _BRACKETED[unit]
    named = TIME_NAMES[sheet.names[column]]
    if named == 1.0 and last > _EPOCH_S * 1e3:  # epochs are told by their size
        return 1e-6 if last > _EPOCH_S * 1e6 else 1e-3
    return named


def _parse_dates(sheet: Sheet, column: int) -> NDArray[np.float64]:
    texts = sheet.texts(column)
    if _CLOCK.fullmatch(texts[0]):
        texts = [f"2000-01-01 {'0' * (text.find(':') == 1)}{text}" for text in texts]
    seconds = np.empty(len(texts))
    for row, text in enumerate(texts):
        try:
            stamp = datetime.fromisoformat(text)
            seconds[row] = (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).timestamp()
        except ValueError:
            raise UserError(
                f"{sheet.path}: row {sheet.first_row + row}: {text!r} is no date and time "
                "(2026-01-31 12:00:00.000 is)"
            ) from None
    return np.asarray(seconds - seconds[0], np.float64)


def _on_the_grid(times: NDArray[np.float64], starts: list[int], rate_hz: float) -> list[int]:
    """Begin further runs, so that nothing is further from its time than ``GRID_ERROR_S``."""
    found = []
    for start, end in pairwise([*starts, len(times)]):
        while start < end:
            found.append(start)
            stop = min(end, start + LOOK_AHEAD)
            while True:
                there = np.arange(stop - start) / rate_hz
                off = np.abs(times[start:stop] - times[start] - there) > GRID_ERROR_S
                if off.any() or stop == end:
                    break
                stop = min(end, start + 2 * (stop - start))
            start = start + int(off.argmax()) if off.any() else end
    return found


def _whole(rate_hz: float) -> float:
    """A rate that is a whole number but for the rounding of its times is that number."""
    whole = float(round(rate_hz))
    return whole if abs(rate_hz - whole) <= ROUNDED * whole else rate_hz


def chunks_of(
    times: NDArray[np.float64],
    values: NDArray[np.float64],
    rate_hz: float | None = None,
    exact: bool = False,
) -> tuple[SampleChunk, ...]:
    """Split timed samples into evenly spaced runs.

    Args:
        times: s, rising, shape (n,).
        values: shape (n,); what is not finite is left out.
        rate_hz: where a person has said it.
        exact: each time is where its sample belongs, as in our own recordings, and not when
            somebody came to write it down: a run ends where it would be off by a millisecond.

    The rate is the samples over the time of all steps that are no gaps: a clock written in whole
    milliseconds has steps of 8 and 9 where 8.55 is meant. Samples that are not numbers are left
    out and show as gaps.
    """
    known = np.isfinite(values)
    if not known.all():
        times, values = times[known], values[known]
    if len(values) < 2:
        return ()
    is_gap = long_steps(times)
    if rate_hz is None:
        inside = np.diff(times)[~is_gap]
        if not inside.sum() > 0:
            return ()  # all at one moment: that is no signal
        rate_hz = _whole(float(len(inside) / inside.sum()))
    starts = [0, *(np.flatnonzero(is_gap) + 1).tolist()]
    if exact:
        starts = _on_the_grid(times, starts, rate_hz)
    ends = [*starts[1:], len(values)]
    return tuple(
        SampleChunk(float(times[a]), rate_hz, values[a:b])
        for a, b in zip(starts, ends, strict=True)
    )
