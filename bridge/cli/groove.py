"""The options of ``live`` that play a style in place of a note a beat."""

from collections.abc import Collection, MutableMapping, Sequence
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
        UserError: two clocks at once, or Link is not installed.
    """
    from bridge.clips.shared_clock import LINK

    if clock == LINK:
        raise UserError("--clock link: write --link follow")
    if sinks.get("link") != "follow":
        return clock
    if clock != "own":
        raise UserError(f"--link follow and --clock {clock}: a style plays by one of them")
    from bridge.sinks.link import aalink

    aalink()
    del sinks["link"]
    return LINK


def playing_of(
    styles: Sequence[str],
    what: Sequence[str] | None,
    tempo: float | None,
    clock: str,
    scale_of: Path | None,
    profile: Profile,
    sinks: Collection[str],
    hearts: int,
) -> list[Playing | None]:
    """What the options ask of each heart; None without a style.

    The styles are those of the hearts in their order; the last holds for those that follow.

    Raises:
        UserError: options that do not go together, or a style, clock or file that is not there.
    """
    if not styles:
        if tempo is not None or scale_of is not None or clock != "own":
            raise UserError(
                "--tempo, --clock, --scale-from and --link follow play a style: name one with "
                "--style"
            )
        return [None] * hearts
    if not any(name in sinks for name in PLAYED_BY):
        raise UserError("--style plays on an instrument: add --midi PORT or --sound")
    if len(styles) > hearts:
        raise UserError(f"--style: {len(styles)} styles for {hearts} heart{'s' * (hearts > 1)}")
    from bridge.clips.spans import learns_zones
    from bridge.clips.style import TEMPOS, within
    from bridge.clips.style_file import load_style
    from bridge.offline.scale_from import scale_from
    from bridge.sinks.style import playing

    if tempo is not None:
        within("--tempo", tempo, *TEMPOS, "Live's range")
    kinds = kinds_of_clip(what)
    if hearts > 1 and kinds != ("drums",):
        raise UserError(
            f"--what {what}: of several hearts each plays its drums, on a channel of its own; "
            "notes and controllers would meet on the same channels"
        )
    found: list[Playing | None] = []
    for name in styles:
        music = load_style(name, {} if tempo is None else {"grid.tempo": tempo})
        tempo = music.grid.tempo  # several hearts play together
        sessions = scale_from(scale_of, music, kinds) if scale_of is not None else None
        if sessions is None and learns_zones(music):
            typer.echo(
                f"{name}: its zones last equally long over a whole session; they are learned as "
                "it goes on (--scale-from a session gives them)",
                err=True,
            )
        found.append(playing(music, kinds, profile, sessions, clock))
    return found + found[-1:] * (hearts - len(found))
