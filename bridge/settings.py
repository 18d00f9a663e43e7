"""What this machine remembers: who played last and where it went, for a ``live`` that says nothing.

Sensors only: a simulated heart or a recording that was tried in between is nobody's stage.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import typer

from bridge.offline.atomic import write_atomically

_NO_SENSORS = ("sim", "csv")


@dataclass(frozen=True, slots=True)
class Remembered:
    """Options of the last run that heard a sensor, as they were typed."""

    source: str | None = None
    heart: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    profile: tuple[str, ...] = ()
    midi: str | None = None

    def options(self) -> str:
        """As they would be typed."""
        given = [(each.name, getattr(self, each.name)) for each in fields(self)]
        return " ".join(
            f"--{name} {_quoted(text)}"
            for name, value in given
            for text in ((value,) if isinstance(value, str) else value or ())
        )


def _quoted(text: str) -> str:
    """In double quotes where a shell would read it as more than a word: these work in all."""
    plain = all(c.isalnum() or c in "._-+:/\\=,@%" for c in text)
    return text if plain else f'"{text}"'


def folder() -> Path:
    """Where programs of this user keep settings: each system has its own place."""
    return Path(typer.get_app_dir("beatbridge"))


def path() -> Path:
    """The file."""
    return folder() / "settings.json"


def load() -> Remembered | None:
    """What is remembered; None where nothing is, or the file is mangled."""
    try:
        found = json.loads(path().read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    source, midi = (found.get(key) for key in ("source", "midi"))
    lists = [found.get(key, []) for key in ("heart", "target", "profile")]
    if not all(each is None or isinstance(each, str) for each in (source, midi)):
        return None
    if not all(isinstance(each, list) and all(isinstance(t, str) for t in each) for each in lists):
        return None
    heart, target, profile = map(tuple, lists)
    return Remembered(source, heart, target, profile, midi) if bool(source) != bool(heart) else None


def filled(asked: Remembered, *, more: bool) -> Remembered:
    """What was asked, where somebody is named to play; else as last time, but what was asked wins.

    Args:
        asked: the options of this run.
        more: another way to sound than MIDI was asked for.
    """
    last = None if asked.source or asked.heart else load()
    if last is None:
        return asked
    return Remembered(
        last.source,
        last.heart,
        asked.target or last.target,
        asked.profile or last.profile,
        asked.midi or (None if more else last.midi),
    )


def keep(last: Remembered, sources: Iterable[str]) -> None:
    """Remember a run, if any of its sources is a sensor.

    Raises:
        BeatbridgeError: the folder cannot be written.
    """
    if all(source.partition(":")[0].partition("?")[0].lower() in _NO_SENSORS for source in sources):
        return
    # A profile's file is found from wherever the next run is started.
    last = replace(last, profile=tuple(_whole(name) for name in last.profile))
    if last != load():
        text = json.dumps(asdict(last), ensure_ascii=False, indent=1) + "\n"
        write_atomically(path(), text.encode())


def _whole(name: str) -> str:
    return str(Path(name).absolute()) if Path(name).is_file() else name


def forget() -> bool:
    """Remember nothing any more; whether there was anything."""
    there = path().exists()
    path().unlink(missing_ok=True)
    return there
