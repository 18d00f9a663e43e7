"""A sensor on a cable, for benchmarks: 1000 raw samples a second into a pseudo-terminal.

A process of its own notes when it wrote each; which sample decides a beat, the pipeline says.
"""

import multiprocessing
import os
import socket
import tty
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, sleep

import numpy as np
from numpy.typing import NDArray

from bridge.events import Beat, SampleChunk
from bridge.pipeline import Pipeline
from bridge.simulate.heart import Heart, HeartSimulator

RATE_HZ = 1000.0
FLOOR_EVERY = 50
"""Samples between two datagrams that measure the floor."""
Floats = NDArray[np.float64]


class WiredSensor:
    """Begins to write when its port has been opened and a byte came, as the bridge does it."""

    def __init__(self, values: list[int], floor_port: int = 9) -> None:
        """Start the process.

        Args:
            values: what it writes, 16 bits each.
            floor_port: where bare datagrams go that say when they left, and at last ``end``.
        """
        self._values = values
        master, slave = os.openpty()
        tty.setraw(slave)
        self.port = os.ttyname(slave)
        self.source = f"serial:{self.port}?rate={RATE_HZ:.0f}&kind=ppg"
        self._written, out = multiprocessing.Pipe(duplex=False)
        self._process = multiprocessing.Process(
            target=_write, args=(master, values, floor_port, out)
        )
        self._process.start()

    def is_over(self) -> bool:
        """Whether all is written."""
        return self._written.poll()

    def written(self) -> Floats:
        """When each sample was, by ``perf_counter``; waits for the last."""
        times: Floats = self._written.recv()
        self._process.join()
        return times

    def deciding_samples(self) -> list[int]:
        """Index of the sample with which each sounded beat becomes sure."""
        pipeline = Pipeline("ppg")
        return [
            index
            for index, value in enumerate(self._values)
            for event in pipeline.push(
                SampleChunk(index / RATE_HZ, RATE_HZ, np.array([float(value)]))
            )
            if isinstance(event, Beat) and not event.late
        ]


def pulse(bpm: float, seconds: float) -> list[int]:
    """A pulse wave as a sensor on a board gives it."""
    heart = Heart(rate_hz=RATE_HZ, bpm=bpm, amplitude=200.0, offset=450.0)
    samples = HeartSimulator(heart).take(int(seconds * RATE_HZ)).values
    return [int(value) for value in np.rint(samples)]


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _write(master: int, values: list[int], floor_port: int, out: Connection) -> None:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    written = np.empty(len(values))
    os.read(master, 1)  # the bridge has opened the port
    start = perf_counter()
    for index, value in enumerate(values):
        due = start + index / RATE_HZ
        while (wait := due - perf_counter()) > 0:
            sleep(wait)
        data = value.to_bytes(2, "big")
        written[index] = perf_counter()
        os.write(master, data)
        if index % FLOOR_EVERY == FLOOR_EVERY // 2:
            sock.sendto(np.float64(perf_counter()).tobytes(), ("127.0.0.1", floor_port))
    sock.sendto(b"end", ("127.0.0.1", floor_port))
    out.send(written)
