"""Sources run until they have said enough; what they said kept in a recording, and played again."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bridge.events import Beat, Event, SampleChunk
from bridge.live.performer import Performer
from bridge.live.run import LiveRun
from bridge.mapping import profile as profiles
from bridge.pipeline import Pipeline
from bridge.sinks.osc import OscSink
from bridge.sinks.recorder import Recorder
from bridge.sources import Item, Source
from bridge.sources.spec import open_source

Kind = TypeVar("Kind")
NOBODY = ("127.0.0.1", 9)


def of(kind: type[Kind], items: list[Item]) -> list[Kind]:
    """The items of one kind."""
    return [item for item in items if isinstance(item, kind)]


def samples(items: list[Item]) -> int:
    """How many there are."""
    return sum(len(chunk.values) for chunk in of(SampleChunk, items))


def listen(
    source: Source, enough: Callable[[list[Item]], bool], seconds: float = 120.0
) -> list[Item]:
    """Run a source until its items are enough; return them."""
    items: list[Item] = []

    async def work() -> None:
        done = asyncio.Event()

        def take(item: Item) -> None:
            items.append(item)
            if enough(items):
                done.set()

        running = asyncio.ensure_future(source.run(take))
        await asyncio.wait({running, asyncio.ensure_future(done.wait())},
                           timeout=seconds, return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
        if running.done():
            running.result()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(work())
    return items


class Ear:
    """Keeps the beats, those found too late to sound too, and ends the run after so many."""

    def __init__(self, enough: int | None) -> None:
        self.beats: list[Beat] = []
        self._enough = enough
        self._run = asyncio.current_task()

    def samples(self, chunk: SampleChunk) -> None:
        pass

    def event(self, event: Event, age_s: float) -> None:
        if isinstance(event, Beat) and not event.predicted:
            self.beats.append(event)
            if self._run is not None and len(self.beats) == self._enough:
                self._run.cancel()

    def close(self) -> None:
        pass


async def _play(source: Source, kind: str, keep: Path | None, enough: int | None) -> list[Beat]:
    ear = Ear(enough)
    performer = Performer(
        source, Pipeline(kind), OscSink([NOBODY], "/heart", profiles.load([])),
        [*([] if keep is None else [Recorder(keep)]), ear], notice=print,
    )  # fmt: skip
    await LiveRun([performer], notice=print, listen_port=None).run()
    return ear.beats


def kept_and_replayed(
    source: Source, kind: str, folder: Path, enough: int = 8
) -> tuple[list[Beat], list[Beat]]:
    """The beats of a live run that is recorded, and those of its recording."""
    file = folder / "kept.csv"

    async def both() -> tuple[list[Beat], list[Beat]]:
        live = await asyncio.wait_for(
            asyncio.ensure_future(_play(source, kind, file, enough)), timeout=300.0
        )
        again = open_source(f"csv:{file}", speed=0.0)
        return live, await _play(again, kind, None, None)

    return asyncio.run(both())


def same_beats(live: list[Beat], again: list[Beat]) -> None:
    """Both hold the same beats, to the microsecond that a recording keeps."""
    assert len(again) == len(live) >= 6
    first, begin = live[0].t, again[0].t
    apart = [abs((b.t - begin) - (a.t - first)) for a, b in zip(live, again, strict=True)]
    assert max(apart) < 1e-4
    ibis = [(a.ibi_ms, b.ibi_ms) for a, b in zip(live, again, strict=True)]
    assert all((a is None) == (b is None) for a, b in ibis)
    assert max(abs(a - b) for a, b in ibis if a is not None and b is not None) < 0.1
