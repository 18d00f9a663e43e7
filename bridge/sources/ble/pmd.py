"""Polar's measurement data (PMD): raw ECG of an H10, intervals of an optical strap. Pure.

Source: Polar's public documentation of its SDK (technical_documentation, measurement types, frames
and error codes). Times are of the last sample, ns of the strap's own clock.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"

ECG, PPI = 0, 3
ECG_HZ = 130.0
START = {
    ECG: bytes((2, ECG, 0x00, 1, 130, 0, 0x01, 1, 14, 0)),  # 130 Hz, 14 bits
    PPI: bytes((2, PPI)),
}
STOP = {ECG: bytes((3, ECG)), PPI: bytes((3, PPI))}

OK, ALREADY, MTU = 0, 6, 10
ERRORS = {
    1: "it does not know the request", 2: "it does not know the measurement",
    3: "it has no such measurement", 4: "the request's length is wrong",
    5: "a parameter is wrong", ALREADY: "it measures already", 7: "the resolution is wrong",
    8: "the rate is wrong", 9: "the range is wrong",
    MTU: "the connection's packets are too small for it (MTU)",
    11: "the number of channels is wrong", 12: "it cannot in its present state",
    13: "it is charging",
}  # fmt: skip

_HEADER = 10
_PPI_BYTES = 6
_BLOCKED, _SKIN, _CAN_TELL_SKIN = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Answer:
    """What the control point answers to a request."""

    request: int
    measurement: int
    error: int


def parse_answer(data: bytes) -> Answer | None:
    """Read an answer, or None where it is none."""
    return Answer(data[1], data[2], data[3]) if len(data) >= 4 and data[0] == 0xF0 else None


@dataclass(frozen=True, slots=True, eq=False)
class EcgFrame:
    """A packet of ECG, 73 samples as a rule."""

    last_s: float
    """The strap's time of the last sample, s."""
    microvolts: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PpiFrame:
    """A packet of pulse-to-pulse intervals from an optical strap."""

    contact: bool | None
    rr_s: tuple[float | None, ...]
    """s, the oldest first; None where movement spoilt one (the blocker bit)."""


def parse_data(data: bytes) -> EcgFrame | PpiFrame | None:
    """Read a packet of data, or None where it is cut short or of another measurement."""
    if len(data) <= _HEADER:
        return None
    body = data[_HEADER:]
    if data[0] == ECG and data[9] == 0 and len(body) % 3 == 0:
        parts = np.frombuffer(body, np.uint8).reshape(-1, 3).astype(np.int32)
        raw = parts[:, 0] | parts[:, 1] << 8 | parts[:, 2] << 16
        values = np.where(raw >= 1 << 23, raw - (1 << 24), raw).astype(float)
        return EcgFrame(int.from_bytes(data[1:9], "little") / 1e9, values)
    if data[0] == PPI and len(body) >= _PPI_BYTES:
        contact: bool | None = None
        intervals: list[float | None] = []
        for at in range(0, len(body) - _PPI_BYTES + 1, _PPI_BYTES):
            flags = body[at + 5]
            if flags & _CAN_TELL_SKIN:
                contact = bool(flags & _SKIN)
            ms = int.from_bytes(body[at + 1 : at + 3], "little")
            intervals.append(None if flags & _BLOCKED or not ms else ms / 1000.0)
        return PpiFrame(contact, tuple(intervals))
    return None


NEAR_S = 0.02
LONGEST_LOSS_S = 60.0
"""A longer step of the strap's clock was set by somebody, and says nothing of time."""


class EcgTime:
    """Lays packets onto one time line by the strap's clock, which may drift and be set."""

    def __init__(self) -> None:
        self._end: float | None = None
        self._last_s = 0.0

    def place(self, frame: EcgFrame, lost_s: float = 0.0) -> float:
        """The time of a packet's first sample, s from the first packet's on.

        Args:
            frame: the packet.
            lost_s: at least so much was lost before it, as after a lost connection.
        """
        length = len(frame.microvolts) / ECG_HZ
        if self._end is None:
            start = 0.0
        else:
            step = frame.last_s - self._last_s - length
            if not -length < step < LONGEST_LOSS_S:
                step = 0.0
            # Small steps are drift, and are followed; the detectors take them for that.
            start = self._end + max(step, lost_s, -NEAR_S)
        self._end, self._last_s = start + length, frame.last_s
        return start
