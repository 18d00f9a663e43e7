"""Setups with names: which hearts played what, kept on this machine and taken up again.

One JSON file each, in the folder where programs of this user keep their settings.
"""

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bridge import settings
from bridge.errors import UserError
from bridge.offline.atomic import write_atomically

LAST = "last"
"""What played when the panel was ended; not shown in the list."""
_NAME = re.compile(r"[\w][\w .-]{0,40}")


@dataclass(frozen=True, slots=True)
class Setup:
    """What a person would have to choose again."""

    hearts: tuple[tuple[str, str], ...] = ()
    """Names and sources."""
    targets: tuple[str, ...] = ()
    """Where OSC goes, HOST:PORT."""
    midi: str | None = None
    sound: bool = False
    style: str = "default"
    style_on: bool = False
    receivers: dict[str, str] = field(default_factory=dict)
    """The text of each receiver's map, by its name."""


def folder() -> Path:
    """Where the setups lie."""
    return settings.folder() / "setups"


def names() -> list[str]:
    """The setups that were given a name."""
    return sorted(path.stem for path in folder().glob("*.json") if path.stem != LAST)


def save(name: str, setup: Setup) -> None:
    """Keep a setup.

    Raises:
        UserError: not a name for a file on every system.
        BeatbridgeError: the folder cannot be written.
    """
    content = json.dumps(asdict(setup), ensure_ascii=False, indent=1) + "\n"
    write_atomically(_path(name), content.encode())


def load(name: str) -> Setup:
    """Take a setup up again.

    Raises:
        UserError: there is none of this name, or it is not one of ours.
    """
    path = _path(name)
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        hearts = tuple((str(name), str(source)) for name, source in data.pop("hearts"))
        targets = tuple(str(target) for target in data.pop("targets"))
        return Setup(hearts=hearts, targets=targets, **data)
    except FileNotFoundError:
        raise UserError(
            f"there is no setup {name}: {', '.join(names()) or 'none is kept'}"
        ) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(f"{path}: not a setup of this version ({error})") from None


def _path(name: str) -> Path:
    if not _NAME.fullmatch(name) or name.rstrip(". ") != name:
        raise UserError(f"setup {name!r}: letters, digits, blanks, - and _ make a name")
    return folder() / f"{name}.json"
