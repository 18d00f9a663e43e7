"""A curve in braille: two points a character and four dots a row, where a block holds one point."""

from collections.abc import Sequence

_BLANK = 0x2800
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Of a character: left and right column, each from the top (Unicode, Braille Patterns)."""
_DOTS_A_ROW = 4
POINTS_A_LETTER = 2


def curve(values: Sequence[float], rows: int) -> list[str]:
    """A joined line through the values.

    Args:
        values: 0 (bottom) to 1 (top), the oldest first.
        rows: of text, from the top.

    Returns:
        As many strings, each half as long as there are values.
    """
    top = rows * _DOTS_A_ROW - 1
    cells = [[_BLANK] * -(-len(values) // POINTS_A_LETTER) for _ in range(rows)]
    before: int | None = None
    for at, value in enumerate(values):
        now = round((1.0 - min(max(value, 0.0), 1.0)) * top)
        if before is None:
            before = now
        # Half of a jump belongs to each of its two columns, so that the line is joined.
        middle = (now + before) // 2
        for x, begin, end in ((at - 1, before, middle), (at, middle, now)):
            for y in range(min(begin, end), max(begin, end) + 1) if x >= 0 else ():
                row, dot = divmod(y, _DOTS_A_ROW)
                cells[row][x // POINTS_A_LETTER] |= _DOTS[x % POINTS_A_LETTER][dot]
        before = now
    return ["".join(map(chr, row)) for row in cells]
