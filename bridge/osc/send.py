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

_SURE = 2
"""Datagrams that must go unrefused: a refusal shows at the next one, from afar at the second."""
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
    except (OSError, UnicodeError) as error:  # the second: dots that follow each other
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


def _bound_to(target: Target) -> socket.socket:
    """A socket for one target only: it is told when that refuses.

    Raises:
        OSError: the target cannot be reached in this way (a broadcast address).
    """
    opened = socket.socket(_family(target), socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        opened.connect(target)
    except OSError:
        opened.close()
        raise
    return opened


def _family(target: Target) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in target[0] else socket.AF_INET


def _is_here(target: Target) -> bool:
    """On this machine, where a shut port is always told."""
    return target[0].startswith("127.") or target[0] == "::1"


class Sender:
    """A socket that sends to its targets."""

    def __init__(self, targets: list[Target]) -> None:
        self.targets = targets
        self.failed = 0
        """Datagrams the system refused (network down, buffer full)."""
        self._sockets: dict[bool, socket.socket] = {}
        """By whether the target's address is one of IPv6."""
        self._asking: dict[Target, socket.socket] = {}
        """Each bound to its target, so that the system says when nobody has that port."""
        self._unrefused: dict[Target, int] = {}
        """Datagrams in a row that were asked with and not refused."""
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

    def ask(self, datagram: bytes, target: Target) -> None:
        """Send to one address, and learn whether its port is shut: ``listens`` knows it then."""
        try:
            if target not in self._asking:
                self._asking[target] = _bound_to(target)
            self._asking[target].send(datagram)
            self._unrefused[target] = self._unrefused.get(target, 0) + 1
        except OSError as error:
            if isinstance(error, ConnectionRefusedError | ConnectionResetError):
                self._unrefused[target] = 0
            self.send_to(datagram, target)  # what was refused is the one before; this one must go

    def listens(self, target: Target) -> bool | None:
        """Whether a program has the target's port open; None where the system does not say."""
        unrefused = self._unrefused.get(target)
        if unrefused is not None and unrefused < _SURE:
            return False
        return True if unrefused and _is_here(target) else None

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
        for each in (*self._sockets.values(), *self._asking.values()):
            each.close()
        self._sockets.clear()
        self._asking.clear()

    def _socket_for(self, target: Target) -> socket.socket:
        six = ":" in target[0]
        if six not in self._sockets:
            opened = self._sockets[six] = socket.socket(_family(target), socket.SOCK_DGRAM)
            opened.setblocking(False)
            if sys.platform == "win32":
                # Without this, a closed port at the target makes the next send fail on Windows.
                opened.ioctl(0x9800000C, False)  # SIO_UDP_CONNRESET
        return self._sockets[six]
