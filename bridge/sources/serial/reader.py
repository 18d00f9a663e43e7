"""Bytes from an open serial port into the loop, the moment they are there, on every system."""

import asyncio
import math
import os
import threading
from collections.abc import Callable

import serial

EARLY_S = 0.002
"""Back at the port so long before it is needed, s: the loop's timers are up to 1 ms late."""
CLOSE_S = 0.0008
"""What comes no sooner than this before it is needed, s, is taken at once: it may be a little ahead
of the edge."""
SILENT_S = 0.005
"""What was kept so long before the next came, s, arrived by itself: there was a silence."""
LONGEST_REST_S = 0.02
"""The port is left alone no longer, s: curves stay fluent, and a pulled cable is seen."""
SHORTEST_REST_S = 0.003
"""A shorter rest spares nothing."""
MOST_BYTES = 65_536
"""In one read: more than any system keeps for a serial port."""


def watch(
    port: serial.Serial,
    loop: asyncio.AbstractEventLoop,
    take: Callable[[bytes, float], float],
    end: Callable[[], None],
) -> Callable[[], None]:
    """Call ``take`` with bytes and their arrival, and ``end`` once the port fails; return a stop.

    Where the port is a file descriptor, the loop watches it, but for the rests that ``take`` grants
    by returning the moment, by the loop's clock, before which nothing that arrives is needed.
    Windows has no such descriptor, there a thread reads what comes as it comes.
    """
    resting: asyncio.TimerHandle | None = None
    kept, kept_at, needed = b"", -math.inf, -math.inf

    def watch_on() -> None:
        nonlocal resting
        resting = None
        loop.add_reader(descriptor, ready)

    def ready() -> None:
        nonlocal resting, kept, kept_at, needed
        try:
            data = os.read(descriptor, MOST_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        now = loop.time()
        if kept and (not data or now - kept_at > SILENT_S):
            take(kept, kept_at)
            kept = b""
        if not data:  # the other end has hung up: an adapter was pulled
            loop.remove_reader(descriptor)
            end()
            return
        if now < needed - CLOSE_S:
            kept, kept_at = kept + data, now
            return
        data, kept = kept + data, b""
        needed = min(take(data, now), now + LONGEST_REST_S)
        if needed - EARLY_S - now >= SHORTEST_REST_S:
            loop.remove_reader(descriptor)
            resting = loop.call_at(needed - EARLY_S, watch_on)

    try:
        descriptor = port.fileno()
        loop.add_reader(descriptor, ready)

        def stop() -> None:
            if resting is not None:
                resting.cancel()
            loop.remove_reader(descriptor)

        return stop
    except (AttributeError, NotImplementedError, OSError):
        return _watch_in_thread(port, loop, take, end)


def _watch_in_thread(
    port: serial.Serial,
    loop: asyncio.AbstractEventLoop,
    take: Callable[[bytes, float], float],
    end: Callable[[], None],
) -> Callable[[], None]:
    stopping = threading.Event()

    def work() -> None:
        try:
            while not stopping.is_set():
                data = port.read(port.in_waiting or 1)
                if data:
                    loop.call_soon_threadsafe(take, data, loop.time())
        except (OSError, serial.SerialException, TypeError):
            if not stopping.is_set():
                loop.call_soon_threadsafe(end)

    thread = threading.Thread(target=work, name="serial reader", daemon=True)
    thread.start()

    def stop() -> None:
        stopping.set()
        thread.join(timeout=1.0)

    return stop
