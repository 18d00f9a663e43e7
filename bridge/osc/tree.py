"""The contract as an OSCQuery tree, from which other programs learn what there is. Pure.

Attributes as the OSCQuery proposal names them: FULL_PATH, CONTENTS, TYPE, ACCESS, RANGE, VALUE,
DESCRIPTION. What is not known yet has the value null.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from bridge.osc import contract
from bridge.osc.contract import Message, Way

_NO_VALUE, _READ, _WRITE = 0, 1, 2
Node = dict[str, Any]


def tree(roots: Iterable[str], group: str | None, values: Mapping[str, list[Any]]) -> Node:
    """Everything that can be heard and said.

    Args:
        roots: the address of each heart.
        group: the root that several share, or None.
        values: by address, what was last said.
    """
    top: Node = {"FULL_PATH": "/", "ACCESS": _NO_VALUE, "CONTENTS": {}}
    rows: list[tuple[str, Message]] = []
    for root in roots:
        rows += [(message.address(root), message) for message in _heart()]
    if group is not None:
        rows += [(m.address(group), m) for m in contract.MESSAGES if m.path.startswith("/group/")]
    rows += [(message.path, message) for message in contract.MESSAGES if message.way is Way.IN]
    known = {address for address, _ in rows}
    body = contract.BY_PATH["/body/NAME"]
    rows += [(address, body) for address in values if address not in known]
    for address, message in rows:
        _describe(_node(top, address), message, values.get(address))
    return top


def find(top: Node, path: str) -> Node | None:
    """The node at a path; None where there is none."""
    node: Node | None = top
    for part in path.strip("/").split("/"):
        if part and node is not None:
            node = node.get("CONTENTS", {}).get(part)
    return node


def _heart() -> list[Message]:
    return [
        message
        for message in contract.MESSAGES
        if message.way is Way.OUT and not message.path.startswith(("/group/", contract.BODY + "/"))
    ]


def _node(top: Node, address: str) -> Node:
    node, path = top, ""
    for part in address.strip("/").split("/"):
        path += "/" + part
        inside = node.setdefault("CONTENTS", {})
        node = inside.setdefault(part, {"FULL_PATH": path, "ACCESS": _NO_VALUE})
    return node


def _describe(node: Node, message: Message, value: list[Any] | None) -> None:
    node["DESCRIPTION"] = message.meaning.replace("`", "")
    node["TYPE"] = message.tags
    if not message.tags:
        return
    heard = message.way is Way.OUT
    node["ACCESS"] = _READ if heard else _WRITE
    # As many as TYPE says: of what may follow it knows nothing.
    node["VALUE"] = (value or [None if heard else ""] * len(message.tags))[: len(message.tags)]
    if message.bounds is not None:
        low, high = message.bounds
        node["RANGE"] = [{"MIN": low, "MAX": high}]
