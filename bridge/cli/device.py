"""``beatbridge device``: the Max for Live device that comes with the program."""

import os
import re
import sys
from html import unescape
from itertools import count
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.device_check import check
from bridge.cli.device_style import style
from bridge.errors import BeatbridgeError, UserError
from bridge.offline.atomic import write_atomically

NAME = "Beatbridge.amxd"
_PLACE = Path("Presets", "MIDI Effects", "Max MIDI Effect")
"""Where Live's browser looks for Max MIDI effects, below the User Library."""

device = typer.Typer(
    help="The Max for Live device: install it, find its file, ask the running one how it is, "
    "give it a style.",
    no_args_is_help=True,
)
device.command("check")(check)
device.command("style")(style)


def packaged() -> Path:
    """The device's file: beside the package when installed, in the sources when edited.

    Raises:
        BeatbridgeError: the installation lacks it.
    """
    bridge = Path(__file__).resolve().parents[1]
    for path in (bridge / "_device" / NAME, bridge.parent / "max_for_live" / NAME):
        if path.is_file():
            return path
    raise BeatbridgeError(f"{NAME} is missing from this installation: install beatbridge again")


def packaged_parts() -> dict[str, Path]:
    """The devices that do less, and the whole one as the last of them: file by name."""
    whole = packaged()
    parts = {path.name: path for path in sorted((whole.parent / "parts").glob("*.amxd"))}
    return parts | {f"Beatbridge {len(parts) + 1} whole.amxd": whole}


def user_library(home: Path, platform: str = sys.platform) -> Path:
    """Where Live keeps the User Library: as its settings say, else in its usual place.

    Raises:
        UserError: Live does not run on this system.
    """
    if platform == "darwin":
        settings = home / "Library" / "Preferences" / "Ableton"
        usual = [home / "Music"]
    elif platform == "win32":
        settings = home / "AppData" / "Roaming" / "Ableton"
        usual = [home / "Documents"]
        # Documents may have been moved into OneDrive, and Live follows it there.
        if one_drive := os.environ.get("ONEDRIVE"):
            usual.insert(0, Path(one_drive) / "Documents")
    else:
        raise UserError("Live runs on macOS and Windows only: name the folder with --to DIR")
    places = [*_configured(settings), *(folder / "Ableton" / "User Library" for folder in usual)]
    return next((place for place in places if place.is_dir()), places[-1])


def _configured(settings: Path) -> list[Path]:
    """What the newest Library.cfg names as ``ProjectPath``: the library or the folder above it."""
    found = [*settings.glob("Live */Library.cfg"), *settings.glob("Live */Preferences/Library.cfg")]
    for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True):
        text = path.read_text(encoding="utf-8", errors="replace")
        if named := re.search(r'<ProjectPath Value="([^"]+)"', text):
            folder = Path(unescape(named[1]))
            return [folder / "User Library", *([folder] if (folder / "Presets").is_dir() else [])]
    return []


@device.command("install")
def install(
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", metavar="DIR", help="Another folder than the one in Live's User Library."
        ),
    ] = None,
    parts: Annotated[
        bool,
        typer.Option(
            "--parts",
            help="Instead, four devices that do more and more, to find where loading one fails.",
        ),
    ] = False,
) -> None:
    """Copy the device into Live's User Library, and say where it is then."""
    sources = packaged_parts() if parts else {NAME: packaged()}
    folder = _library_folder() if to is None else to.expanduser()
    if to is not None and folder.exists() and not folder.is_dir():
        raise UserError(f"--to {to}: this is a file; name a folder")
    for name, source in sources.items():
        _copy(source, folder / name)
    if to is None:
        typer.echo("In Live's browser: User Library, Presets, MIDI Effects, Max MIDI Effect.")
    if parts:
        typer.echo("Load them in turn, one at a time; each says on its face what it proves.")


def _copy(source: Path, target: Path) -> None:
    data = source.read_bytes()
    try:
        before = target.read_bytes() if target.is_file() else None
    except OSError as error:
        raise BeatbridgeError(f"{target}: {error.strerror or error}") from error
    if before is not None and before != data:
        typer.echo(f"kept what was there, it may be edited: {_keep(target, before)}")
    if before != data:
        write_atomically(target, data)
    what = "installed" if before is None else "already there" if before == data else "updated"
    typer.echo(f"{what}: {target}")


def _keep(target: Path, data: bytes) -> Path:
    """Keep this version of the device beside the new one, once; return where."""
    for number in count(1):
        kept = target.with_name(f"{target.stem} (kept {number}){target.suffix}")
        if not kept.exists():
            write_atomically(kept, data)
            return kept
        if kept.read_bytes() == data:
            return kept
    raise AssertionError("count does not end")


def _library_folder() -> Path:
    library = user_library(Path.home())
    if not library.is_dir():
        raise UserError(
            f"no User Library at {library}: start Live once, or name the folder with --to DIR "
            "(Live: Settings, Library, Location of User Library)"
        )
    return place_in(library)


def place_in(library: Path) -> Path:
    """Where the device lies in a User Library."""
    return library / _PLACE


@device.command("path")
def path(
    unfrozen: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write the patcher with its scripts beside it there, to look inside with Max.",
        ),
    ] = None,
) -> None:
    """Print where the device's file is in this installation."""
    if unfrozen is None:
        typer.echo(packaged())
        return
    from bridge.sinks.liveset import amxd

    folder = unfrozen.expanduser()
    if folder.exists() and not folder.is_dir():
        raise UserError(f"--unfrozen {unfrozen}: this is a file; name a folder")
    built = amxd.read(packaged().read_bytes())
    for file in built.files:
        write_atomically(folder / file.name, file.data)
    write_atomically(folder / NAME, amxd.unfrozen(built.document()))
    typer.echo(folder / NAME)
