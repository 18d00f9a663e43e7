"""Files that people name: read whole, or refused in a line."""

import codecs
from pathlib import Path

from bridge.errors import UserError

_MB = 1_000_000


def read_given(path: Path, most_mb: int) -> bytes:
    """The bytes of a file.

    Args:
        path: as it was named.
        most_mb: in millions of bytes; more would not fit into memory as what it is read into.

    Raises:
        UserError: no file, not a plain one (a pipe would be waited for without a word), too large,
            or it cannot be read.
    """
    try:
        if path.is_dir():
            raise UserError(f"{path}: is a folder, not a file")
        if path.exists() and not path.is_file():
            raise UserError(f"{path}: is a pipe or a device; save it as a file first")
        size = path.stat().st_size
        if size > most_mb * _MB:
            raise UserError(
                f"{path}: {size / _MB:.0f} MB, where {most_mb} MB are the most; split it first"
            )
        return path.read_bytes()
    except UserError:  # it is a ValueError too
        raise
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        text = error.strerror if isinstance(error, OSError) else None
        raise UserError(f"{path}: {text or error}") from None


def text_given(path: Path, most_mb: int) -> str:
    """The text of a file, with plain newlines.

    Windows PowerShell redirects as UTF-16, and editors there put a mark before UTF-8.

    Raises:
        UserError: as ``read_given``, or it is no text.
    """
    data = read_given(path, most_mb)
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if utf16 else "utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise UserError(f"{path}: should be text, in UTF-8") from None
