"""``beatbridge devices``: what is in reach: serial ports, straps, streams and MIDI ports."""

from typing import Annotated

import typer


def devices(
    forget: Annotated[
        bool, typer.Option("--forget", help="Forget what `live` alone would play again.")
    ] = False,
) -> None:
    """List ports, straps, streams and MIDI outputs, and what `live` alone plays: as last time."""
    from bridge import settings

    if forget:
        there = settings.forget()
        typer.echo("forgotten" if there else "nothing was remembered")
        return
    _list_ports()
    _list_straps()
    _list_streams()
    typer.echo("Not listed, as they wait to be named: board:NAME, osc:PORT, csv:FILE")
    _list_midi()
    typer.echo("beatbridge live, as last time:")
    last = settings.load()
    typer.echo(f"  {last.options()}" if last else "  nothing is remembered yet")
    if last:
        typer.echo(f"  kept in {settings.path()}; beatbridge devices --forget forgets it")


def _list_ports() -> None:
    from serial.tools.list_ports import comports

    from bridge.sources.serial.boards import board_name

    typer.echo("Serial ports:")
    ports = sorted(comports(), key=lambda port: port.device)
    for port in ports:
        board = board_name(port.vid, port.pid)
        described = port.description if port.description != "n/a" else "not a USB device"
        typer.echo(f"  serial:{port.device}  {f'{board}: ' if board else ''}{described}")
    if not ports:
        typer.echo("  none (is the cable in, and does it carry data?)")


def _list_midi() -> None:
    from bridge.errors import UserError
    from bridge.sinks.midi.port import output_names

    typer.echo("MIDI outputs:")
    try:
        names = output_names()
    except UserError as error:
        typer.echo(f"  none: {error}")
    else:
        for name in names or ["none"]:
            typer.echo(f"  {name}")


def _list_straps() -> None:
    """Look around for some seconds, where Bluetooth can be used."""
    import asyncio

    from bridge.errors import BeatbridgeError
    from bridge.sources.ble.scan import straps

    typer.echo("Straps (Bluetooth):")
    try:
        names = asyncio.run(straps())
    except BeatbridgeError as error:
        typer.echo(f"  none: {error}")
        return
    for name in names or ["none in reach (worn, wet, and connected to no phone or watch?)"]:
        typer.echo(f"  ble:{name}" if names else f"  {name}")


def _list_streams() -> None:
    """Look around for a second, where the library is there."""
    from bridge.errors import BeatbridgeError
    from bridge.quiet import quiet_libraries
    from bridge.sources.lsl import streams

    typer.echo("Streams (LSL):")
    try:
        with quiet_libraries():
            found = streams()
    except BeatbridgeError as error:
        typer.echo(f"  none: {error}")
        return
    for name, kind in found:
        typer.echo(f"  lsl:{name} ({kind})")
    if not found:
        typer.echo("  none in reach")
