"""The two sides of the test of Link, as processes in a network namespace of their own.

``hold SECONDS``: a session at 128 that prints every tempo it sees. ``join COUNT``: joins until so
often it was found. ``change SECONDS``: a session at 128, then at 100, that prints where it is, for
so long from when another has joined; ``follow SECONDS``: prints where a follower hears that it is.
Their moments are those of one clock. ``loop SECONDS``: a heart that is to lead while the device's
tempo follows it. All but ``join`` and ``change`` may be ended before their time.
"""

import asyncio
import select
import sys
import time
from collections.abc import Sequence

from aalink import Link

from bridge.clips.shared_clock import QUANTUM
from bridge.events import Beat
from bridge.sinks.link import LinkSink, open_session
from tests.maxpatch.rig import LOOPBACK, rig

HELD, CHANGED = 128.0, 100.0


async def hold(seconds: int) -> None:
    link = Link(HELD)
    link.enabled = True
    for _ in range(int(seconds * 20)):
        print(f"{link.tempo:.3f} {link.num_peers}", flush=True)
        await asyncio.sleep(0.05)


async def join(count: int) -> None:
    """Who starts slowly, or is found late on a busy machine (the peer before its tempo), is another
    try."""
    found, told = 0, asyncio.Event()

    def notice(text: str) -> None:
        nonlocal found
        print(text)
        found += f": 1 others, {HELD:.1f} " in text
        told.set()

    for _ in range(3 * count):
        told.clear()
        sink = LinkSink(Link, notice)
        sink.event(Beat(1.0, 1.0, ibi_ms=60_000 / HELD, bpm=HELD), 0.0)
        await asyncio.wait_for(told.wait(), 60.0)
        await asyncio.sleep(0.6)
        sink.close()
        await asyncio.sleep(0.3)
        if found == count:
            return


async def change(seconds: int) -> None:
    """At half the time, somebody turns the tempo."""
    link = Link(HELD)
    link.quantum = QUANTUM
    link.enabled = True
    begin, turned = time.perf_counter() + 60.0, 0.0
    while (passed := time.perf_counter() - begin) < seconds:
        if passed < 0 and link.num_peers:
            begin = time.perf_counter()
        if passed > seconds / 2 and not turned:
            link.tempo = turned = CHANGED
        tell((time.perf_counter(), link.beat, link.tempo))
        await asyncio.sleep(0.02)


async def follow(seconds: int) -> None:
    session = open_session(75.0, lambda text: print(text, file=sys.stderr), lambda *now: tell(now))
    await asyncio.sleep(seconds)
    session.close()


async def loop(seconds: int) -> None:
    """A device whose tempo follows the heart, until half the time; prints when, and the tempo."""
    session = Link(HELD)
    session.enabled = True
    with rig() as device:
        device.max.user("Tempo Follow", 1)
        (receiver,) = device.max.of("udpreceive")
        sink = LinkSink(
            Link, lambda text: print(text, file=sys.stderr), [(LOOPBACK, device.port)], lambda: 1
        )
        for n in range(20 * seconds):
            if n == 10 * seconds:
                device.max.user("Tempo Follow", 0)
            sink.event(Beat(n / 20, n / 20, ibi_ms=750.0, bpm=80.0), 0.0)
            tell((float(n >= 10 * seconds), session.tempo))
            while select.select([receiver.socket], [], [], 0)[0]:
                device.max.receive(1)
            device.max.advance(50)
            await asyncio.sleep(0.05)
        sink.close()
        await asyncio.sleep(0.1)


def tell(numbers: Sequence[float]) -> None:
    print(*(f"{number:.6f}" for number in numbers), flush=True)


WORKS = {"hold": hold, "join": join, "change": change, "follow": follow, "loop": loop}

if __name__ == "__main__":
    what, number = sys.argv[1:]
    asyncio.run(WORKS[what](int(number)))
