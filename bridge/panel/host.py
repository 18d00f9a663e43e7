"""One session with a panel: the hearts here, the page in a process of its own."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

from bridge.errors import BeatbridgeError
from bridge.live.group import Group
from bridge.live.run import LiveRun
from bridge.osc import contract
from bridge.panel import already, setups
from bridge.panel.child import Message, PanelProcess
from bridge.panel.hearts import Hearts
from bridge.panel.outputs import Outputs
from bridge.panel.receivers import Receivers
from bridge.panel.setups import Setup
from bridge.panel.studio import Studio
from bridge.panel.together import Together


async def host(
    folder: Path,
    targets: list[str],
    hosts: list[str],
    ports: list[int],
    key: str,
    *,
    ready: Callable[[list[str]], None],
    say: Callable[[str], None],
    fresh: bool,
) -> None:
    """Play and serve until Quit, Ctrl-C or a signal that ends every live run.

    Args:
        folder: of the sessions.
        targets: where OSC goes at first, HOST:PORT.
        hosts: addresses to serve on, loopback first.
        ports: of the page: the first of them that is free; 0 is any.
        key: that opens the page.
        ready: told the addresses of the page.
        say: shows a line in the terminal.
        fresh: begin without what played last.

    Raises:
        BeatbridgeError: the page cannot be served, or a target not be found.
    """
    waiting: asyncio.Queue[Message] = asyncio.Queue(maxsize=256)

    def take(message: Message) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            waiting.put_nowait(message)

    def gone() -> None:
        say("The page's server has ended by itself; the hearts play on until Ctrl-C.")

    panel = PanelProcess(take, gone)
    outputs = Outputs(targets)

    def notice(text: str) -> None:
        panel.send({"k": "notice", "text": text})

    receivers = Receivers(notice)
    together = Together()
    group = Group(outputs.targets, contract.ROOT)
    group.listeners += [receivers.group, together.heard]
    run = LiveRun([], notice=notice, group=group, lasting=True)
    hearts = Hearts(run, group, outputs, receivers, folder, panel.send)
    studio = Studio(hearts, together, outputs, receivers, panel.send)
    folder.mkdir(parents=True, exist_ok=True)
    config = {"key": key, "ports": ports, "hosts": hosts, "folder": str(folder.resolve())}
    port = await panel.start(config)
    names = [hosts[0], *(name for name in hosts if name not in ("127.0.0.1", "::1"))]
    addresses = [f"http://{name}:{port}/#k={key}" for name in names]
    already.note(addresses[0])
    ready(addresses)

    async def commands() -> None:
        while True:
            await studio.command(await waiting.get())

    works = [asyncio.ensure_future(work) for work in (run.run(), commands(), studio.frames())]
    try:
        last = Setup() if fresh else _last()
        await studio.take_up(last)
        ends = [asyncio.ensure_future(studio.quit.wait()), *works]
        ended, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    except asyncio.CancelledError:
        pass  # Ctrl-C
    finally:
        studio.keep_last()
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
        await receivers.close()
        await outputs.close()
        await panel.close()
        already.forget(addresses[0])


def _last() -> Setup:
    try:
        return setups.load(setups.LAST)
    except BeatbridgeError:
        return Setup()
