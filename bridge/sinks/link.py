"""``--link lead``: the heart leads the tempo of an Ableton Link session, through aalink.

Link speaks to the whole network, so it is off unless asked for; joining changes nobody's tempo.
"""

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from bridge.errors import UserError
from bridge.events import Beat, Event, SampleChunk
from bridge.mapping.lead import LEAST_S, Lead
from bridge.sinks import Seat, Sink

JOIN_SECONDS = 1.0
"""Before and after Link is switched on: one that acts at once may impose its own tempo."""
_USUAL_BPM = 120.0


def open_sinks(argument: str, seats: Sequence[Seat]) -> list[Sink]:
    """The first heart leads.

    Raises:
        UserError: another word, or aalink is not installed.
    """
    if argument != "lead":
        raise UserError(f"--link {argument}: should be lead")
    try:
        from aalink import Link
    except ImportError:
        raise UserError(
            '--link needs aalink (GPL, an extra): uv sync --extra link, or pip install ".[link]"'
        ) from None
    return [LinkSink(Link if seat is seats[0] else None, seat.notice) for seat in seats]


class LinkSink:
    """Joins with the first beat, listens, and then leads."""

    def __init__(self, make: Callable[..., Any] | None, notice: Callable[[str], None]) -> None:
        self._make = make
        self._notice = notice
        self._lead = Lead()
        self._task: asyncio.Task[None] | None = None

    def samples(self, chunk: SampleChunk) -> None:
        """The raw signal has no tempo."""

    def event(self, event: Event, age_s: float) -> None:
        """Take the smoothed rate of a beat."""
        if self._make is None or not isinstance(event, Beat) or event.bpm is None:
            return
        self._lead.rate(perf_counter(), event.bpm)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(self._make))

    def close(self) -> None:
        """Leave the session; its tempo stays."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self, make: Callable[..., Any]) -> None:
        link = make(_USUAL_BPM)
        try:
            await asyncio.sleep(JOIN_SECONDS)
            link.enabled = True
            await asyncio.sleep(JOIN_SECONDS)
            self._notice(f"Link: {link.num_peers} others, {link.tempo:.1f} a minute; leading now")
            while not self._lead.yielded:
                tempo = self._lead.step(perf_counter(), link.tempo)
                if tempo is not None:
                    link.tempo = tempo
                await asyncio.sleep(LEAST_S)
            self._notice("Link: somebody else has changed the tempo; it is theirs now")
            await asyncio.Event().wait()
        finally:
            link.enabled = False
