"""Files on their way from the page into the folder of the sessions, in parts that are checked."""

import base64
import binascii
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.errors import UserError
from bridge.offline.atomic import write_atomically

Message = dict[str, Any]

SUFFIXES = (".csv", ".tsv", ".txt")
MOST_UPLOAD = 64 * 1024 * 1024


@dataclass(slots=True)
class Upload:
    """A file on its way from the page."""

    path: Path
    size: int
    data: bytearray


class Uploads:
    """One file at a time, kept in memory until it is whole."""

    def __init__(self, folder: Path, arrived: Callable[[Path], Awaitable[None]]) -> None:
        """Take note of the folder, and of whom to tell which file has arrived."""
        self._folder = folder
        self._arrived = arrived
        self._upload: Upload | None = None
        self.commands: dict[str, Callable[[Message], Awaitable[Message]]] = {
            "upload.begin": self._begin,
            "upload.part": self._part,
            "upload.end": self._end,
        }

    async def _begin(self, command: Message) -> Message:
        name = Path(str(command.get("name", ""))).name
        stem = re.sub(r"[^\w.-]+", "-", Path(name).stem).strip("-.")[:80] or "session"
        suffix, size = Path(name).suffix.lower(), command.get("size")
        if suffix not in SUFFIXES:
            raise UserError(f"{name}: a recording ends in {', '.join(SUFFIXES)}")
        if not isinstance(size, int) or not 0 < size <= MOST_UPLOAD:
            raise UserError(f"{name}: a file of 1 byte to 64 MB is expected")
        path, more = self._folder / f"{stem}{suffix}", 2
        while path.exists():
            path, more = self._folder / f"{stem}-{more}{suffix}", more + 1
        self._upload = Upload(path, size, bytearray())
        return {}

    async def _part(self, command: Message) -> Message:
        upload = self._upload
        if upload is None:
            raise UserError("no file is on its way")
        try:
            upload.data += base64.b64decode(str(command.get("data", "")), validate=True)
        except binascii.Error:
            raise UserError("a part of the file did not arrive as it was sent") from None
        if len(upload.data) > upload.size:
            self._upload = None
            raise UserError("the file is larger than it said")
        return {}

    async def _end(self, command: Message) -> Message:
        upload, self._upload = self._upload, None
        if upload is None or len(upload.data) != upload.size:
            raise UserError("the file did not arrive whole")
        write_atomically(upload.path, bytes(upload.data))
        await self._arrived(upload.path)
        return {"source": f"csv:{upload.path}"}
