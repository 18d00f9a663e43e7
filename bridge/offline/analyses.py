"""Recordings to results: beats, measures, breath and pictures, in one process or several."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.errors import BeatbridgeError, UserError
from bridge.events import Marker
from bridge.hrv.rolling import DEFAULT_WINDOWS, HrvWindows
from bridge.offline.atomic import write_atomically
from bridge.offline.batch import prepare_worker, processes, seconds_of
from bridge.offline.files import Job, naming_options, told_of
from bridge.recordings.phases import with_phases
from bridge.recordings.read import read_recording

if TYPE_CHECKING:
    from bridge.analysis.analyze import Analysis
    from bridge.analysis.summary import Part
    from bridge.events import Breath
    from bridge.recordings.recording import Recording

_HEAD = 8192
"""Bytes within which a result says what it was made of."""
_S_A_PICTURE = 1.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of an analysis."""

    kind: str = "auto"
    """See ``make_detector``; of a table or beats as ``read_recording`` has it."""
    rate_hz: float | None = None
    marks: tuple[Marker, ...] = ()
    step_s: float = 0.1
    windows: HrvWindows = DEFAULT_WINDOWS
    centred: bool = False
    plot: bool = False
    page: bool = False


@dataclass(frozen=True, slots=True)
class Analysed:
    """What became of one recording."""

    job: Job
    files: tuple[Path, ...] = ()
    report: str = ""
    """What was found, in a line."""
    remarks: tuple[str, ...] = ()
    parts: "tuple[Part, ...]" = ()
    """Every measure of the whole and of each phase."""
    error: BeatbridgeError | None = None


def analyse_all(jobs: Sequence[Job], asked: Asked, workers: int | None) -> Iterator[Analysed]:
    """Analyse recordings and write their results, in the order of the jobs.

    Args:
        jobs: as of ``plan``.
        asked: what is asked for.
        workers: processes; None takes as many as the machine has and the work is worth.

    Raises:
        BeatbridgeError: a worker was ended from outside.
    """
    if workers is None:
        pictures = len(jobs) * _S_A_PICTURE * (asked.plot + asked.page)
        workers = processes(len(jobs), sum(seconds_of(job.path, 1) for job in jobs) + pictures)
    if workers < 2 or len(jobs) < 2:
        yield from (_analysed(job, asked) for job in jobs)
        return
    import multiprocessing  # slow to load
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    context = multiprocessing.get_context("spawn")  # the only way that is safe everywhere
    pool = ProcessPoolExecutor(min(workers, len(jobs)), context, prepare_worker)
    try:
        yield from pool.map(partial(_analysed, asked=asked), jobs)
    except BrokenProcessPool:
        raise BeatbridgeError("a worker process ended early; try --jobs 1") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _analysed(job: Job, asked: Asked) -> Analysed:
    """Analyse one recording and write what was found. No error of one file ends the others."""
    from bridge.analysis.analyze import analyze
    from bridge.analysis.summary import breath_of, parts_of, remarks_of

    try:
        with naming_options():
            recording = with_phases(_read(job.path, asked), asked.marks)
        analysis = analyze(recording, asked.kind, asked.step_s, asked.windows, asked.centred)
        breath = breath_of(analysis)
        parts = parts_of(analysis, breath) if analysis.beats else []
        files = _write(analysis, breath, parts, job, asked)
    except Exception as error:
        told = error if isinstance(error, BeatbridgeError) else told_of(job, error)
        kind = UserError if isinstance(told, UserError) else BeatbridgeError
        return Analysed(job, error=kind(str(told)))  # plain: it may go to another process
    own = recording.remarks if parts else ()  # of a table they are said in the report
    remarks = chain(own, chain.from_iterable(map(remarks_of, parts)))
    return Analysed(job, tuple(files), _report(analysis), tuple(remarks), tuple(parts))


def _read(path: Path, asked: Asked) -> "Recording":
    """Read one file; ``ema`` is a detector, not a thing that a file can be."""
    if asked.kind == "ema":
        return replace(read_recording(path, kind="ppg", rate_hz=asked.rate_hz), signal_kind=None)
    return read_recording(path, kind=asked.kind, rate_hz=asked.rate_hz)


def _write(
    analysis: "Analysis", breath: "list[Breath]", parts: "list[Part]", job: Job, asked: Asked
) -> list[Path]:
    """Write the results of one recording; return the files."""
    from bridge.analysis.analyze import beats_csv, hrv_csv
    from bridge.analysis.summary import breath_csv, summary_json

    contents = {"_hrv.csv": hrv_csv(analysis).encode()}
    if analysis.beats:
        contents = {"_beats.csv": beats_csv(analysis, job.label).encode(), **contents}
    if breath:
        contents["_breath.csv"] = breath_csv(breath).encode()
    contents["_summary.json"] = summary_json(analysis, parts, job.label).encode()
    if asked.plot:
        from bridge.analysis.plot import picture

        contents["_analysis.png"] = picture(analysis, job.label)
    if asked.page:
        from bridge.offline.page import session_page

        contents["_analysis.html"] = session_page(analysis, job.label)
    files = {job.target.with_name(job.target.name + end): contents[end] for end in contents}
    for file, content in files.items():
        _refuse_foreign(file, content, job)
    for file, content in files.items():
        write_atomically(file, content)
    return list(files)


def _refuse_foreign(file: Path, content: bytes, job: Job) -> None:
    """What was made of another recording, or by another program, is not written over."""
    if not file.exists() or file.read_bytes() == content:
        return
    owner = _owner(file, job)
    if owner != job.label:
        whose = f"is of {owner}" if owner else "was made by another program or of another recording"
        raise UserError(f"{file} {whose}: it is kept; give another --out")


def _owner(file: Path, job: Job) -> str | None:
    """Which recording a result was made of. The other tables are of the same as the beats' beside
    them."""
    from bridge.analysis.analyze import source_of_beats
    from bridge.analysis.summary import BREATH_HEADER, source_of_summary
    from bridge.clips.smf import source_of
    from bridge.hrv.table import COLUMNS

    with file.open("rb") as existing:
        head = existing.read(_HEAD)
    if file.suffix == ".json":
        return source_of_summary(file.read_text(encoding="utf-8", errors="replace"))
    if file.suffix in (".png", ".html"):
        return source_of(head)
    beats = job.target.with_name(f"{job.target.name}_beats.csv")
    if file == beats:
        return source_of_beats(head)
    ours = head.partition(b"\n")[0].decode("utf-8", "replace") in (",".join(COLUMNS), BREATH_HEADER)
    return _owner(beats, job) if ours and beats.exists() else None


def _report(analysis: "Analysis") -> str:
    """One line on what was found."""
    if not analysis.beats:
        table = f"a table of {len(analysis.table['t'])} rows, taken as it stands"
        return "; ".join([table, *analysis.recording.remarks])
    late = sum(beat.late for beat in analysis.beats)
    counts = ", ".join(f"{n} {label.value}" for label, n in analysis.counts().items())
    whole = analysis.whole()
    measures = [
        f"{value:.1f} {unit}"
        for value, unit in (
            (whole.bpm, "bpm"), (whole.sdnn_ms, "ms SDNN"), (whole.rmssd_ms, "ms RMSSD")
        )
        if value is not None
    ]  # fmt: skip
    found = f"{analysis.kind}, {len(analysis.beats)} beats" + (f" ({late} late)" if late else "")
    return "; ".join([found, f"intervals {counts}", ", ".join(measures) or "no interval"])
