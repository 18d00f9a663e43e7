"""Beats: lists of times, lists of intervals, and what OpenHRV, iron-heart and EmotiBit log."""

import numpy as np
from numpy.typing import NDArray

from bridge.errors import UserError
from bridge.events import Marker
from bridge.gaps import LOG_ADRIFT_S
from bridge.recordings.evidence import INTERVAL_MS, milliseconds_a_unit
from bridge.recordings.recording import Recording
from bridge.recordings.sheet import Sheet
from bridge.recordings.times import read_times, time_column

_BEAT_NAMES = ("beat", "beats", "beat_time", "beat_times", "beat_t", "r_peak", "r_peaks", "beats_t")
_INTERVAL_NAMES = (
    "rr", "rri", "ibi", "nn", "rr_ms", "rri_ms", "ibi_ms", "nn_ms", "rr_interval", "rr_intervals",
    "rrinterval", "interval", "rr_interval_ms", "rr_s", "ibi_s", "bi",
)  # fmt: skip
_IRON_HEART = ("timestamp", "bpm", "rr", "battery")


def looks_like_beat_times(values: NDArray[np.float64]) -> bool:
    """Rising by a heartbeat at a time, in seconds or in milliseconds."""
    if len(values) < 3 or not np.isfinite(values).all() or values[0] < 0:
        return False
    steps = np.diff(values)
    return bool((steps > 0).all()) and milliseconds_a_unit(steps) is not None


def read_beat_column(sheet: Sheet, column: int = 0) -> Recording:
    """One column: beat times where it rises, else intervals; in s or ms.

    Raises:
        UserError: it is neither.
    """
    values = sheet.numbers([column])[:, 0]
    if looks_like_beat_times(values):
        scale = milliseconds_a_unit(np.diff(values)) or 1.0
        return Recording(sheet.path, beats_t=values * scale / 1000)
    return _from_intervals(sheet, values)


def _from_intervals(sheet: Sheet, values: NDArray[np.float64]) -> Recording:
    known = values[np.isfinite(values) & (values > 0)]
    scale = milliseconds_a_unit(known) if len(known) else None
    if scale is None:
        middle = f"the middle value is {np.median(known):g}" if len(known) else "none is above 0"
        low, high = INTERVAL_MS
        raise UserError(
            f"{sheet.path}: neither beat times (rising, s or ms) nor intervals "
            f"({low:g}-{high:g} ms): of {len(values)} values {middle}"
        )
    return Recording(sheet.path, beats_t=np.concatenate(([0.0], np.cumsum(known * scale / 1000))))


def is_beats(sheet: Sheet) -> bool:
    """A header that names beats or intervals, and no signal beside them."""
    return any(name in _BEAT_NAMES or name in _INTERVAL_NAMES for name in sheet.names)


def read_beats(sheet: Sheet) -> Recording:
    """``t,ibi_ms,...`` (as ``analyze`` writes it), ``beat_time``, ``rr`` with or without a time.

    Where times stand beside intervals, a row's time is that of the beat which ends the interval.
    """
    for column, name in enumerate(sheet.names):
        if name in _BEAT_NAMES:
            return read_beat_column(sheet, column)
    interval = next(c for c, name in enumerate(sheet.names) if name in _INTERVAL_NAMES)
    time = time_column(sheet)
    values = sheet.numbers([interval])[:, 0]
    if time is None:
        return _from_intervals(sheet, values)
    times = read_times(sheet, time)
    if looks_like_beat_times(times):
        _check_agreement(sheet, times, values)
        return Recording(sheet.path, beats_t=times if times[0] < 1e6 else times - times[0])
    return _from_log(sheet, times, values)


def _check_agreement(
    sheet: Sheet, times: NDArray[np.float64], intervals: NDArray[np.float64]
) -> None:
    """Times that do not step by the intervals beside them are no beat times."""
    known = np.isfinite(intervals[1:])
    if not known.any():
        return
    scale = milliseconds_a_unit(intervals[1:][known])
    if scale is None:
        raise UserError(f"{sheet.path}: the intervals beside the times are no heartbeat's")
    off = np.abs(np.diff(times)[known] * 1000 - intervals[1:][known] * scale)
    if float(np.mean(off < 50)) < 0.5:
        raise UserError(
            f"{sheet.path}: the times do not step by the intervals beside them; leave one out"
        )


def _from_log(
    sheet: Sheet, times: NDArray[np.float64], intervals: NDArray[np.float64]
) -> Recording:
    """Intervals with the rough clock of a log: summed up, and set to the clock after a gap."""
    known = np.isfinite(intervals) & (intervals > 0)
    scale = milliseconds_a_unit(intervals[known]) if known.any() else None
    if scale is None:
        raise UserError(f"{sheet.path}: no interval in it is a heartbeat's length")
    beats: list[float] = []
    at = float("-inf")
    clock = (times[known] - times[0]).tolist()
    for now, interval in zip(clock, (intervals[known] * scale / 1000).tolist(), strict=True):
        start = now - interval
        if abs(at + interval - now) > LOG_ADRIFT_S and start > at:
            beats.append(start)
            at = start
        at += interval
        beats.append(at)
    first = min(0.0, beats[0])
    return Recording(sheet.path, beats_t=np.array(beats) - first)


def is_openhrv(sheet: Sheet) -> bool:
    """OpenHRV's recording: ``event,value,timestamp``."""
    return sheet.names == ("event", "value", "timestamp")


def read_openhrv(sheet: Sheet) -> Recording:
    """Rows of ``InterBeatInterval`` are beats, rows of ``Annotation`` markers."""
    events, values = sheet.texts(0), sheet.texts(1)
    times = read_times(sheet, 2)
    times = times - times[0]
    rows = [row for row, event in enumerate(events) if event in ("InterBeatInterval", "IBI")]
    if not rows:
        raise UserError(f"{sheet.path}: an OpenHRV recording without InterBeatInterval rows")
    intervals = np.empty(len(rows))
    for k, row in enumerate(rows):
        try:
            intervals[k] = float(values[row])
        except ValueError:
            where = f"{sheet.path}: row {sheet.first_row + row}"
            raise UserError(f"{where}: {values[row]!r} is not an interval in ms") from None
    beats = _from_log(sheet, times[rows], intervals)
    shift = float(times[rows[0]])
    markers = tuple(
        Marker(max(0.0, float(times[row]) - shift), values[row])
        for row, event in enumerate(events)
        if event == "Annotation" and values[row]
    )
    return Recording(sheet.path, beats_t=beats.beats_t, markers=markers)


def is_iron_heart(sheet: Sheet) -> bool:
    """iron-heart's log: ``Timestamp,BPM,RR,Battery,...``."""
    return sheet.names[:4] == _IRON_HEART


def read_iron_heart(sheet: Sheet) -> Recording | None:
    """The RR column as beats; None where the strap gave none, so that the rates are left."""
    intervals = sheet.numbers([2])[:, 0]
    if not (intervals > 0).any():
        return None
    return _from_log(sheet, read_times(sheet, 0), intervals)


def read_emotibit_intervals(sheet: Sheet) -> Recording:
    """A parsed EmotiBit ``BI`` file: one interval in ms a row."""
    return _from_log(sheet, read_times(sheet, 0), sheet.numbers([sheet.n_columns - 1])[:, 0])
