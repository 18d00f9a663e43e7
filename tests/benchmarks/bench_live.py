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
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import serial
from numpy.typing import NDArray

from tests.benchmarks.wired_sensor import RATE_HZ, WiredSensor, cpu_seconds, pulse

SECONDS = 60
BPM = 120.0
STEADY_FROM_SECONDS = 10
BARE_SECONDS = 15
HOUR_SECONDS = 3600


def floor_receiver(sock: socket.socket, out: Connection) -> None:
    """Note how long each bare datagram was under way."""
    took = []
    while (data := sock.recv(64)) != b"end":
        took.append(perf_counter() - np.frombuffer(data)[0])
    out.send(np.array(took))


def show(name: str, seconds: NDArray[np.float64]) -> None:
    """Print the distribution of some times."""
    p50, p99, most = np.percentile(seconds * 1000.0, [50, 99, 100])
    print(f"{name:<46} p50 {p50:6.3f}   p99 {p99:6.3f}   max {most:6.3f} ms")


def latency() -> None:
    """From the last byte of a sample to the beat's datagram, and what it costs."""
    receiver, floor = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    for sock in (receiver, floor):
        sock.bind(("127.0.0.1", 0))
    receiver.settimeout(3.0)
    floor_in, floor_out = multiprocessing.Pipe(duplex=False)
    helper = multiprocessing.Process(target=floor_receiver, args=(floor, floor_out))
    helper.start()
    sensor = WiredSensor(pulse(BPM, SECONDS), floor.getsockname()[1])
    bridge = subprocess.Popen(
        [sys.executable, "-m", "bridge", "live",
         "--source", sensor.source,
         "--target", f"127.0.0.1:{receiver.getsockname()[1]}"],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    arrivals: list[float] = []
    begun = used = 0.0
    while not sensor.is_over():
        data = receiver.recv(2048)
        now = perf_counter()
        if data.startswith(b"/heart/beat\0"):
            arrivals.append(now)
            if not begun and now - arrivals[0] > STEADY_FROM_SECONDS:
                begun, used = now, cpu_seconds(bridge.pid)
    share = (cpu_seconds(bridge.pid) - used) / (perf_counter() - begun)
    bridge.send_signal(signal.SIGINT)
    bridge.wait()
    written, floors = sensor.written(), floor_in.recv()
    helper.join()
    decided = written[sensor.deciding_samples()]
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
    share_in, share_out = multiprocessing.Pipe(duplex=False)
    sensor = WiredSensor([512] * int(BARE_SECONDS * RATE_HZ))
    helper = multiprocessing.Process(target=bare_reader, args=(sensor.port, share_out))
    helper.start()
    print(
        f"floor: pyserial reads the samples, and no more: {100 * share_in.recv():.1f} % of a core"
    )
    sensor.written()
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
