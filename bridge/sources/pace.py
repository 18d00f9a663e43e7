"""Plays chunks in time: the one place where recordings and the simulator wait for the clock."""

import asyncio
from collections.abc import Callable, Iterable

from bridge.events import Beat, BodyChunk, Marker, SampleChunk
from bridge.sources import Item

CHUNK_SECONDS = 0.01
"""A beat is announced at most this much later than a sample-by-sample replay would."""
STOPPED_SECONDS = 0.5
"""Later than a busy machine ever is."""
FAST_CHUNK_SECONDS = 1.0
"""At full speed the clock does not matter, and larger chunks cost less."""


def cut(chunk: SampleChunk, seconds: float) -> Iterable[SampleChunk]:
    """Cut a chunk into pieces of about this length (at least one sample)."""
    step = max(1, round(seconds * chunk.rate_hz))
    for start in range(0, len(chunk.values), step):
        values = chunk.values[start : start + step]
        yield SampleChunk(chunk.t + start / chunk.rate_hz, chunk.rate_hz, values)


async def emit_in_time(
    items: Iterable[SampleChunk | Beat | Marker | BodyChunk],
    emit: Callable[[Item], None],
    speed: float,
) -> None:
    """Emit items when their last sample's time has come; at speed 0 as fast as possible."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    # Where the program itself stood still (Ctrl-Z, a closed lid), time goes on from there: what
    # came due meanwhile is not played in a bunch.
    seconds = CHUNK_SECONDS * max(1.0, speed) if speed else FAST_CHUNK_SECONDS
    for item in items:
        for part in cut(item, seconds) if isinstance(item, SampleChunk) else (item,):
            if speed:
                end = part.end if isinstance(part, SampleChunk) else part.t
                await asyncio.sleep(start + end / speed - loop.time())
                late = loop.time() - (start + end / speed)
                if late > STOPPED_SECONDS:
                    start += late
            else:
                await asyncio.sleep(0)
            emit(part)
