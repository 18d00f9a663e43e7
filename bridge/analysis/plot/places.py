"""Where the panels of a picture stand: matplotlib's own layout engine draws all of it three times
to find that out, and what it finds here is known but for the room that the labels at the left need.
"""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE_IN = 0.33
ABOVE_IN = 0.27
"""For a panel's legend or title."""
BELOW_IN, TICKS_IN, LABEL_IN = 0.06, 0.26, 0.48
"""Below a panel: nothing, its tick labels, or these and what they are."""
PAD_IN = 0.1
RIGHT_IN = 0.32
"""Half of the last tick label reaches beyond its axis."""


class Row(NamedTuple):
    """Panels beside each other."""

    height: float
    """In parts of what is left for all panels."""
    panels: "list[tuple[Axes, int, int]]"
    """Each with the first of three columns that it stands in, and how many it spans."""
    below_in: float = BELOW_IN


def place(figure: "Figure", rows: list[Row]) -> None:
    """Set all panels below each other, as wide as the widest label at their left leaves room."""
    width_in, height_in = figure.get_size_inches()
    room_in = height_in - TITLE_IN - sum(ABOVE_IN + row.below_in for row in rows)
    each_in = room_in / sum(row.height for row in rows)
    widest: tuple[float, float] = (0.0, 0.0)
    for _ in range(2):  # the second time with the room that the labels were found to take
        left_in, right_in = widest[0] + PAD_IN, max(RIGHT_IN, widest[1] + PAD_IN)
        column_in = (width_in - right_in) / 3
        top_in = height_in - TITLE_IN
        for row in rows:
            top_in -= ABOVE_IN + each_in * row.height
            for axes, first, columns in row.panels:
                axes.set_position(
                    (
                        (first * column_in + left_in) / width_in,
                        top_in / height_in,
                        (columns * column_in - left_in) / width_in,
                        each_in * row.height / height_in,
                    )
                )
            top_in -= row.below_in
        if widest == (0.0, 0.0):
            widest = _labels_in(figure)


def _labels_in(figure: "Figure") -> tuple[float, float]:
    """How far the labels of the axes that go up reach to the left and to the right of them."""
    left = right = 0.0
    for axes in figure.axes:
        taken = axes.yaxis.get_tightbbox()
        if taken is not None:
            left = max(left, axes.bbox.x0 - taken.x0)
            right = max(right, taken.x1 - axes.bbox.x1)
    return left / figure.dpi, right / figure.dpi
