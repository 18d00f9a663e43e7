"""Read a recorded session, whatever program wrote it; what it is, is told by its content."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from bridge.errors import UserError
from bridge.recordings import beats as beats
from bridge.recordings import signals as signals
from bridge.recordings import tables as tables
from bridge.recordings.evidence import are_intervals, rate_in_name
from bridge.recordings.recording import Recording
from bridge.recordings.sheet import Sheet, read_sheet
from bridge.recordings.times import time_column

Kind = Literal["auto", "ecg", "ppg", "beats", "table"]
SUFFIXES = (".csv", ".tsv", ".txt")
"""What is looked at in a folder."""
_DAY_S = 86_400.0
_LONGEST_S = 7 * _DAY_S
"""Longer than any session; a table over this in steps of 0.1 s fits into memory."""
_EMOTIBIT = ("localtimestamp", "emotibittimestamp", "packetnumber")


def read_recording(
    path: Path | str,
    *,
    kind: str = "auto",
    rate_hz: float | None = None,
    measures: Collection[str] | None = None,
) -> Recording:
    """Read one file.

    Args:
        path: a text file: samples with or without times, beat times, intervals, a table of heart
            rate and HRV, a recording of our own or one of OpenHRV, iron-heart, HeartPy, EmotiBit.
        kind: what it is (see ``Kind``); ``auto`` tells by the content.
        rate_hz: samples a second of a signal without times, or rows a second of a table without.
        measures: of a table, read only these columns, and HR; all by default.

    Raises:
        UserError: one line that names the file, and the row or column where it helps. What cannot
            be told apart with confidence is refused, never guessed.
    """
    if kind not in get_args(Kind):
        raise UserError(f"kind {kind!r} is none of {', '.join(get_args(Kind))}")
    if rate_hz is not None and not (np.isfinite(rate_hz) and rate_hz > 0):
        raise UserError(f"a rate of {rate_hz:g} Hz; it must be above 0")
    recording = _read(read_sheet(Path(path)), kind, rate_hz, measures)
    _check_span(recording)
    return recording


def _check_span(recording: Recording) -> None:
    """Refuse times that no session has before anything is laid out over them."""
    if recording.chunks:
        first, last = recording.chunks[0].t, recording.chunks[-1].end
    else:
        times = recording.columns["t"] if recording.columns else recording.beats_t
        if times is None or not len(times):
            return
        first, last = float(times[0]), float(times[-1])
    if last - first > _LONGEST_S:
        raise UserError(
            f"{recording.path}: the times span {last - first:.4g} s ({(last - first) / _DAY_S:.4g} "
            f"days), where {_LONGEST_S / _DAY_S:g} days are the most; are they in another unit? "
            "Then name the column t_ms, or put (ms), (us) or (min) behind its name"
        )


def _read(
    sheet: Sheet, kind: str, rate_hz: float | None, measures: Collection[str] | None
) -> Recording:
    if kind == "table":
        return tables.read_table(sheet, rate_hz, measures)
    if kind == "beats":
        return _read_as_beats(sheet)
    if kind in ("ecg", "ppg"):
        return _read_as_signal(sheet, rate_hz, kind)
    if sheet.header:
        return _read_by_header(sheet, rate_hz, measures)
    return _read_by_content(sheet, rate_hz)


def _read_as_beats(sheet: Sheet) -> Recording:
    if beats.is_openhrv(sheet):
        return beats.read_openhrv(sheet)
    if sheet.header and beats.is_beats(sheet):
        return beats.read_beats(sheet)
    if sheet.n_columns > 1:
        raise UserError(f"{sheet.path}: no column rr, ibi_ms or beat_time: which one is it?")
    return beats.read_beat_column(sheet)


def _read_as_signal(sheet: Sheet, rate_hz: float | None, kind: str | None) -> Recording:
    if signals.is_own_recording(sheet):
        return signals.read_own_recording(sheet, kind)
    if sheet.names[:3] == _EMOTIBIT:
        return signals.read_emotibit_signal(sheet, kind)
    if sheet.header:
        return signals.read_timed(sheet, rate_hz, kind)
    _refuse_several_columns(sheet)
    return signals.read_column(sheet, rate_hz, kind)


def _read_by_header(
    sheet: Sheet, rate_hz: float | None, measures: Collection[str] | None
) -> Recording:
    if signals.is_own_recording(sheet):
        return signals.read_own_recording(sheet, None)
    if beats.is_openhrv(sheet):
        return beats.read_openhrv(sheet)
    if sheet.names[:3] == _EMOTIBIT:
        return _read_emotibit(sheet, measures)
    if beats.is_iron_heart(sheet):
        recording = beats.read_iron_heart(sheet)
        return recording if recording is not None else tables.read_table(sheet, rate_hz, measures)
    found = tables.measures(sheet)
    if "HR" in found and not tables.is_signal_in_disguise(sheet):
        return tables.read_table(sheet, rate_hz, measures)
    if beats.is_beats(sheet):
        return beats.read_beats(sheet)
    if found and "HR" not in found:
        return tables.read_table(sheet, rate_hz, measures)  # says what is missing
    if time_column(sheet) is not None or signals.signal_column(sheet) is not None:
        return signals.read_timed(sheet, rate_hz, None)
    raise UserError(
        f"{sheet.path}: no column is known here (found: {', '.join(sheet.header)}); a table needs "
        "HR, a signal a column ecg, ppg or value, beats a column rr or beat_time"
    )


def _read_emotibit(sheet: Sheet, measures: Collection[str] | None) -> Recording:
    tag = sheet.header[-1].strip().upper()
    if tag in signals.EMOTIBIT_SIGNALS:
        return signals.read_emotibit_signal(sheet, None)
    if tag == "BI":
        return beats.read_emotibit_intervals(sheet)
    if tag == "HR":
        return tables.read_table(sheet, None, measures)
    raise UserError(
        f"{sheet.path}: EmotiBit's {tag} is no heart signal: give its PI, PR, PG, HR or BI file"
    )


def _read_by_content(sheet: Sheet, rate_hz: float | None) -> Recording:
    _refuse_several_columns(sheet)
    values = sheet.numbers([0])[:, 0]
    if beats.looks_like_beat_times(values):
        return beats.read_beat_column(sheet)
    if rate_hz is not None:
        return signals.read_column(sheet, rate_hz, None)
    intervals = are_intervals(values)
    if intervals is None and rate_in_name(sheet.path.name) is None:
        raise UserError(
            f"{sheet.path}: {len(values)} numbers that may be intervals in ms or samples of a "
            "signal: say which (--kind beats, or --kind ecg or ppg with --rate)"
        )
    if intervals:
        return replace(
            beats.read_beat_column(sheet),
            remarks=(f"read as {len(values)} intervals (--kind ecg or ppg: samples)",),
        )
    return signals.read_column(sheet, None, None)


def _refuse_several_columns(sheet: Sheet) -> None:
    if sheet.n_columns > 1:
        raise UserError(
            f"{sheet.path}: {sheet.n_columns} columns and no header to say what they are "
            "(or decimal commas: write points, or part the cells by semicolons)"
        )
