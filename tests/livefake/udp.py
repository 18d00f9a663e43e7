"""The device on a real UDP port, over a line as bad as wanted: datagrams in, answers out."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable

from pythonosc.osc_message import OscMessage

from bridge.osc import contract
from tests.livefake import Script


class Line:
    """Loses, doubles and delays (and so reorders) what is sent over it; the same way for a seed."""

    def __init__(self, seed: int = 0, loss: float = 0.0, double: float = 0.0, late_s: float = 0.0):
        self._random = random.Random(seed)
        self._loss, self._double, self._late_s = loss, double, late_s
        self.lost = self.doubled = 0

    def carry(self, deliver: Callable[[], object]) -> None:
        """Pass one datagram on: not at all, once or twice, now or a little later."""
        if self._random.random() < self._loss:
            self.lost += 1
            return
        copies = 2 if self._random.random() < self._double else 1
        self.doubled += copies - 1
        for _ in range(copies):
            delay = self._random.uniform(0, self._late_s)
            asyncio.get_running_loop().call_later(delay, deliver)


class UdpDevice(asyncio.DatagramProtocol):
    """udpreceive -> clips.js -> udpsend, as the patch wires them."""

    def __init__(self, script: Script, line: Line) -> None:
        self.script = script
        self.line = line
        self.heard: list[str] = []
        self.answered_to: set[int] = set()
        self._answer_port = contract.LISTEN_PORT

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.line.carry(lambda: self._take(data))

    def _take(self, data: bytes) -> None:
        message = OscMessage(data)
        self.heard.append(message.address)
        for outlet, atoms in self.script.send(message.address, *message.params):
            self._put(outlet, atoms)

    def tick(self, ms: float) -> None:
        for _, outlet, atoms in self.script.advance(ms):
            self._put(outlet, atoms)

    def _put(self, outlet: int, atoms: list[object]) -> None:
        if outlet != 0:
            return
        if atoms[0] == "port":  # a message of udpsend itself
            self._answer_port = int(str(atoms[1]))
            return
        datagram = contract.encode(str(atoms[0]), atoms[1:])
        where = (contract.TARGET_HOST, self._answer_port)
        self.answered_to.add(self._answer_port)
        self.line.carry(lambda: self._transport.sendto(datagram, where))


@contextlib.asynccontextmanager
async def device_on_udp(script: Script, line: Line | None = None) -> AsyncIterator[UdpDevice]:
    """The device on a free port of loopback, its clock running."""
    loop = asyncio.get_running_loop()
    transport, device = await loop.create_datagram_endpoint(
        lambda: UdpDevice(script, line or Line()), local_addr=(contract.TARGET_HOST, 0)
    )

    async def clock() -> None:
        while True:
            await asyncio.sleep(0.005)
            device.tick(10)

    running = asyncio.create_task(clock())
    try:
        yield device
    finally:
        running.cancel()
        transport.close()
