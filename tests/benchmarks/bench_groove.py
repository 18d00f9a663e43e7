"""How true a live style keeps time: ``uv run python -m tests.benchmarks.bench_groove [MINUTES]``.

A style at 140 a minute goes through python-rtmidi into a JACK server without a sound card, from the
process that ``live --style`` starts; the whole pipeline of a simulated heart runs beside it. In
turns with it, a bare process sleeps to absolute moments and sends as many notes. What this process,
the receiver, stamps is compared with the grid. Absolute figures are the machine's; the difference
is ours.
"""

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from multiprocessing.connection import Connection
from shutil import which
from typing import Any

import numpy as np
from numpy.typing import NDArray

TEMPO = 140.0
TURN_S = 15.0
RATE_HZ = 250.0
CELL_S = 60 / TEMPO / 8
CELLS = 16
SERVER = f"beatbridge-bench-{os.getpid()}"
PR_SET_PDEATHSIG = 1
"""Of prctl (linux/prctl.h)."""
Heard = list[tuple[float, bytes]]


def pipeline_beside(stop: threading.Event, player: Any) -> None:
    """A fast heart through all stages in real time, as in the event loop of ``live``."""
    from bridge.events import HrvSnapshot, Status
    from bridge.pipeline import Pipeline
    from bridge.simulate.heart import Heart, HeartSimulator

    pipeline = Pipeline("ppg")
    simulator = HeartSimulator(Heart(bpm=170.0, rate_hz=RATE_HZ))
    start = time.perf_counter()
    while not stop.is_set():
        chunk = simulator.take(5)
        for event in pipeline.push(chunk):
            if not isinstance(event, HrvSnapshot | Status):  # so that every cell sounds
                player.event(event, 0.0)
        time.sleep(max(0.0, start + chunk.end - time.perf_counter()))


def ours(out: Connection) -> None:
    """A turn of the style player; every cell of every bar sounds, each with a drum of its own."""
    from bridge.clips.style_file import load_style
    from bridge.events import HrvSnapshot
    from bridge.mapping import profile as profiles
    from bridge.sinks import Seat
    from bridge.sinks.midi.notes import open_sinks
    from bridge.sinks.midi.styled import StyledSink
    from bridge.sinks.style import playing

    profile = profiles.load([])
    style = playing(load_style("default", {"grid.tempo": TEMPO}), ("drums",), profile)
    (player,) = open_sinks("ear", [Seat("heart", 1, profile, playing=style)])
    assert isinstance(player, StyledSink)
    player.event(HrvSnapshot(0.0, 1.0, bpm=200.0, sdnn_ms=50.0, rmssd_ms=40.0), 0.0)
    stop = threading.Event()
    beside = threading.Thread(target=pipeline_beside, args=(stop, player))
    beside.start()
    time.sleep(TURN_S)
    stop.set()
    beside.join()
    player.close()
    out.send(player.left_out)


def bare(out: Connection) -> None:
    """A turn of nothing but sleeping to absolute moments and sending."""
    from bridge.sinks.midi.port import open_port

    port = open_port("ear")
    origin = time.perf_counter() + 0.2
    for cell in range(int(TURN_S / CELL_S)):
        time.sleep(max(0.0, origin + cell * CELL_S - time.perf_counter()))
        port.send(bytes((0x99, 36 + cell % CELLS, 100)))
    port.close()
    out.send(0)


def turn(what: Any, heard: Heard) -> tuple[Heard, int]:
    """Run one turn in a process of its own; return what was heard, and the cells left out."""
    del heard[:]
    context = multiprocessing.get_context("spawn")
    inward, outward = context.Pipe()
    process = context.Process(target=what, args=(outward,), daemon=True)
    process.start()
    left_out = inward.recv()
    process.join()
    time.sleep(0.3)
    return list(heard), left_out


def deviations(heard: Heard) -> tuple[NDArray[np.float64], int]:
    """Deviations of note-ons from their grid in ms, and how many cells are lost or doubled.

    The drums tell which cell of the bar it was; the grid lies where their median is.
    """
    ons = [(t, message[1]) for t, message in heard if message[0] == 0x99]
    order = {pitch: place for place, (_, pitch) in enumerate(ons[:CELLS])}
    faults, number, off = CELLS - len(order), -1, []
    for t, pitch in ons:
        step = (order[pitch] - number - 1) % CELLS + 1
        faults += step - 1
        number += step
        off.append(t - number * CELL_S)
    return (np.array(off) - np.median(off)) * 1e3, faults


def _ends_with_us() -> None:
    """In the server, before it begins: it is ended when this process is, however that is."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> None:
    """Run the turns and print the deviations."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    jackd = which("jackd")
    if jackd is None:
        sys.exit("jackd is not installed")
    import rtmidi

    os.environ |= {"JACK_NO_START_SERVER": "1", "JACK_DEFAULT_SERVER": SERVER}
    server = subprocess.Popen(
        [jackd, "-S", "--no-realtime", "-n", SERVER, "-d", "dummy", "-r", "48000", "-p", "64"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_ends_with_us,
    )
    try:
        time.sleep(2.0)
        heard: Heard = []
        port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="receiver")
        port.open_virtual_port("ear")
        port.set_callback(lambda event, _: heard.append((time.perf_counter(), bytes(event[0]))))
        minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
        off: dict[str, list[NDArray[np.float64]]] = {"ours": [], "bare": []}
        wrong: Counter[str] = Counter()
        for number in range(max(1, round(minutes * 60 / TURN_S))):
            for name, what in (("ours", ours), ("bare", bare)):
                came, left_out = turn(what, heard)
                found, faults = deviations(came)
                off[name].append(found)
                ends = Counter(message[1] for _, message in came if message[0] == 0x89)
                begun = Counter(message[1] for _, message in came if message[0] == 0x99)
                hanging = sum((begun - ends).values()) if name == "ours" else 0
                wrong[f"{name} lost or doubled"] += faults
                wrong[f"{name} left out"] += left_out
                wrong[f"{name} hanging"] += hanging
                print(
                    f"turn {number + 1}, {name}: {len(found)} notes, median "
                    f"{np.median(np.abs(found)):.2f} ms, p99 "
                    f"{np.percentile(np.abs(found), 99):.2f} ms, {faults} lost or doubled",
                    flush=True,
                )
        for name, turns in off.items():
            all_ = np.abs(np.concatenate(turns))
            print(
                f"{name}: {len(all_)} notes, |deviation| median {np.median(all_):.2f} ms, "
                f"p99 {np.percentile(all_, 99):.2f} ms, most {all_.max():.2f} ms"
            )
        print(", ".join(f"{count} {what}" for what, count in wrong.items()))
    finally:
        server.terminate()
        server.wait(10)


if __name__ == "__main__":
    main()
