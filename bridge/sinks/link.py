"""``--link``: the heart leads the tempo of an Ableton Link session, or follows it, through aalink.

Link speaks to the whole network, so it is off unless asked for; joining changes nobody's tempo.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from bridge.clips.shared_clock import QUANTUM
from bridge.errors import UserError
from bridge.events import Beat, Event, SampleChunk
from bridge.mapping.lead import LEAST_S, Lead
from bridge.osc.contract import Target
from bridge.sinks import Seat, Sink
from bridge.sinks.liveset.examine import tempo_follows

JOIN_SECONDS = 1.0
"""Before and after Link is switched on: one that acts at once may impose its own tempo."""
LOOK_SECONDS = 0.02
"""How often who follows looks where the session is."""
ASK_SECONDS = 5.0
"""How often devices are asked whether they set the tempo, and new ones are looked for."""
LOOP = (
    "Link: the device's Tempo Follow is on, and to lead Link as well is a loop: the heart leads "
    "once it is off"
)
_USUAL_BPM = 120.0


Hear = Callable[[float, float, float], None]
"""Takes a moment (``perf_counter``), the session's beat then, and its tempo."""


def aalink() -> Callable[..., Any]:
    """What makes a Link; it is an extra.

    Raises:
        UserError: aalink is not installed.
    """
    try:
        from aalink import Link
    except ImportError:
        raise UserError(
            '--link needs aalink (GPL, an extra): uv sync --extra link, or pip install ".[link]"'
        ) from None
    return Link  # type: ignore[no-any-return]


def open_sinks(argument: str, seats: Sequence[Seat]) -> list[Sink]:
    """The first heart leads. Who follows plays a style by the session (``open_session``).

    Raises:
        UserError: another word, or aalink is not installed.
    """
    if argument != "lead":
        raise UserError(f"--link {argument}: should be lead or follow")
    make = aalink()
    return [
        LinkSink(make if seat is seats[0] else None, seat.notice, seat.targets, seat.pings)
        for seat in seats
    ]


class LinkSink:
    """Joins with the first beat, listens, and then leads."""

    def __init__(
        self,
        make: Callable[..., Any] | None,
        notice: Callable[[str], None],
        targets: Sequence[Target] = (),
        pings: Callable[[], int] = int,
    ) -> None:
        """Nothing is joined before a beat has a rate.

        Args:
            make: makes a Link; None for a heart that leads nothing.
            notice: shows a line to the user.
            targets: where devices may be, whose tempo may follow the heart as well.
            pings: how often a hello was answered. A device does that when it meets a bridge:
                other programs are sent no question that they do not know.
        """
        self._make = make
        self._notice = notice
        self._targets = targets
        self._pings = pings
        self._lead = Lead()
        self._loop = False
        """Whether a device lets the tempo follow the heart."""
        self._asked = asyncio.Event()
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
        asking = asyncio.ensure_future(self._ask())
        try:
            await asyncio.sleep(JOIN_SECONDS)
            link.enabled = True
            await asyncio.sleep(JOIN_SECONDS)
            await self._asked.wait()
            told = None
            while not self._lead.yielded:
                if self._loop != told:
                    told = self._loop
                    self._lead.rest()
                    others = f"Link: {link.num_peers} others, {link.tempo:.1f} a minute; "
                    self._notice(LOOP if told else f"{others}leading now")
                tempo = None if told else self._lead.step(perf_counter(), link.tempo)
                if tempo is not None:
                    link.tempo = tempo
                await asyncio.sleep(LEAST_S)
            self._notice("Link: somebody else has changed the tempo; it is theirs now")
            await asyncio.Event().wait()
        finally:
            asking.cancel()
            link.enabled = False

    async def _ask(self) -> None:
        """Ask the devices, again and again, whether they set the tempo."""
        devices: set[Target] = set()
        met = 0
        while True:
            pings = self._pings()
            follows = await tempo_follows(devices if pings == met else self._targets)
            if follows:  # else Live may still be loading: all are asked once more
                devices |= follows.keys()
                met = pings
            self._loop = any(follows.values())
            self._asked.set()
            await asyncio.sleep(ASK_SECONDS)


def open_session(tempo: float, notice: Callable[[str], None], hear: Hear) -> "Session":
    """Join a session to follow it, in a thread of its own; it is never changed.

    Args:
        tempo: a minute, of a session in which nobody else is.
        notice: shows a line to the user.
        hear: told where the session is, fifty times a second.

    Raises:
        UserError: aalink is not installed.
    """
    return Session(aalink(), tempo, notice, hear)


class Session:
    """A thread that tells where a session is."""

    def __init__(
        self, make: Callable[..., Any], tempo: float, notice: Callable[[str], None], hear: Hear
    ) -> None:
        """Join; ``close`` leaves."""
        self._notice = notice
        self._hear = hear
        self._ending = threading.Event()
        work = self._follow(make, tempo)
        self._thread = threading.Thread(target=asyncio.run, args=(work,), name="link", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Leave the session."""
        self._ending.set()
        self._thread.join()

    async def _follow(self, make: Callable[..., Any], tempo: float) -> None:
        link = make(tempo)
        link.quantum = QUANTUM
        try:
            await self._wait(JOIN_SECONDS)
            link.enabled = True
            await self._wait(JOIN_SECONDS)
            self._notice(f"Link: {link.num_peers} others, {link.tempo:.1f} a minute; following")
            while not self._ending.is_set():
                self._hear(*_where(link), link.tempo)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            link.enabled = False

    async def _wait(self, seconds: float) -> None:
        until = perf_counter() + seconds
        while perf_counter() < until and not self._ending.is_set():
            await asyncio.sleep(LOOK_SECONDS)


def _where(link: Any) -> tuple[float, float]:
    """A moment and the session's beat then: of three looks the least interrupted one."""
    looks = []
    for _ in range(3):
        before, beat, after = perf_counter(), link.beat, perf_counter()
        looks.append((after - before, (before + after) / 2, beat))
    _, t, beat = min(looks)
    return t, beat
