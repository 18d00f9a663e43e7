"""Real sockets on the loopback: udpreceive, udpsend."""

import select
import socket
import time
from typing import TYPE_CHECKING

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from tests.maxpatch.runtime import Atom, MaxError, Obj

if TYPE_CHECKING:
    from tests.maxpatch.runtime import Max


class Udpreceive(Obj):
    """A port in the box is bound as the box is made; without one it waits for ``port N``.

    One binder a port: a second one hears nothing, and says nothing. A further argument makes it
    pass whole packets, which nothing here understands. ``port N`` with the number it has does
    nothing.
    """

    name = "udpreceive"

    def setup(self) -> None:
        self.port = int(self.args[0]) if self.args else 0
        self.socket: socket.socket | None = None
        self.bound: list[int] = []
        if self.port:
            self._bind()

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if len(atoms) != 2 or atoms[0] != "port":
            raise self.wrong(inlet, atoms)
        port = int(self.number(inlet, atoms[1:]))
        if port != self.port:
            self.port = port
            self._bind()

    def _bind(self) -> None:
        self.close()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # Max queues 512 messages; the system's usual buffer holds half of that.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        try:
            self.socket.bind(("127.0.0.1", self.port))
            self.bound.append(self.port)
        except OSError:
            self.close()

    def close(self) -> None:
        """Give the port back."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def read(self) -> None:
        """Take one datagram."""
        assert self.socket is not None
        osc = OscMessage(self.socket.recv(65536))
        if len(self.args) > 1:
            self.out(0, "FullPacket", len(osc.dgram))
        else:
            self.out(0, osc.address, *osc.params)


class Udpsend(Obj):
    """One message, one datagram; no Max message may leave as an address by mistake."""

    name = "udpsend"

    def setup(self) -> None:
        self.host, self.port = str(self.args[0]), int(self.args[1])
        self.sent: list[tuple[str, list[Atom]]] = []

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if len(atoms) == 2 and atoms[0] == "port":
            self.port = int(self.number(inlet, atoms[1:]))
            return
        if not atoms or not str(atoms[0]).startswith("/"):
            raise self.wrong(inlet, atoms)
        builder = OscMessageBuilder(str(atoms[0]))
        for value in atoms[1:]:
            builder.add_arg(value)
        self.sent.append((str(atoms[0]), atoms[1:]))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(builder.build().dgram, (self.host, self.port))


def wait_for(max_: "Max", datagrams: int, timeout_s: float) -> None:
    """Let the device take so many datagrams from its socket."""
    receiver: Udpreceive = next(max_.of("udpreceive"))
    until = time.monotonic() + timeout_s
    for taken in range(datagrams):
        if receiver.socket is None:
            raise MaxError(f"the port {receiver.port} is not ours")
        left = until - time.monotonic()
        if not select.select([receiver.socket], [], [], max(left, 0))[0]:
            raise MaxError(f"{taken} of {datagrams} datagrams came in {timeout_s} s")
        receiver.read()
