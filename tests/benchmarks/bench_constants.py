"""How far each constant of the detectors may be moved: pooled F1 stays within 0.1 points.

Of those of ``auto``, which decide no F1 here: the kind is right as often.

Run from the project's root: ``nice python -m tests.benchmarks.bench_constants [NAME ...]``, without
names for those whose words say that their range was not measured. Needs the shared recordings
(../shared/data); a part of them, so that one evaluation takes some seconds.
"""

import argparse
import ast
import importlib
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np

from bridge.detect import make_detector
from bridge.detect.auto import AutoDetector
from bridge.events import SampleChunk
from tests.benchmarks.bench_accuracy import SHARED, find, load_scorer, rates
from tests.benchmarks.bench_dirty import SETS

FACTORS_DOWN, FACTORS_UP = (0.85, 0.7, 0.5), (1.15, 1.4, 2.0)
WITHIN = 0.1
PARTS = {
    "ppg": [
        ("ppg/rest5min", 100, 0, 60),
        *((f"ppg/welltory_{i:02d}", 100, 0, 60) for i in (1, 3, 5, 7, 8, 10)),
        ("ppg/max30102_data2", 100, 0, 60),
        ("ppg/max30102_DQH", 100, 0, 60),
        ("ppg/e4_wrist_2", 64, 200, 60),
        ("ppg/e4_wrist_6", 64, 100, 60),
    ],
    "ecg": [
        *((f"ecg/cpsc2019/{i:05d}", 500, 0, 10) for i in range(1, 100, 6)),
        ("ecg/mitdb100", 360, 0, 30),
        ("ecg/nstdb118e12", 360, 0, 60),
        ("ecg/nstdb119e06_10min", 360, 290, 60),
        ("ecg/mitdb208", 360, 300, 60),
        ("ecg/ad8232_data2", 100, 0, 40),
    ],
}
"""Record, rate in Hz, first second and length in s."""
TOLERANCE_S = {"ppg": 0.15, "ecg": 0.1}
ONLY_ECG = ("level", "qrs", "ecg", "bigeminy", "recent_beats", "noise")
ONLY_PULSE = ("ppg", "periodicity", "upstrokes", "polarity")
BEGUN_AT_S, BEGUN_FOR_S = (0, 9, 23, 38), 12
"""``auto`` begins anew at these moments of each record, s, and must have said its kind after so
long; records of 10 s begin once."""
NOT_HERE = ("ema", "timebase", "holes")
"""What decides on other things than beats found."""


def load(kind: str) -> list[tuple[np.ndarray, np.ndarray, int]]:
    """The parts of records, with their beats."""
    loaded = []
    for name, rate, start, length in PARTS[kind]:
        values = np.loadtxt(SHARED / "data" / f"{name}.csv")
        beats = np.loadtxt(SHARED / "data" / f"{name}.beats.csv") - start
        part = values[start * rate : (start + length) * rate]
        loaded.append((part, beats[(beats >= 0) & (beats < len(part) / rate)], rate))
    return loaded


class Corpus:
    """The recordings, read once."""

    def __init__(self) -> None:
        self._scorer = load_scorer()
        self._parts = {kind: load(kind) for kind in PARTS}

    def f1(self, kinds: tuple[str, ...]) -> dict[str, float]:
        """Pooled F1 of all beats found, by kind, %."""
        pooled = {}
        for kind in kinds:
            counts = np.zeros(3, int)
            for values, reference, rate in self._parts[kind]:
                times = np.array([b.t for b in find(make_detector(kind, rate), values, rate)])
                if not len(times):
                    counts[0] += len(reference)
                    continue
                n_ref, n_all, hits, _ = self._scorer.score(
                    times, reference, TOLERANCE_S[kind], True, 0.0
                )
                counts += n_ref, n_all, len(hits)
            pooled[kind] = rates(tuple(counts))[2]
        return pooled


class Beginnings:
    """Where ``auto`` must say what it is: all the shared records, begun at several moments."""

    def __init__(self) -> None:
        self._parts = []
        for records in SETS.values():
            for name, rate in records.rates_hz.items() if records.repeats == 1 else ():
                values = np.loadtxt(SHARED / "data" / f"{name}.csv", max_rows=60 * rate)
                for start in BEGUN_AT_S:
                    part = values[start * rate : (start + BEGUN_FOR_S) * rate]
                    if start == 0 or len(part) == BEGUN_FOR_S * rate:
                        self._parts.append((part, rate, records.kind))

    def __len__(self) -> int:
        return len(self._parts)

    def wrong(self) -> int:
        """How many are taken for the other kind, or for none."""
        wrong = 0
        for values, rate, kind in self._parts:
            detector = AutoDetector(float(rate))
            detector.push(SampleChunk(0.0, float(rate), values))
            wrong += detector.kind != kind
        return wrong


def modules() -> list[ModuleType]:
    """All of the detectors' modules."""
    make_detector("auto", 100.0)
    return [m for name, m in sorted(sys.modules.items()) if name.startswith("bridge.detect.")]


def constants(module: ModuleType) -> list[tuple[str, str]]:
    """Name and words of a module's numbers, or pairs of numbers."""
    body = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")).body
    found, names = [], []
    for node in body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                each = target.elts if isinstance(target, ast.Tuple) else [target]
                names += [name.id for name in each if isinstance(name, ast.Name)]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found += [(name, str(node.value.value)) for name in names]
            names = []
        else:
            names = []
    return [each for each in found if scaled(getattr(module, each[0]), 1.0) is not None]


def scaled(value: object, factor: float) -> object | None:
    """The value times the factor; None where that means nothing."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return max(1, round(value * factor))
    if isinstance(value, float):
        return value * factor
    if isinstance(value, tuple) and all(isinstance(v, float) for v in value):
        return tuple(v * factor for v in value)
    return None


def put(name: str, old: object, new: object) -> None:
    """Give a constant another value wherever it was imported."""
    for module in modules():
        if getattr(module, name, None) is old:
            setattr(module, name, new)


def reach(name: str, value: object, cost: Callable[[], float], within: float) -> str:
    """The range in which the cost stays within so much, and the first steps beyond it."""
    ends, costs = [value, value], []
    for side, factors in enumerate((FACTORS_DOWN, FACTORS_UP)):
        for factor in factors:
            other = scaled(value, factor)
            if other == value:
                continue
            put(name, value, other)
            try:
                more = cost()
            except (ValueError, IndexError, ZeroDivisionError, StopIteration):
                costs.append(f"{other} fails")
                break
            finally:
                put(name, other, value)
            if more > within:
                costs.append(f"{text(other)}: {-more:+.1f}")
                break
            ends[side] = other
    return f"{text(ends[0])} to {text(ends[1])} ({text(value)}); {', '.join(costs)}"


def text(value: object) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(text(each) for each in value) + ")"
    return f"{value:.3g}"


def main() -> None:
    """Print a line for each constant."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="constants, or those without a measured range")
    asked = parser.parse_args().names
    corpus, beginnings = Corpus(), Beginnings()
    usual = corpus.f1(("ppg", "ecg"))
    usually_wrong = beginnings.wrong()
    print(", ".join(f"{kind}: F1 {value:.2f}" for kind, value in usual.items()), flush=True)
    print(f"auto: {usually_wrong} of {len(beginnings)} wrong", flush=True)

    def points_lost(kinds: tuple[str, ...]) -> float:
        return max(usual[kind] - now for kind, now in corpus.f1(kinds).items())

    def more_are_wrong() -> float:
        return beginnings.wrong() - usually_wrong

    for module in modules():
        short = module.__name__.removeprefix("bridge.detect.")
        if short.rsplit(".", maxsplit=1)[-1] in NOT_HERE:
            continue
        kinds = ("ppg", "ecg")
        if any(part in short.split(".") for part in ONLY_ECG):
            kinds = ("ecg",)
        elif any(part in short.split(".") for part in ONLY_PULSE):
            kinds = ("ppg",)
        cost, within = partial(points_lost, kinds), WITHIN
        if short == "auto":
            cost, within = more_are_wrong, 0.0
        for name, words in constants(importlib.import_module(module.__name__)):
            if name in asked or (
                not asked and "range not measured" in words.replace("\n", " ").lower()
            ):
                line = reach(name, getattr(module, name), cost, within)
                print(f"{short}.{name}: {line}", flush=True)


if __name__ == "__main__":
    main()
