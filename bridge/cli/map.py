"""``beatbridge map``: receivers that are ready, their rows, and proof that they hear."""

from typing import Annotated

import typer

from bridge.cli.options import finite
from bridge.osc import contract


def map(
    what: Annotated[
        str | None,
        typer.Argument(metavar="[NAME|check|learn]", help="A receiver, or what to do."),
    ] = None,
    argument: Annotated[
        str | None, typer.Argument(metavar="[FILE|VALUE]", help="Of check: a map. Of learn: bpm.")
    ] = None,
    using: Annotated[
        str | None,
        typer.Option("--map", metavar="NAME|FILE", help="Of learn: the map whose row moves."),
    ] = None,
    target: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Of learn without a map: where OSC goes.")
    ] = f"{contract.TARGET_HOST}:{contract.TARGET_PORT}",
    seconds: Annotated[
        float,
        typer.Option("--for", metavar="SECONDS", min=0.1, callback=finite, help="Of learn."),
    ] = 20.0,
) -> None:
    """List receivers, print one as a map to start from, check one, or let a synth learn a value.

    `map zyn > mine.toml` starts your own map; `map check mine.toml` asks whether its receiver hears
    it; `map learn bpm` moves a single value up and down, so that the other side can learn it.
    """
    from bridge.errors import UserError
    from bridge.patchbay.load import text

    if what is None:
        _list()
    elif what == "check":
        if argument is None:
            raise UserError("map check: which map? As in beatbridge map check mine.toml")
        _check(argument)
    elif what == "learn":
        if argument is None:
            raise UserError("map learn: which value? As in beatbridge map learn bpm")
        _learn(argument, using, target, seconds)
    elif argument is not None:
        raise UserError(f"map {what} {argument}: should be a NAME alone, check FILE or learn VALUE")
    else:
        typer.echo(text(what), nl=False)


def _list() -> None:
    from bridge.patchbay.shipped import clashes, shipped

    maps = shipped()
    also = clashes(maps)
    for each in maps:
        typer.echo(f"{each.name:<14} {each.description}")
        where = f"OSC to port {each.osc[1]}" if each.osc else "a MIDI port"
        clash = f" (so does {' and '.join(also[each.name])})" if also[each.name] else ""
        typer.echo(f"{'':<14} {where}{clash}; {each.known}")
        typer.echo(f"{'':<14} first: {each.switch_on}")
        for row in each.rows:
            typer.echo(f"{'':<16} {row.source:<12} -> {row.name}")
    typer.echo(
        "\nbeatbridge map NAME > mine.toml starts your own; live --map NAME or --map mine.toml"
    )


def _check(name: str) -> None:
    from bridge.errors import BeatbridgeError
    from bridge.patchbay.load import load
    from bridge.sinks.maps.check import Verdict, check

    wanted = load(name)
    bad = 0
    for checked in check(wanted):
        bad += checked.verdict in (Verdict.REFUSED, Verdict.SILENT)
        typer.echo(f"{checked.row.name:<36} {checked.verdict.value:<28} {checked.says}")
        if checked.verdict is Verdict.SILENT:
            typer.echo(f"{'':<36} is it running, and listening? {wanted.switch_on}")
    if bad:
        raise BeatbridgeError(f"map {name}: {bad} of {len(wanted.rows)} rows do not move anything")


def _learn(value: str, using: str | None, target: str, seconds: float) -> None:
    from bridge.osc.send import parse_target
    from bridge.sinks.maps import learn

    told = learn.move(value, using, parse_target(target), seconds, typer.echo)
    typer.echo(f"moved {told} times; the other side may be out of learning now")
