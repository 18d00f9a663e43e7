"""A double of BlueZ with one strap, for a private D-Bus: adapter, advertising, GATT, lost links.

``python -m tests.bluez SCENARIO`` serves until it is ended. Heart Rate and Battery Service as all
straps have them, Polar's PMD with ECG and pulse intervals.
"""

import asyncio
import math
import struct
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

from dbus_fast import BusType, DBusError
from dbus_fast.aio import MessageBus
from dbus_fast.service import PropertyAccess, ServiceInterface, dbus_property, method

READ = PropertyAccess.READ
ADAPTER = "/org/bluez/hci0"
DEVICE = f"{ADAPTER}/dev_AA_BB_CC_DD_EE_01"
PMD = "fb005c8{}-02e7-f387-1cad-8acd2d8df0c8"
RR_S = 0.8
"""Of the steady heart that it wears."""


def uuid(number: int) -> str:
    return f"0000{number:04x}-0000-1000-8000-00805f9b34fb"


def heart_rate(flags: int, bpm: int, rr: tuple[int, ...] = (), energy: int | None = None) -> bytes:
    """A packet of 0x2A37, as a strap would send it."""
    packet = struct.pack("<BH" if flags & 1 else "<BB", flags, bpm)
    if energy is not None:
        packet += struct.pack("<H", energy)
    return packet + b"".join(struct.pack("<H", ticks) for ticks in rr)


STARTS_S = {"slow": 5.0, "silent": 3600.0}
WAYS_S = (0.09, 0.21, 0.02, 0.0, 0.15, 0.33, 0.05, 0.12, 0.01, 0.27, 0.18)
"""How long packets are on their way: events of the connection that were missed."""
TICKS = round(RR_S * 1024)
HOSTILE = (
    heart_rate(0x10, 75, (TICKS,) * 4),  # what the strap kept from before
    heart_rate(0x1F, 300, (205,), 523),  # 16 bits, energy, an interval of 0.2 s
    heart_rate(0x0E, 60, (), 1000),  # energy, no interval
    heart_rate(0x16, 0, (0,)),  # neither rate nor interval known
    heart_rate(0x14, 75, (TICKS,)),  # on no skin
    heart_rate(0x16, 75, (TICKS,)),
    heart_rate(0x16, 75, (TICKS,)),  # the same once more
    heart_rate(0x16, 75, (TICKS,)) + b"\1",  # an odd byte
    b"\x16",
    b"",
    heart_rate(0x16, 75, (TICKS,) * 9),
)


class Adapter(ServiceInterface):
    def __init__(self, world: "World") -> None:
        super().__init__("org.bluez.Adapter1")
        self._world = world
        self._discovering = False

    @dbus_property(READ)
    def Address(self) -> "s":  # noqa: F821, N802
        return "00:11:22:33:44:55"

    @dbus_property(READ)
    def Powered(self) -> "b":  # noqa: F821, N802
        return True

    @dbus_property(READ)
    def Discovering(self) -> "b":  # noqa: F821, N802
        return self._discovering

    @dbus_property(READ)
    def Roles(self) -> "as":  # noqa: F722, N802
        return ["central"]

    @method()
    def SetDiscoveryFilter(self, properties: "a{sv}"):  # noqa: F722, N802
        pass

    @method()
    def StartDiscovery(self):  # noqa: N802
        self._discovering = True
        self.emit_properties_changed({"Discovering": True})
        asyncio.get_running_loop().call_later(0.05, self._world.advertise)

    @method()
    def StopDiscovery(self):  # noqa: N802
        self._discovering = False
        self.emit_properties_changed({"Discovering": False})

    @method()
    def RemoveDevice(self, device: "o"):  # noqa: F821, N802
        pass


class Device(ServiceInterface):
    def __init__(self, world: "World") -> None:
        super().__init__("org.bluez.Device1")
        self._world = world
        self.connected = self.resolved = False

    @dbus_property(READ)
    def Address(self) -> "s":  # noqa: F821, N802
        return "AA:BB:CC:DD:EE:01"

    @dbus_property(READ)
    def AddressType(self) -> "s":  # noqa: F821, N802
        return "random"

    @dbus_property(READ)
    def Name(self) -> "s":  # noqa: F821, N802
        return "Polar H10 00000000"

    @dbus_property(READ)
    def Alias(self) -> "s":  # noqa: F821, N802
        return "Polar H10 00000000"

    @dbus_property(READ)
    def Adapter(self) -> "o":  # noqa: F821, N802
        return ADAPTER

    @dbus_property(READ)
    def Paired(self) -> "b":  # noqa: F821, N802
        return False

    @dbus_property(READ)
    def Trusted(self) -> "b":  # noqa: F821, N802
        return False

    @dbus_property(READ)
    def Blocked(self) -> "b":  # noqa: F821, N802
        return False

    @dbus_property(READ)
    def LegacyPairing(self) -> "b":  # noqa: F821, N802
        return False

    @dbus_property(READ)
    def Connected(self) -> "b":  # noqa: F821, N802
        return self.connected

    @dbus_property(READ)
    def ServicesResolved(self) -> "b":  # noqa: F821, N802
        return self.resolved

    @dbus_property(READ)
    def UUIDs(self) -> "as":  # noqa: F722, N802
        return [uuid(0x180D), uuid(0x180F), PMD.format(0)]

    @dbus_property(READ)
    def RSSI(self) -> "n":  # noqa: F821, N802
        return -60

    @method()
    async def Connect(self):  # noqa: N802
        self.connected = True
        self.emit_properties_changed({"Connected": True})
        self._world.export()
        await asyncio.sleep(0.02)
        self.resolved = True
        self.emit_properties_changed({"ServicesResolved": True})

    @method()
    async def Disconnect(self):  # noqa: N802
        self._world.drop()


class Service(ServiceInterface):
    def __init__(self, name: str) -> None:
        super().__init__("org.bluez.GattService1")
        self._uuid = name

    @dbus_property(READ)
    def UUID(self) -> "s":  # noqa: F821, N802
        return self._uuid

    @dbus_property(READ)
    def Device(self) -> "o":  # noqa: F821, N802
        return DEVICE

    @dbus_property(READ)
    def Primary(self) -> "b":  # noqa: F821, N802
        return True

    @dbus_property(READ)
    def Includes(self) -> "ao":  # noqa: F821, N802
        return []


class Characteristic(ServiceInterface):
    def __init__(
        self,
        service: str,
        name: str,
        flags: list[str],
        value: bytes = b"",
        play: Callable[["Characteristic"], Coroutine[Any, Any, None]] | None = None,
        write: Callable[[bytes], None] | None = None,
    ) -> None:
        super().__init__("org.bluez.GattCharacteristic1")
        self._service, self._uuid, self._flags, self._value = service, name, flags, value
        self._play, self._write = play, write
        self._notifying = False
        self.task: asyncio.Task[None] | None = None

    @dbus_property(READ)
    def UUID(self) -> "s":  # noqa: F821, N802
        return self._uuid

    @dbus_property(READ)
    def Service(self) -> "o":  # noqa: F821, N802
        return self._service

    @dbus_property(READ)
    def Value(self) -> "ay":  # noqa: F821, N802
        return self._value

    @dbus_property(READ)
    def Notifying(self) -> "b":  # noqa: F821, N802
        return self._notifying

    @dbus_property(READ)
    def Flags(self) -> "as":  # noqa: F722, N802
        return self._flags

    @dbus_property(READ)
    def MTU(self) -> "q":  # noqa: F821, N802
        return 232

    @method()
    def ReadValue(self, options: "a{sv}") -> "ay":  # noqa: F722, F821, N802
        return self._value

    @method()
    def WriteValue(self, value: "ay", options: "a{sv}"):  # noqa: F722, F821, N802
        if self._write is None:
            raise DBusError("org.bluez.Error.NotPermitted", "no")
        self._write(bytes(value))

    @method()
    def StartNotify(self):  # noqa: N802
        self._notifying = True
        if self._play is not None:
            self.task = asyncio.ensure_future(self._play(self))

    @method()
    def StopNotify(self):  # noqa: N802
        self.stop()

    def stop(self) -> None:
        self._notifying = False
        if self.task is not None:
            self.task.cancel()

    def push(self, value: bytes) -> None:
        self._value = bytes(value)
        if self._notifying:
            self.emit_properties_changed({"Value": self._value})


class World:
    """What the scenario makes of the strap: ``steady``, ``hostile``, ``vanishing``, ``running``
    (an ECG that another program left on), ``small`` (packets too small for an ECG), ``delayed``
    (an ECG on an uneven way), ``slow`` (one that begins late), ``silent`` (never). It prints when
    an ECG begins, s of the system's steady clock."""

    def __init__(self, bus: MessageBus, scenario: str) -> None:
        self._bus, self._scenario = bus, scenario
        self._device = Device(self)
        self._advertised = self._exported = False
        self._ecg: asyncio.Task[None] | None = None
        self._left_on = scenario == "running"
        heart, battery, pmd = (f"{DEVICE}/service00{number}" for number in (10, 20, 30))
        self._data = Characteristic(pmd, PMD.format(2), ["notify"])
        self._control = Characteristic(
            pmd, PMD.format(1), ["read", "write", "indicate"], b"\x0f\x05\0", write=self._order
        )
        self._gatt: dict[str, ServiceInterface] = {
            heart: Service(uuid(0x180D)),
            f"{heart}/char0011": Characteristic(heart, uuid(0x2A37), ["notify"], play=self._beat),
            battery: Service(uuid(0x180F)),
            f"{battery}/char0021": Characteristic(
                battery, uuid(0x2A19), ["read", "notify"], b"\x50"
            ),
            pmd: Service(PMD.format(0)),
            f"{pmd}/char0031": self._control,
            f"{pmd}/char0034": self._data,
        }

    def advertise(self) -> None:
        if self._advertised:
            self._device.emit_properties_changed({"RSSI": -61})
        else:
            self._bus.export(DEVICE, self._device)
            self._advertised = True

    def export(self) -> None:
        if not self._exported:
            for path, interface in self._gatt.items():
                self._bus.export(path, interface)
            self._exported = True

    def drop(self) -> None:
        for interface in self._gatt.values():
            if isinstance(interface, Characteristic):
                interface.stop()
        if self._ecg is not None:
            self._ecg.cancel()
            self._ecg = None
        self._device.resolved = self._device.connected = False
        self._device.emit_properties_changed({"ServicesResolved": False, "Connected": False})

    async def _beat(self, characteristic: Characteristic) -> None:
        if self._scenario == "hostile":
            for packet in HOSTILE:
                characteristic.push(packet)
                await asyncio.sleep(0.05)
        start, told = time.monotonic(), 0
        packets = 0
        while True:
            await asyncio.sleep(0.25)
            beats = int((time.monotonic() - start) / RR_S)
            characteristic.push(heart_rate(0x16, 75, (TICKS,) * (beats - told)))
            told = beats
            packets += 1
            if self._scenario == "vanishing" and packets == 3:
                self.drop()
                return

    def _order(self, request: bytes) -> None:
        error = 0
        if request[0] == 2:
            error = self._start(request[1])
        elif request[0] == 3:
            self._left_on = False
            if self._ecg is not None:
                self._ecg.cancel()
                self._ecg = None
        self._control.push(bytes([0xF0, request[0], request[1], error, 0]))

    def _start(self, measurement: int) -> int:
        if self._scenario == "small":
            return 10
        if self._left_on or self._ecg is not None:
            return 6
        play = {0: self._send_ecg, 3: self._send_ppi}.get(measurement)
        if play is None:
            return 3
        self._ecg = asyncio.ensure_future(play())
        return 0

    async def _send_ecg(self) -> None:
        if self._scenario in STARTS_S:
            await asyncio.sleep(STARTS_S[self._scenario])
        sent, due = 0, time.monotonic()
        print(due, flush=True)
        while True:
            due += 73 / 130
            way_s = WAYS_S[sent // 73 % len(WAYS_S)] if self._scenario == "delayed" else 0.0
            await asyncio.sleep(max(0.0, due + way_s - time.monotonic()))
            stamp = 599_616_000_000_000_000 + round((sent + 72) / 130 * 1e9)
            self._data.push(ecg_frame(stamp, [ecg_at((sent + i) / 130) for i in range(73)]))
            sent += 73

    async def _send_ppi(self) -> None:
        while True:
            await asyncio.sleep(RR_S)
            good = struct.pack("<BHHB", 75, round(RR_S * 1000), 10, 0b110)
            self._data.push(b"\3" + bytes(8) + b"\0" + good)


def ecg_at(t: float) -> int:
    """Microvolts of a steady heart with an R wave at each multiple of ``RR_S``."""
    phase = (t / RR_S + 0.5) % 1.0 - 0.5
    r, late = math.exp(-((phase / 0.015) ** 2)), math.exp(-(((phase - 0.3) / 0.05) ** 2))
    return round(1200 * r + 150 * late - 80)


def ecg_frame(stamp_ns: int, microvolts: list[int]) -> bytes:
    values = b"".join(value.to_bytes(3, "little", signed=True) for value in microvolts)
    return b"\0" + struct.pack("<Q", stamp_ns) + b"\0" + values


async def main(scenario: str) -> None:
    bus = await MessageBus(bus_type=BusType.SYSTEM, negotiate_unix_fd=True).connect()
    world = World(bus, scenario)
    bus.export(ADAPTER, Adapter(world))
    await bus.request_name("org.bluez")
    print("up", flush=True)
    await bus.wait_for_disconnect()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
