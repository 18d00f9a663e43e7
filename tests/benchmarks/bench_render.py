"""How fast sessions become clips: ``uv run python -m tests.benchmarks.bench_render [--full]``.

Every figure is of a whole process, start-up and imports with it. The baseline is
``event_by_event.py`` (which says what it is), timed in the same run on the same files; for 100
sessions it is timed on 10 and scaled, as it handles one after the other, or on all with --full.
A session is 24 minutes: 14,400 rows of eight columns at 0.1 s, with six decimals.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

COLUMNS = "t,HR,SDNN,RMSSD,VLF,LF,HF,LF_HF"
ROWS = 14_400
BASELINE = Path(__file__).with_name("event_by_event.py")
SAMPLE = 10
SHARED_ECG = Path(__file__).resolve().parents[3] / "shared" / "data" / "ecg" / "embodied_005.csv"


def main() -> None:
    full = "--full" in sys.argv
    with tempfile.TemporaryDirectory() as scratch:
        here = Path(scratch)
        sessions = {n: folder_of(here / f"in{n}", n) for n in (4, SAMPLE, 100, 1000)}
        versus(here, sessions[4], sessions[4], ["drums"], 4, 3)
        versus(here, sessions[100], sessions[100 if full else SAMPLE], ["drums"], 100, 1)
        kinds = ["drums", "notes", "cc"]
        versus(here, sessions[100], sessions[100 if full else SAMPLE], kinds, 100, 1)
        memory(here, sessions[1000])
        raw(here)
        four(here)
        stages(sessions[4])


def folder_of(folder: Path, count: int) -> Path:
    """So many sessions; some of them hard links, as a thousand would take a gigabyte."""
    folder.mkdir()
    made: list[Path] = []
    for number in range(count):
        path = folder / f"session_{number:04d}.csv"
        if number < SAMPLE:
            write_session(path, number)
            made.append(path)
        else:
            os.link(made[number % SAMPLE], path)
    return folder


def write_session(path: Path, seed: int) -> None:
    noise = np.random.default_rng(seed)

    def wander(middle: float, spread: float) -> np.ndarray:
        points = noise.normal(middle, spread, 97)
        return np.abs(np.interp(np.arange(ROWS), np.linspace(0, ROWS, 97), points))

    hr = wander(72 + 2 * seed, 8)
    measures = [wander(40, 12), wander(30, 9), *(wander(b, b / 4) for b in (2e-4, 4e-5, 1e-5))]
    table = np.column_stack([np.arange(ROWS) / 10, hr, *measures, wander(3, 1)])
    np.savetxt(path, table, fmt="%.6f", delimiter=",", header=COLUMNS, comments="")


class Cost(NamedTuple):
    """What a process took."""

    wall: float
    cpu: float
    """Seconds of processor: nearly the same on a busy machine."""


INSTALLED = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
"""Modules are compiled once, as where anybody has used the program before."""


def run(*arguments: object) -> Cost:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    command = [sys.executable, *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=INSTALLED)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def ours(here: Path, folder: Path, what: str, *more: str) -> Cost:
    out = Path(tempfile.mkdtemp(dir=here))
    return run("-m", "bridge", "render", folder, "--out", out, "--what", what, *more)


def versus(
    here: Path, folder: Path, timed: Path, kinds: list[str], count: int, repeats: int
) -> None:
    """Ours (the best of some) and the baseline, one after the other, as a ratio."""
    workers = ("--jobs", "2") if count >= 100 else ()
    mine = best([ours(here, folder, ",".join(kinds), *workers) for _ in range(repeats + 2)])
    each = [
        best([run(BASELINE, kind, timed, here / "base") for _ in range(repeats)]) for kind in kinds
    ]
    scale = 1.0 if timed == folder else count / SAMPLE
    base = Cost(scale * sum(c.wall for c in each), scale * sum(c.cpu for c in each))
    note = "" if timed == folder else f" (timed on {SAMPLE}, scaled)"
    ratios = f"{base.wall / mine.wall:.0f}x (processor time {base.cpu / mine.cpu:.0f}x)"
    what = f"{count} sessions, {', '.join(kinds)}" + (", two workers" if workers else "")
    print(f"{what}: {mine.wall:.2f} s; baseline {base.wall:.1f} s{note}: {ratios}")


def best(costs: list[Cost]) -> Cost:
    return Cost(min(cost.wall for cost in costs), min(cost.cpu for cost in costs))


def memory(here: Path, folder: Path) -> None:
    """The greatest memory of the command and its workers together, looked at 50 times a second."""
    command = [sys.executable, "-m", "bridge", "render", folder, "--out", here / "thousand"]
    start = time.perf_counter()
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(resident(pid) for pid in family(process.pid)))
        time.sleep(0.02)
    seconds = time.perf_counter() - start
    print(f"1000 sessions, drums: {seconds:.1f} s, at most {peak / 1e6:.0f} MB resident in all")


def family(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        try:
            tasks = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        except OSError:
            continue
        found += map(int, tasks)
    return found


def resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def raw(here: Path) -> None:
    """One 24-minute ECG (720,000 samples), real where it is there: three clips and a picture."""
    path, name = SHARED_ECG, "real"
    if not path.is_file():
        from bridge.simulate.heart import Heart, HeartSimulator

        path, name = here / "ecg.csv", "simulated"
        heart = HeartSimulator(Heart(kind="ecg", rate_hz=500.0, offset=2048.0, amplitude=900.0))
        np.savetxt(path, heart.take(720_000).values, fmt="%d")
    arguments = ("--rate", "500", "--kind", "ecg")
    drawn = best([ours(here, path, "drums,notes,cc", "--plot", *arguments) for _ in range(3)])
    bare = best([ours(here, path, "drums,notes,cc", *arguments) for _ in range(3)])
    print(
        f"one {name} ECG: {drawn.wall:.2f} s with its picture (processor {drawn.cpu:.2f} s), "
        f"{bare.wall:.2f} s without ({bare.cpu:.2f} s)"
    )


def four(here: Path) -> None:
    """Four 24-minute ECGs to beats, tables and pictures; the shared two, each twice."""
    shared = [SHARED_ECG, SHARED_ECG.with_name("embodied_044.csv")]
    if not all(path.is_file() for path in shared):
        print("four ECGs: the shared recordings are not here")
        return
    folder = here / "four"
    folder.mkdir()
    for number in range(4):
        (folder / f"ecg{number}.csv").write_bytes(shared[number % 2].read_bytes())
    arguments = ("--rate", "500", "--kind", "ecg", "--plot")
    for workers in ("1", "2"):
        out = Path(tempfile.mkdtemp(dir=here))
        command = ("-m", "bridge", "analyze", folder, "--out", out, *arguments, "--jobs", workers)
        cost = best([run(*command) for _ in range(3)])
        print(
            f"four ECGs to beats, tables and pictures, {workers} processes: {cost.wall:.2f} s "
            f"(processor {cost.cpu:.2f} s)"
        )


def stages(folder: Path) -> None:
    """Where the time of one table goes, in this process."""
    from bridge.clips.render import render, setting_of
    from bridge.clips.scale import Scales
    from bridge.clips.session import session_of, spreads_of
    from bridge.clips.smf import encode
    from bridge.clips.style_file import load_style
    from bridge.recordings.read import read_recording

    def fastest(work):  # type: ignore[no-untyped-def]
        times = []
        for _ in range(7):
            start = time.perf_counter()
            result = work()
            times.append(time.perf_counter() - start)
        return result, 1e3 * min(times)

    path = sorted(folder.iterdir())[0]
    style = load_style("default")
    _, few = fastest(lambda: read_recording(path, measures={"HR", "SDNN", "RMSSD"}))
    recording, all_columns = fastest(lambda: read_recording(path))
    session = session_of("s", recording.columns)
    own, spreading = fastest(lambda: spreads_of(session))
    scales, setting = Scales(own, own, ((0.0, own),)), setting_of(session, style)
    clip, rendering = fastest(lambda: render("drums", session, style, scales, setting))
    data, encoding = fastest(lambda: encode(clip))
    print(
        f"one table: read {few:.1f} ms (all columns {all_columns:.1f}), spans {spreading:.2f}, "
        f"drums {rendering:.1f}, bytes {encoding:.2f} ({len(data) // 1000} kB)"
    )


if __name__ == "__main__":
    main()
