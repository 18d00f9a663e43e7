"""A panel that is open already: where it is, so that a second start finds the first."""

import contextlib
import json
import os
import socket
from pathlib import Path

from bridge import settings

ANSWERS_WITHIN_S = 5.0
"""Where nobody is, that is known at once."""


def _file() -> Path:
    return settings.folder() / "panel.json"


def note(address: str) -> None:
    """Say where the panel is; the file is this user's alone, for the address holds the key."""
    path = _file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"address": address}, file)


def forget(address: str) -> None:
    """The panel of this address has ended."""
    with contextlib.suppress(OSError):
        if _noted() == address:
            _file().unlink(missing_ok=True)


def address() -> str | None:
    """The address of a panel that answers, or None."""
    noted = _noted()
    if noted is None:
        return None
    try:
        port = int(noted.split("://", 1)[1].split("/", 1)[0].rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=ANSWERS_WITHIN_S) as line:
            line.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            ours = b"Server: beatbridge" in line.recv(2048)
    except (OSError, ValueError, IndexError):
        return None
    return noted if ours else None


def _noted() -> str | None:
    try:
        return str(json.loads(_file().read_text(encoding="utf-8"))["address"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
