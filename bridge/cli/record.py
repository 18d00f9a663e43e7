"""``beatbridge record``: keep a session without playing it anywhere."""

from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.options import Duration, SourceText


def record(
    source: SourceText,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv")],
    duration: Duration = None,
) -> None:
    """Record samples, beats and markers to a file that replays and renders. Ctrl-C ends it."""
    from bridge.cli.results import counted
    from bridge.cli.run import Heart, run
    from bridge.mapping import profile as profiles
    from bridge.osc import contract
    from bridge.sinks.osc import OscSink
    from bridge.sinks.recorder import Recorder
    from bridge.sources.spec import open_source, signal_kind

    heart = open_source(source)
    kind = signal_kind(source)
    recorder = Recorder(file)
    # No targets: marks are heard all the same, and nothing sounds.
    osc = OscSink([], contract.ROOT, profiles.load([]))
    name = contract.ROOT.strip("/")
    (summary,) = run(
        [Heart(name, heart, kind, osc, [recorder], needed=recorder)],
        f"{source} to {file}",
        duration,
    )
    beats = counted(summary.beats + summary.late_beats, "beat")
    typer.echo(f"{file}: {summary.seconds:.1f} s, {beats}")
