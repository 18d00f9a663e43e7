"""``beatbridge profiles``: the shipped profiles, or the text of one to start your own from."""

from typing import Annotated

import typer

from bridge.mapping import profile as shipped


def profiles(
    name: Annotated[str | None, typer.Argument(help="Print this one's TOML.")] = None,
) -> None:
    """List the profiles, or print one: redirect it to a file and change what you like."""
    if name is not None:
        typer.echo(shipped.text(name), nl=False)
        return
    for each in shipped.names():
        typer.echo(f"{each:<12} {shipped.load([each]).description}")
