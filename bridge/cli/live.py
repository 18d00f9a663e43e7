"""``beatbridge live``: a heart plays now, over OSC, from a sensor, a recording or the simulator."""

from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.options import Duration, SourceText, finite
from bridge.osc import contract


def live(
    source: SourceText,
    profile: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME|FILE", help="How values are scaled; may be repeated."),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST:PORT",
            help=f"Where OSC goes; may be repeated. "
            f"[default: {contract.TARGET_HOST}:{contract.TARGET_PORT}]",
        ),
    ] = None,
    root: Annotated[
        str, typer.Option(help="First part of the addresses, such as /heart/alice.")
    ] = contract.ROOT,
    midi: Annotated[
        str | None,
        typer.Option(metavar="PORT|virtual", help="Also play beats as notes, HRV as controllers."),
    ] = None,
    record: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Record samples, beats and markers.")
    ] = None,
    duration: Duration = None,
    speed: Annotated[
        float,
        typer.Option(
            min=0.0, max=1000.0, callback=finite, metavar="N", help="Replay speed; 0: all at once."
        ),
    ] = 1.0,
) -> None:
    """Play a heart now: every beat and its variability as OSC and MIDI. Ctrl-C ends it."""
    from bridge.cli.run import run
    from bridge.mapping import profile as profiles
    from bridge.sinks import Sink
    from bridge.sinks.osc import OscSink, parse_root, parse_target
    from bridge.sources.spec import open_source, signal_kind

    heart = open_source(source, speed)
    kind = signal_kind(source)
    scaling = profiles.load(profile or [])
    targets = [parse_target(text) for text in target or []]
    targets = targets or [(contract.TARGET_HOST, contract.TARGET_PORT)]
    prefix = parse_root(root)
    sinks: list[Sink] = []
    if record is not None:
        from bridge.sinks.recorder import Recorder

        sinks.append(Recorder(record))
    if midi is not None:
        from bridge.sinks.midi.notes import MidiSink
        from bridge.sinks.midi.port import open_port

        sinks.append(MidiSink(open_port(midi), scaling))
    osc = OscSink(targets, prefix, scaling)
    where = ", ".join(f"{host}:{port}" for host, port in targets)
    summary = run(heart, kind, osc, sinks, f"{source} to {where} as {prefix}", duration)
    late = f" ({summary.late_beats} more, found too late to sound)" if summary.late_beats else ""
    typer.echo(
        f"{summary.beats} beats in {summary.seconds:.1f} s{late}, {summary.messages} messages, "
        f"last status: {summary.state.value}"
    )
    if not summary.beats:
        typer.echo("No beat sounded: it takes about 4 s of a steady pulse to be sure of a heart.")
