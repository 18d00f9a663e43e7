"""A day of signal at full speed, and minutes in real time: memory, notes and counts.

``python -m tests.benchmarks.bench_soak [--hours 24] [--real MINUTES]`` prints a line of JSON. Every
ten minutes the sensor is gone for eight seconds. ``tests/test_soak.py`` runs a part of it.
"""

import argparse
import asyncio
import json
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from pythonosc.osc_message import OscMessage

from bridge.events import Beat, SampleChunk
from bridge.live.performer import Performer
from bridge.live.run import LiveRun
from bridge.mapping import profile as profiles
from bridge.osc import contract
from bridge.pipeline import Pipeline
from bridge.simulate.heart import Heart, HeartSimulator
from bridge.sinks.midi.notes import MidiSink
from bridge.sinks.osc import OscSink
from bridge.sinks.recorder import Recorder

RATE_HZ = 100.0
HOUR_S = 3600
EVERY_S, GONE_S = 600, 8
FIRST_S = 600
"""Memory is compared with what was taken after so much signal."""
NEAR_S = 0.15


def peak_mb() -> float:
    """The most memory that this process has taken."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


class Day:
    """A source as fast as it is taken, and a sink that counts what becomes of it."""

    realtime = False

    def __init__(self, hours: float) -> None:
        self._hours = hours
        self.true_t: list[float] = []
        self.found_t: list[float] = []
        self.at_first_mb = 0.0

    async def run(self, emit):
        """One simulated heart an hour: each has another rate and seed."""
        for hour in range(int(np.ceil(self._hours))):
            heart = Heart(rate_hz=RATE_HZ, bpm=55.0 + hour % 24 * 4, seed=hour + 1)
            simulator = HeartSimulator(heart)
            begin = hour * HOUR_S
            length = min(HOUR_S, round((self._hours - hour) * HOUR_S))
            for second in range(length):
                chunk = simulator.take(round(RATE_HZ))
                if second % EVERY_S < EVERY_S - GONE_S:
                    emit(SampleChunk(begin + chunk.t, RATE_HZ, chunk.values))
                if begin + second == FIRST_S:
                    self.at_first_mb = peak_mb()
                if second % 20 == 0:
                    await asyncio.sleep(0)
            t = simulator.beats_t()
            self.true_t += (begin + t[t % EVERY_S < EVERY_S - GONE_S]).tolist()

    def summary(self):
        return []

    def samples(self, chunk):
        """Not needed."""

    def event(self, event, age_s):
        """Keep when beats were."""
        if isinstance(event, Beat):
            self.found_t.append(event.t)

    def close(self):
        """Nothing is held."""


class Port:
    """A MIDI port that counts."""

    def __init__(self) -> None:
        self.ons = self.offs = self.sounding = self.most = 0

    def send(self, message: bytes) -> None:
        """Count notes."""
        if message[0] & 0xF0 == 0x90:
            self.ons += 1
            self.sounding += 1
        elif message[0] & 0xF0 == 0x80:
            self.offs += 1
            self.sounding -= 1
        self.most = max(self.most, self.sounding)

    def close(self) -> None:
        """Nothing is held."""


def at_full_speed(hours: float, file: Path) -> dict[str, float]:
    """Play so many hours to a recording, a MIDI port and nobody."""
    day, port, scaling = Day(hours), Port(), profiles.load([])
    performer = Performer(
        day, Pipeline("ppg"), OscSink([], contract.ROOT, scaling),
        [MidiSink(port, scaling), Recorder(file), day], notice=lambda text: None,
    )  # fmt: skip
    begin = time.perf_counter()
    run = LiveRun([performer], notice=lambda text: None, listen_port=None)
    (summary,) = asyncio.run(run.run())
    true, found = np.array(day.true_t), np.sort(day.found_t)
    near = np.clip(np.searchsorted(found, true), 1, len(found) - 1)
    off = np.minimum(np.abs(found[near] - true), np.abs(found[near - 1] - true))
    rows = sum(1 for line in file.open() if line.rstrip().endswith(",,"))
    return {
        "hours": hours,
        "took_s": round(time.perf_counter() - begin, 1),
        "true": len(true),
        "announced": summary.beats,
        "late": summary.late_beats,
        "found_share": round(float(np.mean(off < NEAR_S)), 5),
        "too_many": len(found) - len(true),
        "note_ons": port.ons,
        "hanging": port.sounding,
        "most_at_once": port.most,
        "samples_recorded": rows,
        "samples_sent": int(summary.seconds * RATE_HZ),
        "peak_mb_first": round(day.at_first_mb, 1),
        "peak_mb": round(peak_mb(), 1),
    }


def in_real_time(minutes: float) -> dict[str, float]:
    """The real program for so long: beats in order, none lost, and its memory."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(10.0)
        target = f"127.0.0.1:{ear.getsockname()[1]}"
        bridge = subprocess.Popen(
            [sys.executable, "-m", "bridge", "live", "--source", "sim?bpm=80", "--target", target],
            stdout=subprocess.DEVNULL,
        )
        numbers, ages, memory = [], [], []
        end = time.monotonic() + 60 * minutes
        try:
            while time.monotonic() < end:
                message = OscMessage(ear.recv(2048))
                if message.address == "/heart/beat":
                    numbers.append(message.params[0])
                    ages.append(message.params[2])
                    status = Path(f"/proc/{bridge.pid}/status").read_text()
                    memory.append(int(status.split("VmRSS:")[1].split()[0]) / 1000)
        finally:
            bridge.send_signal(signal.SIGINT)
            code = bridge.wait(20)
    return {
        "minutes": minutes,
        "beats": len(numbers),
        "in_order": int(numbers == list(range(1, len(numbers) + 1))),
        "age_ms_median": round(float(np.median(ages)), 1),
        "age_ms_max": round(max(ages), 1),
        "mb_after_20_beats": round(memory[min(20, len(memory) - 1)], 1),
        "mb_end": round(memory[-1], 1),
        "exit_code": code,
    }


def main() -> None:
    """Print one line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--real", type=float, metavar="MINUTES")
    options = parser.parse_args()
    if options.real:
        print(json.dumps(in_real_time(options.real)))
        return
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(at_full_speed(options.hours, Path(folder) / "day.csv")))


if __name__ == "__main__":
    main()
