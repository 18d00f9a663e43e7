"""Every measure of one stretch of intervals: a whole recording, or a phase of it. Offline only."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bridge.events import Interval
from bridge.hrv.coherence import Coherence, coherence
from bridge.hrv.exact import TimeDomain
from bridge.hrv.measures import (
    Floats,
    FrequencyDomain,
    NormalIntervals,
    band_powers,
    frequency_grid,
    lomb_scargle,
    normal_intervals,
    time_domain,
)
from bridge.hrv.nonlinear import dfa_alpha1, sample_entropy
from bridge.hrv.rolling import DEFAULT_WINDOWS

SHORT_TERM_S = 300.0
"""Length of the windows whose spectra are averaged: the Task Force's short-term standard."""
LEAST_S = {"HF": 60.0, "LF": 120.0, "VLF": 300.0}
"""Shortest stretch that shows a band: ten waves of its slowest, about; VLF is doubtful even in the
five minutes that it is told from (Task Force 1996)."""
LEAST_FILLED = 0.5
"""Share of a window that intervals must cover."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What the intervals of one stretch say. A measure is None where they cannot carry it."""

    seconds: float
    coverage: float
    """0-1: how much of it good intervals cover."""
    time: TimeDomain
    vlf_ms2: float | None
    lf_ms2: float | None
    hf_ms2: float | None
    lf_hf: float | None
    total_ms2: float | None
    """VLF, LF and HF together."""
    lf_nu: float | None
    """LF over LF and HF, 0-1: the Task Force's normalised unit, without its factor of 100."""
    hf_nu: float | None
    """HF over LF and HF, 0-1."""
    dfa_alpha1: float | None
    """Of the longest run without a gap."""
    sample_entropy: float | None
    """Of the longest run without a gap."""
    coherence: float | None
    """Mean of windows of 64 s, one after the other."""
    resonance_hz: float | None
    """Median of the same."""


def measure(intervals: Sequence[Interval], start_s: float, end_s: float) -> Stretch:
    """Measure the intervals both of whose beats lie between two times, s."""
    inside = [e for e in intervals if e.t - e.ibi_ms / 1000.0 >= start_s and e.t <= end_s]
    normal = normal_intervals(inside)
    seconds = end_s - start_s
    bands = _bands(normal, start_s, end_s)
    vlf = bands.vlf_ms2 if bands and seconds >= LEAST_S["VLF"] else None
    lf = bands.lf_ms2 if bands and seconds >= LEAST_S["LF"] else None
    hf = bands.hf_ms2 if bands and seconds >= LEAST_S["HF"] else None
    both = lf + hf if lf is not None and hf is not None else None
    run_ms = _longest_run(normal)
    found = _coherences(normal, start_s, end_s)
    return Stretch(
        seconds=seconds,
        coverage=min(1.0, float(normal.nn_ms.sum()) / 1000.0 / seconds) if seconds > 0 else 0.0,
        time=time_domain(normal.nn_ms, normal.breaks),
        vlf_ms2=vlf,
        lf_ms2=lf,
        hf_ms2=hf,
        lf_hf=lf / hf if lf is not None and hf else None,
        total_ms2=vlf + both if vlf is not None and both is not None else None,
        lf_nu=lf / both if lf is not None and both else None,
        hf_nu=hf / both if hf is not None and both else None,
        dfa_alpha1=dfa_alpha1(run_ms),
        sample_entropy=sample_entropy(run_ms),
        coherence=float(np.mean([each.share for each in found])) if found else None,
        resonance_hz=float(np.median([each.resonance_hz for each in found])) if found else None,
    )


def mean_density(
    normal: NormalIntervals, start_s: float, end_s: float
) -> tuple[Floats, Floats | None]:
    """Frequencies, Hz, and the mean density, ms^2/Hz, of the windows of a stretch.

    Windows of 300 s, or of the whole stretch where it is shorter, lie one after the other; the last
    may overlap the one before. Those that are half full count; None without one.
    """
    length_s = min(SHORT_TERM_S, end_s - start_s)
    f = frequency_grid(length_s)
    densities = [
        lomb_scargle(t, nn_ms, f) for t, nn_ms in _windows(normal, start_s, end_s, length_s)
    ]
    return f, np.mean(densities, axis=0) if densities else None


def _windows(
    normal: NormalIntervals, start_s: float, end_s: float, length_s: float
) -> list[tuple[Floats, Floats]]:
    """Ends and lengths of the intervals in each window that is filled enough."""
    if length_s <= 0.0:
        return []
    count = max(1, int(np.ceil((end_s - start_s) / length_s - 1e-9)))
    found = []
    for begin in np.linspace(start_s, end_s - length_s, count).tolist():
        here = (normal.start_s >= begin) & (normal.end_s <= begin + length_s)
        enough = np.count_nonzero(here) >= DEFAULT_WINDOWS.frequency_intervals
        if enough and normal.nn_ms[here].sum() >= 1000.0 * LEAST_FILLED * length_s:
            found.append((normal.end_s[here], normal.nn_ms[here]))
    return found


def _bands(normal: NormalIntervals, start_s: float, end_s: float) -> FrequencyDomain | None:
    if end_s - start_s < LEAST_S["HF"]:
        return None
    f, density = mean_density(normal, start_s, end_s)
    return None if density is None else band_powers(f, density)


def _coherences(normal: NormalIntervals, start_s: float, end_s: float) -> list[Coherence]:
    length_s = DEFAULT_WINDOWS.coherence_s
    if end_s - start_s < length_s:
        return []
    f = frequency_grid(length_s)
    each = (
        coherence(f, lomb_scargle(t, nn_ms, f))
        for t, nn_ms in _windows(normal, start_s, end_s, length_s)
    )
    return [found for found in each if found is not None]


def _longest_run(normal: NormalIntervals) -> Floats:
    edges = [*np.flatnonzero(normal.breaks).tolist(), len(normal.nn_ms)]
    runs = [normal.nn_ms[a:b] for a, b in pairwise(edges)]
    return max(runs, key=len, default=np.empty(0))
