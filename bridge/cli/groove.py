"""The options of ``live`` that play a style in place of a note a beat."""

from collections.abc import Callable, Collection, MutableMapping
from pathlib import Path
from typing import Any

import typer

from bridge.cli.options import kinds_of_clip
from bridge.errors import UserError
from bridge.mapping.profile import Profile
from bridge.sinks import Playing

PLAYED_BY = ("midi", "sound")
"""The sinks that can play a style."""


def clock_of(clock: str, sinks: MutableMapping[str, Any]) -> str:
    """What the style plays by; ``--link follow`` is a clock, and no sink.

    Raises:
        UserError: two clocks at once.
    """
    from bridge.clips.shared_clock import LINK

    if clock == LINK:
        raise UserError("--clock link: write --link follow")
    if sinks.get("link") != "follow":
        return clock
    if clock != "own":
        raise UserError(f"--link follow and --clock {clock}: a style plays by one of them")
    del sinks["link"]
    return LINK


def playing_of(
    style: str | None,
    what: str,
    tempo: float | None,
    clock: str,
    scale_of: Path | None,
    profile: Profile,
    sinks: Collection[str],
    hearts: int,
    notice: Callable[[str], None],
) -> Playing | None:
    """What the options ask for; None without a style.

    Raises:
        UserError: options that do not go together, or a style, clock or file that is not there.
    """
    if style is None:
        if tempo is not None or scale_of is not None or clock != "own":
            raise UserError(
                "--tempo, --clock, --scale-from and --link follow play a style: name one with "
                "--style"
            )
        return None
    if not any(name in sinks for name in PLAYED_BY):
        raise UserError("--style plays on an instrument: add --midi PORT or --sound")
    if hearts > 1:
        raise UserError("--style plays one heart: use --source, and one beatbridge a heart")
    from bridge.clips.spans import learns_zones
    from bridge.clips.style import TEMPOS, within
    from bridge.clips.style_file import load_style
    from bridge.offline.scale_from import scale_from
    from bridge.sinks.style import playing

    if tempo is not None:
        within("--tempo", tempo, *TEMPOS, "Live's range")
    music = load_style(style, {} if tempo is None else {"grid.tempo": tempo})
    kinds = kinds_of_clip(what)
    sessions = scale_from(scale_of, music, kinds) if scale_of is not None else None
    if sessions is None and learns_zones(music):
        typer.echo(
            f"{style}: its zones last equally long over a whole session; they are learned as it "
            "goes on (--scale-from a session gives them)",
            err=True,
        )
    return playing(music, kinds, profile, sessions, clock, notice)
