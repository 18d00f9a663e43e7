"""One page at the other end: the newest frames of the signal, and a bounded queue of events.

A page that does not read costs neither memory nor a beat: old frames go, and where events
overflow, the page is told everything anew.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]

MOST_EVENTS = 512
FRAMES_KEPT = 15
"""Half a second of signal: a page that stumbles draws it without a hole."""
BEHIND_FRAMES = 75
"""So many frames that the page has not acknowledged, and it gets every other one: it does so once a
second, thirty frames, and a busy one a second late, which is no reason for holes in its signal."""
DEAD_S = 10.0
"""A page that acknowledges nothing for so long is closed."""
COMMANDS_A_SECOND = 50


class Client:
    """What waits to be sent to one page."""

    def __init__(self, send: Callable[[str], Awaitable[None]], now: float) -> None:
        self._send = send
        self._events: deque[str] = deque()
        self._frames: deque[str] = deque(maxlen=FRAMES_KEPT)
        self._wake = asyncio.Event()
        self._seen = self._newest = 0
        self._heard = now
        self._hidden = False
        self._budget, self._refilled = float(COMMANDS_A_SECOND), now
        self.overflowed = False
        """Events were lost: the page needs a snapshot."""

    def event(self, text: str) -> None:
        """Queue an event."""
        if len(self._events) >= MOST_EVENTS:
            self._events.clear()
            self.overflowed = True
        self._events.append(text)
        self._wake.set()

    def frame(self, count: int, text: str) -> None:
        """Keep a frame of the signal; of those that wait too long the oldest goes."""
        self._newest = count
        behind = count - self._seen > BEHIND_FRAMES and self._seen > 0
        if self._hidden or (behind and count % 2):
            return
        self._frames.append(text)
        self._wake.set()

    def acknowledge(self, seen: int, hidden: bool, now: float) -> None:
        """The page has come so far."""
        self._seen, self._hidden, self._heard = seen, hidden, now

    def dead(self, now: float) -> bool:
        """Whether nothing was heard from the page for too long."""
        return now - self._heard > DEAD_S

    def may_command(self, now: float) -> bool:
        """Whether one more command is what a person does."""
        passed = now - self._refilled
        self._refilled = now
        self._budget = min(COMMANDS_A_SECOND, self._budget + passed * COMMANDS_A_SECOND)
        if self._budget < 1.0:
            return False
        self._budget -= 1.0
        return True

    async def run(self) -> None:
        """Send what waits, for ever; one task a page."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._events:
                await self._send(self._events.popleft())
            while self._frames and not self._events:
                await self._send(self._frames.popleft())
            if self._events:
                self._wake.set()


def as_text(message: Message) -> str:
    """A message as it travels."""
    return json.dumps(message, separators=(",", ":"), allow_nan=False)
