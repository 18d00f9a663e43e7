"""``beatbridge demo``: the whole instrument without hardware, and proof that all of it arrived."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import finite
from bridge.cli.screen import Screen
from bridge.errors import BeatbridgeError, UserError
from bridge.osc import contract

if TYPE_CHECKING:
    from pythonosc.osc_message import OscMessage

    from bridge.sinks import Sink

SESSION = "arc.csv"
FOLDER = Path("beatbridge-demo")
LIVE_SECONDS = 18.0
NEXT = """\
A sensor:   beatbridge devices, then beatbridge live --source serial:PORT --sound
Live:       beatbridge device install, then drag Beatbridge onto a MIDI track
Your file:  beatbridge render FILE.csv --out clips, then beatbridge play clips/FILE_drums.mid"""
ARRIVAL_SECONDS = 0.5
"""How long the receiver waits for what is still in the air at the end."""


class Receiver(asyncio.DatagramProtocol):
    """An OSC receiver on this machine, as a synth or the Max for Live device would be."""

    def __init__(self, screen: Screen) -> None:
        self.received: Counter[str] = Counter()
        self.broken: BrokenPipeError | None = None
        """The reader of a pipe (head) has gone: there is nobody left to show anything to."""
        self.give_up: Callable[[], object] = lambda: None
        self._heart = screen.heart()
        self._started = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note when it began to listen."""
        self._started = asyncio.get_running_loop().time()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Count the message and show it."""
        from pythonosc.osc_message import OscMessage

        message = OscMessage(data)
        name = message.address.removeprefix(contract.ROOT + "/")
        self.received[name] += 1
        try:
            self._show(name, message)
        except BrokenPipeError as error:
            self.broken = error
            self.give_up()

    def _show(self, name: str, message: "OscMessage") -> None:
        if name == "beat":
            number, _, age_ms = message.params
            heard = asyncio.get_running_loop().time() - self._started
            self._heart.beat(heard - age_ms / 1000.0, number)
        elif name == "status":
            self._heart.state(message.params[0])
        elif name != "hello":
            self._heart.value(name, message.params[0])


def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the clip goes.")] = FOLDER,
    seconds: Annotated[
        float,
        typer.Option(min=5.0, callback=finite, help="How long the simulated heart plays."),
    ] = LIVE_SECONDS,
) -> None:
    """Hear a bundled session as drums, then a simulated heart beat by beat, and see it arrive."""
    from bridge.cli.overture import play_overture
    from bridge.sinks.sound import SoundSink

    voice = play_overture(_render(out))
    sent, received = asyncio.run(_play(seconds, [SoundSink(voice)] if voice else []))
    typer.echo(f"\n{'message':<16}{'sent':>8}{'received':>10}")
    for name in sorted(sent | received):
        typer.echo(f"/heart/{name:<16}{sent[name]:>5}{received[name]:>9}")
    typer.echo(f"{'together':<16}{sent.total():>8}{received.total():>10}")
    if sent != received:
        raise BeatbridgeError(
            "not everything that was sent was received: is the machine very busy?"
        )
    if not received["beat"]:
        raise BeatbridgeError("no beat was heard")
    typer.echo("Everything that was sent was heard.\n")
    typer.echo(NEXT)


def _render(folder: Path) -> Path:
    """Make a drum clip of the bundled session, as ``beatbridge render`` does."""
    from bridge.clips.style_file import load_style
    from bridge.offline.batch import render_batch
    from bridge.offline.files import plan
    from bridge.offline.options import Options
    from bridge.resources import example

    options = Options(load_style("default"))
    (outcome,) = render_batch(plan([example(SESSION)], folder), options, 1, lambda _: None)
    if outcome.error is not None:
        raise (BeatbridgeError if outcome.failed else UserError)(outcome.error)
    typer.echo(
        f"{SESSION}: {outcome.seconds:.0f} s of heart, {outcome.low:.0f} to "
        f"{outcome.high:.0f} bpm, became {outcome.notes} drum hits in {outcome.bars} bars"
    )
    typer.echo(f"{outcome.files[0]}  <- drop this on a drum track in Live")
    return outcome.files[0]


async def _play(seconds: float, sinks: "list[Sink]") -> tuple[Counter[str], Counter[str]]:
    """Play a simulated pulse sensor to a receiver on this machine; return both sides' counts."""
    from bridge.live.performer import Performer
    from bridge.live.run import LiveRun
    from bridge.mapping import profile as profiles
    from bridge.pipeline import Pipeline
    from bridge.sinks.osc import OscSink
    from bridge.sources.spec import open_source

    loop = asyncio.get_running_loop()
    with Screen("beatbridge demo to a receiver on this machine") as screen:
        transport, receiver = await loop.create_datagram_endpoint(
            lambda: Receiver(screen), local_addr=(contract.TARGET_HOST, 0)
        )
        target = transport.get_extra_info("sockname")
        osc = OscSink([target], contract.ROOT, profiles.load([]))
        performer = Performer(
            open_source("sim?bpm=72"),
            Pipeline("ppg"),
            osc,
            sinks,
            notice=screen.notice,
            duration=seconds,
        )
        session = LiveRun([performer], notice=screen.notice, listen_port=None)
        playing = asyncio.ensure_future(session.run())
        receiver.give_up = playing.cancel
        await playing
        if receiver.broken is not None:
            raise receiver.broken
        # The last datagrams lie in the socket's buffer; the loop hands them on one a round.
        while receiver.received.total() < osc.sent.total():
            before = receiver.received.total()
            await asyncio.sleep(ARRIVAL_SECONDS)
            if receiver.received.total() == before:
                break
        transport.close()
    sent = Counter({path.removeprefix("/"): count for path, count in osc.sent.items()})
    return sent, receiver.received
