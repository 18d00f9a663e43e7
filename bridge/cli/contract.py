"""``beatbridge contract``: the OSC namespace, as a table for people or JSON for programs."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from bridge.contract import MESSAGES, VERSION, as_dicts


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
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(
        "address", "tags", "direction", "meaning", box=box.SIMPLE if console.is_terminal else None
    )
    for message in MESSAGES:
        table.add_row(
            message.address(),
            message.signature,
            message.way.value,
            message.meaning.replace("`", ""),
        )
    console.print(table)
