"""``beatbridge live``: hearts play now, over OSC, from sensors, recordings or the simulator."""

from typing import Annotated

import typer

from bridge.cli.options import KINDS_HELP, SOURCE_HELP, Duration, ScaleFrom, finite, with_sinks
from bridge.osc import contract


@with_sinks
def live(
    source: Annotated[str | None, typer.Option(metavar="SOURCE", help=SOURCE_HELP)] = None,
    heart: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=SOURCE",
            help="One heart of several, under /heart/NAME; may be repeated. NAME:3=SOURCE plays on "
            "MIDI channel 3 instead of its place in the list.",
        ),
    ] = None,
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
    style: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Play the heart in a style, over --midi or --sound, in place of a note a beat "
            "(see `styles`); of several hearts each in its own, in their order, on its channel.",
        ),
    ] = None,
    what: Annotated[
        list[str] | None,
        typer.Option(help=f"Which clips of the style: {KINDS_HELP}.", show_default="drums"),
    ] = None,
    tempo: Annotated[
        float | None, typer.Option(metavar="BPM", show_default="the style's", help="Of the style.")
    ] = None,
    clock: Annotated[
        str,
        typer.Option(
            metavar="own|heart|midi:PORT",
            help="What the style plays by: its tempo, the heartbeats (a quarter note each), or "
            "MIDI clock.",
        ),
    ] = "own",
    scale_of: ScaleFrom = None,
    duration: Duration = None,
    speed: Annotated[
        float,
        typer.Option(
            min=0.0, max=1000.0, callback=finite, metavar="N", help="Replay speed; 0: all at once."
        ),
    ] = 1.0,
    without: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MESSAGE", help="Leave a message out, such as wave or norm; may be repeated."
        ),
    ] = None,
    bundles: Annotated[
        float | None,
        typer.Option(
            metavar="MS",
            min=0.0,
            max=10_000.0,
            callback=finite,
            help="Send OSC in bundles dated this long after each thing happened, for receivers "
            "that wait for it (scsynth, Csound, Hydrogen, ZynAddSubFX).",
        ),
    ] = None,
    beats: Annotated[
        str | None,
        typer.Option(
            metavar="true|predicted",
            help="Of straps and others that are heard late: true after a constant delay, or on "
            "time as expected and corrected later. [default: true]",
        ),
    ] = None,
    **sinks: str | bool | list[str] | None,
) -> None:
    """Play hearts now: every beat and its variability as OSC and MIDI. Ctrl-C ends it.

    Without --source and --heart it plays the sensor of last time, to the same targets with the same
    profile, and says so; whatever is given wins. `beatbridge devices --forget` forgets it.
    """
    from bridge import settings
    from bridge.cli.groove import clock_of, playing_of
    from bridge.cli.results import counted
    from bridge.cli.run import Heart, Notices, run
    from bridge.errors import BeatbridgeError, UserError
    from bridge.live.group import Group
    from bridge.live.performer import Summary
    from bridge.mapping import profile as profiles
    from bridge.osc.send import parse_target, shown
    from bridge.sinks import HearsGroup, Seat
    from bridge.sinks.osc import OscSink, parse_root, parse_without
    from bridge.sinks.spec import open_sinks
    from bridge.sources.hearts import HeartSpec, parse_hearts
    from bridge.sources.spec import open_source, signal_kind

    midi = sinks["midi"] if isinstance(sinks["midi"], str) else None
    given = settings.Remembered(
        source, tuple(heart or ()), tuple(target or ()), tuple(profile or ()), midi
    )
    asked = settings.filled(given, more=any(sinks.values()))
    if asked != given:
        typer.echo(f"as last time: {asked.options()}")
    source, heart, sinks["midi"] = asked.source, list(asked.heart), asked.midi
    if source is None and not heart:
        raise UserError(
            "live: who plays? Name one --source SOURCE, or several with --heart NAME=SOURCE"
        )
    if source is not None and heart:
        raise UserError(
            f"live: --source {source} and --heart: several hearts all have names, "
            f"as in --heart NAME={source} --heart {heart[0]}"
        )
    prefix = parse_root(root)
    several = parse_hearts(heart)
    specs = several or [HeartSpec(prefix.rpartition("/")[2], source or "", 1)]
    sources = [open_source(spec.source, speed, beats) for spec in specs]
    kinds = [signal_kind(spec.source) for spec in specs]
    scaling = profiles.load(list(asked.profile))
    targets = [parse_target(text) for text in asked.target]
    targets = targets or [(contract.TARGET_HOST, contract.TARGET_PORT)]
    left_out = [parse_without(text) for text in without or []]
    notices = Notices()
    chosen = {name: value for name, value in sinks.items() if value}
    clock = clock_of(clock, chosen)
    played = playing_of(style or [], what, tempo, clock, scale_of, scaling, chosen, len(specs))
    hearts: list[Heart] = []
    seats = [
        Seat(
            spec.name, spec.channel, scaling, len(specs) == 1, its_style, notices,
            root=f"{prefix}/{spec.name}" if several else prefix, targets=tuple(targets),
            listens_on=lambda: hearts[0].osc.listens_on if hearts else 0,
            pings=lambda: hearts[0].osc.pings if hearts else 0,
        )
        for spec, its_style in zip(specs, played, strict=True)
    ]  # fmt: skip
    opened = open_sinks(chosen, seats, lambda text: typer.echo(text, err=True))
    bundle_s = None if bundles is None else bundles / 1000.0
    for spec, seat, heart_source, kind, its_sinks in zip(
        specs, seats, sources, kinds, opened, strict=True
    ):
        osc = OscSink(targets, seat.root, scaling, left_out, bundle_s)
        hearts.append(Heart(spec.name, heart_source, kind, osc, its_sinks))
    group = Group(targets, prefix) if several else None
    if group is not None:
        group.listeners += [sink.group for sink in opened[0] if isinstance(sink, HearsGroup)]
    where = ", ".join(map(shown, targets))
    title = f"{source or ', '.join(heart)} to {where} as {prefix}"

    def told(summary: Summary) -> None:
        """Say what the playing of one heart amounts to."""
        late = f" ({summary.late_beats} more, found too late to sound)" * bool(summary.late_beats)
        typer.echo(
            f"{summary.name + ': ' if several else ''}{counted(summary.beats, 'beat')} in "
            f"{summary.seconds:.1f} s{late}, {summary.messages} messages, "
            f"last status: {summary.state.value}"
        )

    summaries = run(hearts, title, duration, group, notices)
    for summary in summaries:
        told(summary)
    if any(summary.seconds for summary in summaries):
        try:
            settings.keep(asked, [spec.source for spec in specs])
        except BeatbridgeError as error:  # no reason to fail after an evening
            typer.echo(f"not remembered for the next time: {error}", err=True)
    if not any(summary.beats for summary in summaries):
        typer.echo("No beat sounded: it takes about 4 s of a steady pulse to be sure of a heart.")
