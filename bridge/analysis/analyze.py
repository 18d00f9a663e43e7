"""Recording -> beats, judged intervals and the HRV table, and the two files that hold them.

Beats are found by the stage that finds them live (``bridge.beats``), given the whole at once.
Intervals are judged with the whole record in view, as published; the live stage has only what came
before.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from urllib.parse import quote, unquote

import numpy as np

from bridge.beats import BeatFinder, Gap
from bridge.detect.rate import rate_hint
from bridge.errors import UserError
from bridge.events import Beat, Interval, Label, Quality, SampleChunk
from bridge.hrv.exact import TimeDomain
from bridge.hrv.measures import Floats, normal_intervals, time_domain
from bridge.hrv.rolling import DEFAULT_WINDOWS, HrvWindows
from bridge.hrv.table import COLUMNS, hrv_table
from bridge.intervals.whole import judge
from bridge.recordings.recording import Recording

BEATS_HEADER = "t,ibi_ms,quality,label,late,source"


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What was found in one recording."""

    recording: Recording
    kind: str
    """``ecg``, ``ppg``, ``beats`` or ``table``."""
    end_s: float
    """Where the recording ends on its own clock."""
    table: dict[str, Floats]
    """Columns as of ``hrv_table``; NaN is unknown."""
    beats: Sequence[Beat] = ()
    """With ``ibi_ms`` set. A table has none."""
    quality: Sequence[Quality] = ()
    intervals: Sequence[Interval] = ()

    def counts(self) -> dict[Label, int]:
        """How many intervals were given each label; the two halves of one extra beat count once."""
        found = Counter(
            each.label
            for each in self.intervals
            if each.label is not Label.EXTRA or each.nn_ms is None
        )
        return {label: found[label] for label in Label}

    def broken_t(self) -> Floats:
        """Times of the beats after which beats are missing: a gap, or a beat that was missed, s."""
        whole = {e.t for e in self.intervals if e.label is not Label.MISSED}
        return np.array([a.t for a, b in pairwise(self.beats) if b.t not in whole], np.float64)

    def whole(self) -> TimeDomain:
        """Time-domain measures over the whole recording."""
        normal = normal_intervals(self.intervals)
        return time_domain(normal.nn_ms, normal.breaks)


def analyze(
    recording: Recording,
    kind: str = "auto",
    step_s: float = 0.1,
    windows: HrvWindows = DEFAULT_WINDOWS,
    centred: bool = False,
) -> Analysis:
    """Find beats and heart-rate variability in one recording.

    Args:
        recording: a signal, beat times or a table; a table is taken as it stands.
        kind: the detector for a signal, see ``make_detector``; ``auto`` also where the recording
            does not say.
        step_s: from row to row of the table.
        windows: of the measures.
        centred: windows lie around their row instead of ending there.

    Raises:
        UserError: no heartbeat was found.
    """
    if recording.columns:
        t = recording.columns["t"]
        return Analysis(recording, "table", float(t[-1]) if len(t) else 0.0, recording.columns)
    items: Iterable[SampleChunk | Beat] = recording.chunks
    end_s = recording.chunks[-1].end if recording.chunks else 0.0
    start_s = 0.0
    if recording.beats_t is not None:
        items = [Beat(t, t) for t in recording.beats_t.tolist()]
        kind = "beats"
        end_s = items[-1].t if items else 0.0
        start_s = math.floor(items[0].t) if items else 0.0  # there may be days before them
    finder = BeatFinder(recording.signal_kind or kind)
    found = [each for item in items for each in finder.push(item)]
    found += finder.flush()
    beats = [each for each in found if isinstance(each, Beat)]
    if not beats:
        hint = rate_hint(recording.chunks, recording.signal_kind or kind)
        raise UserError(f"{recording.path}: no heartbeat was found in {end_s:.0f} s{hint}")
    gaps_t = [each.t for each in found if isinstance(each, Gap)]
    intervals = judge(np.array([beat.t for beat in beats]), gaps_t)
    ibi_ms = {each.t: each.ibi_ms for each in intervals}
    return Analysis(
        recording=recording,
        kind=kind if recording.beats_t is not None else finder.kind,
        end_s=end_s,
        table=hrv_table(intervals, end_s, step_s, windows, start_s, centred),
        beats=[replace(beat, ibi_ms=ibi_ms.get(beat.t)) for beat in beats],
        quality=[each for each in found if isinstance(each, Quality)],
        intervals=intervals,
    )


def beats_csv(analysis: Analysis, source: str) -> str:
    """The beats as text: one a row, times in s; unknown is empty.

    Args:
        analysis: of one recording.
        source: which recording it was, kept in the last column in letters no table trips over.
    """
    source = quote(source, safe="/ ")
    label = {each.t: each.label.value for each in analysis.intervals}
    rated = bool(analysis.quality)
    rows = [BEATS_HEADER]
    for beat in analysis.beats:
        ibi = "" if beat.ibi_ms is None else f"{beat.ibi_ms:.3f}"
        quality = f"{beat.quality:.3f}" if rated else ""
        rows.append(
            f"{beat.t:.6f},{ibi},{quality},{label.get(beat.t, '')},{int(beat.late)},{source}"
        )
    return "\n".join(rows) + "\n"


def source_of_beats(head: bytes) -> str | None:
    """Which recording the beginning of a table of beats says it is of; None in anybody else's."""
    header, row, *_ = [*head.decode("utf-8", "replace").split("\n", 2), ""]
    return unquote(row.rpartition(",")[2]) or None if header == BEATS_HEADER else None


def hrv_csv(analysis: Analysis) -> str:
    """The HRV table as text: ``t,HR,SDNN,RMSSD,VLF,LF,HF,LF_HF``; unknown is empty."""
    table = analysis.table
    empty = np.full(len(table["t"]), np.nan)
    columns = [[f"{t:.9g}" for t in table["t"].tolist()]]
    columns += (
        ["" if v != v else f"{v:.7g}" for v in table.get(name, empty).tolist()]
        for name in COLUMNS[1:]
    )
    return "\n".join([",".join(COLUMNS), *map(",".join, zip(*columns, strict=True))]) + "\n"
