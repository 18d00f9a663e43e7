"""``beatbridge devices``: what is in reach, serial ports and MIDI ports."""

import typer


def devices() -> None:
    """List serial ports and MIDI outputs, as --source and --midi take them."""
    from serial.tools.list_ports import comports

    from bridge.sources.boards import board_name

    typer.echo("Serial ports:")
    ports = sorted(comports(), key=lambda port: port.device)
    for port in ports:
        board = board_name(port.vid, port.pid)
        typer.echo(f"  serial:{port.device}  {f'{board}: ' if board else ''}{port.description}")
    if not ports:
        typer.echo("  none (is the cable in, and does it carry data?)")
    typer.echo("MIDI outputs:")
    for line in _midi_outputs():
        typer.echo(f"  {line}")


def _midi_outputs() -> list[str]:
    try:
        import rtmidi
    except ImportError:
        return ["unknown: python-rtmidi is not installed for this Python version"]
    try:
        out = rtmidi.MidiOut()
        names = [str(name) for name in out.get_ports()]
        out.delete()
    except rtmidi.SystemError:
        return ["none: this machine has no MIDI system running"]
    return names or ["none"]
