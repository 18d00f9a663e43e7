"""One file to what is rendered of it: a table as it stands, a signal or beats once analysed."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bridge.clips.session import Session, session_of
from bridge.clips.style import measures_of
from bridge.errors import UserError
from bridge.offline.files import Job, naming_options
from bridge.offline.options import Options
from bridge.recordings.phases import with_phases
from bridge.recordings.read import read_recording
from bridge.recordings.recording import Recording
from bridge.steps import median_step

if TYPE_CHECKING:
    from bridge.analysis.analyze import Analysis

LONGEST_LEAD_S = 60.0
"""Beat times that begin later than this are of a clock that began elsewhere, and are set to 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """One file, read."""

    session: Session
    analysis: "Analysis | None" = None
    """What the session was made of, where a page is to show it."""
    clock_s: float = 0.0
    """Where on the recording's clock the session's begins."""

    def nbytes(self) -> int:
        """Memory that its arrays take."""
        arrays = [array for pair in self.session.columns.values() for array in pair]
        if self.analysis is not None:
            arrays += [chunk.values for chunk in self.analysis.recording.chunks]
            arrays += self.analysis.table.values()
        return sum(array.nbytes for array in {id(array): array for array in arrays}.values())


def load(job: Job, options: Options) -> Session:
    """Read one file as a session, see ``loaded``."""
    return loaded(job, options).session


def loaded(job: Job, options: Options) -> Loaded:
    """Read one file and find beats and measures where it holds a signal or beats.

    Raises:
        UserError: it cannot be read, or holds no heart.
    """
    with naming_options():
        recording = read_recording(
            job.path,
            kind=options.kind,
            rate_hz=options.rate_hz,
            measures=None if options.page else measures_of(options.style, options.what),
        )
    recording = with_phases(recording, options.marks)
    if not recording.columns:
        return _analysed(job, recording, options)
    session = session_of(
        job.path.stem, recording.columns, markers=recording.markers, remarks=recording.remarks
    )
    if not options.page:
        return Loaded(session)
    from bridge.analysis.analyze import analyze

    return Loaded(session, analyze(recording))


def _analysed(job: Job, recording: Recording, options: Options) -> Loaded:
    from bridge.analysis.analyze import analyze

    analysis = analyze(recording)
    beats = np.array([beat.t for beat in analysis.beats])
    first = float(analysis.table["t"][0]) if len(analysis.table["t"]) else 0.0
    start = first if first > LONGEST_LEAD_S else 0.0
    end = analysis.end_s
    if recording.beats_t is not None:
        end += median_step(beats)  # the last beat, too, lasts an interval
    columns = {**analysis.table, "t": analysis.table["t"] - start}
    if not np.isfinite(columns["HR"]).any():
        raise UserError(f"{job.path}: {len(beats)} heartbeats, too few for a heart rate")
    session = session_of(
        job.path.stem,
        columns,
        beats_t=beats - start,
        broken_t=analysis.broken_t() - start,
        markers=[replace(marker, t=marker.t - start) for marker in recording.markers],
        seconds=end - start,
        remarks=recording.remarks,
    )
    return Loaded(session, analysis if options.page else None, start)
