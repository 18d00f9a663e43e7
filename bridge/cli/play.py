"""``beatbridge play``: hear a clip, through a MIDI port or as a sound file."""

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.progress import Bar
from bridge.errors import UserError

if TYPE_CHECKING:
    from bridge.sinks.midi.playback import Timed


def play(
    file: Annotated[Path, typer.Argument(metavar="FILE.mid", help="The clip.")],
    midi: Annotated[
        str | None,
        typer.Option(metavar="PORT", help="MIDI output: a part of its name, or virtual."),
    ] = None,
    wav: Annotated[
        Path | None, typer.Option(metavar="OUT.wav", help="Render to sound with fluidsynth.")
    ] = None,
    soundfont: Annotated[
        Path | None, typer.Option(metavar="FILE.sf2", help="Sound font for --wav.")
    ] = None,
) -> None:
    """Play a clip through a MIDI port, or render it to sound. Ctrl-C ends it, notes and all."""
    from bridge.sinks.midi.playback import read_events, write_wav

    if soundfont is not None and wav is None:
        raise UserError(
            f"--soundfont {soundfont} needs --wav OUT.wav: a MIDI port has its own sound"
        )
    if midi is None and wav is None:
        raise UserError(f"say where to: --wav OUT.wav, or --midi PORT ({_ports()})")
    events = read_events(file)
    if not events:
        raise UserError(f"{file}: nothing to play in it")
    if wav is not None:
        font = write_wav(file, wav, soundfont)
        typer.echo(f"{wav}: {events[-1][0]:.1f} s, with {font.name}")
    if midi is not None:
        _play(file, events, midi)


def _ports() -> str:
    from bridge.sinks.midi.port import VIRTUAL, output_names

    try:
        return ", ".join(repr(name) for name in [*output_names(), VIRTUAL])
    except UserError as error:
        return str(error)


def _play(file: Path, events: "list[Timed]", wanted: str) -> None:
    from bridge.sinks.midi.playback import play as play_events
    from bridge.sinks.midi.port import VIRTUAL, open_port

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with open_port(wanted) as port:
        before = signal.signal(signal.SIGTERM, interrupt)  # as clean as Ctrl-C
        typer.echo(f"{file.name} -> {port.name}: {events[-1][0]:.1f} s")
        try:
            if wanted.lower() == VIRTUAL and sys.stdin.isatty():
                input("Connect the port to a synth, then press Enter: ")
            with Bar("playing", events[-1][0]) as bar:
                play_events(events, port, bar.show)
        except KeyboardInterrupt:
            typer.echo("stopped, all notes off")
            raise typer.Exit(130) from None
        finally:
            signal.signal(signal.SIGTERM, before)
