"""A device on a port of its own, and the bridge's encoder talking to it over a real socket."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bridge.osc import contract
from max_for_live.build import build
from tests.maxpatch.runtime import Max, MaxError, MidiEvent

DATA = build().frozen()
LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port that nobody holds at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


class Rig:
    """A started device with its sender."""

    def __init__(self, settle: bool = True, **options: Any) -> None:
        self.port = free_port()
        stored = {"Port": self.port} | options.pop("stored", {})
        self.max = Max(DATA, stored=stored, **options)
        self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self.max.start()
            if settle:
                self.max.advance(301)
                self.max.receive(1)  # its word to itself
        except MaxError:
            self.max.each("close")
            self.sender.close()
            raise

    def send(self, path: str, *arguments: object, **where: str) -> None:
        """One message of the contract, encoded, sent and acted upon."""
        self.sender.sendto(contract.encode(path, arguments, **where), (LOOPBACK, self.port))
        self.max.receive(1)

    def hello(self, state: str = "live", root: str = contract.ROOT) -> None:
        """What a running bridge says every 2 s."""
        from bridge import __version__

        said = (__version__, contract.VERSION, contract.LISTEN_PORT)
        self.send("/hello", *said, root=root)
        self.send("/status", state, root=root)

    def script(self, stem: str) -> Any:
        """The ``js`` object of a script."""
        return next(box for box in self.max.of("js") if stem in str(box.args[0]))

    def target(self, row: int, number: int) -> None:
        """Give a row its parameter, as the mapping script does when one has been clicked."""
        self.script("mapping").out(0, row, number)

    def beats(self, bpm: float, count: int, first: int = 1, strength: float = 0.5) -> list[float]:
        """Let a steady heart beat, with hellos; returns the ms of every beat."""
        interval, moments = 60_000 / bpm, []
        start, told = self.max.now, self.max.now - 2000
        for n in range(count):
            due = start + n * interval
            while told + 2000 <= due:
                told += 2000
                self.max.advance_to(told)
                self.hello()
            self.max.advance_to(due)
            moments.append(self.max.now)
            self.send("/beat", first + n, strength, 12.0)
            if n:
                self.send("/ibi", interval)
            self.send("/bpm", bpm)
        return moments

    def close(self) -> None:
        """Take the device away."""
        self.sender.close()
        try:
            self.max.free()
        finally:
            self.max.each("close")


@contextmanager
def rig(**options: Any) -> Iterator[Rig]:
    """A rig that is closed in the end."""
    made = Rig(**options)
    try:
        yield made
    finally:
        made.close()


def pairs(events: list[MidiEvent]) -> list[tuple[float, float, int, int]]:
    """Notes as (start ms, end ms, pitch, velocity); every on must have its own off, in turn."""
    found = []
    sounding: MidiEvent | None = None
    for event in events:
        pitch, velocity = event.data
        assert event.channel == 1
        if velocity:
            assert sounding is None, f"a second note-on at {event.ms} before the note-off"
            sounding = event
        else:
            assert sounding is not None, f"a note-off at {event.ms} without a note-on"
            assert sounding.data[0] == pitch
            found.append((sounding.ms, event.ms, pitch, sounding.data[1]))
            sounding = None
    assert sounding is None, f"the note of {sounding.ms if sounding else 0} ms hangs"
    return found
