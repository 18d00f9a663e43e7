"""A pulse sensor on a serial port: owns the port, and opens it again when the cable was pulled.

Readings are handed on the moment their last byte is there; nothing waits for a full buffer.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable

import serial

from bridge.errors import BeatbridgeError, UserError
from bridge.sources import Item, Notice
from bridge.sources.protocols import BY_NAME, LineProtocol, recognise
from bridge.sources.sampling import Sampler

RETRY_SECONDS = 0.5
"""Between attempts to open a port that has gone: a replugged board is back within a second."""
SNIFF_SECONDS = 5.0
"""Without a recognised stream by then, the user is told what arrives."""
WAKE_BYTE = b"s"
"""Seed 002's sketch waits for any byte before it sends."""
WAKE_SECONDS = 1.0
"""The byte is repeated until something comes: opening the port resets many boards, and their
boot loader swallows what arrives in the first second or two."""


class SerialSource:
    """Samples from a serial port, the protocol told apart by the bytes themselves."""

    realtime = True

    def __init__(
        self,
        port: str,
        baud: int = 115_200,
        protocol: str = "auto",
        rate_hz: float | None = None,
    ) -> None:
        self.port = port
        self.baud = baud
        self._protocol = protocol
        self._sampler = Sampler(rate_hz)
        self._parser: LineProtocol | None = None
        self._sniffed = bytearray()
        self._rejected = 0
        self._losses = 0
        self._said_unknown = False
        self._emit: Callable[[Item], None] = lambda item: None

    async def run(self, emit: Callable[[Item], None]) -> None:
        """Read until cancelled. The first opening must succeed; later ones are tried for ever.

        Raises:
            UserError: the port is not there, or belongs to another program.
        """
        self._emit = emit
        first = True
        while True:
            try:
                port = await asyncio.to_thread(self._open)
            except (serial.SerialException, OSError) as error:
                if first:
                    raise UserError(f"serial port {self.port}: {_reason(error)}") from None
                await asyncio.sleep(RETRY_SECONDS)
                continue
            emit(Notice(f"{'reading' if first else 'back on'} {self.port}"))
            first = False
            try:
                await self._read(port)
            finally:
                with contextlib.suppress(OSError, serial.SerialException):
                    port.close()
            self._forget_parser()
            self._sampler.reconnected()
            self._losses += 1
            emit(Notice(f"lost {self.port}; waiting for it to come back"))

    def summary(self) -> list[str]:
        """Bytes or lines that were no readings, and how often the port was lost."""
        rejected = self._rejected + (self._parser.rejected if self._parser else 0)
        lines = []
        if rejected:
            lines.append(f"{self.port}: {rejected} bytes or lines were no readings")
        if self._losses:
            lines.append(f"{self.port}: lost {self._losses} times")
        return lines

    def _open(self) -> serial.Serial:
        return serial.Serial(self.port, self.baud, timeout=0.2, write_timeout=0.5)

    async def _read(self, port: serial.Serial) -> None:
        """Feed what arrives until the port fails."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()

        def end(error: BaseException | None = None) -> None:
            if not ended.done():
                if isinstance(error, BeatbridgeError):
                    ended.set_exception(error)
                else:
                    ended.set_result(None)

        def take(data: bytes) -> None:
            try:
                self._take(data, loop.time())
            except BeatbridgeError as error:
                end(error)

        unknown = loop.call_later(SNIFF_SECONDS, self._say_unknown)
        stop = _watch(port, loop, take, end)
        waking = asyncio.ensure_future(self._wake(port))
        try:
            await ended
        finally:
            waking.cancel()
            unknown.cancel()
            stop()

    async def _wake(self, port: serial.Serial) -> None:
        while self._parser is None:
            with contextlib.suppress(OSError, serial.SerialException):
                port.write(WAKE_BYTE)
            await asyncio.sleep(WAKE_SECONDS)

    def _take(self, data: bytes, arrival: float) -> None:
        if self._parser is None:
            self._sniffed += data
            self._parser = self._recognise()
            if self._parser is None:
                return
            data = bytes(self._sniffed)
            self._sniffed.clear()
            self._emit(Notice(f"{self.port}: {self._parser.name}"))
        readings = self._parser.feed(data)
        learning = self._sampler.rate_hz is None
        try:
            chunk = self._sampler.add(readings, arrival)
        except ValueError as error:
            raise UserError(
                f"serial port {self.port}: {error}; no pulse sensor does that. "
                "Is protocol= right? It may be one of: " + ", ".join(BY_NAME)
            ) from None
        if chunk is not None:
            if learning:
                self._emit(Notice(f"{self.port}: {chunk.rate_hz:g} readings a second"))
            self._emit(chunk)

    def _recognise(self) -> LineProtocol | None:
        if self._protocol != "auto":
            return BY_NAME[self._protocol]()
        return recognise(bytes(self._sniffed))

    def _forget_parser(self) -> None:
        """After a lost port: another sketch may be on the board that comes back."""
        if self._parser:
            self._rejected += self._parser.rejected
        self._parser = None
        self._sniffed.clear()

    def _say_unknown(self) -> None:
        if self._parser is None and not self._said_unknown:
            self._said_unknown = True
            got = bytes(self._sniffed[:16])
            what = f"bytes that are no known form, such as {got!r}" if got else "nothing"
            self._emit(
                Notice(
                    f"{self.port} sends {what}. "
                    f"Is the sketch running, and is baud={self.baud} its speed?"
                )
            )


def _watch(
    port: serial.Serial,
    loop: asyncio.AbstractEventLoop,
    take: Callable[[bytes], None],
    end: Callable[[BaseException | None], None],
) -> Callable[[], None]:
    """Call ``take`` with bytes as they arrive, and ``end`` once the port fails; return a stop.

    Where the port is a file descriptor, the loop watches it: one wake-up a sample. Windows has no
    such descriptor, there a thread reads.
    """

    def read() -> bytes:
        return port.read(port.in_waiting or 1)

    def ready() -> None:
        try:
            data = read()
        except (OSError, serial.SerialException, TypeError) as error:
            loop.remove_reader(descriptor)
            end(error)
            return
        take(data)

    try:
        descriptor = port.fileno()
        loop.add_reader(descriptor, ready)

        def stop() -> None:
            loop.remove_reader(descriptor)

        return stop
    except (AttributeError, NotImplementedError, OSError):
        return _watch_in_thread(read, loop, take, end)


def _watch_in_thread(
    read: Callable[[], bytes],
    loop: asyncio.AbstractEventLoop,
    take: Callable[[bytes], None],
    end: Callable[[BaseException | None], None],
) -> Callable[[], None]:
    stopping = threading.Event()

    def work() -> None:
        try:
            while not stopping.is_set():
                data = read()
                if data:
                    loop.call_soon_threadsafe(take, data)
        except (OSError, serial.SerialException, TypeError) as error:
            if not stopping.is_set():
                loop.call_soon_threadsafe(end, error)

    thread = threading.Thread(target=work, name="serial reader", daemon=True)
    thread.start()

    def stop() -> None:
        stopping.set()
        thread.join(timeout=1.0)

    return stop


def _reason(error: Exception) -> str:
    text = str(error)
    if "FileNotFoundError" in text or "No such file" in text:
        return "is not there. Is the cable in? beatbridge devices lists the ports"
    if "PermissionError" in text or "Permission denied" in text or "Access is denied" in text:
        return "belongs to another program (the Arduino IDE's monitor?) or may not be opened by you"
    if "busy" in text.lower():
        return "is busy: another program reads it (the Arduino IDE's monitor?)"
    return text
