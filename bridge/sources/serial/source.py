"""A pulse sensor on a serial port: owns the port, and opens it again when the cable was pulled.

Readings are handed on the moment their last byte is there; nothing waits for a full buffer.
"""

import asyncio
import contextlib
import sys
from collections.abc import Callable

import numpy as np
import serial

from bridge.errors import UserError
from bridge.events import SampleChunk
from bridge.sources import Item, Notice
from bridge.sources.serial.frames import PROTOCOL_VERSION, START, FrameParser, Greeting, Samples
from bridge.sources.serial.placing import Reading
from bridge.sources.serial.protocols import BY_NAME
from bridge.sources.serial.reader import watch
from bridge.sources.serial.readings import Readings
from bridge.sources.serial.sampling import Sampler

RETRY_SECONDS = 0.5
"""Between attempts to open a port that has gone: a replugged board is back within a second."""
SNIFF_SECONDS = 5.0
"""Without a recognised stream by then, the user is told what arrives."""
WAKE_SECONDS = 1.0
"""The start command is repeated until something comes: opening the port resets many boards, and
their boot loader swallows what arrives in the first second or two. Seed 002's sketch, which waits
for any byte, starts by it too."""
ASK_AGAIN_SECONDS = 0.3
"""Between start commands: a greeting that crossed the last one on the way is no new question."""

FEWEST_SPARED = 3
"""For fewer readings, nothing is left lying: a timer costs about as much as a wake-up."""


class SerialSource:
    """Samples from a serial port, the protocol told apart by the bytes themselves."""

    realtime = True

    def __init__(
        self,
        port: str,
        baud: int = 115_200,
        protocol: str = "auto",
        rate_hz: float | None = None,
        sensor: int = 1,
        column: str | None = None,
        kind: str = "auto",
    ) -> None:
        """Nothing is opened before ``run``.

        Args:
            port: its name, as ``beatbridge devices`` shows it.
            baud: speed in bits a second.
            protocol: ``auto``, ``frames`` (our own firmware), or a name of ``protocols.BY_NAME``.
            rate_hz: samples a second, where the stream does not say and should not be measured.
            sensor: 1 or 2, on a board with our own firmware that sends two.
            column: which of several numbers in a line, by its label or by its place from 1; None
                for the one in which a heart is found.
            kind: of the detectors that look for it, as ``make_detector`` takes it.
        """
        self.quiet_s: Callable[[], float] = float
        """As ``Unhurried`` has it."""
        self.port = port
        self.baud = baud
        self._protocol = protocol
        self._sensor = sensor
        self._sampler = Sampler(rate_hz)
        self._frames = FrameParser()
        self._framed = False
        self._column = column
        self._kind = kind
        self._readings = self._new_readings()
        self._rejected = 0
        self._lost = 0
        self._losses = 0
        self._said_unknown = False
        self._port: serial.Serial | None = None
        self._asked_at = float("-inf")
        self._flowing = False
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
            except (serial.SerialException, OSError, ValueError) as error:
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
        """Samples lost, bytes or lines that were no readings, and how often the port was lost."""
        self._count_faults()
        lines = []
        if self._lost:
            lines.append(f"{self.port}: {self._lost} samples lost on the way")
        if self._rejected:
            lines.append(f"{self.port}: {self._rejected} frames, bytes or lines were no readings")
        if self._losses:
            often = "once" if self._losses == 1 else f"{self._losses} times"
            lines.append(f"{self.port}: lost {often}")
        return lines

    def _open(self) -> serial.Serial:
        # Two programs that read one port get half the bytes each: on POSIX it must be asked for.
        exclusive = None if sys.platform == "win32" else True
        return serial.Serial(
            self.port, self.baud, timeout=0.2, write_timeout=0.5, exclusive=exclusive
        )

    async def _read(self, port: serial.Serial) -> None:
        """Feed what arrives until the port fails."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()

        def end() -> None:
            if not ended.done():
                ended.set_result(None)

        def take(data: bytes, arrival: float) -> float:
            try:
                self._take(data, arrival)
                return self._needed_at()
            except Exception as error:
                if not ended.done():
                    ended.set_exception(error)
            return 0.0

        unknown = loop.call_later(SNIFF_SECONDS, self._say_unknown)
        stop = watch(port, loop, take, end)
        self._port = port
        waking = asyncio.ensure_future(self._wake())
        try:
            await ended
        finally:
            waking.cancel()
            unknown.cancel()
            stop()

    def _needed_at(self) -> float:
        """When the next reading can be here of which something may be told; 0: at any time."""
        rate_hz = self._sampler.rate_hz
        quiet = round(self.quiet_s() * rate_hz) if rate_hz is not None else 0
        if quiet < FEWEST_SPARED:
            return 0.0
        return self._sampler.soonest(quiet + 1) or 0.0

    async def _wake(self) -> None:
        while not (self._framed or self._readings.known):
            self._start_board()
            await asyncio.sleep(WAKE_SECONDS)

    def _start_board(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._port is not None and now - self._asked_at >= ASK_AGAIN_SECONDS:
            self._asked_at = now
            with contextlib.suppress(OSError, serial.SerialException):
                self._port.write(START)

    def _take(self, data: bytes, arrival: float) -> None:
        if self._framed:
            self._take_frames(self._frames.feed(data), arrival)
            return
        if not self._readings.known and self._protocol not in BY_NAME:
            # A greeting with a right check makes it our firmware.
            items = self._frames.feed(data)
            if self._frames.greeting is not None:
                self._framed = True
                self._take_frames(items, arrival)
                return
            if self._frames.accepted:
                self._start_board()  # its greeting came damaged: it will greet again
                return
        if self._protocol != "frames":
            self._read_on(data, arrival)

    def _read_on(self, data: bytes, arrival: float) -> None:
        try:
            items = self._readings.feed(data, arrival)
        except ValueError as error:
            raise UserError(
                f"serial port {self.port}: {error}; no pulse sensor does that. "
                "Is protocol= right? It may be one of: " + ", ".join(BY_NAME)
            ) from None
        except UserError as error:
            raise UserError(f"serial port {self.port}: {error}") from None
        for item in items:
            self._emit(Notice(f"{self.port}: {item.text}") if isinstance(item, Notice) else item)

    def _take_frames(self, items: list[Greeting | Samples], arrival: float) -> None:
        for item in items:
            if isinstance(item, Greeting):
                self._greet(item)
                continue
            self._flowing = True
            self._sampler.skip(item.lost)
            column = min(self._sensor, item.values.shape[1]) - 1
            readings: list[Reading] = [
                (value,) for value in item.values[:, column].astype(float).tolist()
            ]
            for run in self._sampler.add(readings, arrival, numbered=True):
                values = np.array([reading[0] for reading in run.readings])
                self._emit(SampleChunk(run.t, run.rate_hz, values, run.arrival_t))

    def _greet(self, greeting: Greeting) -> None:
        if greeting.version != PROTOCOL_VERSION:
            raise UserError(
                f"serial port {self.port}: the board speaks protocol {greeting.version}, "
                f"this bridge {PROTOCOL_VERSION}; flash the sketch that came with it"
            )
        self._sampler.set_rate(float(greeting.rate_hz))
        if self._sensor > greeting.channels:
            raise UserError(
                f"serial port {self.port}: sensor={self._sensor}, but the board sends one sensor; "
                "build its sketch for two"
            )
        if greeting.state != "frames":
            self._start_board()
            return
        if self._flowing:
            self._sampler.reconnected()  # a board that was reset numbers from 0 again
        self._emit(Notice(f"{self.port}: {greeting.name}, {greeting.rate_hz} readings a second"))

    def _new_readings(self) -> Readings:
        return Readings(self._sampler, self._protocol, self._kind, self._column)

    def _forget_parser(self) -> None:
        """After a lost port: another sketch may be on the board that comes back."""
        self._count_faults()
        self._frames = FrameParser()
        self._flowing = self._framed = False
        self._readings = self._new_readings()

    def _count_faults(self) -> None:
        self._rejected += self._readings.take_rejected()
        if self._framed:
            self._rejected += self._frames.rejected
        self._frames.rejected = 0
        self._lost += self._frames.lost
        self._frames.lost = 0

    def _say_unknown(self) -> None:
        if self._framed or self._readings.known or self._said_unknown:
            return
        self._said_unknown = True
        got = bytes(self._readings.sniffed[:24])
        shown = got.decode("ascii", "replace").replace("\r", "").replace("\n", " / ")
        what = f"what this bridge does not know: {shown}" if got else "nothing"
        self._emit(
            Notice(
                f"{self.port} sends {what}. Is the sketch running, and is baud={self.baud} its "
                "speed? Known are our own sketch, lines of numbers with or without labels, and raw "
                "16-bit readings"
            )
        )


def _reason(error: Exception) -> str:
    text = str(error)
    if "FileNotFoundError" in text or "No such file" in text:
        return "is not there. Is the cable in? beatbridge devices lists the ports"
    if "PermissionError" in text or "Permission denied" in text or "Access is denied" in text:
        return "belongs to another program (the Arduino IDE's monitor?) or may not be opened by you"
    if "busy" in text.lower() or "exclusively lock" in text:
        return "is busy: another program reads it (the Arduino IDE's monitor?)"
    if "Could not configure" in text:
        return "is no serial port"
    return text
