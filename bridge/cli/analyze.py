"""``beatbridge analyze``: beats and heart-rate variability of recordings, tabled and drawn."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.errors import BeatbridgeError, UserError

if TYPE_CHECKING:
    from bridge.analysis import Analysis


class Kind(StrEnum):
    """What a file can be."""

    AUTO = "auto"
    ECG = "ecg"
    PPG = "ppg"
    BEATS = "beats"
    TABLE = "table"


_STEPS_S = (0.01, 3600.0)
"""A finer table says no more: the measures change only where a beat enters or leaves."""


class Spectrum(StrEnum):
    """How a spectrum can be made."""

    LOMB = "lomb"
    FFT = "fft"


def analyze(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Recordings, or folders of them.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where results go. [default: beside each recording]"),
    ] = None,
    kind: Annotated[Kind, typer.Option(help="What the files are.")] = Kind.AUTO,
    rate: Annotated[
        float | None,
        typer.Option(metavar="HZ", help="Samples a second, where a file has no times."),
    ] = None,
    step: Annotated[
        float, typer.Option(metavar="SECONDS", help="From row to row of STEM_hrv.csv.")
    ] = 0.1,
    spectrum: Annotated[
        Spectrum, typer.Option(help="Lomb-Scargle, or the FFT of resampled intervals.")
    ] = Spectrum.LOMB,
    plot: Annotated[
        bool, typer.Option("--plot", help="Also draw STEM_analysis.png (needs matplotlib).")
    ] = False,
) -> None:
    """Find beats and HRV in recordings: STEM_beats.csv and STEM_hrv.csv."""
    from rich.console import Console
    from rich.progress import Progress

    from bridge.analysis import analyze as analyze_recording
    from bridge.hrv_live import HrvWindows
    from bridge.offline_files import find_recordings, naming_options, plan
    from bridge.sources.files import read_recording

    if not _STEPS_S[0] <= step <= _STEPS_S[1]:
        low, high = _STEPS_S
        raise UserError(f"--step {step:g}: rows lie {low:g} to {high:g} seconds apart")
    windows = HrvWindows(spectrum=spectrum.value)
    exit_code = 0
    found: list[Path] = []
    for path in paths:
        try:
            found += (each for each in find_recordings([path]) if each not in found)
        except UserError as error:
            exit_code = 2
            typer.echo(f"beatbridge: {error}", err=True)
    jobs = plan(found, out)
    screen = Console(stderr=True)
    hidden = not screen.is_terminal or len(jobs) < 2
    # On one terminal lines must go around the bar; a piped stdout must be left alone.
    around = sys.stdout.isatty()
    with Progress(
        console=screen, transient=True, disable=hidden, redirect_stdout=around
    ) as progress:
        for job in progress.track(jobs, description="analyzing"):
            try:
                with naming_options():
                    recording = read_recording(job.path, kind=kind.value, rate_hz=rate)
                analysis = analyze_recording(recording, kind.value, step, windows)
                results = _write(analysis, job.target, plot)
            except BeatbridgeError as error:
                exit_code = 2 if isinstance(error, UserError) and exit_code != 1 else 1
                typer.echo(f"beatbridge: {error}", err=True)
            else:
                typer.echo(f"{job.path.name}: {_report(analysis)} -> {', '.join(results)}")
    raise typer.Exit(exit_code)


def _write(analysis: "Analysis", target: Path, plot: bool) -> list[str]:
    """Write the results of one recording; return the names of the files."""
    from bridge.analysis import beats_csv, hrv_csv
    from bridge.atomic import write_atomically

    contents = {"_hrv.csv": hrv_csv(analysis).encode()}
    if analysis.beats:
        contents = {"_beats.csv": beats_csv(analysis).encode(), **contents}
    if plot:
        from bridge.analysis_plot import picture

        contents["_analysis.png"] = picture(analysis)
    files = {target.with_name(target.name + end): content for end, content in contents.items()}
    for file, content in files.items():
        _refuse_foreign(file, content)
    for file, content in files.items():
        write_atomically(file, content)
    return [file.name for file in files]


def _refuse_foreign(file: Path, content: bytes) -> None:
    """A table of the same name that someone else made is not written over."""
    if file.suffix == ".csv" and file.exists():
        header = content.split(b"\n", 1)[0]
        with file.open("rb") as existing:
            if existing.read(len(header)) != header:
                raise UserError(f"{file} was made by another program: it is kept; give an --out")


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
