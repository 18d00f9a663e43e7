"""Max's own reference pages, as py2max carries them: which objects, ports and attributes exist.

A development dependency: only the lint reads them.
"""

from functools import cache
from typing import Any

_OMITTED: dict[str, tuple[int, int]] = {
    "live.object": (2, 1),
    "live.observer": (2, 2),
    "live.path": (1, 3),
    "live.remote~": (2, 1),
    "inlet": (0, 1),
    "outlet": (1, 0),
}
"""Inlets and outlets that the pages leave out or, for a subpatcher's ports, tell from outside."""


@cache
def page(name: str) -> dict[str, Any] | None:
    """The reference page of an object, or None when Max knows no such object."""
    from py2max.maxref import get_object_info

    found: dict[str, Any] | None = get_object_info(name)
    return found


@cache
def ports(name: str, text: str | None) -> tuple[int | None, int | None]:
    """Inlets and outlets of an object with these arguments; None where its content decides."""
    from py2max.maxref import porttypes

    if name in _OMITTED:
        return _OMITTED[name]
    if text and len(text.split()) > 1 and name in ("send", "receive"):
        return (1, 0) if name == "send" else (0, 1)
    if name == "p":
        return None, None
    found: tuple[int | None, int | None] = porttypes.port_counts(name, text)
    return found
