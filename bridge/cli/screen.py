"""What running hearts look like: a panel on a terminal, plain lines in a pipe."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bridge.cli.heart_view import COLUMNS, HeartView
from bridge.printable import printable

REFRESH_A_SECOND = 20
MOST_LETTERS = 2000
_GAP = 2
"""Characters between columns, where several hearts share the screen."""


class Screen:
    """Shows hearts. On a terminal it redraws; in a pipe it prints lines."""

    def __init__(self, title: str) -> None:
        self.console = Console(highlight=False)
        self._title = title
        self._plain = not self.console.is_terminal
        self._hearts: list[HeartView] = []
        self.listeners: Callable[[], str] = str
        """Says whether anybody listens, asked each time the screen is drawn."""
        self._live = Live(
            console=self.console,
            get_renderable=self.panel,
            refresh_per_second=REFRESH_A_SECOND,
            transient=True,
        )

    def __enter__(self) -> Self:
        """Start drawing."""
        if not self._plain:
            self._live.start(refresh=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop drawing, and leave the terminal as it was."""
        self._lines()
        if not self._plain:
            self._live.stop()

    def heart(self, name: str = "") -> HeartView:
        """A place for one more heart; one that is alone needs no name."""
        view = HeartView(name, self.notice, self._plain)
        self._hearts.append(view)
        return view

    def notice(self, text: str) -> None:
        """A line that stays."""
        self._lines()
        text = printable(text, MOST_LETTERS)
        style = None if self._plain else "dim"
        self.console.print(text, style=style, soft_wrap=True, markup=False, emoji=False)

    def panel(self) -> RenderableType:
        """What a terminal shows now."""
        # Narrower than the terminal: the ^C that it echoes must not start a new line.
        width = max(10, min(self.console.width - 3, 100) - 6)
        return Panel(
            self._hearts[0].large(width, fine=not self.console.legacy_windows)
            if len(self._hearts) == 1
            else self._rows(width),
            title=Text(self._title),
            title_align="left",
            subtitle=Text(self.listeners()),
            subtitle_align="left",
            width=width + 6,
            padding=(1, 2),
        )

    def _rows(self, width: int) -> Table:
        """A row a heart; its wave takes what the values leave."""
        rows = [[Text(head, style="dim") for head in COLUMNS], *(v.row() for v in self._hearts)]
        widths = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
        left = width - sum(widths) - _GAP * len(widths)
        table = Table.grid(padding=(0, _GAP))
        for least in widths:
            table.add_column(no_wrap=True, min_width=least)
        table.add_row(*rows[0])
        for view, row in zip(self._hearts, rows[1:], strict=True):
            table.add_row(*row, view.scope(left))
        return table

    def _lines(self) -> None:
        for view in self._hearts:
            view.line()
