"""Where recordings say their phases: a column of their own, or ``phases.csv`` in their folder."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.errors import UserError
from bridge.events import Marker
from bridge.phases import parse_clock
from bridge.recordings.recording import Recording
from bridge.recordings.sheet import Sheet

NAME = "phases.csv"
COLUMN_NAMES = ("phase", "marker", "label", "condition", "annotation")
"""What a column of phases is called, beside a table or a signal."""
_COLUMNS = ("t", "phase")


def phases_in(
    sheet: Sheet, times: NDArray[np.float64], keep: NDArray[np.bool_] | None = None
) -> tuple[Marker, ...]:
    """A marker wherever the text of a column of phases changes.

    Args:
        sheet: the file.
        times: of its rows (of those that are kept), s.
        keep: which rows are kept; all by default.
    """
    for column, name in enumerate(sheet.names):
        if name not in COLUMN_NAMES:
            continue
        texts = sheet.texts(column)
        if keep is not None:
            texts = [text for text, kept in zip(texts, keep, strict=True) if kept]
        markers, before = [], ""
        for time, text in zip(times.tolist(), texts, strict=True):
            if text and text != before:
                markers.append(Marker(time, text))
            before = text or before
        return tuple(markers)
    return ()


def with_phases(recording: Recording, marks: Sequence[Marker] = ()) -> Recording:
    """Give a recording its phases: those that are asked for, else its own, else ``phases.csv``'s.

    Raises:
        UserError: ``phases.csv`` beside it cannot be read.
    """
    if marks:
        return replace(recording, markers=tuple(marks))
    if recording.markers:
        return recording
    beside = recording.path.parent / NAME
    if not beside.is_file():
        return recording
    return replace(recording, markers=read_phases(beside, recording.path.name))


def read_phases(path: Path, name: str) -> tuple[Marker, ...]:
    """The phases of one recording of the folder.

    The columns are ``t`` (s, m:ss or h:mm:ss), ``phase`` and, where recordings differ, ``file``:
    rows without a file are those of all that are not named.

    Args:
        path: the table.
        name: the recording's file name.

    Raises:
        UserError: a column is missing, or a row says no time or no name.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read as text ({error})") from None
    rows = csv.DictReader(lines)
    header = [column.strip().lower() for column in rows.fieldnames or ()]
    if not set(_COLUMNS) <= set(header):
        have = ", ".join(header) or "nothing"
        raise UserError(f"{path}: needs the columns t and phase, and may have file (found: {have})")
    rows.fieldnames = header
    own, common = [], []
    for row in rows:
        t, phase = parse_clock(row["t"] or ""), (row["phase"] or "").strip()
        if t is None or not phase:
            raise UserError(
                f"{path}: row {rows.line_num}: {row['t']!r}, {row['phase']!r}: should be when a "
                "phase begins and its name, as in 6:00,stress"
            )
        whose = (row.get("file") or "").strip()
        if not whose:
            common.append(Marker(t, phase))
        elif whose.casefold() == name.casefold():
            own.append(Marker(t, phase))
    return tuple(sorted(own or common, key=lambda mark: mark.t))
