"""How fast and how lightly the live path plays: ``uv run python -m tests.benchmarks.bench_live``.

A sensor process writes raw 16-bit samples into a pseudo-terminal, 1000 a second;
``beatbridge live`` reads it with pyserial and sends OSC. The latency of a beat is from the write
of the sample that decided it to its ``/heart/beat`` datagram in the receiver; which sample that
is, the same pipeline says when it is fed the same samples one by one. The floor is a bare UDP
datagram through loopback, sent by the same sensor process in the same run.
"""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tty
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time, sleep

import numpy as np
import serial
from numpy.typing import NDArray

from bridge.events import Beat, SampleChunk
from bridge.pipeline import Pipeline
from bridge.simulate.heart import Heart, HeartSimulator

RATE_HZ = 1000.0
SECONDS = 60
BPM = 120.0
STEADY_FROM_SECONDS = 10
FLOOR_EVERY = 50
BARE_SECONDS = 15
HOUR_SECONDS = 3600


def sensor(master: int, values: list[int], floor_port: int, out: Connection) -> None:
    """Write one sample a millisecond, and now and then a datagram that measures the floor."""
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


def floor_receiver(sock: socket.socket, out: Connection) -> None:
    """Note how long each bare datagram was under way."""
    took = []
    while (data := sock.recv(64)) != b"end":
        took.append(perf_counter() - np.frombuffer(data)[0])
    out.send(np.array(took))


def deciding_samples(values: list[int]) -> list[int]:
    """Index of the sample with which each sounded beat becomes sure."""
    pipeline = Pipeline("ppg")
    return [
        index
        for index, value in enumerate(values)
        for event in pipeline.push(SampleChunk(index / RATE_HZ, RATE_HZ, np.array([float(value)])))
        if isinstance(event, Beat) and not event.late
    ]


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def show(name: str, seconds: NDArray[np.float64]) -> None:
    """Print the distribution of some times."""
    p50, p99, most = np.percentile(seconds * 1000.0, [50, 99, 100])
    print(f"{name:<46} p50 {p50:6.3f}   p99 {p99:6.3f}   max {most:6.3f} ms")


def latency() -> None:
    """From the last byte of a sample to the beat's datagram, and what it costs."""
    heart = Heart(rate_hz=RATE_HZ, bpm=BPM, amplitude=200.0, offset=450.0)
    values = np.rint(HeartSimulator(heart).take(int(SECONDS * RATE_HZ)).values).astype(int).tolist()
    receiver, floor = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    for sock in (receiver, floor):
        sock.bind(("127.0.0.1", 0))
    receiver.settimeout(3.0)
    master, slave = os.openpty()
    tty.setraw(slave)
    written_in, written_out = multiprocessing.Pipe(duplex=False)
    floor_in, floor_out = multiprocessing.Pipe(duplex=False)
    helpers = [
        multiprocessing.Process(
            target=sensor, args=(master, values, floor.getsockname()[1], written_out)
        ),
        multiprocessing.Process(target=floor_receiver, args=(floor, floor_out)),
    ]
    for helper in helpers:
        helper.start()
    bridge = subprocess.Popen(
        [sys.executable, "-m", "bridge", "live",
         "--source", f"serial:{os.ttyname(slave)}?rate=1000&kind=ppg",
         "--target", f"127.0.0.1:{receiver.getsockname()[1]}"],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    arrivals: list[float] = []
    begun = used = 0.0
    while not written_in.poll():
        data = receiver.recv(2048)
        now = perf_counter()
        if data.startswith(b"/heart/beat\0"):
            arrivals.append(now)
            if not begun and now - arrivals[0] > STEADY_FROM_SECONDS:
                begun, used = now, cpu_seconds(bridge.pid)
    share = (cpu_seconds(bridge.pid) - used) / (perf_counter() - begun)
    bridge.send_signal(signal.SIGINT)
    bridge.wait()
    written, floors = written_in.recv(), floor_in.recv()
    for helper in helpers:
        helper.join()
    decided = written[deciding_samples(values)]
    assert len(decided) == len(arrivals), f"{len(decided)} beats decided, {len(arrivals)} arrived"
    took = np.array(arrivals) - decided
    show(f"sample's last byte to /heart/beat ({len(took)} beats)", took)
    show(f"floor: a bare datagram ({len(floors)})", floors)
    print(f"share of one core, 1000 samples a second: {100 * share:.1f} %")


def bare_reader(name: str, out: Connection) -> None:
    """Read the same stream with pyserial and do nothing with it."""
    port = serial.Serial(name, 115_200)
    port.write(b"s")
    port.read(2)
    used, begun = process_time(), perf_counter()
    for _ in range(int((BARE_SECONDS - 1) * RATE_HZ)):
        port.read(2)
    out.send((process_time() - used) / (perf_counter() - begun))


def bare_share() -> None:
    """What waking up 1000 times a second costs on this machine, whoever does it."""
    master, slave = os.openpty()
    tty.setraw(slave)
    share_in, share_out = multiprocessing.Pipe(duplex=False)
    written_in, written_out = multiprocessing.Pipe(duplex=False)
    values = [512] * int(BARE_SECONDS * RATE_HZ)
    helpers = [
        multiprocessing.Process(target=bare_reader, args=(os.ttyname(slave), share_out)),
        multiprocessing.Process(target=sensor, args=(master, values, 9, written_out)),
    ]
    for helper in helpers:
        helper.start()
    print(
        f"floor: pyserial reads the samples, and no more: {100 * share_in.recv():.1f} % of a core"
    )
    written_in.recv()
    for helper in helpers:
        helper.join()


def memory() -> None:
    """Resident memory over a simulated hour at full speed."""
    bridge = subprocess.Popen(
        [sys.executable, "-m", "bridge", "live", "--source", "sim?rate=250", "--speed", "0",
         "--duration", str(HOUR_SECONDS), "--target", "127.0.0.1:9"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert bridge.stdout is not None
    seen: list[tuple[float, float]] = []
    for text in bridge.stdout:
        if " beat " in text and float(text.split()[0]) // 600 >= len(seen):
            pages = int(Path(f"/proc/{bridge.pid}/statm").read_text().split()[1])
            seen.append((float(text.split()[0]), pages * os.sysconf("SC_PAGE_SIZE") / 1e6))
    bridge.wait()
    at = ", ".join(f"{t / 60:.0f} min {megabytes:.1f}" for t, megabytes in seen)
    print(f"memory over a simulated hour, MB: {at}")


if __name__ == "__main__":
    latency()
    bare_share()
    memory()
