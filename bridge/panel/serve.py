"""The panel's own process: HTTP and one WebSocket a page, fed by the playing process on stdin.

``python -m bridge.panel.serve``: the first line in says key, port and folder; then each line in is
a message for the pages, each line out a command of theirs. It ends when stdin does.
"""

import asyncio
import contextlib
import json
import logging
import sys
import threading
from collections.abc import Coroutine
from importlib.resources import files
from pathlib import Path
from time import monotonic
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from bridge.errors import BeatbridgeError
from bridge.panel import guard
from bridge.panel.clients import Client, Message, as_text
from bridge.panel.library import Library
from bridge.panel.rows import Rows

TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
MOST_CLIENTS = 16
MOST_MESSAGE = 64 * 1024
KEY_WITHIN_S = 3.0
NO_KEY = 4401
KEPT = ("hearts", "group", "reach", "outputs", "rows", "sessions", "profile", "recording")
"""Sections that a page needs when it opens; the newest of each is kept for it."""


class Panel:
    """The server: pages, and what they were last told."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._key: str = config["key"]
        self._hosts: frozenset[str] = frozenset()
        self._page = {
            f"/{entry.name}": (entry.read_bytes(), TYPES[Path(entry.name).suffix])
            for entry in (files("bridge.panel") / "page").iterdir()
            if Path(entry.name).suffix in TYPES
        }
        self._page["/"] = self._page["/index.html"]
        self._kept: dict[str, str] = {}
        self._clients: set[Client] = set()
        self._asked: dict[int, tuple[Client, int]] = {}
        self._commands = self._frames = 0
        self._library = Library(Path(config["folder"]), self.tell)
        self._rows = Rows(Path(config["folder"]))
        self._here_done = self._library.commands | self._rows.commands
        self._work: set[asyncio.Task[None]] = set()

    def tell(self, message: Message) -> None:
        """Hand a message to every page."""
        kind = message.get("k", "")
        if kind == "answer":
            client, number = self._asked.pop(message["re"], (None, 0))
            if client is not None:
                client.event(as_text(message | {"re": number}))
            return
        if kind == "w":
            self._frames += 1
            text = as_text(message | {"n": self._frames})
            for client in self._clients:
                client.frame(self._frames, text)
            return
        if kind == "rows":
            message = self._rows.message(message["texts"])
        text = as_text(message)
        if kind in KEPT:
            self._kept[kind] = text
        if kind == "recording" and not message["on"]:
            self._spawn(self._library.show())
        for client in self._clients:
            client.event(text)

    def close(self) -> None:
        """End what this process started; pages find their line closed."""
        self._library.close()

    async def start(self, hosts: list[str], ports: list[int]) -> int:
        """Listen on the first port that is free; return it.

        Raises:
            OSError: all are taken, or an address is none of this computer's.
        """
        app = web.Application(middlewares=[self._guarded], client_max_size=MOST_MESSAGE)
        app.router.add_get("/socket", self._socket)
        app.router.add_get("/session/{name}", self._session)
        app.router.add_get("/{name:.*}", self._file)
        app.on_response_prepare.append(_dress)
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        first, *others = hosts
        for port in ports:
            site = web.TCPSite(runner, first, port)
            try:
                await site.start()
                break
            except OSError:
                if port == ports[-1]:
                    raise
        sockets = site._server.sockets  # type: ignore[union-attr]  # the only way to a free port
        port = int(sockets[0].getsockname()[1])
        for host in others:
            try:
                await web.TCPSite(runner, host, port).start()
            except OSError:
                if host != "::1":  # a machine without IPv6 does well without
                    raise
        self._hosts = guard.allowed_hosts(port, [h for h in hosts if h not in ("127.0.0.1", "::1")])
        return port

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Any) -> web.StreamResponse:
        target = request.raw_path if request.raw_path.startswith("/") else ""
        many = len(request.headers.getall("Host", [])) > 1
        socket = request.path == "/socket"
        status = guard.refusal(target, request.headers, self._hosts, socket=socket)
        if status is None and (many or request.can_read_body):
            status = guard.BAD_REQUEST
        if status is not None:
            return web.Response(status=status, text="refused\n")
        try:
            answer: web.StreamResponse = await handler(request)
        except web.HTTPException as error:
            return web.Response(status=error.status, text=f"{error.reason}\n")
        return answer

    async def _file(self, request: web.Request) -> web.Response:
        found = self._page.get(request.path)
        if found is None:
            raise web.HTTPNotFound
        body, kind = found
        return web.Response(body=body, content_type=kind)

    async def _session(self, request: web.Request) -> web.StreamResponse:
        """The page of a session: its scripts run, shut off from everything here."""
        path = self._library.page(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        try:
            body = await asyncio.to_thread(path.read_bytes)
        except OSError:
            raise web.HTTPNotFound from None
        apart = {"Content-Security-Policy": guard.APART}
        return web.Response(body=body, content_type="text/html", charset="utf-8", headers=apart)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(max_msg_size=MOST_MESSAGE, heartbeat=20.0, compress=False)
        await socket.prepare(request)
        if not await self._knows_key(socket):
            await socket.close(code=NO_KEY, message=b"wrong key")
            return socket
        if len(self._clients) >= MOST_CLIENTS:
            await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"too many pages")
            return socket
        client = Client(socket.send_str, monotonic())
        for text in (as_text({"k": "welcome"}), *self._kept.values()):
            client.event(text)
        self._clients.add(client)
        sending = asyncio.ensure_future(client.run())
        watching = asyncio.ensure_future(self._watch(client, socket))
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT or not self._heard(client, message.data):
                    break
        finally:
            self._clients.discard(client)
            sending.cancel()
            watching.cancel()
            self._asked = {k: v for k, v in self._asked.items() if v[0] is not client}
        return socket

    async def _knows_key(self, socket: web.WebSocketResponse) -> bool:
        try:
            first = json.loads(await socket.receive_str(timeout=KEY_WITHIN_S))
        except (TimeoutError, TypeError, ValueError, RecursionError):
            return False
        return isinstance(first, dict) and guard.is_key(first.get("key"), self._key)

    async def _watch(self, client: Client, socket: web.WebSocketResponse) -> None:
        while not client.dead(monotonic()):
            await asyncio.sleep(1.0)
            if client.overflowed:
                client.overflowed = False
                for text in self._kept.values():
                    client.event(text)
        await socket.close(code=WSCloseCode.OK, message=b"this page did not answer")

    def _heard(self, client: Client, text: str) -> bool:
        """Take one message of a page; False closes it."""
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            return False
        if not isinstance(message, dict):
            return False
        if "seen" in message:
            seen, hidden = message["seen"], bool(message.get("hidden"))
            client.acknowledge(seen if isinstance(seen, int) else 0, hidden, monotonic())
            return True
        number, what = message.get("id"), message.get("do")
        if not isinstance(number, int) or not isinstance(what, str):
            return False
        if not client.may_command(monotonic()):
            error = {"k": "answer", "re": number, "ok": False, "error": "too many commands at once"}
            client.event(as_text(error))
            return True
        self._commands += 1
        mine = self._commands
        self._asked[mine] = (client, number)
        command = message | {"id": mine}
        if what in self._here_done:
            self._spawn(self._here(command))
        else:
            say(command)
        return True

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _here(self, command: Message) -> None:
        """Do what needs disk or time in this process, not in the one that plays."""
        try:
            answer = await self._here_done[command["do"]](command)
        except BeatbridgeError as error:
            answer = {"ok": False, "error": str(error)}
        if "forward" in answer:
            say(answer["forward"] | {"id": command["id"]})
            return
        self.tell({"k": "answer", "re": command["id"], "ok": True} | answer)


async def _dress(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in guard.HEADERS.items():
        if name != "Content-Security-Policy" or name not in response.headers:
            response.headers[name] = value


def say(message: Message) -> None:
    """One line to the process that plays."""
    sys.stdout.write(as_text(message) + "\n")
    sys.stdout.flush()


async def serve() -> None:
    """Serve until stdin ends."""
    config = json.loads(sys.stdin.readline())
    panel = Panel(config)
    try:
        port = await panel.start(config["hosts"], config["ports"])
    except OSError as error:
        where = f"{', '.join(config['hosts'])} port {config['ports'][-1]}"
        say({"do": "failed", "error": f"{where}: {error.strerror or error}"})
        return
    say({"do": "ready", "port": port})
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def read() -> None:
        """Hand lines on; a thread, because Windows has no other way to wait for a pipe."""
        for line in sys.stdin:
            loop.call_soon_threadsafe(panel.tell, json.loads(line))
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=read, daemon=True).start()
    await ended.wait()
    panel.close()


def main() -> None:
    """Run the server; Ctrl-C is the playing process's to hear."""
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)  # bad requests would print tracebacks
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve())


if __name__ == "__main__":
    main()
