"""Where results go, and how that is said: the same in every command that writes files."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TypeAlias

import typer


def _folder(text: str) -> Path:
    path = Path(text)
    if not text.strip():
        raise typer.BadParameter("name a folder")
    for each in (path, *path.parents):
        if each.is_dir():
            break
        if each.exists():
            raise typer.BadParameter(f"{each} is a file; name a folder")
    return path


OutFolder: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        parser=_folder,
        help="Where results go.",
        show_default="beside each recording",
    ),
]


def summary(doing: str, files: Iterable[Path], sessions: int, skipped: int) -> str:
    """What a command wrote, and into which folder."""
    files = list(files)
    folders = {file.parent for file in files}
    line = f"{doing} {counted(len(files), 'file')} from {counted(sessions, 'session')}"
    if len(folders) == 1:
        line += f" to {folders.pop()}{os.sep}"
    elif folders:
        line += ", each beside its own"
    return line + (f", {skipped} skipped" if skipped else "")


def counted(count: int, what: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{count} {what}{'' if count == 1 else 's'}"
