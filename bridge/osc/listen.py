"""Hears what the device and other programs tell the bridge: ping, mark, relearn."""

import asyncio
from collections.abc import Callable
from typing import Any

from pythonosc.osc_message import OscMessage, ParseError

from bridge.errors import UserError
from bridge.osc import contract

Handler = Callable[[list[Any], tuple[str, int]], None]


class Listener(asyncio.DatagramProtocol):
    """Calls the handler of each known address; everything else is ignored."""

    def __init__(self, handlers: dict[str, Handler]) -> None:
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


async def listen(port: int, handlers: dict[str, Handler]) -> asyncio.DatagramTransport:
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
