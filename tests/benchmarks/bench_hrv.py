"""What the rhythm stage and the HRV cost: ``uv run python -m tests.benchmarks.bench_hrv``.

Everything is measured beside a plain recomputation of the same numbers, in the same run, on 24
minutes of ECG at 500 Hz: ``../shared/data/ecg/embodied_005.csv`` where it is, else a simulated one.
With the ``reference`` dependency group, NeuroKit2 and HeartPy run on the same recording.
"""

import importlib.util
import statistics
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import scipy.interpolate  # noqa: F401 (imports are not what is measured)
from scipy.signal import lombscargle

from bridge.analysis.analyze import Analysis, analyze, beats_csv, hrv_csv
from bridge.events import Beat, Interval
from bridge.hrv.measures import NormalIntervals, frequency_grid, normal_intervals, time_domain
from bridge.hrv.rolling import HrvWindows, RollingHrv
from bridge.hrv.table import hrv_table
from bridge.intervals.online import Rhythm
from bridge.intervals.whole import judge
from bridge.recordings.read import read_recording
from bridge.simulate.heart import Heart, HeartSimulator

ECG = Path(__file__).resolve().parents[3] / "shared" / "data" / "ecg" / "embodied_005.csv"
RATE_HZ = 500.0
SECONDS = 1440
NAIVE_ROWS = 60


def seconds(work: Callable[[], object], rounds: int = 5) -> float:
    """The median of a few rounds."""
    took = []
    for _ in range(rounds):
        start = perf_counter()
        work()
        took.append(perf_counter() - start)
    return statistics.median(took)


def show(what: str, ours_s: float, baseline: str = "", baseline_s: float | None = None) -> None:
    """One line of the table."""
    other = ratio = ""
    if baseline_s is not None:
        other, ratio = f"{baseline} {readable(baseline_s)}", f"{baseline_s / ours_s:,.1f} x"
    print(f"{what:<46}{readable(ours_s):>10}{other:>28}{ratio:>12}")


def readable(time_s: float) -> str:
    """With the unit that suits."""
    unit, scale = next((u, s) for u, s in (("s", 1.0), ("ms", 1e-3), ("us", 0.0)) if time_s >= s)
    return f"{time_s / (scale or 1e-6):.3g} {unit}"


def within(intervals: Sequence[Interval], t: float, length_s: float) -> NormalIntervals:
    """The intervals inside the window that ends at ``t``."""
    here = [each for each in intervals if each.t <= t and each.t > t - length_s]
    return normal_intervals(here)


def recompute_time_domain(intervals: Sequence[Interval], t: float, length_s: float) -> None:
    """One window's measures afresh."""
    normal = within(intervals, t, length_s)
    time_domain(normal.nn_ms, normal.breaks)


def recompute_spectrum(intervals: Sequence[Interval], t: float, length_s: float) -> None:
    """One window's periodogram afresh, by scipy."""
    normal = within(intervals, t, length_s)
    f = frequency_grid(length_s)
    lombscargle(normal.end_s, normal.nn_ms - normal.nn_ms.mean(), 2 * np.pi * f)


def live(analysis: Analysis) -> None:
    """The streaming stages, a beat at a time."""
    beats = [Beat(beat.t, beat.t) for beat in analysis.beats]
    intervals = analysis.intervals
    n = len(intervals)

    def judge_live() -> None:
        stage = Rhythm()
        for beat in beats:
            stage.push(beat)

    def roll(windows: HrvWindows, every_s: float) -> Callable[[], None]:
        def work() -> None:
            stage = RollingHrv(windows, every_s)
            for interval in intervals:
                stage.push(interval)

        return work

    show("rhythm stage, a beat", seconds(judge_live) / n)
    for time_s in (60.0, 600.0):
        ours_s = seconds(roll(HrvWindows(time_s=time_s), 1e9)) / n
        recent = intervals[-round(1.3 * time_s) :]  # a deque of the window would hold these
        theirs_s = seconds(lambda r=recent, s=time_s: recompute_time_domain(r, r[-1].t, s))  # type: ignore[misc]
        show(f"time domain, {time_s:.0f} s window, a beat", ours_s, "recomputed", theirs_s)
    base_s = seconds(roll(HrvWindows(), 1e9))
    for length_s in (180.0, 600.0):
        ours_s = (seconds(roll(HrvWindows(frequency_s=length_s), 0.0)) - base_s) / n
        theirs_s = seconds(lambda s=length_s: recompute_spectrum(intervals, 1000.0, s))  # type: ignore[misc]
        show(f"spectrum, {length_s:.0f} s window, once", ours_s, "scipy", theirs_s)
    show("spectrum by FFT, 180 s window, once",
         (seconds(roll(replace(HrvWindows(), spectrum="fft"), 0.0), 2) - base_s) / n)  # fmt: skip


def offline(ecg: Path, analysis: Analysis) -> None:
    """The whole-recording stages, and the chain of them."""
    intervals = analysis.intervals
    beats_t = np.array([beat.t for beat in analysis.beats])
    windows = HrvWindows()

    def rows() -> None:
        for t in np.linspace(200.0, SECONDS - 1.0, NAIVE_ROWS).tolist():
            recompute_time_domain(intervals, t, windows.rate_s)
            recompute_time_domain(intervals, t, windows.time_s)
            recompute_spectrum(intervals, t, windows.frequency_s)

    show("judging all intervals as published", seconds(lambda: judge(beats_t)))
    row_by_row_s = seconds(rows, 1) / NAIVE_ROWS * SECONDS * 10
    show("table: 14,400 rows, 7 measures", seconds(lambda: hrv_table(intervals, SECONDS)),
         "row by row", row_by_row_s)  # fmt: skip
    recording = read_recording(ecg, rate_hz=RATE_HZ)
    show("reading the file", seconds(lambda: read_recording(ecg, rate_hz=RATE_HZ)))
    show("beats, intervals and table of the signal", seconds(lambda: analyze(recording)))
    show(
        "both results as text", seconds(lambda: (beats_csv(analysis, "a/b.csv"), hrv_csv(analysis)))
    )
    show("the whole chain, from file to table", seconds(lambda: chain(ecg)))


def chain(ecg: Path) -> Analysis:
    """File to table."""
    return analyze(read_recording(ecg, rate_hz=RATE_HZ))


def peers(ecg: Path, analysis: Analysis) -> None:
    """NeuroKit2 and HeartPy on the same recording, where they are installed."""
    warnings.simplefilter("ignore")
    values = np.loadtxt(ecg)
    rate = int(RATE_HZ)
    peaks = np.round(np.array([beat.t for beat in analysis.beats]) * rate).astype(int)
    chain_s = seconds(lambda: chain(ecg))
    if importlib.util.find_spec("neurokit2"):
        import neurokit2 as nk

        fix_s = seconds(lambda: nk.signal_fixpeaks(peaks, rate, iterative=False, method="Kubios"))
        show("judging all intervals", seconds(lambda: judge(peaks / rate)), "NeuroKit2", fix_s)
        process_s = seconds(lambda: nk.ecg_process(values, rate), 1)
        show("file to table; theirs: ecg_process alone", chain_s, "NeuroKit2", process_s)
    if importlib.util.find_spec("heartpy"):
        import heartpy

        process_s = seconds(lambda: heartpy.process(values, RATE_HZ), 1)
        show("file to table; theirs: one row in all", chain_s, "HeartPy", process_s)


def main() -> None:
    """Print all of it."""
    with tempfile.TemporaryDirectory() as folder:
        ecg = ECG
        if not ecg.exists():
            ecg = Path(folder) / "simulated.csv"
            heart = HeartSimulator(Heart(kind="ecg", rate_hz=RATE_HZ, amplitude=300, offset=2048))
            np.savetxt(ecg, heart.take(int(SECONDS * RATE_HZ)).values, fmt="%d")
        analysis = chain(ecg)
        print(f"{ecg.name}: {len(analysis.beats)} beats\n")
        live(analysis)
        offline(ecg, analysis)
        peers(ecg, analysis)


if __name__ == "__main__":
    main()
