"""The command line: one file a command, each importing what is heavy only when it runs."""

import os
import sys
from importlib import import_module

import typer

from bridge.errors import BeatbridgeError, UserError

# Our arrays are small: threads of numpy's linear algebra cost more, at every start, than they give.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

app = typer.Typer(
    name="beatbridge",
    help="A heart plays the Set: pulse sensor to OSC, MIDI and Ableton Live clips.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from bridge import __version__

        typer.echo(f"beatbridge {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Hold what all commands share."""


COMMANDS = (
    "demo",
    "live",
    "record",
    "render",
    "play",
    "analyze",
    "drop",
    "devices",
    "profiles",
    "contract",
)
"""In the order that a newcomer meets them. Each is a function in the module of its name."""


def _register() -> None:
    """Import the command that is asked for; all of them where it is none, as for the help."""
    asked = [name for name in sys.argv[1:2] if name in COMMANDS]
    for name in asked or COMMANDS:
        app.command(name)(getattr(import_module(f"bridge.cli.{name}"), name))


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
