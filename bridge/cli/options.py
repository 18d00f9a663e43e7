"""Options that several commands share, and what their values must be."""

import inspect
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.errors import UserError

if TYPE_CHECKING:
    from bridge.clips.render import What
    from bridge.sinks.spec import SinkEntry


def finite(value: float | None) -> float | None:
    """Refuse nan and inf, which pass every range check and then never end."""
    if value is not None and not isfinite(value):
        raise typer.BadParameter(f"{value} is not a number of seconds or times")
    return value


Duration = Annotated[
    float | None,
    typer.Option(
        "--duration", metavar="SECONDS", min=0.0, callback=finite, help="End after this time."
    ),
]
SOURCE_HELP = (
    "sim, 'sim?bpm=90', serial:PORT, 'serial:PORT?baud=9600&rate=500', csv:FILE or "
    "'csv:FILE?rate=100&kind=ecg'. The quotes keep the shell from reading ? and & itself."
)
SourceText = Annotated[str, typer.Option("--source", metavar="SOURCE", help=SOURCE_HELP)]


def _annotation(name: str, entry: "SinkEntry") -> Any:
    """A sink's option: one with a value, several times if it likes, or one that stands alone."""
    if not entry.metavar:
        return Annotated[bool, typer.Option(f"--{name}", help=entry.help)]
    kind = list[str] if entry.many else str
    return Annotated[kind | None, typer.Option(metavar=entry.metavar, help=entry.help)]


def needs_matplotlib() -> None:
    """Pictures are an extra: say so before anything is read.

    Raises:
        UserError: it is not installed.
    """
    if find_spec("matplotlib") is None:
        raise UserError('--plot needs matplotlib: uv sync --extra plot, or pip install ".[plot]"')


def needs_plotly() -> None:
    """Pages to explore are another extra, see ``needs_matplotlib``."""
    if find_spec("plotly") is None:
        raise UserError('--page needs plotly: uv sync --extra page, or pip install ".[page]"')


ScaleFrom = Annotated[
    Path | None,
    typer.Option(
        "--scale-from",
        metavar="DIR|FILE",
        help="Zones and lanes span what these recorded sessions span.",
    ),
]


KINDS_HELP = "drums, notes, cc; several as in drums,cc"


def kinds_of_clip(given: Sequence[str] | None) -> "tuple[What, ...]":
    """``drums,notes,cc``, or some of them, in this order; all that an option asks for together.

    Raises:
        UserError: another word, or none.
    """
    known: tuple[What, ...] = ("drums", "notes", "cc")
    parts = ",".join(given or known[:1]).split(",")
    asked = [part.strip().lower() for part in parts if part.strip()]
    for part in asked:
        if part not in known:
            raise UserError(f"--what {part}: it is none of {', '.join(known)}")
    if not asked:
        raise UserError(f"--what: name at least one of {', '.join(known)}")
    return tuple(what for what in known if what in asked)


def with_sinks(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that takes ``**sinks`` an option for each sink of the table."""
    from bridge.sinks.spec import SINKS

    signature = inspect.signature(command)
    own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
    given = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None if entry.metavar else False,
            annotation=_annotation(name, entry),
        )
        for name, entry in SINKS.items()
    ]
    command.__signature__ = signature.replace(parameters=[*own, *given])  # type: ignore[attr-defined]
    command.__annotations__ |= {each.name: each.annotation for each in given}
    return command
