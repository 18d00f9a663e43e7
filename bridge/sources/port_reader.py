"""Bytes from an open serial port into the loop, the moment they are there, on every system."""

import asyncio
import threading
from collections.abc import Callable

import serial


def watch(
    port: serial.Serial,
    loop: asyncio.AbstractEventLoop,
    take: Callable[[bytes], None],
    end: Callable[[BaseException | None], None],
) -> Callable[[], None]:
    """Call ``take`` with bytes as they arrive, and ``end`` once the port fails; return a stop.

    Where the port is a file descriptor, the loop watches it: one wake-up a sample. Windows has no
    such descriptor, there a thread reads.
    """

    def read() -> bytes:
        return port.read(port.in_waiting or 1)

    def ready() -> None:
        try:
            data = read()
        except (OSError, serial.SerialException, TypeError) as error:
            loop.remove_reader(descriptor)
            end(error)
            return
        take(data)

    try:
        descriptor = port.fileno()
        loop.add_reader(descriptor, ready)

        def stop() -> None:
            loop.remove_reader(descriptor)

        return stop
    except (AttributeError, NotImplementedError, OSError):
        return _watch_in_thread(read, loop, take, end)


def _watch_in_thread(
    read: Callable[[], bytes],
    loop: asyncio.AbstractEventLoop,
    take: Callable[[bytes], None],
    end: Callable[[BaseException | None], None],
) -> Callable[[], None]:
    stopping = threading.Event()

    def work() -> None:
        try:
            while not stopping.is_set():
                data = read()
                if data:
                    loop.call_soon_threadsafe(take, data)
        except (OSError, serial.SerialException, TypeError) as error:
            if not stopping.is_set():
                loop.call_soon_threadsafe(end, error)

    thread = threading.Thread(target=work, name="serial reader", daemon=True)
    thread.start()

    def stop() -> None:
        stopping.set()
        thread.join(timeout=1.0)

    return stop
