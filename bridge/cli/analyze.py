"""``beatbridge analyze``: beats and heart-rate variability of recordings, tabled and drawn."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.errors import BeatbridgeError, UserError

if TYPE_CHECKING:
    from bridge.analysis import Analysis

RESULTS = ("_beats.csv", "_hrv.csv")


class Kind(StrEnum):
    """What a file can be."""

    AUTO = "auto"
    ECG = "ecg"
    PPG = "ppg"
    BEATS = "beats"
    TABLE = "table"


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
        float, typer.Option(metavar="SECONDS", help="From row to row of the HRV table.")
    ] = 0.1,
    spectrum: Annotated[
        Spectrum, typer.Option(help="Lomb-Scargle, or the FFT of resampled intervals.")
    ] = Spectrum.LOMB,
    plot: Annotated[
        bool, typer.Option("--plot", help="Also draw STEM_analysis.png (needs matplotlib).")
    ] = False,
) -> None:
    """Write STEM_beats.csv (t,ibi_ms,quality,...) and STEM_hrv.csv (t,HR,SDNN,...,LF_HF)."""
    from rich.console import Console
    from rich.progress import track

    from bridge.analysis import analyze as analyze_recording
    from bridge.hrv_live import HrvWindows
    from bridge.sources.files import read_recording

    if not step > 0.0:
        raise UserError(f"--step {step:g}: rows must be more than 0 seconds apart")
    windows = HrvWindows(spectrum=spectrum.value)
    made: dict[Path, Path] = {}
    exit_code = 0
    screen = Console(stderr=True)
    recordings = track(
        list(_recordings(paths)), "analyzing", console=screen, transient=True,
        disable=not screen.is_terminal,
    )  # fmt: skip
    for path in recordings:
        try:
            recording = read_recording(path, kind=kind.value, rate_hz=rate)
            analysis = analyze_recording(recording, kind.value, step, windows)
            folder = path.parent if out is None else out
            results = _write(analysis, folder / path.stem, plot, made)
        except BeatbridgeError as error:
            exit_code = max(exit_code, 2 if isinstance(error, UserError) else 1)
            typer.echo(f"beatbridge: {error}", err=True)
        else:
            typer.echo(f"{path.name}: {_report(analysis)} -> {', '.join(results)}")
    raise typer.Exit(exit_code)


def _recordings(paths: Iterable[Path]) -> Iterator[Path]:
    """Files as given, and what lies in folders; what this command wrote there is left out."""
    from bridge.sources.files import SUFFIXES

    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = sorted(each for each in path.iterdir() if each.suffix.lower() in SUFFIXES)
        stems = {each.stem for each in inside}
        found = [each for each in inside if not _is_result(each, stems)]
        if not found:
            raise UserError(f"{path}: no recording inside ({', '.join(SUFFIXES)})")
        yield from found


def _is_result(path: Path, stems: set[str]) -> bool:
    return any(
        path.name.endswith(ending) and path.name.removesuffix(ending) in stems for ending in RESULTS
    )


def _write(analysis: "Analysis", stem: Path, plot: bool, made: dict[Path, Path]) -> list[str]:
    """Write the results of one recording; return the names of the files."""
    from bridge.analysis import beats_csv, hrv_csv
    from bridge.atomic import write_atomically

    source = analysis.recording.path
    if stem in made:
        raise UserError(
            f"{source}: its results would replace those of {made[stem]}; give another --out"
        )
    contents = {"_hrv.csv": hrv_csv(analysis).encode()}
    if analysis.beats:
        contents = {"_beats.csv": beats_csv(analysis).encode(), **contents}
    if plot:
        from bridge.analysis_plot import picture

        contents["_analysis.png"] = picture(analysis)
    made[stem] = source
    targets = [stem.with_name(stem.name + ending) for ending in contents]
    for target, content in zip(targets, contents.values(), strict=True):
        if target.exists() and target.samefile(source):
            raise UserError(f"{source}: its result has the same name; give another --out")
        write_atomically(target, content)
    return [target.name for target in targets]


def _report(analysis: "Analysis") -> str:
    """One line on what was found."""
    if not analysis.beats:
        return f"a table of {len(analysis.table['t'])} rows, taken as it stands"
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
