"""Decimal text to numpy, fast: the cells of a comma-separated body of bytes as float64."""

import io
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.recordings.digits import parse_from_right, parse_plain, words_of

_COMMA, _MINUS, _NEWLINE = 44, 45, 10
_BLOCK_BYTES = 4_000_000
_BLOCK = 8192
"""Rows at a time, so that what lies between stays in the processor's cache."""
_UNKNOWN = frozenset({"", "nan", "na", "n/a", "null", "none", "-", "--", "inf", "-inf", "#n/a"})


class Cells:
    """A body whose cells are parted by commas and whose rows by newlines, looked through once."""

    def __init__(self, body: bytes, n_columns: int) -> None:
        """Take a body as it is; nothing is done before numbers are asked for.

        Args:
            body: decimal points, no header, no carriage returns, a newline after the last row.
            n_columns: cells in every row.
        """
        self.body = body
        self.n_columns = n_columns
        self._ends: NDArray[np.intp] | None = None
        self._words: NDArray[np.uint64] | None = None

    def numbers(self, wanted: Sequence[int]) -> NDArray[np.float64]:
        """Read chosen columns.

        Args:
            wanted: their indices.

        Returns:
            Shape (rows, len(wanted)); NaN where a cell is empty or says that nothing is known.

        Raises:
            BadCellError: a cell is not a number, or a row has another number of cells.
        """
        if 0 < len(self.body) <= _BLOCK_BYTES:
            return self._block(0, len(self.body), wanted)
        values = np.empty((len(wanted), self.body.count(b"\n")))
        row = 0
        for start, end in self._blocks():
            try:
                block = self._block(start, end, wanted)
            except BadCellError as error:
                raise BadCellError(row + error.row, error.reason) from None
            values[:, row : row + len(block)] = block.T
            row += len(block)
        return values.T

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """Where whole rows begin and end, so many that what is made of them while they are read is
        small beside the file."""
        start = 0
        while start < len(self.body):
            end = self.body.find(b"\n", start + _BLOCK_BYTES) + 1 or len(self.body)
            yield start, end
            start = end

    def _block(self, start: int, end: int, wanted: Sequence[int]) -> NDArray[np.float64]:
        buffer = np.frombuffer(self.body, np.uint8, end - start, start)
        whole = end - start == len(self.body)
        ends, words = self._ends, self._words
        if ends is None or words is None:
            ends = np.flatnonzero(buffer < _MINUS)
            kinds = buffer[ends]
            if ((kinds != _COMMA) & (kinds != _NEWLINE)).any():  # blanks, plus signs, quotes
                ends = ends[(kinds == _COMMA) | (kinds == _NEWLINE)]
            _check_shape(buffer, ends, self.n_columns)
            ends = ends.reshape(-1, self.n_columns)
            words = words_of(buffer)
            if whole:
                self._ends, self._words = ends, words
        values = np.empty((len(wanted), len(ends)))
        for row, column in zip(values, wanted, strict=True):
            parsed = self._column(buffer, words, ends, column)
            if parsed is None:
                return _parse_any(buffer.tobytes(), list(wanted))
            row[:] = parsed
        return values.T

    @staticmethod
    def _column(
        buffer: NDArray[np.uint8],
        words: NDArray[np.uint64],
        ends: NDArray[np.intp],
        column: int,
    ) -> NDArray[np.float64] | None:
        own = np.ascontiguousarray(ends[:, column])
        starts = np.empty_like(own)
        if column:
            starts[:] = ends[:, column - 1] + 1
        else:
            starts[0] = 0
            starts[1:] = ends[:-1, -1] + 1
        decimals = buffer[starts[0] : own[0]].tobytes()[::-1].find(b".")
        values = np.empty(len(own))
        for at in range(0, len(own), _BLOCK):
            block = slice(at, at + _BLOCK)
            parsed = parse_from_right(buffer, words, starts[block], own[block], decimals)
            if parsed is None:
                return parse_plain(buffer, starts, own)
            values[block] = parsed
        return values


class BadCellError(ValueError):
    """A cell that cannot be read; ``row`` counts from 0 at the first row of the body."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(reason)
        self.row = row
        self.reason = reason


def _check_shape(buffer: NDArray[np.uint8], ends: NDArray[np.intp], n_columns: int) -> None:
    newlines = ends[n_columns - 1 :: n_columns]
    if len(ends) % n_columns == 0:
        closed = buffer[newlines] == _NEWLINE
        if closed.all() and len(newlines) == np.count_nonzero(buffer[ends] == _NEWLINE):
            return
    for row, line in enumerate(buffer.tobytes().split(b"\n")[:-1]):
        cells = line.count(b",") + 1
        if cells != n_columns:
            raise BadCellError(row, f"{_count(cells)} where {n_columns} belong")


def _count(cells: int) -> str:
    return "1 cell" if cells == 1 else f"{cells} cells"


def _parse_any(body: bytes, wanted: list[int]) -> NDArray[np.float64]:
    """Exponents, long fractions, words for "unknown": slower, and exact about what is wrong."""
    lines = body.decode("utf-8", "replace").split("\n")[:-1]
    if all(map(str.strip, lines)):  # numpy would leave out a line that is one empty cell
        try:
            return np.loadtxt(
                io.BytesIO(body), delimiter=",", usecols=wanted, ndmin=2, comments=None
            )  # fmt: skip
        except ValueError:
            pass
    rows = [line.split(",") for line in lines]
    values = np.empty((len(rows), len(wanted)))
    for r, cells in enumerate(rows):
        for c, column in enumerate(wanted):
            values[r, c] = _number(cells[column], r)
    return values


def _number(cell: str, row: int) -> float:
    text = cell.strip().strip('"')
    if text.lower() in _UNKNOWN:
        return float("nan")
    try:
        return float(text)
    except ValueError:
        raise BadCellError(row, f"{text!r} is not a number") from None
