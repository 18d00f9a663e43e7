"""Options that several commands share, and what their values must be."""

from math import isfinite
from typing import Annotated

import typer


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
SourceText = Annotated[
    str,
    typer.Option(
        "--source",
        metavar="SOURCE",
        help="sim, 'sim?bpm=90', serial:PORT, 'serial:PORT?baud=9600&rate=500', csv:FILE or "
        "'csv:FILE?rate=100&kind=ecg'. The quotes keep the shell from reading ? and & itself.",
    ),
]
