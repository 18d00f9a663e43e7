"""``beatbridge record``: keep a session without playing it anywhere."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.live import SourceOption
from bridge.cli.screen import Screen, ScreenSink


def record(
    source: SourceOption,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv")],
    duration: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0.0, help="End after this time.")
    ] = None,
) -> None:
    """Record samples, beats and markers to a file that replays and renders. Ctrl-C ends it."""
    from bridge import contract, profiles
    from bridge.live import LiveSession
    from bridge.pipeline import Pipeline
    from bridge.sinks.osc import OscSink
    from bridge.sinks.recorder import Recorder
    from bridge.sources.spec import open_source, signal_kind

    heart = open_source(source)
    recorder = Recorder(file)
    # No targets: marks are heard all the same, and nothing sounds.
    osc = OscSink([], contract.ROOT, profiles.load([]))
    with Screen(f"beatbridge  {source} to {file}") as screen:
        session = LiveSession(
            heart,
            Pipeline(signal_kind(source)),
            osc,
            [recorder, ScreenSink(screen)],
            notice=screen.notice,
            duration=duration,
        )
        summary = asyncio.run(session.run())
    typer.echo(f"{file}: {summary.seconds:.1f} s, {summary.beats + summary.late_beats} beats")
    for note in summary.notes:
        typer.echo(note)
