"""One clip on its way into the device, as a pure state machine: datagrams out, answers in.

It owns no port and reads no clock: the caller gives the time (seconds, any zero) with every call.
Parts travel in a small window, and what is not answered is sent again; repeated, late and foreign
answers change nothing. The device writes only a clip that it holds whole, so that a transfer which
fails before its end has left nothing in the Set, and the reason says which of the two it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from bridge.clips.read import SlotClip
from bridge.osc import contract

_T = TypeVar("_T")

WINDOW = 8
"""Parts under way at once: about 6 kB, far below the 512 messages that udpreceive queues."""
RETRY_S = 0.2
RETRY_GROWTH = 1.5
RETRY_MAX_S = 1.0
SILENCE_S = 6.0
"""Without any answer for so long the device counts as gone; a busy Live can freeze for seconds."""
MAX_TRIES = 100
"""Of one datagram, should a device answer everything but that one."""


class Stage(StrEnum):
    """How far a transfer is."""

    OPENING = "opening"
    SENDING = "sending"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class _Packet:
    datagram: bytes
    due: float
    wait_s: float
    tries: int = 0


def parts_of(transfer_id: int, clip: SlotClip) -> list[bytes]:
    """The datagrams of a clip's notes and lanes; parts count from 0 through both."""
    parts: list[bytes] = []
    for notes in _slices(clip.notes, contract.MAX_NOTES_A_PART):
        flat = [v for n in notes for v in (n.pitch, n.start, n.length, n.velocity)]
        parts.append(contract.encode("/clip/notes", [transfer_id, len(parts), *flat]))
    for lane in clip.lanes:
        for points in _slices(lane.points, contract.MAX_POINTS_A_PART):
            head = [transfer_id, len(parts), lane.controller]
            parts.append(
                contract.encode("/clip/lane", [*head, *(v for point in points for v in point)])
            )
    return parts


def _slices(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (items[i : i + size] for i in range(0, len(items), size))


class ClipTransfer:
    """Carries one clip. Alternate :meth:`due` (send what it returns) and :meth:`hear`."""

    def __init__(
        self,
        transfer_id: int,
        clip: SlotClip,
        *,
        scene: int = 0,
        answer_port: int = contract.LISTEN_PORT,
        retry_s: float = RETRY_S,
        silence_s: float = SILENCE_S,
    ) -> None:
        self.transfer_id = transfer_id
        self.clip = clip
        self.stage = Stage.OPENING
        self.answer = ""
        """Where the clip landed, or why it did not."""
        self.silent = False
        """It failed for want of any answer: the next clip would fare no better."""
        self.opened = False
        """The device has answered."""
        self.parts_got = 0
        self._parts = parts_of(transfer_id, clip)
        self._next_part = 0
        self._retry_s = retry_s
        self._silence_s = silence_s
        self._heard: float | None = None
        self._under_way: dict[int | str, _Packet] = {}
        opening = [transfer_id, clip.name, clip.beats, clip.tempo, len(clip.notes)]
        self._send("open", contract.encode(
            "/clip/open", [*opening, *clip.signature, scene, answer_port]
        ), float("-inf"))  # fmt: skip

    @property
    def parts(self) -> int:
        """Number of parts in all."""
        return len(self._parts)

    @property
    def over(self) -> bool:
        """Done or failed."""
        return self.stage in (Stage.DONE, Stage.FAILED)

    def due(self, now: float) -> list[bytes]:
        """Return the datagrams to send now; gives up when nothing was heard for too long."""
        if self.over:
            return []
        if self._heard is None:
            self._heard = now
        packets = [p for p in self._under_way.values() if p.due <= now]
        if now - self._heard > self._silence_s or any(p.tries >= MAX_TRIES for p in packets):
            self.silent = True
            self._fail(self._silence())
            return []
        for packet in packets:
            packet.tries += 1
            packet.due = now + packet.wait_s
            packet.wait_s = min(packet.wait_s * RETRY_GROWTH, RETRY_MAX_S)
        return [packet.datagram for packet in packets]

    def wake(self) -> float | None:
        """Return when :meth:`due` has something to do next; None when the transfer is over."""
        if self.over or self._heard is None:
            return None if self.over else float("-inf")
        return min(
            [self._heard + self._silence_s, *(packet.due for packet in self._under_way.values())]
        )

    def hear(self, path: str, arguments: Sequence[object], now: float) -> None:
        """Take one answer of the device; what is not for this transfer is passed over."""
        if self.over or not arguments or arguments[0] != self.transfer_id:
            return
        self._heard = now
        match path, arguments[1:]:
            case "/clip/ready", _ if self.stage is Stage.OPENING:
                self._under_way.clear()
                self.stage, self.opened = Stage.SENDING, True
                self._fill(now)
            case "/clip/got", [int(part), *_] if self._under_way.pop(part, None):
                self.parts_got += 1
                self._fill(now)
            case "/clip/done", [str(place), *_] if self.stage is Stage.WRITING:
                self._under_way.clear()
                self.stage, self.answer = Stage.DONE, place
            case "/clip/error", [str(reason), *_]:
                self._fail(reason)

    def _fill(self, now: float) -> None:
        while len(self._under_way) < WINDOW and self._next_part < len(self._parts):
            self._send(self._next_part, self._parts[self._next_part], now)
            self._next_part += 1
        if not self._under_way:
            self.stage = Stage.WRITING
            closing = [self.transfer_id, len(self._parts)]
            self._send("close", contract.encode("/clip/close", closing), now)

    def _send(self, key: int | str, datagram: bytes, now: float) -> None:
        self._under_way[key] = _Packet(datagram, now, self._retry_s)

    def _fail(self, reason: str) -> None:
        self._under_way.clear()
        self.stage, self.answer = Stage.FAILED, reason

    def _silence(self) -> str:
        match self.stage:
            case Stage.OPENING:
                return "the device does not answer"
            case Stage.SENDING:
                got = f"{self.parts_got} of {self.parts} parts"
                return f"the device fell silent after {got}; nothing was written"
            case _:
                return "the device fell silent while writing; the clip in the Set may be incomplete"
