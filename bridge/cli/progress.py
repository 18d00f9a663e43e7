"""How far long work is: a bar on a terminal; nothing in a pipe, and nothing imported for it."""

import sys
from typing import Any


class Bar:
    """One bar, drawn on stderr while it is entered as a context."""

    def __init__(self, doing: str, total: float) -> None:
        self._bar: Any = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (TextColumn(doing), BarColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(doing, total=total)

    def __enter__(self) -> "Bar":
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def show(self, done: float) -> None:
        """So much of the total is done."""
        if self._bar:
            self._bar.update(self._task, completed=done)

    def advance(self, step: float) -> None:
        """So much more of the total is done."""
        if self._bar:
            self._bar.advance(self._task, step)
