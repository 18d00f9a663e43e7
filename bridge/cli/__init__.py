"""The command line: one file a command, each importing what is heavy only when it runs."""

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, TextIO, cast

import typer

from bridge.cli.desktop import is_desktop
from bridge.cli.output import Unbreakable, complain
from bridge.errors import BeatbridgeError, UserError

# Our arrays are small: threads of numpy's linear algebra cost more, at every start, than they give.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

UsageError: Any = typer.BadParameter.__mro__[1]
"""Typer's own name for a wrong call; it exports only this child of it."""

COMMANDS = (
    "demo",
    "panel",
    "live",
    "record",
    "render",
    "play",
    "analyze",
    "drop",
    "device",
    "devices",
    "doctor",
    "map",
    "profiles",
    "styles",
    "contract",
)
"""In the order that a newcomer meets them. Each is what its module holds under the same name."""


def _version(wanted: bool) -> None:
    if wanted:
        from bridge import __version__

        typer.echo(f"beatbridge {__version__}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Hold what all commands share."""


def make_app(names: Sequence[str] = COMMANDS) -> typer.Typer:
    """The command with these subcommands; only their modules are imported."""
    app = typer.Typer(
        name="beatbridge",
        help="A heart plays the Set: pulse sensor to OSC, MIDI and Ableton Live clips.",
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name in names:
        command = getattr(import_module(f"bridge.cli.{name}"), name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def main() -> None:
    """Run the command; without one, on a desktop, the panel.

    A known error is one line on stderr: exit code 2 (input) or 1 (failure).
    """
    for stream in (sys.stdout, sys.stderr):
        # A Windows console or a pipe may know less than UTF-8: show "?" rather than end the show.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.stdout, sys.stderr = (
        cast(TextIO, Unbreakable(stream)) for stream in (sys.stdout, sys.stderr)
    )
    if len(sys.argv) == 1 and is_desktop():
        sys.argv.append("panel")
    atexit.register(gc.freeze)  # to look through all modules for garbage takes longer than a clip
    asked = [name for name in sys.argv[1:2] if name in COMMANDS]
    try:
        sys.exit(make_app(asked or COMMANDS)(standalone_mode=False))
    except UsageError as error:
        says = error.format_message().strip()
        if "\n" in says:  # a command without its subcommand: the help itself
            typer.echo(says)
        elif says:
            command = " ".join(["beatbridge", *asked])
            typer.echo(f"{command}: {says} ({command} --help says more)", err=True)
        sys.exit(2)
    except UserError as error:
        complain(error)
        sys.exit(2)
    except BeatbridgeError as error:
        complain(error)
        sys.exit(1)
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("interrupted", err=True)
        sys.exit(130)
