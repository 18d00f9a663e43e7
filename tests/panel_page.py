"""A page of the panel without a browser: its socket, opened with the key of the address."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

Socket = aiohttp.ClientWebSocketResponse
Message = dict[str, Any]
PATIENCE_S = 120.0


def settings(folder: Path) -> dict[str, str]:
    """The environment of a panel under test: its own settings, and no word to the network."""
    here_only = folder / "lsl_api.cfg"  # streams of this machine alone
    here_only.write_text("[multicast]\nResolveScope = machine\n", encoding="utf-8")
    return {
        "XDG_CONFIG_HOME": str(folder / "config"),
        "HOME": str(folder),
        "LSLAPICFG": str(here_only),
    }


@contextlib.asynccontextmanager
async def opened(address: str) -> AsyncIterator[Socket]:
    """A socket that is let in at ``http://HOST:PORT/#k=KEY``."""
    where, _, key = address.partition("/#k=")
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{where}/socket", headers={"Origin": where}) as socket,
    ):
        await socket.send_json({"key": key})
        assert (await socket.receive_json(timeout=PATIENCE_S))["k"] == "welcome"
        telling = asyncio.ensure_future(_acknowledge(socket))
        try:
            yield socket
        finally:
            telling.cancel()


async def _acknowledge(socket: Socket) -> None:
    """Say once a second that this page is there, as the real one does."""
    while not socket.closed:
        await socket.send_json({"seen": 0, "hidden": False})
        await asyncio.sleep(1.0)


async def ask(
    socket: Socket, number: int, what: str, told: list[Message] | None = None, **arguments: Any
) -> Message:
    """Give a command; its answer. What else is told meanwhile goes to ``told``."""
    await socket.send_json({"id": number, "do": what} | arguments)
    async with asyncio.timeout(PATIENCE_S):
        while True:
            message: Message = await socket.receive_json()
            if message["k"] == "answer" and message["re"] == number:
                return message
            if told is not None:
                told.append(message)
