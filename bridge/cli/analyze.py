"""``beatbridge analyze``: beats and heart-rate variability of recordings, tabled and drawn."""

import sys
from dataclasses import replace
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import needs_matplotlib, needs_plotly
from bridge.cli.results import OutFolder, summary
from bridge.errors import BeatbridgeError, UserError

if TYPE_CHECKING:
    from bridge.analysis.analyze import Analysis
    from bridge.analysis.summary import Part
    from bridge.events import Breath
    from bridge.offline.files import Job
    from bridge.recordings.recording import Recording


class Kind(StrEnum):
    """What a file can be."""

    AUTO = "auto"
    ECG = "ecg"
    PPG = "ppg"
    EMA = "ema"
    BEATS = "beats"
    TABLE = "table"


_STEPS_S = (0.01, 3600.0)
"""A finer table says no more: the measures change only where a beat enters or leaves."""


_HEAD = 8192
"""Bytes within which a result says what it was made of."""


class Spectrum(StrEnum):
    """How a spectrum can be made."""

    LOMB = "lomb"
    FFT = "fft"


def analyze(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Recordings, or folders of them (and below)."),
    ],
    out: OutFolder = None,
    kind: Annotated[Kind, typer.Option(help="What the files are.")] = Kind.AUTO,
    rate: Annotated[
        float | None,
        typer.Option(metavar="HZ", help="Samples a second, where a file has no times."),
    ] = None,
    step: Annotated[
        float, typer.Option(metavar="SECONDS", help="From row to row of STEM_hrv.csv.")
    ] = 0.1,
    windows: Annotated[
        str,
        typer.Option(
            metavar="RATE/TIME/FREQ", help="Lengths in seconds; 60/180 is one for rate and time."
        ),
    ] = "10/60/180",
    centred: Annotated[
        bool, typer.Option("--centred", help="Windows lie around their row, not before it.")
    ] = False,
    spectrum: Annotated[
        Spectrum, typer.Option(help="Lomb-Scargle, or the FFT of resampled intervals.")
    ] = Spectrum.LOMB,
    mark: Annotated[
        list[str] | None,
        typer.Option(metavar="TIME=NAME", help="A phase begins, as in 6:00=stress; any number."),
    ] = None,
    plot: Annotated[
        bool, typer.Option("--plot", help="Also draw STEM_analysis.png (needs matplotlib).")
    ] = False,
    page: Annotated[
        bool,
        typer.Option("--page", help="Also STEM_analysis.html, to explore it (needs plotly)."),
    ] = False,
) -> None:
    """Find beats, HRV and breath in recordings: STEM_beats.csv, _hrv.csv, _summary.json ...

    Ends with 0 when every recording was read, with 2 when some could not be (the others were
    analysed all the same), with 1 when something could not be written.
    """
    from rich.console import Console
    from rich.progress import Progress

    from bridge.analysis.analyze import analyze as analyze_recording
    from bridge.analysis.summary import breath_of, parts_of, remarks_of
    from bridge.hrv.rolling import HrvWindows, parse_windows
    from bridge.offline import owners
    from bridge.offline.files import (
        find_recordings,
        naming_options,
        plan,
        shown_names,
        told_of,
    )
    from bridge.phases import parse_mark
    from bridge.recordings.phases import with_phases

    if plot:
        needs_matplotlib()
    if not _STEPS_S[0] <= step <= _STEPS_S[1]:
        low, high = _STEPS_S
        raise UserError(f"--step {step:g}: rows lie {low:g} to {high:g} seconds apart")
    marks = [parse_mark(text) for text in mark or ()]
    lengths = HrvWindows(*parse_windows(windows), spectrum=spectrum.value)
    if page:
        needs_plotly()
    errors: list[BeatbridgeError] = []
    written: list[list[Path]] = []

    def failed(error: BeatbridgeError) -> None:
        errors.append(error)
        typer.echo(f"beatbridge: {error}", err=True)

    jobs = plan(find_recordings(paths, failed), out)
    shown = shown_names(jobs)
    taken = owners.refused(jobs)
    screen = Console(stderr=True)
    hidden = not screen.is_terminal or len(jobs) < 2
    # On one terminal lines must go around the bar; a piped stdout must be left alone.
    around = sys.stdout.isatty()
    with Progress(
        console=screen, transient=True, disable=hidden, redirect_stdout=around
    ) as progress:
        for job in progress.track(jobs, description="analyzing"):
            try:
                if job in taken:
                    raise taken[job]
                with naming_options():
                    recording = _read(job.path, kind, rate)
                recording = with_phases(recording, marks)
                analysis = analyze_recording(recording, kind.value, step, lengths, centred)
                breath = breath_of(analysis)
                parts = parts_of(analysis, breath) if analysis.beats else []
                files = _write(analysis, breath, parts, job, plot, page)
            except Exception as error:
                failed(error if isinstance(error, BeatbridgeError) else told_of(job, error))
            else:
                owners.keep([job])
                written.append(files)
                names = ", ".join(file.name for file in files)
                typer.echo(f"{shown[job]}: {_report(analysis)} -> {names}")
                own = recording.remarks if parts else ()  # of a table they are said above
                for remark in chain(own, chain.from_iterable(map(remarks_of, parts))):
                    typer.echo(f"  {remark}")
                if parts and len(jobs) == 1:
                    _print_table(parts)
    if written:
        typer.echo(summary("wrote", chain.from_iterable(written), len(written), len(errors)))
    if errors:
        raise typer.Exit(2 if all(isinstance(error, UserError) for error in errors) else 1)


def _read(path: Path, kind: Kind, rate: float | None) -> "Recording":
    """Read one file; ``ema`` is a detector, not a thing that a file can be."""
    from bridge.recordings.read import read_recording

    if kind is Kind.EMA:
        return replace(read_recording(path, kind="ppg", rate_hz=rate), signal_kind=None)
    return read_recording(path, kind=kind.value, rate_hz=rate)


def _print_table(parts: "list[Part]") -> None:
    """Every measure a row; the recording and each phase a column."""
    from rich.console import Console
    from rich.table import Table

    from bridge.analysis.summary import ROWS, printed

    table = Table(box=None, pad_edge=False)
    table.add_column("measure")
    table.add_column("unit")
    for part in parts:
        table.add_column(part.name, justify="right", no_wrap=True)
    for row in ROWS:
        table.add_row(row.name, row.unit, *(printed(row, part) for part in parts))
    Console(width=None if sys.stdout.isatty() else 24 + 16 * len(parts)).print(table)


def _write(
    analysis: "Analysis",
    breath: "list[Breath]",
    parts: "list[Part]",
    job: "Job",
    plot: bool,
    page: bool,
) -> list[Path]:
    """Write the results of one recording; return the files."""
    from bridge.analysis.analyze import beats_csv, hrv_csv
    from bridge.analysis.summary import breath_csv, summary_json
    from bridge.offline.atomic import write_atomically

    contents = {"_hrv.csv": hrv_csv(analysis).encode()}
    if analysis.beats:
        contents = {"_beats.csv": beats_csv(analysis, job.label).encode(), **contents}
    if breath:
        contents["_breath.csv"] = breath_csv(breath).encode()
    contents["_summary.json"] = summary_json(analysis, parts, job.label).encode()
    if plot:
        from bridge.analysis.plot import picture

        contents["_analysis.png"] = picture(analysis, job.label)
    if page:
        from bridge.offline.page import session_page

        contents["_analysis.html"] = session_page(analysis, job.label)
    files = {job.target.with_name(job.target.name + end): contents[end] for end in contents}
    for file, content in files.items():
        _refuse_foreign(file, content, job)
    for file, content in files.items():
        write_atomically(file, content)
    return list(files)


def _refuse_foreign(file: Path, content: bytes, job: "Job") -> None:
    """What was made of another recording, or by another program, is not written over."""
    if not file.exists() or file.read_bytes() == content:
        return
    owner = _owner(file, job)
    if owner != job.label:
        whose = f"is of {owner}" if owner else "was made by another program or of another recording"
        raise UserError(f"{file} {whose}: it is kept; give another --out")


def _owner(file: Path, job: "Job") -> str | None:
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
