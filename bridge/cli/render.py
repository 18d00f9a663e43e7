"""``beatbridge render``: recorded sessions to clips, a file or whole folders at a time."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.analyze import Kind
from bridge.cli.options import (
    KINDS_HELP,
    ScaleFrom,
    kinds_of_clip,
    needs_matplotlib,
    needs_plotly,
)
from bridge.cli.output import complain
from bridge.cli.progress import Bar
from bridge.cli.results import OutFolder, counted, summary
from bridge.errors import UserError
from bridge.printable import without_controls

if TYPE_CHECKING:
    from bridge.offline.options import FileOutcome


class Scope(StrEnum):
    """Over what zones and lanes span."""

    BATCH = "batch"
    FILE = "file"
    PHASE = "phase"


class Follow(StrEnum):
    """What stays fixed when the tempo changes."""

    GRID = "grid"
    CLOCK = "clock"


class Picture(StrEnum):
    """Formats of pictures."""

    PNG = "png"
    SVG = "svg"


class Split(StrEnum):
    """Where sessions are cut."""

    MARKER = "marker"


def _resolution(ppq: int) -> int:
    """Cells of a clip are 1/32 and bars are made of them: all of these divide a multiple of 24."""
    if ppq % 24 or not 24 <= ppq <= 15_360:
        raise typer.BadParameter(f"{ppq} is no multiple of 24 from 24 to 15360 (480, 960, 96)")
    return ppq


def render(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Sessions, or folders of them (and below)."),
    ],
    out: OutFolder = None,
    what: Annotated[
        list[str] | None, typer.Option(help=f"Which clips: {KINDS_HELP}.", show_default="drums")
    ] = None,
    style: Annotated[
        str,
        typer.Option("--style", metavar="NAME|FILE", help="Musical choices, see `styles`."),
    ] = "default",
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one choice of the style."),
    ] = None,
    tempo: Annotated[
        float | None,
        typer.Option(metavar="BPM", help="Tempo of the clips.", show_default="75"),
    ] = None,
    time_signature: Annotated[
        str | None,
        typer.Option(
            metavar="N/M",
            help="N cells a bar. Live shows the metre that cells of 1/32 make: 16/16 as 2/4, "
            "7/8 as 7/16.",
            show_default="16/16",
        ),
    ] = None,
    scope: Annotated[
        Scope | None,
        typer.Option(
            help="Zones and lanes span all files, each, or each phase.", show_default="batch"
        ),
    ] = None,
    scale_of: ScaleFrom = None,
    follow: Annotated[
        Follow | None,
        typer.Option(
            help="Keep 0.1 s of data to a cell, or seconds to seconds.", show_default="grid"
        ),
    ] = None,
    tempo_map: Annotated[
        bool,
        typer.Option("--tempo-map", help="A tempo that puts each heartbeat on a quarter note."),
    ] = False,
    split: Annotated[
        Split | None, typer.Option(help="One clip a phase, from marker to marker.")
    ] = None,
    mark: Annotated[
        list[str] | None,
        typer.Option(metavar="TIME=NAME", help="A phase begins, as in 6:00=stress; any number."),
    ] = None,
    kind: Annotated[Kind, typer.Option(help="What the files are.")] = Kind.AUTO,
    rate: Annotated[
        float | None,
        typer.Option(metavar="HZ", help="Samples (or rows) a second, where a file has no times."),
    ] = None,
    plot: Annotated[
        bool, typer.Option("--plot", help="Draw each clip, and an index.html (needs matplotlib).")
    ] = False,
    ppq: Annotated[
        int,
        typer.Option(
            metavar="TICKS",
            callback=_resolution,
            help="Ticks a quarter note of the files, a multiple of 24.",
        ),
    ] = 480,
    sound: Annotated[
        bool,
        typer.Option(
            "--sound", help="Also STEM_sound.wav by our own voice, which the index plays."
        ),
    ] = False,
    page: Annotated[
        bool,
        typer.Option("--page", help="Also STEM_page.html, to explore a session (needs plotly)."),
    ] = False,
    picture: Annotated[Picture, typer.Option(help="Format of the pictures.")] = Picture.PNG,
    jobs: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Processes.", show_default="as many as pay"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do all but writing.")] = False,
) -> None:
    """Turn recorded sessions into MIDI clips: STEM_drums.mid, STEM_notes.mid, STEM_cc.mid.

    Ends with 0 when every session was made, with 2 when some could not be read (the others were
    made all the same), with 1 when something could not be written.
    """
    from bridge.clips.grid import parse_signature
    from bridge.clips.style import TEMPOS, within
    from bridge.clips.style_file import load_style, parse_change, style_name
    from bridge.offline.batch import render_batch
    from bridge.offline.files import find_recordings, plan
    from bridge.offline.options import Options
    from bridge.offline.scale_from import scale_from
    from bridge.phases import parse_mark

    if tempo is not None:
        within("--tempo", tempo, *TEMPOS, "Live's range")
    if time_signature is not None:
        parse_signature(time_signature, "--time-signature")
    chosen: dict[str, Any] = dict(parse_change(change) for change in changes or ())
    options = {
        "grid.tempo": tempo,
        "grid.signature": time_signature,
        "grid.follow": follow and follow.value,
        "scope": scope and scope.value,
    }
    chosen.update((key, value) for key, value in options.items() if value is not None)
    kinds, music = kinds_of_clip(what), load_style(style, chosen)
    asked = Options(
        style=music,
        what=kinds,
        kind=kind.value,
        rate_hz=rate,
        marks=tuple(parse_mark(text) for text in mark or ()),
        split=split is Split.MARKER,
        tempo_map=tempo_map,
        picture=picture.value if plot else None,
        sound=sound,
        page=page,
        dry_run=dry_run,
        ppq=ppq,
        style_name=style_name(style),
        scale=scale_from(scale_of, music, kinds) if scale_of is not None else None,
    )
    if tempo_map and tempo is not None:
        raise UserError("--tempo-map takes the tempo from the heart: leave --tempo out")
    if plot:
        needs_matplotlib()
    if page:
        needs_plotly()
    missing: list[UserError] = []
    planned = plan(find_recordings(paths, missing.append), out)
    with Bar("rendering", len(planned)) as progress:
        outcomes = render_batch(planned, asked, jobs, progress.advance)
    _report(outcomes, missing, dry_run)
    if plot and not dry_run:
        from bridge.offline.index_page import write_index

        index = write_index(outcomes, out)
        if index is not None:
            typer.echo(f"all pictures: {index}")
    if any(outcome.failed for outcome in outcomes):
        raise typer.Exit(1)
    if missing or any(outcome.error is not None for outcome in outcomes):
        raise typer.Exit(2)


def _report(outcomes: "list[FileOutcome]", missing: list[UserError], dry_run: bool) -> None:
    """A line a session, what was skipped and why, and the sum."""
    from bridge.offline.files import shown_names

    shown = shown_names([outcome.job for outcome in outcomes])
    good = [outcome for outcome in outcomes if outcome.error is None]
    bad = [outcome for outcome in outcomes if outcome.error is not None]
    for outcome in good:
        names = without_controls(", ".join(path.name for path in outcome.files))
        rates = f"{outcome.low:.0f}-{outcome.high:.0f} bpm"
        metre = "{}/{}".format(*outcome.metre)
        music = f"{counted(outcome.notes, 'note')} in {counted(outcome.bars, 'bar')} of {metre}"
        name = shown[outcome.job]
        typer.echo(f"{name}: {outcome.seconds:.1f} s, {rates}, {music} -> {names}")
        for remark in outcome.remarks:
            typer.echo(f"  {remark}")
    for error in [*missing, *(outcome.error for outcome in bad)]:
        complain(error)
    if good:
        files = [path for outcome in good for path in outcome.files]
        doing = "would write" if dry_run else "wrote"
        typer.echo(summary(doing, files, len(good), len(missing) + len(bad)))
