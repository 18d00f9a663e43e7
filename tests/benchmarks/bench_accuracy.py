"""Every figure about the beats, in one table, beside the EMA of seed 002 run on the same records.

Run from the project's root: ``python -m tests.benchmarks.bench_accuracy [--quick]``. Needs the
shared recordings (../shared/data). Matching is that of ../shared/tools/score_beats.py.
"""

import argparse
import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
from scipy.signal import resample_poly

from bridge.detect import make_detector
from bridge.detect.ema import EmaDetector
from bridge.events import Beat, SampleChunk
from bridge.simulate.heart import Heart, simulate
from bridge.simulate.not_a_heart import MAKERS, not_a_heart

SHARED = Path(__file__).resolve().parents[3] / "shared"
SKIP_S = 3.0
ECG = {"ecg/mitdb100": 360, "ecg/nstdb118e24": 360, "ecg/nstdb118e12": 360}
PPG = {"ppg/rest5min": 100} | {f"ppg/welltory_{i:02d}": 100 for i in range(1, 11)}
TOLERANCE_S = {"ecg": 0.05, "ppg": 0.15}

Change = Callable[[np.ndarray, int], tuple[np.ndarray, int]]


def load_scorer() -> ModuleType:
    """The scoring tool that everybody's figures come from."""
    spec = importlib.util.spec_from_file_location(
        "score_beats", SHARED / "tools" / "score_beats.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Sum:
    """Counts of beats that pool over records."""

    def __init__(self) -> None:
        self.counts = np.zeros(3, int)
        self.lowest = 100.0

    def add(self, counts: tuple[int, int, int]) -> None:
        self.counts += counts
        self.lowest = min(self.lowest, rates(counts)[2])

    def __str__(self) -> str:
        return text(tuple(self.counts))


def rates(counts: tuple[int, ...]) -> tuple[float, float, float]:
    """Se, PPV and F1 in per cent, of (reference, detected, hit)."""
    reference, detected, hit = counts
    return (
        100 * hit / max(reference, 1),
        100 * hit / max(detected, 1),
        200 * hit / max(reference + detected, 1),
    )


def text(counts: tuple[int, ...]) -> str:
    return " / ".join(f"{value:5.1f}" for value in rates(counts))


def find(detector: object, values: np.ndarray, rate: float) -> list[Beat]:
    chunk = SampleChunk(0.0, float(rate), np.asarray(values, float))
    events = detector.push(chunk) + detector.flush()
    return [event for event in events if isinstance(event, Beat)]


def score(scorer: ModuleType, beats: list[Beat], reference: np.ndarray, kind: str):
    """Counts of all found and of those announced in time (at the same lag), and the lag."""
    tolerance = TOLERANCE_S[kind]
    times = np.array([beat.t for beat in beats])
    n_ref, n_all, hits, lag = scorer.score(times, reference, tolerance, kind == "ppg", SKIP_S)
    announced = np.array([beat.t for beat in beats if not beat.late]) - lag
    announced = announced[
        (announced >= SKIP_S - tolerance) & (announced <= reference[-1] + tolerance)
    ]
    heard = scorer.match(reference[reference >= SKIP_S], announced, tolerance)
    return (n_ref, n_all, len(hits)), (n_ref, len(announced), len(heard)), lag, hits


def ema_at_its_best(
    scorer: ModuleType, values: np.ndarray, rate: int, reference: np.ndarray, kind: str
) -> tuple[int, int, int]:
    """Counts of the plain EMA on the record in 10-bit counts, at the kinder of two scalings.

    Its threshold is in counts: the converter's range is either the whole record's, or that of all
    but its extremes.
    """
    best = (1, 0, 0)
    for share in (0.0, 0.5):
        low, high = np.percentile(values, [share, 100 - share])
        counts = np.clip(np.round((values - low) / (high - low) * 1023), 0, 1023)
        found = score(scorer, find(EmaDetector(rate), counts, rate), reference, kind)[0]
        best = max(best, found, key=lambda counts: rates(counts)[2])
    return best


def table(scorer: ModuleType, kind: str, records: dict[str, int]) -> None:
    print(f"\n{kind}: Se / PPV / F1 in per cent, whole records, skipping the first {SKIP_S:g} s")
    print(f"{'record':<17}{'all found':^23}{'announced in time':^23}{'auto kind, all':^23}"
          f"{'EMA of seed 002':^23}  lag ms  delay ms: mean sd max")  # fmt: skip
    sums = [Sum() for _ in range(4)]
    delays: list[float] = []
    for name, rate in records.items():
        values = np.loadtxt(SHARED / "data" / f"{name}.csv")
        reference = np.loadtxt(SHARED / "data" / f"{name}.beats.csv")
        beats = find(make_detector(kind, rate), values, rate)
        found, announced, lag, _ = score(scorer, beats, reference, kind)
        auto = score(scorer, find(make_detector("auto", rate), values, rate), reference, kind)[0]
        ema = ema_at_its_best(scorer, values, rate, reference, kind)
        for total, counts in zip(sums, (found, announced, auto, ema), strict=True):
            total.add(counts)
        delay = [1000 * (b.sure_t - b.t) for b in beats if not b.late]
        delays += delay
        print(f"{name:<17}{text(found):^23}{text(announced):^23}{text(auto):^23}{text(ema):^23}"
              f"  {1000 * lag:+5.0f}  {np.mean(delay):5.0f} {np.std(delay):5.1f} "
              f"{np.max(delay):5.0f}")  # fmt: skip
    pooled = "".join(f"{total!s:^23}" for total in sums)
    spread = f"{np.mean(delays):5.0f} {np.std(delays):5.1f} {np.max(delays):5.0f}"
    print(f"{'pooled':<17}{pooled}         {spread}")
    print(f"{'lowest F1':<17}" + "".join(f"{total.lowest:^23.1f}" for total in sums))


def changes() -> dict[str, Change]:
    """The same records as another sensor would have given them."""

    def noisy(values: np.ndarray, rate: int) -> tuple[np.ndarray, int]:
        ends = np.pad(values, (rate // 2, rate - rate // 2 - 1), "edge")
        usual = np.median(np.abs(values - np.convolve(ends, np.ones(rate) / rate, "valid")))
        noise = np.random.default_rng(1).standard_normal(len(values))
        return values + 0.3 * 1.48 * usual * noise * np.sqrt(rate / 100), rate

    def at(other: int) -> Change:
        return lambda values, rate: (resample_poly(values - values[0], other, rate), other)

    return {
        "as they are": lambda values, rate: (values, rate),
        "upside down": lambda values, rate: (-values, rate),
        "x 0.001 - 5": lambda values, rate: (0.001 * values - 5, rate),
        "white noise 0.3": noisy,
        **{f"at {other} Hz": at(other) for other in (25, 50, 100, 250, 1000)},
    }


def robustness(scorer: ModuleType, kind: str, records: dict[str, int]) -> None:
    print(f"\n{kind}: the same records changed, pooled: all found | announced | lowest F1")
    for name, change in changes().items():
        found, announced = Sum(), Sum()
        for record, rate in records.items():
            values = np.loadtxt(SHARED / "data" / f"{record}.csv")
            reference = np.loadtxt(SHARED / "data" / f"{record}.beats.csv")
            values, rate = change(values, rate)
            beats = find(make_detector(kind, rate), values, rate)
            counts = score(scorer, beats, reference, kind)
            found.add(counts[0])
            announced.add(counts[1])
        print(f"{name:<17}{found!s:^23} |{announced!s:^23} | {found.lowest:5.1f}")


def silence(minutes: float) -> None:
    rates_hz = (25, 50, 100, 250, 500, 1000)
    print(f"\nnot a heart: false beats in {minutes:g} minutes (10 allowed in 10), kind ppg / ecg / "
          f"auto at {', '.join(map(str, rates_hz))} Hz; EMA at 1000 Hz")  # fmt: skip
    for name in MAKERS:
        cells = []
        for rate in rates_hz:
            chunk = not_a_heart(name, rate, 60 * minutes)
            counts = [
                len(find(make_detector(kind, rate), chunk.values, rate))
                for kind in ("ppg", "ecg", "auto")
            ]
            cells.append("/".join(map(str, counts)))
        ema = len(find(EmaDetector(1000), not_a_heart(name, 1000, 60 * minutes).values, 1000))
        print(f"{name:<24}" + "".join(f"{cell:>11}" for cell in cells) + f"   EMA {ema}")


def timing() -> None:
    print("\nsimulated hearts at 20 dB: missed, false, interval error sd in ms, announcement after "
          "the true beat: mean and sd in ms")  # fmt: skip
    for kind in ("ppg", "ecg"):
        for rate in (25, 50, 100, 500, 1000):
            cells = []
            for bpm in (40, 60, 75, 120, 200):
                heart = Heart(kind=kind, rate_hz=rate, bpm=bpm, noise_db=20, seed=bpm)
                chunk, truth = simulate(heart, 120)
                beats = find(make_detector(kind, rate), chunk.values, rate)
                near = {int(np.argmin(np.abs(truth - b.t))): b for b in beats}
                pairs = [(truth[i], b) for i, b in near.items() if abs(truth[i] - b.t) < 0.1]
                errors = np.diff([b.t - t for t, b in pairs])
                after = [1000 * (b.sure_t - t) for t, b in pairs if not b.late] or [np.nan]
                cells.append(
                    f"{bpm}: {len(truth) - len(pairs)} {len(beats) - len(pairs)} "
                    f"{1000 * np.std(errors) if len(errors) else np.nan:.1f} "
                    f"{np.mean(after):.0f}+-{np.std(after):.1f}"
                )
            print(f"{kind} {rate:5d} Hz   " + "   ".join(cells))


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one minute of what is not a heart")
    minutes = 1.0 if parser.parse_args().quick else 10.0
    scorer = load_scorer()
    for kind, records in (("ppg", PPG), ("ecg", ECG)):
        table(scorer, kind, records)
        robustness(scorer, kind, records)
    timing()
    silence(minutes)


if __name__ == "__main__":
    main()
