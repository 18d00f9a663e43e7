"""Write a file whole or not at all, so that nobody ever reads half of one."""

import os
import tempfile
from pathlib import Path

from bridge.errors import BeatbridgeError


def write_atomically(path: Path, content: bytes) -> None:
    """Write ``content`` beside ``path`` and move it there, replacing what was there.

    Raises:
        BeatbridgeError: the folder or the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        unfinished = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            unfinished.chmod(0o644)  # mkstemp makes files that only their owner can read
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BeatbridgeError(f"{path} cannot be written: {error.strerror or error}") from error
