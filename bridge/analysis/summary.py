"""Analysis -> every measure of the recording and of each of its phases, as data and as a table."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from bridge.analysis.analyze import Analysis
from bridge.events import Breath, Label
from bridge.hrv.breath import Breathing
from bridge.hrv.stretch import LEAST_S, Stretch, measure
from bridge.phases import Phase, phases_between
from bridge.steps import median_step

BREATH_HEADER = "t,level,rate"
WHOLE = "whole"
"""What all of a recording is called beside its phases."""
LEAST_FOR_SDNN_S = 30.0
"""Below this SDNN is told with a word: it lacks the waves of 0.04 Hz and slower that make most of
it (Munoz et al. 2015, PLoS ONE 10:e0138921)."""


@dataclass(frozen=True, slots=True)
class Part:
    """A recording, or one phase of it."""

    name: str
    start_s: float
    end_s: float
    beats: int
    labels: dict[str, int]
    """How many of its intervals were given each label."""
    stretch: Stretch
    breaths_per_minute: float | None
    """Median of what the breath's follower told while it knew."""


def parts_of(analysis: Analysis, breath: Sequence[Breath]) -> list[Part]:
    """Measure the whole recording, then each phase.

    Args:
        analysis: with beats; a table has none, see ``means_of``.
        breath: as of ``breath_of``.
    """
    start = max(0.0, float(analysis.table["t"][0])) if len(analysis.table["t"]) else 0.0
    whole = Phase(WHOLE, start, analysis.end_s)
    phases = phases_between(analysis.recording.markers, start, analysis.end_s)
    told = [(point.t, point.rate) for point in breath if point.rate is not None]
    parts = []
    for phase in (whole, *phases):
        inside = [e for e in analysis.intervals if phase.start <= e.t < phase.end]
        counts = Counter(each.label for each in inside)
        rates = [rate for t, rate in told if phase.start <= t < phase.end]
        parts.append(
            Part(
                phase.name,
                phase.start,
                phase.end,
                sum(phase.start <= beat.t < phase.end for beat in analysis.beats),
                {label.value: counts[label] for label in Label},
                measure(analysis.intervals, phase.start, phase.end),
                median(rates) if rates else None,
            )
        )
    return parts


def breath_of(analysis: Analysis) -> list[Breath]:
    """The breath as the live stage follows it through the beats."""
    breathing = Breathing()
    points = [
        point
        for beat in sorted(analysis.beats, key=lambda beat: beat.sure_t)
        for point in breathing.push(beat)
    ]
    return points + breathing.until(analysis.end_s)


def means_of(analysis: Analysis) -> dict[str, dict[str, float]]:
    """Of a table: the mean of each column, over the whole and over each phase."""
    t = analysis.table["t"]
    end_s = analysis.end_s + median_step(t)  # the last row, too, lasts a step
    phases = phases_between(analysis.recording.markers, 0.0, end_s)
    found = {}
    for phase in (Phase(WHOLE, -np.inf, np.inf), *phases):
        here = (t >= phase.start) & (t < phase.end)
        found[phase.name] = {
            name: float(np.nanmean(values[here]))
            for name, values in analysis.table.items()
            if name != "t" and np.isfinite(values[here]).any()
        }
    return found


def remarks_of(part: Part) -> list[str]:
    """What a user should know of a part: which measures it is too short for."""
    seconds = part.stretch.seconds
    short = [f"{band} ({least:.0f} s)" for band, least in LEAST_S.items() if seconds < least]
    remarks = []
    if short:
        remarks.append(f"{part.name}: {seconds:.0f} s, too short for {', '.join(short)}")
    if seconds < LEAST_FOR_SDNN_S:
        remarks.append(f"{part.name}: SDNN of {seconds:.0f} s lacks the slow waves")
    return remarks


class Row(NamedTuple):
    """One line of the printed table."""

    name: str
    unit: str
    digits: int
    value: Callable[[Part], float | None]


ROWS = (
    Row("length", "s", 1, lambda p: p.stretch.seconds),
    Row("beats", "", 0, lambda p: p.beats),
    Row("coverage", "%", 0, lambda p: 100.0 * p.stretch.coverage),
    Row("IBI", "ms", 1, lambda p: p.stretch.time.ibi_ms),
    Row("BPM", "1/min", 1, lambda p: p.stretch.time.bpm),
    Row("SDNN", "ms", 1, lambda p: p.stretch.time.sdnn_ms),
    Row("RMSSD", "ms", 1, lambda p: p.stretch.time.rmssd_ms),
    Row("SDSD", "ms", 1, lambda p: p.stretch.time.sdsd_ms),
    Row("SDSD abs", "ms", 1, lambda p: p.stretch.time.sdsd_abs_ms),
    Row("pNN20", "0-1", 3, lambda p: p.stretch.time.pnn20),
    Row("pNN50", "0-1", 3, lambda p: p.stretch.time.pnn50),
    Row("SD1", "ms", 1, lambda p: p.stretch.time.sd1_ms),
    Row("SD2", "ms", 1, lambda p: p.stretch.time.sd2_ms),
    Row("VLF", "ms^2", 0, lambda p: p.stretch.vlf_ms2),
    Row("LF", "ms^2", 0, lambda p: p.stretch.lf_ms2),
    Row("HF", "ms^2", 0, lambda p: p.stretch.hf_ms2),
    Row("total power", "ms^2", 0, lambda p: p.stretch.total_ms2),
    Row("LF/HF", "", 2, lambda p: p.stretch.lf_hf),
    Row("LF nu", "0-1", 3, lambda p: p.stretch.lf_nu),
    Row("HF nu", "0-1", 3, lambda p: p.stretch.hf_nu),
    Row("coherence", "0-1", 2, lambda p: p.stretch.coherence),
    Row("resonance", "Hz", 3, lambda p: p.stretch.resonance_hz),
    Row("breath", "1/min", 1, lambda p: p.breaths_per_minute),
    Row("DFA alpha 1", "", 2, lambda p: p.stretch.dfa_alpha1),
    Row("sample entropy", "", 2, lambda p: p.stretch.sample_entropy),
)


def printed(row: Row, part: Part) -> str:
    """One cell: the value, or nothing where it cannot be known."""
    value = row.value(part)
    return "" if value is None else f"{value:.{row.digits}f}"


def summary_json(analysis: Analysis, parts: list[Part], source: str) -> str:
    """All measures as JSON; what cannot be known is null.

    Args:
        analysis: of one recording.
        parts: as of ``parts_of``; none for a table.
        source: which recording it was.
    """
    data: dict[str, Any] = {"recording": source, "kind": analysis.kind, "seconds": analysis.end_s}
    if analysis.beats:
        flat = [_flat(part) for part in parts]
        data |= {"whole": flat[0], "phases": flat[1:]}
        data["remarks"] = [text for part in parts for text in remarks_of(part)]
    else:
        data["means"] = means_of(analysis)
    return json.dumps(_rounded(data), indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def source_of_summary(text: str) -> str | None:
    """Which recording a summary says it is of; None in anybody else's file."""
    try:
        data = json.loads(text)
    except ValueError:
        return None
    found = data.get("recording") if isinstance(data, dict) else None
    return found if isinstance(found, str) else None


def _flat(part: Part) -> dict[str, Any]:
    """A part as plain data, without rooms within rooms but for the labels."""
    data = asdict(part)
    stretch = data.pop("stretch")
    breath = data.pop("breaths_per_minute")
    time = stretch.pop("time")
    return {**data, **stretch, **time, "breaths_per_minute": breath}


def _rounded(value: Any) -> Any:
    """Floats of seven digits: what lies behind them is not known."""
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value


def breath_csv(points: Sequence[Breath]) -> str:
    """The breath as text: ``t,level,rate``; unknown is empty."""
    rows = [BREATH_HEADER]
    for point in points:
        level = "" if point.level is None else f"{point.level:.4f}"
        rate = "" if point.rate is None else f"{point.rate:.3f}"
        rows.append(f"{point.t:.2f},{level},{rate}")
    return "\n".join(rows) + "\n"
