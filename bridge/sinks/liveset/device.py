"""Drops clips into the Live Set through the Max for Live device, over UDP on this machine."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bridge.clips.read import SlotClip
from bridge.errors import UserError
from bridge.osc import contract
from bridge.osc.listen import Handlers, listen
from bridge.sinks.liveset.transfer import ClipTransfer, Stage

Progress = Callable[[SlotClip, int, int], None]
"""Called with the clip under way, how much of it has arrived, and how much there is."""


@dataclass(frozen=True, slots=True)
class ClipOutcome:
    """What became of one clip: where it landed, or why it did not."""

    clip: SlotClip
    place: str = ""
    error: str = ""
    hopeless: bool = False
    """The failure is none of this clip's own: the rest was not tried."""


class DeviceLink:
    """The way to one device and back."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._answers: asyncio.Queue[tuple[str, list[Any]]] = asyncio.Queue()
        self._transport: asyncio.DatagramTransport | None = None
        self.port = 0
        """Where the answers arrive."""

    async def open(self, listen_port: int) -> None:
        """Take the port for the answers, or any free one where a running bridge has it.

        ``/clip/open`` tells the device which, so that clips can be dropped while the heart plays.
        """
        handlers: Handlers = {
            message.path: partial(self._heard, message.path)
            for message in contract.MESSAGES
            if message.way is contract.Way.CLIP_IN
        }
        try:
            self._transport = await listen(listen_port, handlers)
        except UserError:
            self._transport = await listen(0, handlers)
        self.port = self._transport.get_extra_info("sockname")[1]

    def _heard(self, path: str, arguments: list[Any], _sender: tuple[str, int]) -> None:
        self._answers.put_nowait((path, arguments))

    def close(self) -> None:
        """Give the port back."""
        if self._transport:
            self._transport.close()

    async def carry(self, transfer: ClipTransfer, progress: Progress) -> None:
        """Exchange datagrams until the transfer is over."""
        assert self._transport is not None
        loop = asyncio.get_running_loop()
        while not transfer.over:
            while not self._answers.empty():  # they came before any patience is over
                transfer.hear(*self._answers.get_nowait(), loop.time())
            for datagram in transfer.due(loop.time()):
                self._transport.sendto(datagram, self._target)
            wake = transfer.wake()
            if wake is None:
                break
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(wake):
                    path, arguments = await self._answers.get()
                    transfer.hear(path, arguments, loop.time())
            progress(transfer.clip, transfer.parts_got, transfer.parts)


async def drop(
    clips: Sequence[SlotClip],
    progress: Progress,
    *,
    scene: int = 0,
    target: tuple[str, int] = (contract.TARGET_HOST, contract.TARGET_PORT),
    listen_port: int = contract.LISTEN_PORT,
    **timing: float,
) -> AsyncGenerator[ClipOutcome, None]:
    """Drop the clips one after the other; yield what became of each.

    Args:
        clips: what to drop.
        progress: told of the parts that have arrived.
        scene: the scene of the first clip, 1 and up, the others below it; 0: the device chooses.
        target: where the device listens.
        listen_port: where to hear its answers, if it is free.
        timing: ``retry_s`` and ``silence_s`` of :class:`ClipTransfer`.
    """
    link = DeviceLink(target)
    await link.open(listen_port)
    # Unique, so that no answer to an earlier drop is taken for one of these; ids of one batch
    # count up, by which the device knows it.
    first = 1 + secrets.randbelow(2**30)
    try:
        for n, clip in enumerate(clips):
            transfer = ClipTransfer(
                first + n,
                clip,
                scene=scene + n if scene else 0,
                answer_port=link.port,
                **timing,
            )
            await link.carry(transfer, progress)
            if transfer.stage is Stage.DONE:
                yield ClipOutcome(clip, place=transfer.answer)
                continue
            reason = transfer.answer
            if not transfer.opened and transfer.silent:
                host, port = target
                reason += (
                    f" (on {host}:{port}): is Live running, with Beatbridge on a MIDI track"
                    f" and its port set to {port}?"
                )
            yield ClipOutcome(clip, error=reason, hopeless=transfer.silent)
            if transfer.silent:
                return
    finally:
        link.close()
