"""Hears what the device and other programs tell the bridge: ping, mark, relearn."""

import asyncio
import contextlib
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

from pythonosc.osc_message import OscMessage, ParseError

from bridge.errors import UserError
from bridge.osc import contract
from bridge.osc.budget import Budget

PORTS_TRIED = 100
Handlers = Mapping[str, Callable[[list[Any], tuple[str, int]], None]]
DATAGRAMS = (200.0, 400)
"""A second, and at once: what all devices of a big Set say together. More is not even decoded."""
OF_ONE_ADDRESS = (5.0, 20)
"""A second, and at once: nobody marks or relearns faster, and pings are told apart by nobody."""
_BUNDLE = b"#bundle\0"
_BUNDLE_HEAD = 16
"""Bytes: the word and a time tag; what we are told is done at once."""
_DEEPEST = 8
"""Bundles in bundles."""


def messages(data: bytes, depth: int = 0) -> Iterator[tuple[str, list[int | float | str]]]:
    """Addresses and arguments of a datagram: one message, or a bundle of them.

    What is no OSC, and messages with other arguments than numbers and text, are left out.
    """
    if data.startswith(_BUNDLE) and depth < _DEEPEST:
        at = _BUNDLE_HEAD
        while len(data) - at >= 4:
            size = int.from_bytes(data[at : at + 4], "big")
            yield from messages(data[at + 4 : at + 4 + size], depth + 1)
            at += 4 + size
        return
    try:
        message = OscMessage(data)
    except (ParseError, ValueError, IndexError, RecursionError, OverflowError):
        return
    if all(isinstance(each, int | float | str) for each in message.params):
        yield message.address, list(message.params)


class Listener(asyncio.DatagramProtocol):
    """Calls the handler of each known address, as often as people ask; the rest is ignored."""

    def __init__(self, handlers: Handlers, flooded: Callable[[str], None]) -> None:
        """Take note.

        Args:
            handlers: by address.
            flooded: told of each address that more came for than a person sends, once.
        """
        self._handlers = handlers
        self._flooded = flooded
        # A device's answers to what we sent it come as fast as it took that: they are no flood.
        self._budgets = {
            address: Budget(*OF_ONE_ADDRESS)
            for address in handlers
            if contract.BY_PATH[address].way is contract.Way.IN
        }
        self._datagrams = Budget(*DATAGRAMS) if self._budgets else None
        self._told: set[str] = set()

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        """Take a datagram. One that is no OSC is none of our business."""
        now = asyncio.get_running_loop().time()
        if self._datagrams is not None and not self._datagrams.spend(now):
            self._tell("its port")
            return
        for address, arguments in messages(data):
            handler = self._handlers.get(address)
            row = contract.BY_PATH.get(address)
            if handler is None or row is None or len(arguments) < len(row.tags):
                continue
            budget = self._budgets.get(address)
            if budget is None or budget.spend(now):
                handler(arguments, (addr[0], addr[1]))
            else:
                self._tell(address)

    def _tell(self, where: str) -> None:
        if where not in self._told:
            self._told.add(where)
            self._flooded(where)

    def error_received(self, exc: Exception) -> None:
        """Ignore: on Windows an unreachable peer shows up here, and is no fault of this socket."""


async def listen(
    port: int, handlers: Handlers, flooded: Callable[[str], None] = lambda where: None
) -> asyncio.DatagramTransport:
    """Open the port on loopback.

    Raises:
        UserError: another program has the port.
    """
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_datagram_endpoint(
            lambda: Listener(handlers, flooded), local_addr=(contract.TARGET_HOST, port)
        )
    except OSError:
        raise UserError(
            f"UDP port {port} is taken, most likely by another beatbridge: "
            "that one hears pings and marks, this one does not"
        ) from None
    return transport


async def listen_near(
    port: int,
    handlers: Handlers,
    avoid: Container[int] = (),
    flooded: Callable[[str], None] = lambda where: None,
) -> tuple[asyncio.DatagramTransport, int]:
    """Open the port on loopback, or the next one up that is free.

    Args:
        port: the first to try.
        handlers: by address.
        avoid: ports that others are expected on, as those that we send to.
        flooded: told of each address that more came for than a person sends, once.

    Returns:
        What to close in the end, and the port.

    Raises:
        UserError: of a hundred ports none is free.
    """
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        if candidate not in avoid:
            with contextlib.suppress(UserError):
                return await listen(candidate, handlers, flooded), candidate
    raise UserError(f"UDP ports {port} to {port + PORTS_TRIED - 1} are all taken")
