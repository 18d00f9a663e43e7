"""The two sides of the test of Link, as processes in a network namespace of their own.

``hold SECONDS``: a session at 128 that prints every tempo it sees. ``join COUNT``: joins so often.
"""

import asyncio
import sys

from aalink import Link

from bridge.events import Beat
from bridge.sinks.link import JOIN_SECONDS, LinkSink

HELD = 128.0


async def hold(seconds: float) -> None:
    link = Link(HELD)
    link.enabled = True
    for _ in range(int(seconds * 20)):
        print(f"{link.tempo:.3f} {link.num_peers}", flush=True)
        await asyncio.sleep(0.05)


async def join(count: int) -> None:
    for _ in range(count):
        sink = LinkSink(Link, print)
        sink.event(Beat(1.0, 1.0, ibi_ms=60_000 / HELD, bpm=HELD), 0.0)
        await asyncio.sleep(2 * JOIN_SECONDS + 0.6)
        sink.close()
        await asyncio.sleep(0.3)


if __name__ == "__main__":
    what, number = sys.argv[1:]
    asyncio.run(hold(float(number)) if what == "hold" else join(int(number)))
