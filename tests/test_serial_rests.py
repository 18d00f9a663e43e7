"""The port is left alone while nothing can be told: the same beats, at the same moments.

The loop's clock is simulated, and so are the sensor's bytes in the pipe that stands for the port.
"""

import asyncio
import math
import os
import selectors
import sys
from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest

from bridge.events import Beat, SampleChunk
from bridge.live.performer import Performer
from bridge.mapping import profile as profiles
from bridge.pipeline import Pipeline
from bridge.simulate.heart import Heart, HeartSimulator
from bridge.sinks.osc import OscSink
from bridge.sources import Item, Notice
from bridge.sources.serial.arrivals import SETTLED_S
from bridge.sources.serial.reader import LONGEST_REST_S, watch
from bridge.sources.serial.source import SerialSource

if sys.platform == "win32":
    pytest.skip("a thread reads there, without rests", allow_module_level=True)

Arrivals = list[tuple[float, bytes]]
"""When, s by the loop's clock, and what."""


class Pipe:
    """A port into which the simulated clock puts bytes."""

    def __init__(self) -> None:
        self._out, self._in = os.pipe()
        os.set_blocking(self._out, False)
        self.watched = False
        """The clock stands still before: a thread opens the port."""
        self._opened = False

    def open(self) -> "Pipe":
        if self._opened:
            raise OSError("it was pulled out")
        self._opened = True
        return self

    def fileno(self) -> int:
        self.watched = True
        return self._out

    def put(self, data: bytes) -> None:
        os.write(self._in, data)

    def hang_up(self) -> None:
        os.close(self._in)

    def write(self, data: bytes) -> None:
        pass

    def close(self) -> None:
        os.close(self._out)


class Clock(selectors.SelectSelector):
    """Waits in no time, and wakes for a timer as late as the loop's own: at a full millisecond."""

    def __init__(self, port: Pipe, arrivals: Arrivals) -> None:
        super().__init__()
        self.now = 0.0
        self._port, self._arrivals = port, deque(arrivals)

    def select(self, timeout=None):
        wake = math.inf if timeout is None else self.now + math.ceil(timeout * 1e3) * 1e-3
        while True:
            while self._arrivals and self._arrivals[0][0] <= self.now:
                self._port.put(self._arrivals.popleft()[1])
                if not self._arrivals:
                    self._port.hang_up()
            ready = super().select(0)
            if ready or timeout == 0:
                return ready
            then = self._arrivals[0][0] if self._arrivals and self._port.watched else math.inf
            if min(wake, then) == math.inf:
                return super().select(None)
            self.now = min(wake, then)
            if wake < then:
                return []


class Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._clock = clock

    def time(self) -> float:
        return self._clock.now


@dataclass
class Told:
    """What became of a run."""

    beats: list[tuple[float, Beat, SampleChunk]] = field(default_factory=list)
    """When each was told, and the samples with which it came."""
    samples: list[float] = field(default_factory=list)
    delivered: list[float] = field(default_factory=list)
    """When samples came."""


def play(arrivals: Arrivals, kind: str, *, rests: bool, rate_hz: float | None) -> Told:
    """Read the arrivals to their end, with rests or as everything comes."""
    port = Pipe()
    clock = Clock(port, arrivals)
    source, pipeline, told = SerialSource("port", rate_hz=rate_hz), Pipeline(kind), Told()
    source._open = port.open
    if rests:
        source.quiet_s = pipeline.quiet_s

    async def until_lost() -> None:
        lost = asyncio.Event()

        def take(item: Item) -> None:
            if isinstance(item, Notice) and "lost" in item.text:
                lost.set()
            elif isinstance(item, SampleChunk):
                told.delivered.append(clock.now)
                told.samples += item.values.tolist()
                for event in pipeline.push(item):
                    if isinstance(event, Beat):
                        told.beats.append((clock.now, event, item))

        running = asyncio.ensure_future(source.run(take))
        await lost.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    with asyncio.Runner(loop_factory=lambda: Loop(clock)) as runner:
        runner.run(until_lost())
    return told


def heart(kind: str, rate_hz: float, seconds: float = 12.0) -> list[int]:
    signal = Heart(kind=kind, rate_hz=rate_hz, bpm=90.0, amplitude=200.0, offset=450.0)
    return np.rint(HeartSimulator(signal).take(int(rate_hz * seconds)).values).astype(int).tolist()


def raw(value: int) -> bytes:
    return value.to_bytes(2, "big")


def line(value: int) -> bytes:
    return b"%d\r\n" % value


START_S = 1.0


def evenly(values: list[int], rate_hz: float, encode=raw) -> Arrivals:
    return [(START_S + i / rate_hz, encode(value)) for i, value in enumerate(values)]


def unsteadily(arrivals: Arrivals, most_s: float) -> Arrivals:
    """Each a little late, in order."""
    rng = np.random.default_rng(1)
    late = rng.uniform(0.0, most_s, len(arrivals))
    times = np.maximum.accumulate([t + by for (t, _), by in zip(arrivals, late, strict=True)])
    return [(float(t), data) for t, (_, data) in zip(times, arrivals, strict=True)]


def in_bursts(arrivals: Arrivals, every_s: float) -> Arrivals:
    """As a USB chip hands them over."""
    at: dict[float, bytes] = {}
    for t, data in arrivals:
        burst = math.ceil(t / every_s) * every_s
        at[burst] = at.get(burst, b"") + data
    return list(at.items())


def stalled(arrivals: Arrivals) -> Arrivals:
    """The computer looks elsewhere for 0.2 s, twice."""
    ends = (8.2, 10.2)
    return [(next((end for end in ends if end - 0.2 < t < end), t), data) for t, data in arrivals]


def with_losses(arrivals: Arrivals) -> Arrivals:
    return [(t, data) for t, data in arrivals if not (8.0 < t < 8.4 or 10.003 < t < 10.5)]


LINKS = {
    "even": lambda arrivals: arrivals,
    "unsteady": lambda arrivals: unsteadily(arrivals, 0.0008),
    "bursts": lambda arrivals: in_bursts(arrivals, 0.016),
    "stalled": stalled,
    "losses": with_losses,
    "slow clock": lambda arrivals: [(1.002 * t, data) for t, data in arrivals],
    "fast clock": lambda arrivals: [(0.998 * t, data) for t, data in arrivals],
}


@pytest.mark.slow
@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize(
    ("kind", "rate_hz", "given", "encode"),
    [
        ("ppg", 1000.0, True, raw),
        ("ppg", 1000.0, False, line),
        ("auto", 500.0, True, line),
        ("ecg", 1000.0, True, raw),
    ],
)
def test_beats_are_the_same_and_told_at_the_same_moments(kind, rate_hz, given, encode, link):
    signal = "ecg" if kind == "ecg" else "ppg"
    arrivals = LINKS[link](evenly(heart(signal, rate_hz), rate_hz, encode))
    plain, rested = (
        play(arrivals, kind, rests=rests, rate_hz=rate_hz if given else None)
        for rests in (False, True)
    )
    assert len(plain.beats) > 10
    assert rested.samples == plain.samples
    for (at, beat, chunk), (when, same, newest) in zip(plain.beats, rested.beats, strict=True):
        assert when == pytest.approx(at, abs=1e-9)
        assert same == beat
        assert newest.end == pytest.approx(chunk.end, abs=1e-9)
        assert newest.arrival_t == pytest.approx(chunk.arrival_t, abs=0.001)
    if link != "bursts":  # there each burst is read at once in any case
        assert len(rested.delivered) < 0.75 * len(plain.delivered)


def test_no_rest_while_the_port_is_fresh_and_none_is_long():
    arrivals = evenly(heart("ecg", 1000.0), 1000.0)
    rested = play(arrivals, "ecg", rests=True, rate_hz=1000.0)
    steps = [(b, b - a) for a, b in pairwise(rested.delivered)]
    assert max(step for at, step in steps if at < START_S + SETTLED_S) < 0.0025
    assert 0.01 < max(step for _, step in steps) < LONGEST_REST_S + 0.0025


def test_readings_taken_at_uneven_times_are_each_read_as_they_come():
    rng = np.random.default_rng(2)
    values = heart("ppg", 145.0)
    times = START_S + np.cumsum(rng.uniform(0.005, 0.009, len(values)))
    arrivals = [(float(t), line(value)) for t, value in zip(times, values, strict=True)]
    plain = play(arrivals, "ppg", rests=False, rate_hz=None)
    rested = play(arrivals, "ppg", rests=True, rate_hz=None)
    assert len(plain.beats) > 5
    assert rested.delivered == plain.delivered
    assert [beat for _, beat, _ in rested.beats] == [beat for _, beat, _ in plain.beats]


def test_a_port_that_is_pulled_out_in_a_rest_is_missed_after_it():
    port = Pipe().open()
    loop = Loop(Clock(port, [(1.0, b"x")]))
    ended: list[float] = []
    stop = watch(port, loop, lambda data, arrival: math.inf, lambda: ended.append(loop.time()))
    loop.run_until_complete(asyncio.sleep(3.0))
    assert ended == [pytest.approx(1.0 + LONGEST_REST_S, abs=0.0011)]
    stop()
    loop.close()
    port.close()


def test_a_stop_in_a_rest_ends_it():
    port = Pipe().open()
    loop = Loop(Clock(port, [(1.0, b"x"), (1.001, b"y")]))
    taken: list[bytes] = []

    def take(data: bytes, arrival: float) -> float:
        taken.append(data)
        loop.call_soon(stop)
        return math.inf

    stop = watch(port, loop, take, lambda: taken.append(b"end"))
    loop.run_until_complete(asyncio.sleep(3.0))
    assert taken == [b"x"]
    loop.close()
    port.close()


def test_who_plays_it_tells_the_source_what_is_quiet():
    source, pipeline = SerialSource("port"), Pipeline("ppg")
    osc = OscSink([], "/heart", profiles.load([]))
    Performer(source, pipeline, osc, [], notice=print)
    assert source.quiet_s == pipeline.quiet_s
    osc.close()
