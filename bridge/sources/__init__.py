"""Where samples and beats come from: each source owns its port or file and hands items on.

The parsers (``protocols``, ``frames``, ``files``) are pure; only the source modules touch a port.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from bridge.events import Battery, Beat, BodyChunk, Contact, Foretold, Marker, SampleChunk


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should read: connected, cable lost, what the stream turned out to be."""

    text: str


Item: TypeAlias = SampleChunk | Beat | Marker | Notice | Contact | Battery | BodyChunk | Foretold


class Source(Protocol):
    """A heart, real or recorded, that plays in time."""

    realtime: bool
    """False where signal time runs ahead of the clock on purpose (replay at another speed)."""

    async def run(self, emit: Callable[[Item], None]) -> None:
        """Emit items until the source ends (return) or the task is cancelled.

        Raises:
            UserError: the source cannot be what the user asked for.
        """

    def summary(self) -> list[str]:
        """What to say of this source at the end: losses, reconnections. Empty when all was well."""


@runtime_checkable
class Unhurried(Protocol):
    """A source that leaves lying for a moment what nobody needs yet: waking up costs most."""

    quiet_s: Callable[[], float]
    """For how long, s of signal, nothing can be told of what it emits next; set by who hears it."""
