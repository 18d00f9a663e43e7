"""Datagrams to any number of targets over one socket. A target that does not listen costs nothing.

Who sends decides what; here it only leaves, at once, and never waits.
"""

import socket
import struct
import sys
import time
from typing import Any

from bridge.errors import UserError
from bridge.osc import contract
from bridge.osc.contract import Target

_NTP_EPOCH_S = 2_208_988_800
"""From 1900 to 1970."""


def parse_target(text: str, option: str = "--target ") -> Target:
    """``HOST:PORT``, ``:PORT`` or ``PORT`` as an address that is looked up once, not at every send.

    Raises:
        UserError: no port, or a host that cannot be found.
    """
    host, _, port = text.rpartition(":")
    host = host.strip("[]") or contract.TARGET_HOST
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise UserError(f"{option}{text}: should be HOST:PORT, such as 127.0.0.1:7771")
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_DGRAM)
    except OSError as error:
        raise UserError(f"{option}{text}: {host} cannot be found ({error})") from None
    # A name that has both is reached over IPv4, where most of those who receive OSC listen.
    address = min(found, key=lambda each: each[0] != socket.AF_INET)[4]
    return str(address[0]) + _zone(address), int(address[1])


def _zone(address: tuple[Any, ...]) -> str:
    """Of a link-local IPv6 address: the interface that it is meant on."""
    numbered = len(address) == 4 and address[3] and "%" not in str(address[0])
    return f"%{address[3]}" if numbered else ""


def shown(target: Target) -> str:
    """``HOST:PORT`` as people write it."""
    host, port = target
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def in_bundle(datagram: bytes, due_s: float) -> bytes:
    """A message in a bundle of its own, whose time tag is ``due_s`` from now.

    The tag is NTP time, seconds since 1900 in the upper 32 bits (OSC 1.0).
    """
    ntp = int((time.time() + due_s + _NTP_EPOCH_S) * 2**32)
    return b"#bundle\0" + struct.pack(">QI", ntp, len(datagram)) + datagram


class Sender:
    """A socket that sends to its targets."""

    def __init__(self, targets: list[Target]) -> None:
        self.targets = targets
        self.failed = 0
        """Datagrams the system refused (network down, buffer full)."""
        self._sockets: dict[bool, socket.socket] = {}
        """By whether the target's address is one of IPv6."""
        self._trouble: dict[Target, str] = {}
        self._told: set[Target] = set()

    def send(self, datagram: bytes) -> None:
        """Send to every target."""
        for target in self.targets:
            self.send_to(datagram, target)

    def send_to(self, datagram: bytes, target: Target) -> None:
        """Send to one address."""
        try:
            self._socket_for(target).sendto(datagram, target)
        except OSError as error:
            self.failed += 1
            self._trouble[target] = error.strerror or str(error)

    def take_trouble(self) -> list[str]:
        """What to say of targets that could not be reached: each once, when it first fails."""
        said = [
            f"{shown(target)} cannot be reached: {error}"
            for target, error in self._trouble.items()
            if target not in self._told
        ]
        self._told.update(self._trouble)
        return said

    def close(self) -> None:
        """Let go of the socket."""
        for each in self._sockets.values():
            each.close()
        self._sockets.clear()

    def _socket_for(self, target: Target) -> socket.socket:
        six = ":" in target[0]
        if six not in self._sockets:
            family = socket.AF_INET6 if six else socket.AF_INET
            opened = self._sockets[six] = socket.socket(family, socket.SOCK_DGRAM)
            opened.setblocking(False)
            if sys.platform == "win32":
                # Without this, a closed port at the target makes the next send fail on Windows.
                opened.ioctl(0x9800000C, False)  # SIO_UDP_CONNRESET
        return self._sockets[six]
