"""``beatbridge device style``: what the running device plays in its mode Grid."""

import asyncio
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import ScaleFrom
from bridge.errors import BeatbridgeError
from bridge.osc import contract

if TYPE_CHECKING:
    from bridge.clips.render import What

DRUMS: "tuple[What, ...]" = ("drums",)
LONGEST = 20
"""Letters of a style's name that the face has room for."""


def style(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="See `beatbridge styles`.")],
    port: Annotated[
        int, typer.Option(min=1024, max=65535, help="The port that is set on the device.")
    ] = contract.TARGET_PORT,
    profile: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME|FILE", help="The ranges of the zones; may be repeated."),
    ] = None,
    scale_of: ScaleFrom = None,
    wait: Annotated[
        float, typer.Option(min=0.1, max=600, help="How many seconds to wait for its answer.")
    ] = 5.0,
) -> None:
    """Give the device in Live another style for its mode Grid; it is kept with the Set."""
    from bridge.clips.spans import spans_of
    from bridge.clips.style_file import load_style
    from bridge.clips.table import left_out, table_of
    from bridge.mapping import profile as profiles
    from bridge.offline.scale_from import scale_from
    from bridge.sinks.liveset.examine import ask

    music = load_style(name)
    ranges = profiles.load(profile or [])
    sessions = scale_from(scale_of, music, DRUMS) if scale_of is not None else None
    numbers = table_of(music, spans_of(music, DRUMS, ranges, sessions))
    called = Path(name).stem.replace(" ", "-")[:LONGEST]
    target = (contract.TARGET_HOST, port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(contract.encode("/grid/style", (called, *numbers)), target)
    said = asyncio.run(ask(target, wait))
    if not said:
        raise BeatbridgeError(
            f"no device answers on {contract.TARGET_HOST}:{port}: is Live running, with Beatbridge "
            f"on a MIDI track and its port set to {port}?"
        )
    if said.get("grid") != called:
        raise BeatbridgeError(
            f"the device on port {port} keeps the style {said.get('grid', '?')}: is it as new as "
            "this beatbridge? `beatbridge device check` tells"
        )
    for words in left_out(music):
        typer.echo(words)
    typer.echo(f"in its mode Grid the device plays {called}; the Set keeps it")
