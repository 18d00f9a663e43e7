"""Write a file whole or not at all, so that nobody ever reads half of one."""

import os
from pathlib import Path

from bridge.errors import BeatbridgeError


def write_atomically(path: Path, content: bytes) -> None:
    """Write ``content`` beside ``path`` and move it there, replacing what was there.

    Raises:
        BeatbridgeError: the folder or the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            unfinished.write_bytes(content)
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BeatbridgeError(f"{path} cannot be written: {error.strerror or error}") from error
