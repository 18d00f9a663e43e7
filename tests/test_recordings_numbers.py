"""Decimal text to float64: the same numbers as Python's own float, and exact complaints."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.recordings.numbers import BadCellError, Cells

plain = st.builds(
    lambda minus, whole, dot, fraction: f"{minus}{whole}{dot}{fraction if dot else ''}",
    st.sampled_from(["", "-"]),
    st.integers(0, 10**8).map(str),
    st.sampled_from(["", "."]),
    st.integers(0, 10**6).map(str),
)
awkward = st.floats(allow_nan=False, allow_infinity=False).map(repr)


def body(rows: list[list[str]]) -> bytes:
    return "".join(",".join(row) + "\n" for row in rows).encode()


@pytest.mark.slow
@given(st.lists(st.lists(plain | awkward, min_size=3, max_size=3), min_size=1, max_size=30))
def test_every_number_is_what_float_says(rows: list[list[str]]) -> None:
    got = Cells(body(rows), 3).numbers([2, 0])
    want = np.array([[float(row[2]), float(row[0])] for row in rows])
    assert np.array_equal(got, want)


@pytest.mark.slow
@pytest.mark.parametrize("decimals", [0, 1, 6, 8, 9])
@given(st.data(), st.sampled_from([1, 3, 8, 9]))
def test_columns_of_equally_many_decimals(decimals: int, data: st.DataObject, digits: int) -> None:
    """As programs print tables, which are read eight digits at a time; one cell may stand out."""
    whole = st.from_regex(f"[0-9]{{1,{digits}}}", fullmatch=True)
    behind = st.from_regex(f"[.][0-9]{{{decimals}}}" if decimals else "", fullmatch=True)
    cells = data.draw(st.lists(st.tuples(whole, behind).map("".join), min_size=1, max_size=30))
    cells[data.draw(st.integers(0, len(cells) - 1))] = data.draw(whole | plain | st.just(cells[0]))
    found = Cells("".join(f"{cell}\n" for cell in cells).encode(), 1).numbers([0])[:, 0]
    assert found.tolist() == [float(cell) for cell in cells]


@given(st.lists(plain | st.just(""), min_size=1, max_size=50))
def test_an_empty_cell_is_unknown(cells: list[str]) -> None:
    got = Cells("".join(cell + "\n" for cell in cells).encode(), 1).numbers([0])[:, 0]
    want = [float(cell) if cell else math.nan for cell in cells]
    assert np.array_equal(got, want, equal_nan=True)


def test_an_empty_cell_beside_one_that_is_read_the_slow_way() -> None:
    got = Cells(b"1\n\n-100000000.100000\n", 1).numbers([0])[:, 0]
    assert np.array_equal(got, [1, math.nan, -100000000.1], equal_nan=True)


def test_words_for_unknown_and_quotes() -> None:
    got = Cells(b'1,nan\n"2.5",NA\n3,\n4,null\n', 2).numbers([0, 1])
    assert got[:, 0].tolist() == [1, 2.5, 3, 4]
    assert np.isnan(got[:, 1]).all()


@pytest.mark.parametrize("cell", ["-", ".", "-.", "1.2.3", "1-2", "--1", "0x10", "1 2", "12:30"])
def test_what_is_no_number_is_named_with_its_row(cell: str) -> None:
    if cell == "-":
        assert math.isnan(Cells(b"1\n-\n", 1).numbers([0])[1, 0])  # a dash says: unknown
        return
    with pytest.raises(BadCellError) as caught:
        Cells(f"1\n2\n{cell}\n".encode(), 1).numbers([0])
    assert caught.value.row == 2
    assert repr(cell) in caught.value.reason


@pytest.mark.parametrize(("rows", "row"), [(b"1,2\n3\n", 1), (b"1,2\n3,4,5\n6\n", 1)])
def test_a_row_of_another_length_is_named(rows: bytes, row: int) -> None:
    with pytest.raises(BadCellError, match="where 2 belong") as caught:
        Cells(rows, 2).numbers([0])
    assert caught.value.row == row


def test_a_column_that_is_not_asked_for_may_hold_anything() -> None:
    assert Cells(b"1,rest\n2,\n", 2).numbers([0])[:, 0].tolist() == [1, 2]


def test_no_rows() -> None:
    assert Cells(b"", 2).numbers([0]).shape == (0, 1)
