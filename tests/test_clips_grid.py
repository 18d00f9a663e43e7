"""Cells, metres and note values."""

import numpy as np
import pytest

from bridge.clips.grid import (
    SteadyTime,
    declared_metre,
    even_order,
    parse_fraction,
    parse_signature,
)
from bridge.errors import UserError


def test_sixteen_cells_fill_as_the_seed_says() -> None:
    assert even_order(16) == (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15)


def test_eight_cells_fill_as_the_seed_says() -> None:
    assert even_order(8) == (0, 4, 2, 6, 3, 7, 1, 5)


@pytest.mark.parametrize("cells", range(1, 93))
def test_every_cell_is_switched_on_once(cells: int) -> None:
    assert sorted(even_order(cells)) == list(range(cells))


@pytest.mark.parametrize(("cells", "order"), [(12, (0, 6, 3, 9)), (6, (0, 3)), (4, (0, 2, 1, 3))])
def test_the_first_cells_lie_evenly(cells: int, order: tuple[int, ...]) -> None:
    assert even_order(cells)[: len(order)] == order


@pytest.mark.parametrize(
    ("cells", "metre"),
    [
        (16, (2, 4)),
        (8, (1, 4)),
        (4, (1, 8)),
        (12, (3, 8)),
        (32, (4, 4)),
        (24, (3, 4)),
        (2, (1, 16)),
    ],
)
def test_the_declared_metre_is_as_long_as_the_bar(cells: int, metre: tuple[int, int]) -> None:
    assert declared_metre(cells, 60) == metre
    assert metre[0] * 1920 // metre[1] == cells * 60


@pytest.mark.parametrize("cells", range(1, 93))
def test_the_declared_metre_is_whole_bars_and_one_that_live_shows(cells: int) -> None:
    numerator, denominator = declared_metre(cells, 60)
    assert denominator in (4, 8, 16)
    assert 1 <= numerator <= 99
    assert numerator * 1920 % (denominator * cells * 60) == 0


def test_time_and_ticks_meet_exactly_on_tenths() -> None:
    seconds = SteadyTime(600.0).seconds(np.arange(14400) * 60)
    assert np.array_equal(seconds, np.array([k / 10 for k in range(14400)]))


@pytest.mark.parametrize(
    ("text", "ticks"), [("1/32", 60), ("1/4", 480), ("3/16", 360), ("1/1", 1920)]
)
def test_note_values(text: str, ticks: int) -> None:
    assert parse_fraction(text) == ticks


@pytest.mark.parametrize("text", ["", "1", "1/", "/4", "0/4", "1/0", "1/7", "-1/4", "a/b", "1.5/4"])
def test_no_note_values(text: str) -> None:
    with pytest.raises(UserError, match="note value"):
        parse_fraction(text)


@pytest.mark.parametrize(
    "text", ["16", "16/3", "0/4", "93/16", "4/128", "a/4", "4/", "-4/4", "4/4/4"]
)
def test_no_signatures(text: str) -> None:
    with pytest.raises(UserError, match="time signature"):
        parse_signature(text)
