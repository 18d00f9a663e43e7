"""Raw signals: headerless samples, timed samples, the project's own recordings, EmotiBit's."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bridge.errors import UserError
from bridge.events import Marker, SampleChunk
from bridge.recordings.evidence import holds_a_heart, rate_in_name, sentinels
from bridge.recordings.numbers import Cells
from bridge.recordings.phases import COLUMN_NAMES, phases_in
from bridge.recordings.recording import Recording
from bridge.recordings.sheet import Sheet
from bridge.recordings.times import chunks_of, read_times, time_column

_ECG_NAMES = ("ecg", "ekg", "ecg_raw", "lead", "mlii", "voltage")
_SIGNAL_NAMES = {
    **dict.fromkeys(_ECG_NAMES, "ecg"),
    **dict.fromkeys(("ppg", "ppg_raw", "pulse", "pleth", "ir", "red", "green"), "ppg"),
    **dict.fromkeys(("value", "signal", "sample", "raw", "hr", "adc", "y"), None),
}
EMOTIBIT_SIGNALS = ("PI", "PR", "PG")
_RATES_HZ = (10.0, 20_000.0)
_SHORTEST_S = 2.0
_ALIKE = 0.05
"""So far from a round rate clocks of boards and the steps of a time column may be."""
_RATE_MISSING = "samples without a time column: their rate is needed"
_COMMA, _NEWLINE = b",\n"


def read_column(sheet: Sheet, rate_hz: float | None, kind: str | None) -> Recording:
    """One column of samples at a rate that the caller knows, or that the file's name says.

    Raises:
        NeedsRateError: nobody says it, or no heart is heard at the one in the name.
    """
    return _without_times(sheet, 0, rate_hz, kind)


def signal_column(sheet: Sheet) -> int | None:
    """The column of samples: the one with a signal's name, or the only one beside the time."""
    names = sheet.names
    for column, name in enumerate(names):
        if name in _SIGNAL_NAMES and name != "hr":
            return column
    time = time_column(sheet)
    others = [i for i, name in enumerate(names) if i != time and name not in COLUMN_NAMES]
    return others[0] if len(others) == 1 else None


def read_timed(sheet: Sheet, rate_hz: float | None, kind: str | None) -> Recording:
    """``timer,value`` and ``datetime,value``: the rate comes from the times.

    Raises:
        UserError: no column of samples, or a rate no heart signal has.
    """
    time, column = time_column(sheet), signal_column(sheet)
    if column is None:
        raise UserError(
            f"{sheet.path}: which column is the signal? (found: {', '.join(sheet.header)}) "
            "Call it ecg, ppg or value"
        )
    kind = kind or _SIGNAL_NAMES.get(sheet.names[column])
    if time is not None:
        times = read_times(sheet, time)
        return _against_name(_laid_out(sheet, times - times[0], column, kind))
    return _without_times(sheet, column, rate_hz, kind)


def _without_times(sheet: Sheet, column: int, rate_hz: float | None, kind: str | None) -> Recording:
    said = rate_in_name(sheet.path.name)
    if rate_hz is not None or said is None:
        if rate_hz is None:
            raise NeedsRateError(f"{sheet.path}: {_RATE_MISSING}")
        return _doubted(_laid_out(sheet, None, column, kind, rate_hz), rate_hz)
    values = sheet.numbers([column])[:, 0]
    if not holds_a_heart(values[np.isfinite(values)], [said]):
        raise NeedsRateError(
            f"{sheet.path}: {_RATE_MISSING}, and at the {said:g} a second of its name no heart is "
            "heard in it"
        )
    found = _laid_out(sheet, None, column, kind, said)
    remark = f"taken as {said:g} samples a second, as the file's name says"
    return replace(found, remarks=(remark, *found.remarks))


def _doubted(found: Recording, rate_hz: float) -> Recording:
    """A rate that a person gave is taken, and a word said where half or double is likelier."""
    from bridge.detect.rate import rate_of_heart  # tables need no detectors

    likely = rate_of_heart(found.chunks, found.signal_kind or "auto")
    if likely is None:
        return found
    remark = (
        f"at {rate_hz:g} samples a second its beats are too "
        f"{'long and seldom' if likely > rate_hz else 'short and many'} for a heart; at "
        f"{likely:g} they would not be: is that its rate?"
    )
    return replace(found, remarks=(*found.remarks, remark))


def _against_name(found: Recording) -> Recording:
    """Times are better evidence than a name, but a name that says otherwise is worth a word."""
    said, rate = rate_in_name(found.path.name), found.chunks[0].rate_hz
    if said is None or abs(said / rate - 1) < _ALIKE:
        return found
    remark = f"its times say {rate:.4g} samples a second, its name {said:g}: the times are taken"
    return replace(found, remarks=(remark, *found.remarks))


def _laid_out(
    sheet: Sheet,
    times: NDArray[np.float64] | None,
    column: int,
    kind: str | None,
    rate_hz: float | None = None,
) -> Recording:
    """Samples at their times, or one after the other at a rate; what only stands for "no reading"
    becomes a gap, and is told."""
    values = sheet.numbers([column])[:, 0]
    remarks = []
    for sentinel in sentinels(values):
        nothing = values == sentinel
        values[nothing] = np.nan
        count = int(np.count_nonzero(nothing))
        remarks.append(f"{count} value{'s' * (count > 1)} {sentinel:g} left out: no reading")
    if times is None and rate_hz is not None and not sheet.header and np.isfinite(values).all():
        chunks: tuple[SampleChunk, ...] = (SampleChunk(0.0, rate_hz, values),)
        return _checked(sheet, chunks, kind, (), tuple(remarks))
    if times is None:
        times = np.arange(len(values)) / (rate_hz or 1.0)
    markers = phases_in(sheet, times)
    return _checked(sheet, chunks_of(times, values, rate_hz), kind, markers, tuple(remarks))


class NeedsRateError(UserError):
    """Samples without times. Each command adds how its user can say their rate."""


def is_own_recording(sheet: Sheet) -> bool:
    """``t,value,event,detail``, as ``--record`` writes it."""
    return sheet.names == ("t", "value", "event", "detail")


def read_own_recording(sheet: Sheet, kind: str | None) -> Recording:
    """Sample rows become chunks, marker rows markers; beats and states are found again.

    A last row that was cut short, by a crash say, is left out.
    """
    samples, events = _parted(sheet.body)
    markers, beats = [], []
    body: dict[str, list[tuple[float, float]]] = {}
    for number, row in events:
        time, _, event, detail = row.decode("utf-8", "replace").split(",", 3)
        try:
            if event == "marker":
                markers.append(Marker(float(time), _unquoted(detail.strip())))
            elif event.endswith("beat"):
                beats.append(float(time))
            elif event == "body":
                name, _, value = detail.strip().rpartition(" ")
                body.setdefault(name, []).append((float(time), float(value)))
        except ValueError:
            row_number = sheet.first_row + number
            raise UserError(
                f"{sheet.path}: row {row_number}: {time!r} is no time"
                + (f", or {detail.strip()!r} no value" if event == "body" else "")
            ) from None
    if not samples:  # a source without a wave, such as a chest strap
        if not beats:
            raise UserError(f"{sheet.path}: a recording without samples and without beats")
        return Recording(
            sheet.path, beats_t=np.sort(beats), markers=tuple(markers), body=_columns(body, 0.0)
        )
    cells = Sheet(sheet.path, sheet.header, Cells(samples, 4), sheet.first_row).numbers([0, 1])
    start = float(cells[0, 0])
    chunks = chunks_of(cells[:, 0] - start, cells[:, 1], exact=True)
    shifted = tuple(Marker(max(0.0, marker.t - start), marker.text) for marker in markers)
    return replace(_checked(sheet, chunks, kind, shifted), body=_columns(body, start))


def _columns(
    rows: dict[str, list[tuple[float, float]]], start: float
) -> dict[str, NDArray[np.float64]]:
    """Other columns by name, with times from the recording's start; values at one time once."""
    columns = {}
    for name, pairs in rows.items():
        column = np.array(sorted(pairs), float) - (start, 0.0)
        first = np.diff(column[:, 0], prepend=-np.inf) > 0
        columns[name] = column[first]
    return columns


def _parted(body: bytes) -> tuple[bytes, list[tuple[int, bytes]]]:
    """The sample rows, which end in two commas, and the others with their numbers from 0."""
    buffer = np.frombuffer(body, np.uint8)
    ends = np.flatnonzero(buffer == _NEWLINE)
    is_sample = (buffer[ends - 1] == _COMMA) & (buffer[ends - 2] == _COMMA)
    samples, events, done = [], [], 0
    for number in np.flatnonzero(~is_sample).tolist():
        start = int(ends[number - 1]) + 1 if number else 0
        row = body[start : int(ends[number])]
        if row.count(b",") >= 3:
            events.append((number, row))
        elif number < len(ends) - 1:
            continue  # left among the samples, whose parser says what is wrong with it
        samples.append(body[done:start])
        done = int(ends[number]) + 1
    return b"".join([*samples, body[done:]]), events


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"')
    return text


def read_emotibit_signal(sheet: Sheet, kind: str | None) -> Recording:
    """One optical channel of a parsed EmotiBit file: a pulse wave at about 25 Hz."""
    times = read_times(sheet, 0)
    return _laid_out(sheet, times - times[0], sheet.n_columns - 1, kind or "ppg")


def _checked(
    sheet: Sheet,
    chunks: tuple[SampleChunk, ...],
    kind: str | None,
    markers: tuple[Marker, ...] = (),
    remarks: tuple[str, ...] = (),
) -> Recording:
    """Refuse what cannot be a heart's signal."""
    if not chunks:
        raise UserError(f"{sheet.path}: no samples")
    rate = chunks[0].rate_hz
    low, high = _RATES_HZ
    if not low <= rate <= high:
        raise UserError(
            f"{sheet.path}: {rate:g} samples a second, where a heart signal has {low:g}-{high:g}; "
            "are the times in another unit (name the column t_ms or t_s), or is this no signal?"
        )
    seconds = sum(len(chunk.values) for chunk in chunks) / rate
    if seconds < _SHORTEST_S:
        raise UserError(f"{sheet.path}: only {seconds:.2g} s of signal, too short for a heartbeat")
    if all(float(np.ptp(chunk.values)) == 0 for chunk in chunks):
        raise UserError(f"{sheet.path}: the signal never changes: no heart was connected")
    return Recording(sheet.path, chunks=chunks, markers=markers, remarks=remarks, signal_kind=kind)
