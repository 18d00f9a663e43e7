"""The Heart Rate Service's packets (0x2A37): bytes in, rate, contact and intervals out. Pure.

Source: Bluetooth SIG, Heart Rate Service 1.0, Heart Rate Measurement; what straps really send is
wider, so that the flags are read bit by bit and nothing is refused that can be read.
"""

from dataclasses import dataclass

SERVICE = "0000180d-0000-1000-8000-00805f9b34fb"
MEASUREMENT = "00002a37-0000-1000-8000-00805f9b34fb"
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"

TICKS_A_SECOND = 1024.0
_RATE_16, _CONTACT, _CAN_TELL_CONTACT, _ENERGY, _RR = 0x01, 0x02, 0x04, 0x08, 0x10


@dataclass(frozen=True, slots=True)
class Measurement:
    """One packet."""

    bpm: int | None
    """The strap's own rate; None where it has none (it sends 0)."""
    contact: bool | None
    """On skin; None where the strap cannot tell."""
    rr_s: tuple[float, ...]
    """Intervals that ended since the packet before, the oldest first, s; 0 to 9 of them."""


def parse(packet: bytes) -> Measurement | None:
    """Read one packet, or None where it is cut short."""
    if len(packet) < 2:
        return None
    flags = packet[0]
    at = 3 if flags & _RATE_16 else 2
    if len(packet) < at:
        return None
    bpm = int.from_bytes(packet[1:at], "little")
    contact = bool(flags & _CONTACT) if flags & _CAN_TELL_CONTACT else None
    if flags & _ENERGY:
        at += 2
    ticks: list[int] = []
    if flags & _RR:
        # An odd byte at the end is half an interval.
        ticks = [int.from_bytes(packet[k : k + 2], "little") for k in range(at, len(packet) - 1, 2)]
    return Measurement(bpm or None, contact, tuple(t / TICKS_A_SECOND for t in ticks if t))
