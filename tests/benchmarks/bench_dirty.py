"""Beats in signals that are not regular or not clean, first beats, and the best of the peers.

Run from the project's root: ``python -m tests.benchmarks.bench_dirty [--peers]``. Needs the
shared recordings (../shared/data); ``--peers`` needs the dependency group ``reference`` (they see
the whole record, and none of them ever says that there is no heart).
"""

import argparse
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bridge.detect import make_detector
from bridge.events import Beat
from tests.benchmarks.bench_accuracy import SHARED, find, load_scorer, rates

CPSC = {f"ecg/cpsc2019/{i:05d}": 500 for i in range(1, 100, 2)}
"""The records that are shared."""
SECONDS_REPEATED = 10.0
NO_CLEANING_OF_THEIR_OWN = ("rodrigues2021", "khamis2016")
"""Peers whose name NeuroKit2's cleaning does not know: it is given its default."""


@dataclass(frozen=True)
class Records:
    """Records scored together, and how."""

    kind: str
    rates_hz: dict[str, int]
    tolerance_s: float
    align: bool = True
    repeats: int = 1
    skip_s: float = 3.0


SETS = {
    "CPSC2019, 50 of 10 s": Records("ecg", CPSC, 0.075, align=False, skip_s=0.0),
    "CPSC2019 to 40 s": Records("ecg", CPSC, 0.075, align=False, repeats=4, skip_s=20.0),
    "noise stress 119, 24 dB": Records("ecg", {"ecg/nstdb119e24_10min": 360}, 0.1),
    "noise stress 119, 6 dB": Records("ecg", {"ecg/nstdb119e06_10min": 360}, 0.1),
    "MIT-BIH 208": Records("ecg", {"ecg/mitdb208": 360}, 0.1),
    "AD8232": Records("ecg", {f"ecg/ad8232_data{i}": 100 for i in (1, 2)}, 0.1),
    "finger and phone": Records(
        "ppg", {"ppg/rest5min": 100} | {f"ppg/welltory_{i:02d}": 100 for i in range(1, 11)}, 0.15
    ),
    "MAX30102": Records("ppg", {f"ppg/max30102_{n}": 100 for n in ("data1", "data2", "DQH")}, 0.15),
    "wrist": Records("ppg", {f"ppg/e4_wrist_{i}": 64 for i in (2, 6)}, 0.15),
}

Finder = Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray, float]]
"""All beats, s; those told in time; when the first was told, s (infinite where none was)."""


def ours(kind: str) -> Finder:
    def run(values: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray, float]:
        beats: list[Beat] = find(make_detector(kind, float(rate)), values, rate)
        told = [beat for beat in beats if not beat.late]
        first = min((beat.sure_t for beat in told), default=float("inf"))
        return np.array([b.t for b in beats]), np.array([b.t for b in told]), first

    return run


def peers(kind: str) -> dict[str, Finder]:
    """What NeuroKit2 and SleepECG offer for a kind of signal."""
    import neurokit2
    import sleepecg

    def of(detect: Callable[[np.ndarray, int], np.ndarray]) -> Finder:
        def run(values: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray, float]:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    found = np.asarray(detect(values, rate), float) / rate
            except (ValueError, IndexError, ZeroDivisionError):
                found = np.empty(0)
            return found, found, float("nan")

        return run

    def ecg(method: str) -> Callable[[np.ndarray, int], np.ndarray]:
        def run(values: np.ndarray, rate: int) -> np.ndarray:
            cleaned_by = "neurokit" if method in NO_CLEANING_OF_THEIR_OWN else method
            clean = neurokit2.ecg_clean(values, sampling_rate=rate, method=cleaned_by)
            return neurokit2.ecg_peaks(clean, sampling_rate=rate, method=method)[1]["ECG_R_Peaks"]

        return run

    def ppg(method: str) -> Callable[[np.ndarray, int], np.ndarray]:
        def run(values: np.ndarray, rate: int) -> np.ndarray:
            clean = neurokit2.ppg_clean(values, sampling_rate=rate, method="elgendi")
            found = neurokit2.ppg_findpeaks(clean, sampling_rate=rate, method=method)
            return found["PPG_Peaks"]

        return run

    if kind == "ppg":
        return {name: of(ppg(name)) for name in ("elgendi", "charlton")}
    methods = ("neurokit", "kalidas2017", "rodrigues2021", "khamis2016", "elgendi2010")
    found = {name: of(ecg(name)) for name in methods}
    found["sleepecg"] = of(lambda values, rate: sleepecg.detect_heartbeats(values, rate))
    return found


def row(name: str, who: str, records: Records, finder: Finder) -> None:
    scorer = load_scorer()
    found, told = np.zeros(3, int), np.zeros(3, int)
    silent, firsts, lowest = 0, [], 100.0
    for record, rate in records.rates_hz.items():
        values = np.tile(np.loadtxt(SHARED / "data" / f"{record}.csv"), records.repeats)
        once = np.loadtxt(SHARED / "data" / f"{record}.beats.csv")
        reference = np.concatenate([once + SECONDS_REPEATED * i for i in range(records.repeats)])
        beats, heard, first = finder(values, rate)
        firsts.append(first)
        silent += not len(beats)
        counts, lag = (int((reference >= records.skip_s).sum()), 0, 0), 0.0
        if len(beats):
            n_ref, n_all, hits, lag = scorer.score(
                beats, reference, records.tolerance_s, records.align, records.skip_s
            )
            counts = n_ref, n_all, len(hits)
        heard = heard - lag
        heard = heard[
            (heard >= records.skip_s - records.tolerance_s)
            & (heard <= reference[-1] + records.tolerance_s)
        ]
        late = reference[reference >= records.skip_s]
        found += counts
        told += counts[0], len(heard), len(scorer.match(late, heard, records.tolerance_s))
        lowest = min(lowest, rates(counts)[2])
    median, ninety = np.percentile(firsts, [50, 90], method="higher")
    print(f"{name:<25}{who:<15}{rates(tuple(found))[2]:5.1f} / {rates(tuple(found))[1]:5.1f}   "
          f"{rates(tuple(told))[2]:5.1f}   {lowest:5.1f} {silent:4d}      "
          f"{median:4.1f} {ninety:4.1f} {max(firsts):4.1f}", flush=True)  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", action="store_true", help="also the other detectors")
    with_peers = parser.parse_args().peers
    print("F1 / PPV of all found, F1 of those announced, lowest F1, records without any beat; "
          "first beat told after: median, 90 %, longest, s")  # fmt: skip
    for name, records in SETS.items():
        row(name, "ours", records, ours(records.kind))
        row(name, "ours, auto", records, ours("auto"))
        if with_peers:
            for who, finder in peers(records.kind).items():
                row(name, who, records, finder)


if __name__ == "__main__":
    main()
