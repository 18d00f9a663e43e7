"""``beatbridge contract``: the OSC namespace, as a table for people or JSON for programs."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from bridge.osc.contract import MESSAGES, VERSION, Message, Way, as_dicts


class Format(StrEnum):
    """How to print it."""

    TABLE = "table"
    JSON = "json"


def contract(
    form: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = (
        Format.TABLE
    ),
) -> None:
    """Print every OSC message, its type tags and its meaning."""
    if form is Format.JSON:
        typer.echo(json.dumps({"version": VERSION, "messages": as_dicts()}, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for way in Way:
        rows = [message for message in MESSAGES if message.way is way]
        if not console.is_terminal:
            for row in rows:
                typer.echo(f"{row.address():<24}{row.signature:<24}{way.value:<18}{_words(row)}")
            continue
        table = Table(title=way.value, title_justify="left", box=None, padding=(0, 2, 0, 0))
        table.add_column("address", no_wrap=True, style="bold")
        table.add_column("tags", no_wrap=True)
        table.add_column("meaning")
        for row in rows:
            table.add_row(row.address(), row.signature, _words(row))
        console.print(table)
        console.print()


def _words(message: Message) -> str:
    return message.meaning.replace("`", "")
