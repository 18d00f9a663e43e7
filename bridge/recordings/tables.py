"""Tables of heart rate and HRV over time: columns by name, in any order, others ignored."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from bridge.errors import UserError
from bridge.gaps import holes_in_table
from bridge.recordings.phases import phases_in
from bridge.recordings.recording import Recording
from bridge.recordings.sheet import Sheet
from bridge.recordings.times import UNIT_UNSAID, read_times, time_column
from bridge.steps import median_step

COLUMNS = ("HR", "SDNN", "RMSSD", "VLF", "LF", "HF", "LF_HF")
DEFAULT_STEP_S = 0.1
"""Rows without a time column are so far apart, as in the tables of the seed project."""
_ALIASES = {
    "hr": "HR",
    "heart_rate": "HR",
    "heartrate": "HR",
    "bpm": "HR",
    "lfhf": "LF_HF",
    "lf_hf_ratio": "LF_HF",
    "lf_over_hf": "LF_HF",
    **{name.lower(): name for name in COLUMNS[1:]},
}
_UNIT_SUFFIXES = ("_ms2", "_ms", "_s2", "_bpm", "_s", "_ratio")
_HR_RANGE = (20.0, 300.0)
_LEAST_PLAUSIBLE = 0.9
"""With a smaller share of values in that range the column holds something else."""
_LONG_S, _WIDE_STEP_S = 3 * 3600.0, 10.0
"""A table over more seconds than this in steps as wide may be one of minutes, in milliseconds."""
_TOO_LONG_S = 7 * 86_400.0
"""What spans more than this is refused whatever it is, see ``read_recording``."""
_SHORTEST_STEP_S = 0.05
"""Nobody writes heart rate alone more often than this: it is a signal that is called ``hr``."""


def measure(name: str) -> str | None:
    """Which of ``COLUMNS`` a plain column name means: exactly, or with a unit behind it."""
    bare = name.removeprefix("hrv_") if name != "hrv_hr" else name
    if bare in _ALIASES:
        return _ALIASES[bare]
    for suffix in _UNIT_SUFFIXES:
        if bare.endswith(suffix) and bare.removesuffix(suffix) in _ALIASES:
            return _ALIASES[bare.removesuffix(suffix)]
    return None


def measures(sheet: Sheet) -> dict[str, int]:
    """The measures of a sheet and where they stand.

    Raises:
        UserError: two columns mean the same measure.
    """
    found: dict[str, int] = {}
    for column, name in enumerate(sheet.names):
        meaning = measure(name)
        if meaning is None:
            continue
        if meaning in found:
            first, second = sheet.header[found[meaning]], sheet.header[column]
            raise UserError(
                f"{sheet.path}: columns {first!r} and {second!r} both mean {meaning}: keep one"
            )
        found[meaning] = column
    return found


def read_table(
    sheet: Sheet, rate_hz: float | None, wanted: Collection[str] | None = None
) -> Recording:
    """Read a table of any of ``COLUMNS``, or of HR and those that are wanted.

    Raises:
        UserError: no HR column, nothing in it, or values that are no heart rate.
    """
    found = measures(sheet)
    if "HR" not in found:
        have = ", ".join(sheet.header) or "no header"
        raise UserError(f"{sheet.path}: no column HR, heart_rate or bpm (found: {have})")
    if wanted is not None:
        found = {name: at for name, at in found.items() if name == "HR" or name in wanted}
    values = sheet.numbers(list(found.values()))
    columns = {name: values[:, k] for k, name in enumerate(found)}
    times = table_times(sheet, len(values), rate_hz)
    keep = np.concatenate(([True], np.diff(times) > 0))
    if not keep.all():
        times = times[keep]
        columns = {name: column[keep] for name, column in columns.items()}
    remarks = _leave_out_wild(sheet, columns)
    for before, after in holes_in_table(times, np.isfinite(columns["HR"])):
        remarks += (f"no HR from {before:.6g} s to {after:.6g} s",)
    return Recording(
        sheet.path,
        columns={"t": times, **{name: columns[name] for name in COLUMNS if name in columns}},
        markers=phases_in(sheet, times, keep),
        remarks=remarks,
    )


def table_times(sheet: Sheet, rows: int, rate_hz: float | None) -> NDArray[np.float64]:
    """Seconds of each row, from 0: by the time column, else by the rate, else 0.1 s apart."""
    column = time_column(sheet)
    if column is None:
        return np.arange(rows) / (rate_hz or 1 / DEFAULT_STEP_S)
    times = read_times(sheet, column)
    span = float(times[-1] - times[0])
    if (
        sheet.names[column] in UNIT_UNSAID
        and not sheet.unit(column)
        and _LONG_S < span < _TOO_LONG_S
        and median_step(times) >= _WIDE_STEP_S
    ):
        raise UserError(
            f"{sheet.path}: column {sheet.header[column]} runs over {span:g}, in steps of "
            f"{median_step(times):g}: seconds ({span / 3600:.3g} hours) or milliseconds "
            f"({span / 1000:.4g} s)? Name the column t_s or t_ms"
        )
    return np.asarray(times - times[0], np.float64)


def is_signal_in_disguise(sheet: Sheet) -> bool:
    """True for ``timer,hr`` files that hold a pulse wave under the name ``hr`` (HeartPy's)."""
    found = measures(sheet)
    column = time_column(sheet)
    if set(found) != {"HR"} or column is None or len(sheet.header) > 2:
        return False
    return 0 < median_step(read_times(sheet, column)) < _SHORTEST_STEP_S


def _leave_out_wild(sheet: Sheet, columns: dict[str, NDArray[np.float64]]) -> tuple[str, ...]:
    """Make values that no heart has unknown, so that one of them spoils no span; say how many.

    Raises:
        UserError: too many values of the HR column are no heart rate.
    """
    low, high = _HR_RANGE
    remarks = []
    for name, values in columns.items():
        if name == "HR":
            values[values == 0] = np.nan  # this is how some programs write "unknown"
            good, ought = (values >= low) & (values <= high), f"outside {low:g}-{high:g} bpm"
            _check_rates(sheet, values, good)
        else:
            good, ought = (values >= 0) & (values < np.inf), "negative or infinite"
        if wild := int(np.count_nonzero(~good & ~np.isnan(values))):
            remarks.append(f"{wild} {name} value{'s' * (wild > 1)} {ought}: left out")
        values[~good] = np.nan
    return tuple(remarks)


def _check_rates(sheet: Sheet, rates: NDArray[np.float64], good: NDArray[np.bool_]) -> None:
    known = rates[~np.isnan(rates)]
    if not len(known):
        raise UserError(f"{sheet.path}: the HR column holds no values")
    inside = int(np.count_nonzero(good))
    if inside < _LEAST_PLAUSIBLE * len(known):
        low, high = _HR_RANGE
        raise UserError(
            f"{sheet.path}: the HR column runs from {known.min():g} to {known.max():g} and is no "
            f"heart rate: {inside or 'none'} of its {len(known)} values {_lie(inside)} between "
            f"{low:g} and {high:g} bpm; is it a signal? Then say --kind ppg or ecg"
        )


def _lie(count: int) -> str:
    return "lie" if count > 1 else "lies"
