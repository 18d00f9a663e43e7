"""The command line: one file a command, each importing what is heavy only when it runs."""

import sys

import typer

from bridge import __version__
from bridge.errors import BeatbridgeError, UserError

app = typer.Typer(
    name="beatbridge",
    help="A heart plays the Set: pulse sensor to OSC, MIDI and Ableton Live clips.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"beatbridge {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Hold what all commands share."""


def _register() -> None:
    """Name every command, in the order that a newcomer meets them."""
    from bridge.cli import (
        analyze,
        contract,
        demo,
        device,
        devices,
        drop,
        live,
        play,
        profiles,
        record,
        render,
    )

    app.command("demo")(demo.demo)
    app.command("live")(live.live)
    app.command("record")(record.record)
    app.command("render")(render.render)
    app.command("play")(play.play)
    app.command("analyze")(analyze.analyze)
    app.command("drop")(drop.drop)
    app.command("devices")(devices.devices)
    app.add_typer(device.device_app, name="device")
    app.command("profiles")(profiles.profiles)
    app.command("contract")(contract.contract)


_register()


def main() -> None:
    """Run the command. A known error is one line on stderr: exit code 2 (input) or 1 (failure)."""
    for stream in (sys.stdout, sys.stderr):
        # A Windows console or a pipe may know less than UTF-8: show "?" rather than end the show.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        app()
    except UserError as error:
        typer.echo(f"beatbridge: {error}", err=True)
        sys.exit(2)
    except BeatbridgeError as error:
        typer.echo(f"beatbridge: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of a pipe (head) has gone; Python would complain again while closing stdout.
        sys.stderr.close()
        sys.exit(0)
