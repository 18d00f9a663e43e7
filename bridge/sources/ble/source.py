"""A chest strap over Bluetooth LE: ``ble:NAME``. It is looked for again whenever it is lost."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bridge.errors import UserError
from bridge.events import Battery, Contact, Link, SampleChunk
from bridge.sources import Item, Notice
from bridge.sources.ble import heart_rate, pmd
from bridge.sources.ble.scan import bleak, is_strap, no_bluetooth
from bridge.sources.intervals import RrClock
from bridge.sources.serial.rate import Earliest
from bridge.sources.spec import SourceEntry, SourceSpec
from bridge.sources.telling import BEATS, Teller

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

STREAMS = ("rr", "ecg", "ppi")
"""What a strap can be asked for: the intervals that all send, an H10's ECG, an optical strap's
pulse intervals."""
SCAN_S = 10.0
RETRY_S = 1.0
SILENT_S = 15.0
"""Without a packet for so long the connection is given up; systems notice only much later."""
ECG_STARTS_S = 45.0
"""An H10's ECG may begin 30 s after it was asked for."""
ANSWER_S = 5.0
CONNECTED_AGAIN_S = 0.5
"""A lost connection cost at least this much."""


class StrapSource:
    """Beats from a strap's intervals, or an ECG from a Polar H10."""

    realtime = True

    def __init__(self, name: str = "", stream: str = "rr", beats: str = "true") -> None:
        """Nothing is opened before ``run``.

        Args:
            name: part of the strap's name, or its address; empty for the first in reach.
            stream: one of ``STREAMS``.
            beats: ``true`` after a constant delay, or ``predicted``.
        """
        self._name = name.lower()
        self._title = name or "a strap"
        self._stream = stream
        self._beats = beats
        self._clock = RrClock()
        self._ecg = pmd.EcgTime()
        self._ecg_arrivals = Earliest()
        self._losses = 0
        self._packets = 0
        self._contact: Link | None = None
        self._t = 0.0
        self._emit: Callable[[Item], None] = lambda item: None
        self._teller = Teller(lambda beat: None, self._clock)
        self._answers: asyncio.Queue[pmd.Answer] = asyncio.Queue()
        self._came = asyncio.Event()
        self._lost_s = 0.0

    async def run(self, emit: Callable[[Item], None]) -> None:
        """Look for the strap and hand on what it says, for ever.

        Raises:
            BeatbridgeError: bleak is not installed, or there is no Bluetooth on this computer.
        """
        self._emit = emit
        module = bleak()
        # Of an ECG they are found, at one delay, and never predicted.
        self._teller = Teller(emit, self._clock, "true" if self._stream == "ecg" else self._beats)
        said = False
        try:
            while True:
                try:
                    device = await self._find(module)
                    if device is not None:
                        said = False
                        await self._connection(module, device)
                    elif not said:
                        said = True
                        emit(
                            Notice(
                                f"{self._title} is not in reach: is it worn and wet, and no phone "
                                "or watch connected to it? Looking on"
                            )
                        )
                except (module.BleakError, OSError, TimeoutError, EOFError) as error:
                    if not self._packets and not self._losses and _has_none(error):
                        raise no_bluetooth(error) from None
                    emit(Notice(f"{self._title}: {error or type(error).__name__}"))
                await asyncio.sleep(RETRY_S)
        finally:
            self._teller.stop()

    def summary(self) -> list[str]:
        """How often the strap was lost, and intervals that were none."""
        lines = []
        if self._losses:
            often = "once" if self._losses == 1 else f"{self._losses} times"
            lines.append(f"{self._title}: lost {often}")
        if self._clock.refused:
            lines.append(f"{self._title}: {self._clock.refused} intervals came twice, or were none")
        return lines

    async def _find(self, module: Any) -> "BLEDevice | None":
        def fits(device: "BLEDevice", advertised: "AdvertisementData") -> bool:
            name = (advertised.local_name or device.name or "").lower()
            if not self._name:
                return is_strap(advertised)
            return self._name in name or self._name == device.address.lower()

        return await module.BleakScanner.find_device_by_filter(fits, timeout=SCAN_S)  # type: ignore[no-any-return]

    async def _connection(self, module: Any, device: "BLEDevice") -> None:
        """One connection, until it is lost."""
        gone = asyncio.Event()
        self._came.clear()
        async with module.BleakClient(device, disconnected_callback=lambda _: gone.set()) as client:
            self._title = device.name or device.address
            self._emit(Notice(f"connected to {self._title}"))
            self._say(Link.CONNECTED)
            if self._losses:
                self._clock.gap()
                self._lost_s = CONNECTED_AGAIN_S
            await self._battery(module, client)
            if self._stream == "rr":
                await client.start_notify(heart_rate.MEASUREMENT, self._take_heart_rate)
            else:
                await self._start_pmd(client)
            patience = ECG_STARTS_S if self._stream == "ecg" else SILENT_S
            while not gone.is_set():
                waiting = {
                    asyncio.ensure_future(gone.wait()),
                    asyncio.ensure_future(self._came.wait()),
                }
                done, left = await asyncio.wait(
                    waiting, timeout=patience, return_when=asyncio.FIRST_COMPLETED
                )
                for task in left:
                    task.cancel()
                if not done:
                    break
                if self._came.is_set():
                    self._came.clear()
                    patience = SILENT_S
        self._losses += 1
        self._say(Link.RECONNECTING)
        self._emit(Notice(f"lost {self._title}; looking for it"))

    async def _battery(self, module: Any, client: "BleakClient") -> None:
        def take(_: Any, data: bytearray) -> None:
            if data:
                self._emit(Battery(self._t, min(100, data[0])))

        if client.services.get_characteristic(heart_rate.BATTERY_LEVEL) is None:
            return
        try:
            take(None, await client.read_gatt_char(heart_rate.BATTERY_LEVEL))
            await client.start_notify(heart_rate.BATTERY_LEVEL, take)
        except module.BleakError:
            pass  # some only let it be read, some only when paired

    def _say(self, link: Link) -> None:
        if link is not self._contact:
            self._contact = link
            self._emit(Contact(self._t, link))

    def _touches(self, contact: bool | None) -> None:
        if contact is not None:
            self._say(Link.CONNECTED if contact else Link.NO_CONTACT)

    def _take_heart_rate(self, _: Any, data: bytearray) -> None:
        packet = heart_rate.parse(bytes(data))
        if packet is None:
            return
        self._arrived()
        self._touches(packet.contact)
        if packet.contact is False:  # what it counts then is no heart's
            self._clock.gap()
            return
        self._place(packet.rr_s)

    def _place(self, rr_s: tuple[float, ...]) -> None:
        placed = self._clock.push(rr_s, asyncio.get_running_loop().time())
        if placed:
            self._t = placed[-1].t
        self._teller.take(placed)

    def _arrived(self) -> None:
        self._packets += 1
        self._came.set()

    # ---- Polar's measurement data ---------------------------------------------------------------

    async def _start_pmd(self, client: "BleakClient") -> None:
        if client.services.get_characteristic(pmd.DATA) is None:
            raise UserError(
                f"{self._title} has no stream={self._stream}; a Polar H10 has ecg, its optical "
                "straps have ppi. Without stream= it sends intervals"
            )
        measurement = pmd.ECG if self._stream == "ecg" else pmd.PPI
        # Both before the start: asked for afterwards, data come half a minute late.
        await client.start_notify(pmd.CONTROL, self._take_answer)
        await client.start_notify(pmd.DATA, self._take_data)
        error = await self._ask(client, pmd.START[measurement])
        if error == pmd.ALREADY:  # a program before this one left it running
            await self._ask(client, pmd.STOP[measurement])
            error = await self._ask(client, pmd.START[measurement])
        if error == pmd.ALREADY:
            return
        if error:
            what = pmd.ERRORS.get(error, f"error {error}")
            raise OSError(f"does not send {self._stream}: {what}")

    async def _ask(self, client: "BleakClient", request: bytes) -> int:
        while not self._answers.empty():
            self._answers.get_nowait()
        await client.write_gatt_char(pmd.CONTROL, request, response=True)
        while True:
            answer = await asyncio.wait_for(self._answers.get(), ANSWER_S)
            if answer.request == request[0]:
                return answer.error

    def _take_answer(self, _: Any, data: bytearray) -> None:
        answer = pmd.parse_answer(bytes(data))
        if answer is not None:
            self._answers.put_nowait(answer)

    def _take_data(self, _: Any, data: bytearray) -> None:
        frame = pmd.parse_data(bytes(data))
        if isinstance(frame, pmd.EcgFrame):
            self._arrived()
            t = self._ecg.place(frame, self._lost_s)
            self._lost_s = 0.0
            self._t = end = t + len(frame.microvolts) / pmd.ECG_HZ
            now = asyncio.get_running_loop().time()
            self._ecg_arrivals.push(now, now - end)
            late = max(0.0, now - end - (self._ecg_arrivals.value or 0.0))
            self._emit(SampleChunk(t, pmd.ECG_HZ, frame.microvolts, end + late))
        elif isinstance(frame, pmd.PpiFrame):
            self._arrived()
            self._touches(frame.contact)
            for rr in frame.rr_s:
                if rr is None:
                    self._clock.gap()
                else:
                    self._place((rr,))


def _has_none(error: BaseException) -> bool:
    """Whether this computer has no Bluetooth, or has it switched off."""
    text = f"{type(error).__name__} {error}".lower()
    return isinstance(error, FileNotFoundError) or any(
        word in text
        for word in ("adapter", "not available", "turned off", "not powered", "serviceunknown")
    )


def _open(spec: SourceSpec, speed: float) -> StrapSource:
    if speed != 1.0:
        raise UserError("--speed is for recordings and the simulator; a strap has its own time")
    bleak()
    return StrapSource(
        spec.target, stream=spec.choice("stream", STREAMS), beats=spec.choice("beats", BEATS)
    )


ENTRY = SourceEntry(_open, frozenset({"stream", "beats", "kind"}))
