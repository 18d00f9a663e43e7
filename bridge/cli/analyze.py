"""``beatbridge analyze``: beats and heart-rate variability of recordings, tabled and drawn."""

import sys
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import needs_matplotlib, needs_plotly
from bridge.cli.output import complain
from bridge.cli.results import OutFolder, summary
from bridge.errors import BeatbridgeError, UserError
from bridge.printable import without_controls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.analysis.summary import Part


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
    workers: Annotated[
        int | None,
        typer.Option(
            "--jobs", metavar="N", min=1, help="Processes.", show_default="as many as pay"
        ),
    ] = None,
) -> None:
    """Find beats, HRV and breath in recordings: STEM_beats.csv, _hrv.csv, _summary.json ...

    Ends with 0 when every recording was read, with 2 when some could not be (the others were
    analysed all the same), with 1 when something could not be written.
    """
    from rich.console import Console
    from rich.progress import Progress

    from bridge.hrv.rolling import HrvWindows, parse_windows
    from bridge.offline import owners
    from bridge.offline.analyses import Asked, analyse_all
    from bridge.offline.files import find_recordings, plan, shown_names
    from bridge.phases import parse_mark

    if plot:
        needs_matplotlib()
    if not _STEPS_S[0] <= step <= _STEPS_S[1]:
        low, high = _STEPS_S
        raise UserError(f"--step {step:g}: rows lie {low:g} to {high:g} seconds apart")
    asked = Asked(
        kind=kind.value,
        rate_hz=rate,
        marks=tuple(parse_mark(text) for text in mark or ()),
        step_s=step,
        windows=HrvWindows(*parse_windows(windows), spectrum=spectrum.value),
        centred=centred,
        plot=plot,
        page=page,
    )
    if page:
        needs_plotly()
    errors: list[BeatbridgeError] = []
    written: list[tuple[Path, ...]] = []

    def failed(error: BeatbridgeError) -> None:
        errors.append(error)
        complain(error)

    jobs = plan(find_recordings(paths, failed), out)
    shown = shown_names(jobs)
    taken = owners.refused(jobs)
    for refusal in taken.values():
        failed(refusal)
    free = [job for job in jobs if job not in taken]
    screen = Console(stderr=True)
    hidden = not screen.is_terminal or len(jobs) < 2
    # On one terminal lines must go around the bar; a piped stdout must be left alone.
    around = sys.stdout.isatty()
    with Progress(
        console=screen, transient=True, disable=hidden, redirect_stdout=around
    ) as progress:
        task = progress.add_task("analyzing", total=len(free))
        for done in analyse_all(free, asked, workers):
            progress.advance(task)
            if done.error is not None:
                failed(done.error)
                continue
            owners.keep([done.job])
            written.append(done.files)
            names = without_controls(", ".join(file.name for file in done.files))
            typer.echo(f"{shown[done.job]}: {done.report} -> {names}")
            for remark in done.remarks:
                typer.echo(f"  {remark}")
            if done.parts and len(jobs) == 1:
                _print_table(done.parts)
    if written:
        typer.echo(summary("wrote", chain.from_iterable(written), len(written), len(errors)))
    if errors:
        raise typer.Exit(2 if all(isinstance(error, UserError) for error in errors) else 1)


def _print_table(parts: "Sequence[Part]") -> None:
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
