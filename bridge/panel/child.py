"""The panel's process as the playing process sees it: messages out, commands in, never a wait.

Nothing of the web is imported here. What the pipe cannot take at once is dropped and told anew.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable
from typing import Any

from bridge.errors import BeatbridgeError

Message = dict[str, Any]

MOST_WAITING = 256 * 1024
"""Bytes that may wait for a panel that does not read, some ten seconds of signal."""
LONGEST_LINE = 256 * 1024
READY_WITHIN_S = 60.0


class PanelProcess:
    """Starts the server, and ends it; if it ends by itself, the hearts play on."""

    def __init__(self, command: Callable[[Message], None], ended: Callable[[], None]) -> None:
        """Prepare; nothing is started yet.

        Args:
            command: called in the loop with each command of a page.
            ended: called when the process has gone by itself.
        """
        self._command = command
        self._ended = ended
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self.dropped = 0
        """Messages that the pipe could not take."""

    async def start(self, config: Message) -> int:
        """Start it; return the port it listens on.

        Raises:
            BeatbridgeError: it cannot serve; one line that says why.
        """
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bridge.panel.serve",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(_line(config))
        try:
            first = await asyncio.wait_for(process.stdout.readline(), READY_WITHIN_S)
            answer = json.loads(first or b"{}")
        except (TimeoutError, ValueError):
            answer = {}
        if answer.get("do") != "ready":
            await self.close()
            why = answer.get("error", "its process did not start (is aiohttp installed?)")
            raise BeatbridgeError(f"the panel cannot be served: {why}")
        self._reading = asyncio.ensure_future(self._read(process))
        return int(answer["port"])

    def send(self, message: Message) -> None:
        """Hand a message to the pages; returns at once, whatever they do."""
        process = self._process
        if process is None or process.stdin is None or process.returncode is not None:
            return
        if process.stdin.transport.get_write_buffer_size() > MOST_WAITING:
            self.dropped += 1
            return
        process.stdin.write(_line(message))

    async def close(self) -> None:
        """End it: its stdin ends, and with it the server."""
        if self._reading is not None:
            self._reading.cancel()
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 3.0)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        with contextlib.suppress(ValueError):  # a line beyond all bounds: its end is near
            while line := await process.stdout.readline():
                self._command(json.loads(line))
        self._process = None
        self._ended()


def _line(message: Message) -> bytes:
    return json.dumps(message, separators=(",", ":"), allow_nan=False).encode() + b"\n"
