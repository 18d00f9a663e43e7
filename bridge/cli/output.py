"""Output that may end before the program does: a closed pipe, a closed window, a full disk."""

import contextlib
import os
from collections.abc import Callable
from typing import Any, TextIO

import typer

from bridge.printable import without_controls


def complain(error: object) -> None:
    """Say in one line on stderr what is wrong, whatever the files in it are called."""
    typer.echo(f"beatbridge: {without_controls(str(error))}", err=True)


class Unbreakable:
    """A text stream that throws away what can no longer be written. The music goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, while somebody is there."""
        self._try(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Flush, while somebody is there."""
        self._try(self._stream.flush)

    def _try(self, work: Callable[[], object]) -> None:
        try:
            work()
        except OSError:
            # What is still in the buffers has to go somewhere when the program ends.
            with contextlib.suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._stream.fileno())
                os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
