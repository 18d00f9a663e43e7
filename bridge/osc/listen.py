"""Hears what the device and other programs tell the bridge: ping, mark, relearn."""

import asyncio
import contextlib
from collections.abc import Callable, Container, Mapping
from typing import Any

from pythonosc.osc_message import OscMessage, ParseError

from bridge.errors import UserError
from bridge.osc import contract

PORTS_TRIED = 100
Handlers = Mapping[str, Callable[[list[Any], tuple[str, int]], None]]


class Listener(asyncio.DatagramProtocol):
    """Calls the handler of each known address; everything else is ignored."""

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        """Decode one message. A datagram that is no OSC is none of our business."""
        try:
            message = OscMessage(data)
        except (ParseError, ValueError):
            return
        handler = self._handlers.get(message.address)
        row = contract.BY_PATH.get(message.address)
        if handler and row and len(message.params) >= len(row.tags):
            handler(list(message.params), (addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        """Ignore: on Windows an unreachable peer shows up here, and is no fault of this socket."""


async def listen(port: int, handlers: Handlers) -> asyncio.DatagramTransport:
    """Open the port on loopback.

    Raises:
        UserError: another program has the port.
    """
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_datagram_endpoint(
            lambda: Listener(handlers), local_addr=(contract.TARGET_HOST, port)
        )
    except OSError:
        raise UserError(
            f"UDP port {port} is taken, most likely by another beatbridge: "
            "that one hears pings and marks, this one does not"
        ) from None
    return transport


async def listen_near(
    port: int, handlers: Handlers, avoid: Container[int] = ()
) -> tuple[asyncio.DatagramTransport, int]:
    """Open the port on loopback, or the next one up that is free.

    Args:
        port: the first to try.
        handlers: by address.
        avoid: ports that others are expected on, as those that we send to.

    Returns:
        What to close in the end, and the port.

    Raises:
        UserError: of a hundred ports none is free.
    """
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        if candidate not in avoid:
            with contextlib.suppress(UserError):
                return await listen(candidate, handlers), candidate
    raise UserError(f"UDP ports {port} to {port + PORTS_TRIED - 1} are all taken")
