"""What a panel costs the music: ``uv run python -m tests.benchmarks.bench_panel``.

One panel plays a sensor of 1000 samples a second, in turns with no page and with ten (sockets that
read and acknowledge as a page does). Measured in each turn: from the sample that decides a beat to
its datagram, how evenly ``/heart/wave`` leaves, and the processor time of the process that plays,
beside how often it writes to the pages' server, and what that takes. A turn with pages is compared
with the one without beside it; where 1 lies between the quartiles of those ratios, nothing was
measured.
Then four hearts in a real Chromium: frames a second, and what drawing one costs.
"""

import asyncio
import multiprocessing
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, sleep

import numpy as np
from numpy.typing import NDArray

from tests import panel_page
from tests.benchmarks.wired_sensor import WiredSensor, cpu_seconds, pulse

PAGES = 10
PAIRS = 10
TURN_S, SETTLE_S = 10.0, 2.0
FIRST_S = 12.0
"""Until the heart is live."""
DRAWING_S = 20.0
FRAMES = """seconds => new Promise((done) => {
    const times = [];
    const note = (now) => {
        times.push(now);
        if (now - times[0] < seconds * 1000) requestAnimationFrame(note);
        else done(times);
    };
    requestAnimationFrame(note);
})"""
"""When each frame of some seconds was shown, ms."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Turn:
    """Some seconds with pages, or without; costs are a second of it."""

    opened: bool
    begun: float
    ended: float
    playing: float
    """Processor time of the process that plays."""
    server: float
    """That of the pages' server."""
    writes: float
    """Of the process that plays, to that server; datagrams are not among them."""


async def command(address: str, *commands: dict[str, str]) -> None:
    """Give commands, each of which must succeed."""
    async with panel_page.opened(address) as page:
        for number, each in enumerate(commands, 1):
            given = dict(each)
            answer = await panel_page.ask(page, number, given.pop("do"), **given)
            assert answer["ok"], answer


async def read_pages(address: str, seconds: float) -> None:
    """Ten pages that read what they are told, for a while."""

    async def read() -> None:
        async with panel_page.opened(address) as page:
            async for _ in page:
                pass

    reading = [asyncio.ensure_future(read()) for _ in range(PAGES)]
    await asyncio.sleep(seconds)
    assert not any(task.done() for task in reading), "a page was closed"
    for task in reading:
        task.cancel()


def pages(address: str, seconds: float) -> None:
    """A process of its own, as browsers are."""
    asyncio.run(read_pages(address, seconds))


def listen(ear: socket.socket, out: Connection) -> None:
    """Note when each beat and each wave came, until told to end."""
    beats, waves = [], []
    while (data := ear.recv(2048)) != b"end":
        now = perf_counter()
        if data.startswith(b"/heart/beat\0"):
            beats.append(now)
        elif data.startswith(b"/heart/wave\0"):
            waves.append(now)
    out.send((np.array(beats), np.array(waves)))


def start_panel(folder: Path, target: int) -> tuple[subprocess.Popen[str], str]:
    """A panel of its own settings; its address."""
    program = subprocess.Popen(
        [sys.executable, "-m", "bridge", "panel", "--port", "0", "--no-open", "--fresh",
         "--folder", str(folder), "--target", f"127.0.0.1:{target}"],
        stdout=subprocess.PIPE, text=True, env=os.environ | panel_page.settings(folder),
    )  # fmt: skip
    assert program.stdout is not None
    found = re.search(r"http://\S+", program.stdout.readline())
    assert found is not None
    return program, found[0]


def server_of(pid: int) -> int:
    """The process that serves the pages."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=True)
    return int(found.stdout.split()[0])


def costs(pid: int, server: int) -> Floats:
    """So far: processor time of both, and how often the one wrote."""
    io = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return np.array([cpu_seconds(pid), cpu_seconds(server), float(io["syscw"])])


def take_turns(address: str, pid: int) -> list[Turn]:
    """With pages and without, so that the machine's moods fall on both."""
    server = server_of(pid)
    turns: list[Turn] = []
    for number in range(2 * PAIRS):
        opened = number % 4 in (1, 2)  # A B B A: a drift falls on both alike
        seconds = SETTLE_S + TURN_S + 1.0
        helper = multiprocessing.Process(target=pages, args=(address, seconds))
        if opened:
            helper.start()
        sleep(SETTLE_S)
        begun, before = perf_counter(), costs(pid, server)
        sleep(TURN_S)
        ended = perf_counter()
        spent = (costs(pid, server) - before) / (ended - begun)
        turns.append(Turn(opened, begun, ended, *spent.tolist()))
        if opened:
            helper.join()
            assert helper.exitcode == 0
    return turns


def within(times: Floats, values: Floats, turn: Turn) -> Floats:
    """The values whose times lie in a turn."""
    return values[(times >= turn.begun) & (times < turn.ended)]


def report(name: str, figures: list[tuple[bool, float]], unit: str) -> None:
    """Medians of the turns of each kind, and of the ratios of the two that lie side by side."""
    without, opened = (
        np.array([figure for kind, figure in figures if kind is wanted]) for wanted in (False, True)
    )
    low, middle, high = np.percentile(opened / without, [25, 50, 75])
    print(
        f"{name:<42} without {np.median(without):7.3f}   ten pages {np.median(opened):7.3f} {unit}"
        f"   ratio {middle:5.2f}   (quartiles {low:.2f}-{high:.2f})"
    )


def latency() -> None:
    """In turns without a page and with ten."""
    seconds = FIRST_S + 2 * PAIRS * (TURN_S + SETTLE_S + 4.0)
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.bind(("127.0.0.1", 0))
    heard_in, heard_out = multiprocessing.Pipe(duplex=False)
    helper = multiprocessing.Process(target=listen, args=(ear, heard_out))
    helper.start()
    sensor = WiredSensor(pulse(150.0, seconds))
    with tempfile.TemporaryDirectory() as folder:
        panel, address = start_panel(Path(folder), ear.getsockname()[1])
        try:
            asyncio.run(command(address, {"do": "start", "source": sensor.source}))
            sleep(FIRST_S)
            turns = take_turns(address, panel.pid)
            written = sensor.written()
        finally:
            panel.send_signal(signal.SIGTERM)
            panel.wait()
    ear.sendto(b"end", ear.getsockname())
    beats, waves = heard_in.recv()
    helper.join()
    decided = written[sensor.deciding_samples()]
    took = (beats - decided[np.searchsorted(decided, beats) - 1]) * 1000.0
    print(f"{len(decided)} beats decided, {len(beats)} heard")
    gaps = np.diff(waves) * 1000.0
    late = gaps - np.median(gaps)
    for name, times, what in (("beat: decided to sent", beats, took),
                              ("wave: later than its even place", waves[1:], late)):  # fmt: skip
        for share in (50, 99) if name.startswith("beat") else (99,):
            figures = [
                (turn.opened, float(np.percentile(within(times, what, turn), share)))
                for turn in turns
            ]
            report(f"{name}, p{share}", figures, "ms")
    for name, unit, cost in (
        ("processor time of what plays", "% of a core", lambda turn: 100.0 * turn.playing),
        ("processor time of the pages' server", "% of a core", lambda turn: 100.0 * turn.server),
        ("writes to that server", "a second", lambda turn: turn.writes),
    ):
        report(name, [(turn.opened, cost(turn)) for turn in turns], unit)


def drawing() -> None:
    """Four hearts on a page of 1280 x 800."""
    from playwright.sync_api import sync_playwright

    hearts = [f"sim?bpm={60 + 6 * n}&seed={n}&kind={'ecg' if n % 2 else 'ppg'}" for n in range(4)]
    with tempfile.TemporaryDirectory() as folder:
        panel, address = start_panel(Path(folder), 9)
        try:
            asyncio.run(command(address, *({"do": "start", "source": each} for each in hearts)))
            sleep(FIRST_S)
            with sync_playwright() as run:
                browser = run.chromium.launch(
                    executable_path=shutil.which("chromium"), args=["--no-sandbox"]
                )
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                page.goto(address)
                frames = page.evaluate(FRAMES, DRAWING_S)
                spent = np.array(page.evaluate("panel.drawing"))
                browser.close()
        finally:
            panel.send_signal(signal.SIGTERM)
            panel.wait()
    gaps = np.diff(np.array(frames))
    print(
        f"four hearts: median {1000.0 / np.median(gaps):.1f} frames a second "
        f"(p95 of a frame {np.percentile(gaps, 95):.1f} ms); drawing one takes median "
        f"{np.median(spent):.2f}, p95 {np.percentile(spent, 95):.2f} ms"
    )


if __name__ == "__main__":
    latency()
    drawing()
