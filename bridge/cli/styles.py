"""``beatbridge styles``: the shipped styles and what they promise, or the text of one to change."""

from typing import Annotated

import typer


def styles(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME|FILE]", help="Print this one's TOML, every key explained."),
    ] = None,
) -> None:
    """List the styles, or print one: redirect it to a file and change what you like."""
    from bridge.clips.style_file import load_style, style_names
    from bridge.clips.style_text import style_text

    if name is not None:
        typer.echo(style_text(load_style(name)), nl=False)
        return
    for each in style_names():
        style = load_style(each)
        typer.echo(f"{each}: {style.description}")
        typer.echo(f"  always: {style.promise.sentence()}")
    typer.echo("beatbridge styles NAME > mine.toml starts your own, for --style mine.toml")
