"""Bytes from an open serial port into the loop, the moment they are there, on every system."""

import asyncio
import os
import threading
from collections.abc import Callable

import serial

MOST_BYTES = 65_536
"""In one read: more than any system keeps for a serial port."""


def watch(
    port: serial.Serial,
    loop: asyncio.AbstractEventLoop,
    take: Callable[[bytes], None],
    end: Callable[[], None],
) -> Callable[[], None]:
    """Call ``take`` with bytes as they arrive, and ``end`` once the port fails; return a stop.

    Where the port is a file descriptor, the loop watches it: one wake-up a sample. Windows has no
    such descriptor, there a thread reads.
    """

    def ready() -> None:
        try:
            data = os.read(descriptor, MOST_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            take(data)
        else:  # the other end has hung up: an adapter was pulled
            loop.remove_reader(descriptor)
            end()

    try:
        descriptor = port.fileno()
        loop.add_reader(descriptor, ready)

        def stop() -> None:
            loop.remove_reader(descriptor)

        return stop
    except (AttributeError, NotImplementedError, OSError):
        return _watch_in_thread(port, loop, take, end)


def _watch_in_thread(
    port: serial.Serial,
    loop: asyncio.AbstractEventLoop,
    take: Callable[[bytes], None],
    end: Callable[[], None],
) -> Callable[[], None]:
    stopping = threading.Event()

    def work() -> None:
        try:
            while not stopping.is_set():
                data = port.read(port.in_waiting or 1)
                if data:
                    loop.call_soon_threadsafe(take, data)
        except (OSError, serial.SerialException, TypeError):
            if not stopping.is_set():
                loop.call_soon_threadsafe(end)

    thread = threading.Thread(target=work, name="serial reader", daemon=True)
    thread.start()

    def stop() -> None:
        stopping.set()
        thread.join(timeout=1.0)

    return stop
