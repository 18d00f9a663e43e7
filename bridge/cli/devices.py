"""``beatbridge devices``: what is in reach, serial ports and MIDI ports."""

import typer


def devices() -> None:
    """List serial ports and MIDI outputs, as --source and --midi take them."""
    from serial.tools.list_ports import comports

    from bridge.errors import UserError
    from bridge.sinks.midi.port import output_names
    from bridge.sources.serial.boards import board_name

    typer.echo("Serial ports:")
    ports = sorted(comports(), key=lambda port: port.device)
    for port in ports:
        board = board_name(port.vid, port.pid)
        described = port.description if port.description != "n/a" else "not a USB device"
        typer.echo(f"  serial:{port.device}  {f'{board}: ' if board else ''}{described}")
    if not ports:
        typer.echo("  none (is the cable in, and does it carry data?)")
    typer.echo("MIDI outputs:")
    try:
        names = output_names()
    except UserError as error:
        typer.echo(f"  none: {error}")
    else:
        for name in names or ["none"]:
            typer.echo(f"  {name}")
