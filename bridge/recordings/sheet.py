"""A text file as columns: its encoding, separator, header and decimal sign. No meaning yet."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.errors import UserError
from bridge.given import read_given
from bridge.recordings.numbers import BadCellError, Cells

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[Nn]a[Nn]|")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_UNIT = re.compile(r"[\s_]*[\(\[]([^\)\]]*)[\)\]]\s*$")
_HEAD_BYTES = 65536
_NEWLINE = 10
LARGEST_MB = 250
"""Of a recording: a day and a half at 250 readings a second. It takes about four times that in
memory while it is read: 0.89 GB for 245 MB of ``timer,value``."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """The rows of one file. Cells are parsed only when a column is asked for."""

    path: Path
    header: tuple[str, ...]
    """Column names as written; empty for a file without a header."""
    cells: Cells
    """Rows below the header."""
    first_row: int
    """Line number, from 1, of the body's first row."""

    @property
    def n_columns(self) -> int:
        """Cells in every row."""
        return self.cells.n_columns

    @property
    def body(self) -> bytes:
        """Rows below the header: cells parted by commas, decimal points, a newline after each."""
        return self.cells.body

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in lower case without units: ``HR (bpm)`` is ``hr``."""
        return tuple(plain_name(name) for name in self.header)

    def unit(self, column: int) -> str:
        """What stands in brackets after the column's name, in lower case, or nothing."""
        found = _UNIT.search(self.header[column]) if self.header else None
        return found.group(1).strip().lower() if found else ""

    def numbers(self, columns: Sequence[int]) -> NDArray[np.float64]:
        """Read columns, shape (rows, len(columns)), NaN where a cell is empty.

        Raises:
            UserError: names the row whose cell is not a number.
        """
        try:
            return self.cells.numbers(columns)
        except BadCellError as error:
            raise UserError(
                f"{self.path}: row {self.first_row + error.row}: {error.reason}"
            ) from None

    def texts(self, column: int) -> list[str]:
        """One column as text, quotes taken off."""
        lines = self.body.decode("utf-8", "replace").split("\n")[:-1]
        cells = []
        for row, line in enumerate(lines):
            parts = line.split(",", self.n_columns - 1)
            if len(parts) <= column:
                raise UserError(
                    f"{self.path}: row {self.first_row + row}: {len(parts)} cells where "
                    f"{self.n_columns} belong"
                )
            cells.append(parts[column].strip().strip('"'))
        return cells

    def with_body(self, body: bytes) -> "Sheet":
        """The same columns over other rows; row numbers in errors then count within these."""
        return Sheet(self.path, self.header, Cells(body, self.n_columns), self.first_row)


def plain_name(name: str) -> str:
    """Lower case, quotes and a bracketed unit taken off, blanks as underscores."""
    bare = _UNIT.sub("", name.strip().strip('"')).strip().lower()
    return re.sub(r"[\s\-/:]+", "_", bare)


def read_sheet(path: Path) -> Sheet:
    """Read a file of numbers.

    UTF-8 with or without a byte-order mark, UTF-16 with one, any line ends; commas, semicolons,
    tabs or blanks between cells; decimal commas where the cells are parted by something else.

    Raises:
        UserError: the file is missing, empty, not text, or a directory.
    """
    text = _read_text(path)
    start = lines_before = 0
    while True:
        end = text.find(b"\n", start) + 1 or len(text)
        line = text[start:end].strip()
        if line and not line.startswith(b"#"):
            break
        if end == len(text):
            raise UserError(f"{path}: the file is empty")
        start, lines_before = end, lines_before + 1
    head = text[start : start + _HEAD_BYTES].rstrip().decode("utf-8", "replace").split("\n")
    delimiter = _delimiter(head)
    first = _cells(head[0], delimiter)
    has_header = not all(_is_number(cell, delimiter) for cell in first)
    if has_header:
        start, lines_before = end, lines_before + 1
    text = _body(text, start)
    if not text:
        raise UserError(f"{path}: a header and no rows below it")
    sample = _cells(head[has_header and len(head) > 1], delimiter)
    return Sheet(
        path,
        tuple(first) if has_header else (),
        Cells(_normalise(text, delimiter), len(first) if has_header else len(sample)),
        lines_before + 1,
    )


def _body(text: bytes, start: int) -> bytes:
    """From there on, with one newline behind the last row; copied once, for it may be large."""
    end = len(text)
    while end > start and text[end - 1 : end].isspace():
        end -= 1
    return b"".join((memoryview(text)[start:end], b"\n")) if end > start else b""


def _read_text(path: Path) -> bytes:
    text = read_given(path, LARGEST_MB)
    if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = text.decode("utf-16", "replace").encode()
    text = text.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in text[:_HEAD_BYTES]:
        raise UserError(f"{path}: not a text file")
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return text


def _delimiter(head: list[str]) -> str:
    """Semicolons and tabs are never part of a number, so they come before the comma."""
    row = head[0]
    for candidate in (";", "\t", ","):
        if candidate in row:
            return candidate
    return " " if len(row.split()) > 1 and all(_is_number(c, " ") for c in row.split()) else ","


def _cells(line: str, delimiter: str) -> list[str]:
    parts = line.split() if delimiter == " " else line.split(delimiter)
    return [part.strip().strip('"') for part in parts]


def _is_number(cell: str, delimiter: str) -> bool:
    if delimiter != "," and _DECIMAL_COMMA.fullmatch(cell):
        return True
    return _NUMBER.fullmatch(cell) is not None


def _has_blank_line(text: bytes) -> bool:
    """Four times as fast as a search in the text."""
    for at in range(0, len(text), _HEAD_BYTES):
        ends = np.frombuffer(text, np.uint8, min(_HEAD_BYTES + 1, len(text) - at), at) == _NEWLINE
        if (ends[1:] & ends[:-1]).any():
            return True
    return False


def _normalise(text: bytes, delimiter: str) -> bytes:
    if delimiter != ",":
        text = text.replace(b",", b".")
        if delimiter == " ":
            text = re.sub(rb"[ \t]+", b",", re.sub(rb"(?m)^[ \t]+|[ \t]+$", b"", text))
        else:
            text = text.replace(delimiter.encode(), b",")
    blank = text.count(b"\n\n") if _has_blank_line(text) else 0
    one_column = b"," not in text[:_HEAD_BYTES]
    # In one column a blank line is an unknown sample, unless the whole file is double-spaced.
    if blank and not (one_column and blank * 3 < text.count(b"\n")):
        text = re.sub(rb"\n\n+", b"\n", text)
    return text
