"""``beatbridge drop``: MIDI files into Session slots of the running Live Set."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.output import complain
from bridge.errors import BeatbridgeError, UserError
from bridge.osc.contract import TARGET_HOST, TARGET_PORT

if TYPE_CHECKING:
    from bridge.clips.read import SlotClip
    from bridge.sinks.liveset.device import ClipOutcome, Progress


class Via(StrEnum):
    """Who writes into the Set."""

    DEVICE = "device"
    ABLETONOSC = "abletonosc"


_INTERRUPTED = {
    Via.DEVICE: "a clip that was not yet whole on the device leaves nothing in the Set",
    Via.ABLETONOSC: "the clip under way is taken back",
}


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
            help="For AbletonOSC: the track, 1 and up; without it the one selected in Live. "
            "The device writes to the track it is on.",
        ),
    ] = None,
    slot: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Slot of the first clip, 1 and up, the others below it; without it the next "
            "empty ones, or what is set on the device.",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=1024,
            max=65535,
            help=f"The port that is set on the device, where it is not {TARGET_PORT}.",
        ),
    ] = None,
) -> None:
    """Drop MIDI files as clips into the running Live Set.

    Every track of a file becomes a clip in an empty slot. The device takes controller lanes
    along and plays them with the clip; AbletonOSC can write notes only.
    """
    from bridge.clips.read import read_clips
    from bridge.sinks.liveset import abletonosc
    from bridge.sinks.liveset import device as liveset

    if via is Via.DEVICE and track is not None:
        raise UserError("--track goes with --via abletonosc: the device writes to its own track")
    if via is Via.ABLETONOSC and port is not None:
        raise UserError("--port is the device's: AbletonOSC always listens on 11000")
    target = (TARGET_HOST, port or TARGET_PORT)
    receiver = "AbletonOSC" if via is Via.ABLETONOSC else f"the device on {target[0]}:{target[1]}"
    held = [(file, read_clips(file)) for file in files]
    clips = [clip for _, inside in held for clip in inside]
    if not sys.stdout.isatty():  # on a terminal there is the bar
        typer.echo(f"beatbridge: looking for {receiver} ...", err=True)

    def start(progress: "Progress") -> AsyncGenerator["ClipOutcome", None]:
        if via is Via.DEVICE:
            return liveset.drop(clips, progress, scene=slot or 0, target=target)
        return abletonosc.drop(clips, progress, track=track, slot=slot)

    try:
        dropped, errors = asyncio.run(_follow(clips, start, lanes=via is Via.DEVICE))
    except KeyboardInterrupt:
        typer.echo(f"beatbridge: interrupted: {_INTERRUPTED[via]}", err=True)
        raise
    if errors and len(clips) == 1:
        raise BeatbridgeError(errors[0])
    if errors:
        for error in errors:
            complain(error)
        left = _left(held, dropped)
        number = len(clips) - len(dropped)
        raise BeatbridgeError(f"{number} of {len(clips)} clips not dropped: {left}")


def _left(held: "Sequence[tuple[Path, Sequence[SlotClip]]]", dropped: "Sequence[SlotClip]") -> str:
    """The files whose clips are not in the Set; by the clips' names where only some are not."""
    there = {id(clip) for clip in dropped}
    words = []
    for file, clips in held:
        names = [clip.name for clip in clips if id(clip) not in there]
        if names:
            part = f" ({', '.join(names)})" if len(names) < len(clips) else ""
            words.append(file.name + part)
    return ", ".join(words)


async def _follow(
    clips: Sequence["SlotClip"],
    start: Callable[["Progress"], AsyncGenerator["ClipOutcome", None]],
    *,
    lanes: bool,
) -> "tuple[list[SlotClip], list[str]]":
    """Show a bar on a terminal and a line for every clip that lands; return these, and what went
    wrong with the others.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    out = Console(highlight=False)
    dropped: list[SlotClip] = []
    errors: list[str] = []
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        whole = bar.add_task("clips", total=len(clips))
        part = bar.add_task(clips[0].name, total=None)

        def progress(clip: "SlotClip", done: int, total: int) -> None:
            text = f"{clip.name}: Live is writing" if done == total else clip.name
            bar.update(part, description=text, completed=done, total=total)

        async with contextlib.aclosing(start(progress)) as outcomes:
            async for outcome in outcomes:
                clip = outcome.clip
                if outcome.error:
                    errors.append(f"{clip.name}: {outcome.error}")
                else:
                    dropped.append(clip)
                    line = f"{clip.name}: {outcome.place}; {_contents(clip, lanes=lanes)}"
                    out.print(line, markup=False, soft_wrap=True)
                bar.advance(whole)
    return dropped, errors


def _contents(clip: "SlotClip", *, lanes: bool) -> str:
    words = [f"{len(clip.notes)} notes"]
    if clip.lanes:
        numbers = [f"CC {lane.controller}" for lane in clip.lanes]
        words += numbers if lanes else [f"without {number}" for number in numbers]
    words += [f"without {what}" for what in clip.left_out]
    return ", ".join(words)
