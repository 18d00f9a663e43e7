"""Draws ``terminal.svg``: what ``beatbridge live`` shows after 50 s of a simulated heart."""

import asyncio
import contextlib
import io
import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from bridge.cli.heart_view import HeartViewSink
from bridge.cli.screen import Screen
from bridge.live.performer import Performer
from bridge.live.run import LiveRun
from bridge.mapping import profile as profiles
from bridge.osc import contract
from bridge.pipeline import Pipeline
from bridge.sinks.osc import OscSink
from bridge.sources.spec import open_source

PICTURE = Path(__file__).with_name("terminal.svg")
COMMAND = 'beatbridge live --source "sim?bpm=68"'
SECONDS = 50.0
WIDTH = 84


def main() -> None:
    """Play at full speed to nobody, and draw the last screen."""
    screen = Screen("beatbridge  sim?bpm=68 to 127.0.0.1:7771 as /heart")
    performer = Performer(
        open_source("sim?bpm=68", speed=0.0),
        Pipeline("ppg"),
        OscSink([], contract.ROOT, profiles.load([])),
        [HeartViewSink(screen.heart())],
        notice=lambda text: None,
        duration=SECONDS,
    )
    session = LiveRun([performer], notice=lambda text: None, listen_port=None)
    screen.listeners = lambda: "a device answers"
    with contextlib.redirect_stdout(io.StringIO()):
        asyncio.run(session.run())
    screen.console = Console(file=io.StringIO(), width=WIDTH, force_terminal=True, record=True)
    screen.console.print(f"[bold]$ {COMMAND}[/bold]\n", highlight=False)
    screen.console.print(screen.panel())
    svg = screen.console.export_svg(title="beatbridge live", theme=MONOKAI, unique_id="terminal")
    # Pictures in a README may load nothing from elsewhere.
    svg = re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", "Menlo, Consolas, DejaVu Sans Mono, monospace")
    PICTURE.write_text(svg, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
