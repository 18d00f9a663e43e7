"""``beatbridge drop``: MIDI files into Session slots of the running Live Set."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bridge.errors import BeatbridgeError, UserError


class Via(StrEnum):
    """Who writes into the Set."""

    DEVICE = "device"
    ABLETONOSC = "abletonosc"


def drop(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE.mid...", help="MIDI files, from any program.")
    ],
    via: Annotated[
        Via,
        typer.Option(
            help="The Beatbridge device on a MIDI track, or the AbletonOSC control surface."
        ),
    ] = Via.DEVICE,
    track: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="AbletonOSC only: the track, 1 and up [default: the one selected in Live]. "
            "The device writes to its own track.",
        ),
    ] = None,
    slot: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Slot of the first clip, 1 and up, the others below it [default: the next "
            "empty ones, or what is set on the device].",
        ),
    ] = None,
) -> None:
    """Drop MIDI files as clips into the running Live Set.

    Every track of a file becomes a clip in an empty slot. The device takes the controller lanes
    along and plays them with the clip; AbletonOSC writes notes only.
    """
    from bridge.clips.read import Clip, read_clips
    from bridge.sinks import abletonosc, liveset

    if via is Via.DEVICE and track is not None:
        raise UserError(
            "--track goes with --via abletonosc: the device writes to the track it is on"
        )
    clips: list[Clip] = [clip for file in files for clip in read_clips(file)]

    def start(progress: liveset.Progress) -> AsyncGenerator[liveset.Outcome, None]:
        if via is Via.DEVICE:
            return liveset.drop(clips, progress, scene=slot or 0)
        return abletonosc.drop(clips, progress, track=track, slot=slot)

    try:
        failed = asyncio.run(_show(clips, start, lanes_too=via is Via.DEVICE))
    except KeyboardInterrupt:
        raise BeatbridgeError("interrupted: the clip under way was not dropped") from None
    if failed:
        raise BeatbridgeError(f"{failed} of {len(clips)} clips not dropped")


async def _show(clips: Sequence, start, *, lanes_too: bool) -> int:  # type: ignore[no-untyped-def,type-arg]
    raise NotImplementedError
