"""Datagrams to any number of targets over one socket. A target that does not listen costs nothing.

Who sends decides what; here it only leaves, at once, and never waits.
"""

import socket
import struct
import sys
import time

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
        found = socket.getaddrinfo(host, int(port), socket.AF_INET, socket.SOCK_DGRAM)
    except OSError as error:
        raise UserError(f"{option}{text}: {host} cannot be found ({error})") from None
    address = found[0][4]
    return str(address[0]), int(address[1])


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
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        if sys.platform == "win32":
            # Without this, a closed port at the target makes the next send fail on Windows.
            self._socket.ioctl(0x9800000C, False)  # SIO_UDP_CONNRESET

    def send(self, datagram: bytes) -> None:
        """Send to every target."""
        for target in self.targets:
            self.send_to(datagram, target)

    def send_to(self, datagram: bytes, target: Target) -> None:
        """Send to one address."""
        try:
            self._socket.sendto(datagram, target)
        except OSError:
            self.failed += 1

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()
