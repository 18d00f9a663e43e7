"""One live run with its screen and its summary, for the commands that play or record."""

import asyncio

import typer

from bridge.cli.screen import Screen, ScreenSink
from bridge.live.run import LiveRun, Summary
from bridge.pipeline import Pipeline
from bridge.sinks import Sink
from bridge.sinks.osc import OscSink
from bridge.sources import Source


def run(
    source: Source, kind: str, osc: OscSink, sinks: list[Sink], title: str, duration: float | None
) -> Summary:
    """Play until the end or Ctrl-C, showing the heart; then say what was lost on the way."""
    with Screen(f"beatbridge  {title}") as screen:
        opened = False

        def notice(text: str) -> None:
            """Say where it goes before the first word of a source that could be opened."""
            nonlocal opened
            if not opened:
                opened = True
                screen.notice(title)
            screen.notice(text)

        session = LiveRun(
            source,
            Pipeline(kind),
            osc,
            [*sinks, ScreenSink(screen)],
            notice=notice,
            duration=duration,
        )
        summary = asyncio.run(session.run())
    for note in summary.notes:
        typer.echo(note)
    return summary
