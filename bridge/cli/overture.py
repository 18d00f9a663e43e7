"""The beginning of the demo: ten seconds of a clip through the speakers, or kept as a file."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bridge.errors import UnavailableError
from bridge.sound.output import LiveVoice, MiniaudioOutput, Output

if TYPE_CHECKING:
    from bridge.sound.reel import Reel

BEGIN_S, SECONDS = 95.0, 10.0
"""Where in the bundled session the heart has left its rest and fills the bar."""
_LOOK_S = 0.1
_RING_S = 0.5


def play_overture(clip: Path) -> LiveVoice | None:
    """Play a part of the clip, and give the voice for what follows.

    Where no sound device is, the part is written beside the clip instead, and one line says so.
    """
    from bridge.clips.score import lifted, part
    from bridge.sinks.midi.playback import read_score
    from bridge.sinks.sound import NOTES
    from bridge.sound.reel import Reel

    reel = Reel(part(lifted(read_score(clip)), BEGIN_S, SECONDS))
    try:
        output = MiniaudioOutput()
    except UnavailableError as error:
        _keep(reel, clip.with_suffix(".wav"), error)
        return None
    typer.echo(f"Playing {SECONDS:.0f} seconds of it, then a simulated heart\n")
    _play(reel, output)
    return LiveVoice(MiniaudioOutput(), NOTES[:1])


def _play(reel: "Reel", output: Output) -> None:
    try:
        output.start(reel.render)
        while reel.played_s < SECONDS + _RING_S:
            time.sleep(_LOOK_S)
    finally:
        output.close()


def _keep(reel: "Reel", wav: Path, error: UnavailableError) -> None:
    from bridge.sound.wav import write_wav

    if not wav.exists():  # an earlier demo's has the same bytes
        write_wav(wav, reel.render, reel.frames)
    typer.echo(f"No sound here ({error}): {wav} has {SECONDS:.0f} seconds of it to listen to\n")
