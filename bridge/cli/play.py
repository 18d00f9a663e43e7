"""``beatbridge play``: hear clips, through the speakers, a MIDI port, or as a sound file."""

import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import finite
from bridge.cli.progress import Bar
from bridge.errors import BeatbridgeError, UnavailableError, UserError

if TYPE_CHECKING:
    from bridge.clips.score import Score
    from bridge.sound.reel import Reel
    from bridge.sound.wav import WavReel

_LOOK_S = 0.1


class Lanes(StrEnum):
    """What the volume lanes of a clip may do."""

    FLOOR = "floor"
    FULL = "full"


def play(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE.mid...", help="The clips; several sound together.")
    ],
    midi: Annotated[
        str | None,
        typer.Option(metavar="PORT", help="To a MIDI output: a part of its name, or virtual."),
    ] = None,
    wav: Annotated[
        Path | None, typer.Option(metavar="OUT.wav", help="To a sound file, not the speakers.")
    ] = None,
    sound_font: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.sf2|auto",
            help="With fluidsynth and this sound font (auto: one that is installed) "
            "instead of the voice of our own.",
        ),
    ] = None,
    start: Annotated[
        float,
        typer.Option("--from", min=0.0, callback=finite, metavar="SECONDS", help="Begin here."),
    ] = 0.0,
    length: Annotated[
        float | None,
        typer.Option("--for", min=0.1, callback=finite, metavar="SECONDS", help="Play so long."),
    ] = None,
    loop: Annotated[bool, typer.Option("--loop", help="Again and again, until Ctrl-C.")] = False,
    lanes: Annotated[
        Lanes,
        typer.Option(
            help="Synths take CC 7 and CC 11 for volume: floor keeps them at half of full or "
            "above, so that no lane mutes the clip; full lets them fade to nothing."
        ),
    ] = Lanes.FLOOR,
) -> None:
    """Play clips through the speakers, to a MIDI port, or into a sound file. Ctrl-C ends it."""
    if wav is not None and loop:
        raise UserError("--loop never ends: leave it out with --wav, or say --for")
    if wav is not None and midi is not None:
        raise UserError("--wav and --midi: choose one; a MIDI port has its own sound")
    if sound_font is not None and midi is not None:
        raise UserError(f"--sound-font {sound_font}: a MIDI port has its own sound")
    score = _score(files, start, length, loop, lanes)
    name = ", ".join(file.name for file in files)
    if midi is not None:
        _to_port(name, score, midi, loop)
    elif wav is not None:
        _to_file(score, wav, sound_font)
    else:
        _to_speakers(name, score, sound_font, loop)


def _score(
    files: list[Path], start: float, length: float | None, loop: bool, lanes: Lanes
) -> "Score":
    from bridge.clips.score import lifted, part, together
    from bridge.sinks.midi.playback import read_score

    scores = [read_score(file) for file in files]
    for file, each in zip(files, scores, strict=True):
        if not len(each):
            raise UserError(f"{file}: nothing to play in it")
    score = together(scores)
    if start >= score.end_s:
        raise UserError(f"--from {start:g}: the clip is only {score.end_s:.1f} s long")
    if start or length is not None or loop:
        score = part(score, start, length)
    return score if lanes is Lanes.FULL else lifted(score)


def _need_notes(score: "Score") -> None:
    if not len(score.notes):
        raise UserError(
            "only controllers, which make no sound by themselves: play them with the notes "
            "they are for, or to a synth with --midi PORT"
        )


def _to_file(score: "Score", wav: Path, sound_font: str | None) -> None:
    _need_notes(score)
    if sound_font is not None:
        from bridge.sinks.midi.fluidsynth import write_wav as write_with_font

        font = write_with_font(score, wav, sound_font)
        typer.echo(f"{wav}: {score.end_s:.1f} s, with {font.name}")
        return
    from bridge.sound.reel import Reel
    from bridge.sound.wav import check_wav, write_wav

    check_wav(wav)
    reel = Reel(score)
    with Bar("rendering", score.end_s) as bar:
        write_wav(wav, reel.render, reel.frames, bar.show)
    typer.echo(f"{wav}: {score.end_s:.1f} s{_drums(score)}")


def _to_speakers(name: str, score: "Score", sound_font: str | None, loop: bool) -> None:
    from bridge.sound.output import MiniaudioOutput
    from bridge.sound.reel import TAIL_S, Reel
    from bridge.sound.wav import WavReel

    _need_notes(score)
    try:
        output = MiniaudioOutput()
    except UnavailableError as error:
        raise BeatbridgeError(
            f"{error}: --wav OUT.wav keeps the sound in a file, --midi PORT plays it on a synth"
        ) from None
    try:
        if sound_font is None:
            reel: Reel | WavReel = Reel(score, loop=loop)
            typer.echo(f"{name}: {score.end_s:.1f} s{_drums(score)}")
            with _stopping("stopped"):
                output.start(reel.render)
                _wait(reel, score.end_s + TAIL_S, loop)
            return
        from bridge.sinks.midi.fluidsynth import write_wav as write_with_font

        with tempfile.TemporaryDirectory() as scratch, _stopping("stopped"):
            wav = Path(scratch) / "sound.wav"
            font = write_with_font(score, wav, sound_font)
            typer.echo(f"{name}: {score.end_s:.1f} s, with {font.name}")
            with WavReel(wav, loop_s=score.end_s if loop else None) as reel:
                output.start(reel.render)
                _wait(reel, reel.seconds, loop)
                output.close()
    finally:
        output.close()


def _wait(reel: "Reel | WavReel", seconds: float, loop: bool) -> None:
    """Show how far it is until it is over."""
    with Bar("playing", seconds) as bar:
        while loop or reel.played_s < seconds:
            bar.show(reel.played_s % seconds)
            time.sleep(_LOOK_S)


def _drums(score: "Score") -> str:
    """Which drums sound: the pads of a rack are not named in the clip."""
    from bridge.sound.reel import names_of

    names = names_of(score)
    return f"; drums: {', '.join(names)}" if names else ""


def _to_port(name: str, score: "Score", wanted: str, loop: bool) -> None:
    from bridge.sinks.midi.playback import play as play_score
    from bridge.sinks.midi.port import VIRTUAL, open_port

    with open_port(wanted) as port, _stopping("stopped, all notes off"):
        typer.echo(f"{name} -> {port.name}: {score.end_s:.1f} s")
        if wanted.lower() == VIRTUAL and sys.stdin.isatty():
            input("Connect the port to a synth, then press Enter: ")
        with Bar("playing", score.end_s) as bar:
            play_score(score, port, bar.show, loop=loop)


@contextmanager
def _stopping(says: str) -> Iterator[None]:
    """End as cleanly on SIGTERM or a closed window as on Ctrl-C, with a word and exit code 130."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]  # no HUP on Windows
    before = {getattr(signal, name): signal.getsignal(getattr(signal, name)) for name in names}
    for number in before:
        signal.signal(number, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(says)
        raise typer.Exit(130) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
