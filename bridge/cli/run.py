"""One live run with its screen and its summary, for the commands that play or record."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import typer

from bridge.cli.heart_view import HeartViewSink
from bridge.cli.screen import Screen
from bridge.live.group import Group
from bridge.live.performer import Performer, Summary
from bridge.live.run import LiveRun
from bridge.pipeline import Pipeline
from bridge.sinks import Sink
from bridge.sinks.osc import OscSink
from bridge.sources import Source


@dataclass(frozen=True, slots=True)
class Heart:
    """One heart before it plays."""

    name: str
    """What marks call it."""
    source: Source
    kind: str
    """The detector for its samples."""
    osc: OscSink
    sinks: list[Sink]
    needed: Sink | None = None
    """The one of them without which there is nothing to play for."""


class Notices:
    """Shows a line to the user: on the screen while there is one, plainly before and after."""

    def __init__(self) -> None:
        self.show: Callable[[str], None] = typer.echo

    def __call__(self, text: str) -> None:
        """Show it."""
        self.show(text)


def run(
    hearts: list[Heart],
    title: str,
    duration: float | None,
    group: Group | None = None,
    notices: Notices | None = None,
) -> list[Summary]:
    """Play until the end or Ctrl-C, showing the hearts; then say what was lost on the way.

    Args:
        hearts: who plays.
        title: says from where to where.
        duration: seconds of signal, or None for no end.
        group: what they are together, where they are several.
        notices: what sinks say goes to the screen from here on.
    """
    with Screen(f"beatbridge  {title}") as screen:
        opened = False

        def notice(text: str) -> None:
            """Say where it goes before the first word of a source that could be opened."""
            nonlocal opened
            if not opened:
                opened = True
                screen.notice(title)
            screen.notice(text)

        def performer(heart: Heart) -> Performer:
            shown = heart.name if len(hearts) > 1 else ""
            sinks = [*heart.sinks, HeartViewSink(screen.heart(shown))]
            if group is not None:
                sinks.append(group.member(heart.name))
            return Performer(
                heart.source,
                Pipeline(heart.kind),
                heart.osc,
                sinks,
                notice=lambda text: notice(f"{shown}: {text}" if shown else text),
                name=heart.name,
                duration=duration,
                needed=heart.needed,
            )

        if notices is not None:
            notices.show = notice
        screen.listeners = hearts[0].osc.listeners
        session = LiveRun([performer(heart) for heart in hearts], notice=notice, group=group)
        try:
            summaries = asyncio.run(session.run())
        finally:
            if notices is not None:
                notices.show = typer.echo
    for summary in summaries:
        for note in summary.notes:
            typer.echo(f"{summary.name}: {note}" if len(hearts) > 1 else note)
    return summaries
