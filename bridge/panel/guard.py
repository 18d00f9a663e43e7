"""Who may talk to the panel: checks of a request, and the headers of every answer. Pure.

The panel drives ports and files of this computer. A web page elsewhere can send requests to
loopback addresses too, under its own name (DNS rebinding) or blindly (cross-site requests):
``Host`` closes the first, ``Origin`` the second, the key whatever else runs on this computer.
"""

import hmac
from collections.abc import Iterable, Mapping
from ipaddress import ip_address

KEY_BYTES = 32
MISDIRECTED, FORBIDDEN, BAD_REQUEST = 421, 403, 400

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "beatbridge",
}
"""On every answer, errors too."""


APART = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""The policy of a session's page, in place of that above: it holds scripts of its own, and gets an
origin of its own, from which neither the panel nor any other place can be reached."""


def allowed_hosts(port: int, extra: Iterable[str] = ()) -> frozenset[str]:
    """What ``Host`` may say: loopback by its three names, and the addresses that were told.

    Args:
        port: of the server.
        extra: names or addresses that ``--panel-host`` opened.
    """
    names = ["127.0.0.1", "localhost", "[::1]", *(_bracketed(name) for name in extra)]
    return frozenset(f"{name}:{port}" for name in names)


def _bracketed(name: str) -> str:
    try:
        return f"[{name}]" if ip_address(name).version == 6 else name
    except ValueError:
        return name


def refusal(
    target: str, headers: Mapping[str, str], hosts: frozenset[str], *, socket: bool = False
) -> int | None:
    """The status with which a request is refused, or None if it may pass.

    Args:
        target: the request target as it came on the request line.
        headers: by their usual names, any case.
        hosts: see ``allowed_hosts``.
        socket: whether it asks for a WebSocket, which a page elsewhere may open without asking:
            then the origin must be ours, not merely absent.
    """
    if not target.startswith("/"):
        return BAD_REQUEST
    if headers.get("Host", "") not in hosts:
        return MISDIRECTED
    origin = headers.get("Origin")
    if origin is None:
        if socket:
            return FORBIDDEN
    elif origin not in {f"http://{host}" for host in hosts}:
        return FORBIDDEN
    if headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return FORBIDDEN
    return None


def is_key(said: object, key: str) -> bool:
    """Whether this is the key, compared in constant time."""
    return isinstance(said, str) and hmac.compare_digest(said.encode(), key.encode())
