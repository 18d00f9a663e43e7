"""``--oscquery``: the namespace over HTTP, so that others list it, and its name on this machine.

HTTP on loopback only; where zeroconf is installed the service is announced there as well.
"""

import json
import socket
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from bridge.errors import UserError
from bridge.events import Event, SampleChunk
from bridge.mapping.values import Said, Values
from bridge.osc import contract
from bridge.osc.tree import find, tree
from bridge.sinks import Seat, Sink

NAME = "beatbridge"
_ATTRIBUTES = ("ACCESS", "CONTENTS", "DESCRIPTION", "FULL_PATH", "RANGE", "TYPE", "VALUE")
_SERVICES = ("_oscjson._tcp.local.", "_osc._udp.local.")


def open_sinks(argument: str, seats: Sequence[Seat]) -> list[Sink]:
    """One server; a sink a heart keeps its values.

    Raises:
        UserError: the port is taken, or is none.
    """
    if not argument.isdecimal() or not 0 <= int(argument) <= 65535:
        raise UserError(f"--oscquery {argument}: should be a port; 0 takes any that is free")
    server = QueryServer(int(argument), seats)
    return [server.member(seat) for seat in seats]


class QueryServer:
    """Answers HTTP with the tree, in threads of its own."""

    def __init__(self, port: int, seats: Sequence[Seat]) -> None:
        """Listen at once.

        Args:
            port: TCP; 0 takes any that is free.
            seats: the hearts.

        Raises:
            UserError: the port is taken.
        """
        self._seats = seats
        self._group = None if seats[0].alone else seats[0].root.rpartition("/")[0]
        self._values: dict[str, list[Any]] = {}
        self._members = 0
        try:
            self._http = ThreadingHTTPServer((contract.TARGET_HOST, port), _handler(self.answer))
        except OSError as error:
            raise UserError(f"--oscquery {port}: {error.strerror or error}") from None
        self.port = self._http.server_port
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()
        self._zeroconf = _announce(self.port, seats[0].notice)

    def member(self, seat: Seat) -> "Member":
        """The sink of one heart."""
        self._members += 1
        return Member(self, seat)

    def said(self, root: str, said: Said) -> None:
        """Keep what was last said."""
        address = contract.BY_PATH[said.path].address(root, said.name)
        self._values[address] = list(said.arguments)

    def group_said(self, said: Said) -> None:
        """Keep what was last said of all hearts together."""
        self._values[f"{self._group}{said.path}"] = list(said.arguments)

    def answer(self, path: str, query: str) -> tuple[int, Any]:
        """The HTTP status and the JSON for a path and what follows its ``?``."""
        if query == "HOST_INFO":
            return 200, {
                "NAME": NAME,
                "OSC_IP": contract.TARGET_HOST,
                "OSC_PORT": self._seats[0].listens_on(),
                "OSC_TRANSPORT": "UDP",
                "EXTENSIONS": {each: True for each in ("ACCESS", "VALUE", "RANGE", "DESCRIPTION")},
            }
        roots = [seat.root for seat in self._seats]
        node = find(tree(roots, self._group, dict(self._values)), path)
        if node is None:
            return 404, None
        if not query:
            return 200, node
        if query not in _ATTRIBUTES:
            return 400, None
        return (200, {query: node[query]}) if query in node else (204, None)

    def left(self) -> None:
        """A heart has ended; with the last of them the server does."""
        self._members -= 1
        if self._members == 0:
            if self._zeroconf is not None:
                self._zeroconf.close()
            self._http.shutdown()
            self._http.server_close()
            self._thread.join()


class Member:
    """One heart's values."""

    def __init__(self, server: QueryServer, seat: Seat) -> None:
        self._server = server
        self._root = seat.root
        self._values = Values(seat.profile)

    def samples(self, chunk: SampleChunk) -> None:
        """The raw signal is no value."""

    def event(self, event: Event, age_s: float) -> None:
        """Keep what is said of it."""
        for said in self._values.push(event, age_s):
            self._server.said(self._root, said)

    def group(self, said: Said) -> None:
        """Something is said of all hearts together."""
        self._server.group_said(said)

    def close(self) -> None:
        """The heart has ended."""
        self._server.left()


def _handler(
    answer: Callable[[str, str], tuple[int, Any]],
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers GET; says nothing on the terminal."""

        def do_GET(self) -> None:
            """Answer one question."""
            asked = urlsplit(self.path)
            status, found = answer(asked.path, asked.query)
            data = b"" if found is None else json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    return Handler


def _announce(port: int, notice: Callable[[str], None]) -> Any:
    """Tell other programs on this machine by mDNS; None, with a word, without zeroconf."""
    try:
        from zeroconf import IPVersion, ServiceInfo, Zeroconf
    except ImportError:
        notice(
            f"OSCQuery at http://{contract.TARGET_HOST}:{port}; to be found by itself it needs "
            'zeroconf: uv sync --extra discovery, or pip install ".[discovery]"'
        )
        return None
    zeroconf = Zeroconf(interfaces=[contract.TARGET_HOST], ip_version=IPVersion.V4Only)
    ports = (port, contract.TARGET_PORT)
    for service, at in zip(_SERVICES, ports, strict=True):
        zeroconf.register_service(
            ServiceInfo(
                service,
                f"{NAME} {port}.{service}",
                port=at,
                addresses=[socket.inet_aton(contract.TARGET_HOST)],
                server=f"{NAME}-{port}.local.",
                properties={"txtvers": "1"},
            )
        )
    return zeroconf
