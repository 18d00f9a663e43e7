"""``beatbridge panel``: one page in the browser from which everything on stage can be done."""

import asyncio
import secrets
import threading
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.desktop import has_browser
from bridge.errors import BeatbridgeError
from bridge.osc import contract

PORT = 7780
PORTS = 10
"""So many are tried where other programs have the first."""
FOLDER = Path.home() / "beatbridge"


def panel(
    folder: Annotated[
        Path, typer.Option(metavar="DIR", help="Where sessions are kept, and read from.")
    ] = FOLDER,
    target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST:PORT",
            help=f"Where OSC goes at first; may be repeated. "
            f"[default: {contract.TARGET_HOST}:{contract.TARGET_PORT}]",
        ),
    ] = None,
    port: Annotated[
        int,
        typer.Option(
            min=0,
            max=65535,
            help=f"Of the page; 0 for any that is free. Where {PORT} is taken, the next.",
        ),
    ] = PORT,
    panel_host: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="An address of this computer on the network, for a tablet on stage. Whoever has "
            "the address with its key can then play, from that network; the key goes unencrypted.",
        ),
    ] = None,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin empty, not with what played last time.")
    ] = False,
) -> None:
    """Open the panel: hearts, what they play, recordings, in a page on this machine only."""
    from bridge.panel import already

    running = already.address()
    if running is not None and port == PORT:
        typer.echo(f"The panel is open already: {running}")
        if open_page:
            _open(running)
        return
    from bridge.panel.host import host

    def ready(addresses: list[str]) -> None:
        typer.echo(f"The panel: {addresses[0]}")
        for address in addresses[1:]:
            typer.echo(f"On the network, for whoever has this address: {address}")
            _show_code(address)
        typer.echo("Ctrl-C here, or Quit on the page, ends the session.", nl=True)
        if open_page:
            _open(addresses[0])

    targets = target or [f"{contract.TARGET_HOST}:{contract.TARGET_PORT}"]
    hosts = ["127.0.0.1", "::1", *([panel_host] if panel_host else [])]
    ports = list(range(PORT, PORT + PORTS)) if port == PORT else [port]
    key = secrets.token_urlsafe(32)
    session = host(
        folder.expanduser(), targets, hosts, ports, key, ready=ready, say=typer.echo, fresh=fresh
    )
    try:
        asyncio.run(session)
    except OSError as error:
        raise BeatbridgeError(f"the panel: {error.strerror or error}") from None


def _open(address: str) -> None:
    if has_browser():
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _show_code(address: str) -> None:
    import segno

    segno.make(address, micro=False).terminal(compact=True)
