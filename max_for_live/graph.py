"""A patcher read back from its JSON and flattened: cords run from object to object."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Port = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Node:
    """One object, wherever it is nested."""

    path: str
    """Ids from the outside in: ``obj-12/obj-3``."""
    name: str
    arguments: tuple[str, ...]
    attributes: dict[str, str]
    """Those typed into the box (``@quiet 1``)."""
    box: Json


@dataclass(slots=True)
class Graph:
    """All objects and the cords between them; a port is (path of the object, index)."""

    nodes: dict[str, Node] = field(default_factory=dict)
    cords: list[tuple[Port, Port]] = field(default_factory=list)

    def after(self, path: str) -> Iterator[str]:
        """The objects that the object at ``path`` feeds."""
        return (target for (source, _), (target, _) in self.cords if source == path)

    def reach(self, *paths: str) -> set[str]:
        """Everything that a message from these objects can get to, themselves included."""
        targets: dict[str, list[str]] = {}
        for (source, _), (target, _) in self.cords:
            targets.setdefault(source, []).append(target)
        seen, edge = set(paths), list(paths)
        while edge:
            for path in targets.get(edge.pop(), ()):
                if path not in seen:
                    seen.add(path)
                    edge.append(path)
        return seen


def typed(box: Json) -> tuple[str, list[str], dict[str, str]]:
    """The object's name, its arguments and the attributes in its text."""
    if box["maxclass"] != "newobj":
        return box["maxclass"], [], {}
    words = shlex.split(box.get("text", "").replace("\\", "\\\\")) or [""]
    first = next((n for n, word in enumerate(words) if n and word.startswith("@")), len(words))
    attributes: dict[str, str] = {}
    name = ""
    for word in words[first:]:
        if word.startswith("@"):
            name = word[1:]
            attributes[name] = ""
        else:
            attributes[name] = f"{attributes[name]} {word}".strip()
    return words[0], words[1:first], attributes


def patchers(patcher: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """The patcher and every one inside it, with the path of the box that holds it."""
    yield path, patcher
    for entry in patcher["boxes"]:
        box = entry["box"]
        if "patcher" in box:
            yield from patchers(box["patcher"], f"{path}{box['id']}/")


def flatten(patcher: Json) -> Graph:
    """Dissolve the subpatchers (``p``) of a patcher.

    Cords from one outlet come in the order in which Max follows them: by where their targets lie,
    from the right to the left and from the bottom to the top.
    """
    graph = Graph()
    raw: dict[Port, list[Port]] = {}
    place: dict[str, tuple[float, float]] = {}
    inner_inlets: dict[Port, str] = {}
    outer_outlet: dict[str, Port] = {}
    for path, level in patchers(patcher):
        holder = path.rstrip("/")
        for entry in level["boxes"]:
            box = entry["box"]
            here = path + box["id"]
            place[here] = (-box["patching_rect"][0], -box["patching_rect"][1])
            if box["maxclass"] == "inlet":
                inner_inlets[holder, box["index"] - 1] = here
            elif box["maxclass"] == "outlet":
                outer_outlet[here] = (holder, box["index"] - 1)
            name, arguments, attributes = typed(box)
            graph.nodes[here] = Node(here, name, tuple(arguments), attributes, box)
        for line in level["lines"]:
            (a, out), (b, into) = line["patchline"]["source"], line["patchline"]["destination"]
            raw.setdefault((path + a, out), []).append((path + b, into))

    def ends(port: Port) -> Iterator[Port]:
        for target in sorted(raw.get(port, ()), key=lambda end: place.get(end[0], (0, 0))):
            if target[0] in outer_outlet:
                yield from ends(outer_outlet[target[0]])
            elif target in inner_inlets:
                yield from ends((inner_inlets[target], 0))
            else:
                yield target

    dissolved = {"inlet", "outlet", "p", "patcher"}
    for path in [path for path, node in graph.nodes.items() if node.name in dissolved]:
        node = graph.nodes.pop(path)
        if node.name in ("p", "patcher") and "patcher" not in node.box:
            graph.nodes[path] = node
    for port in raw:
        if port[0] in graph.nodes:
            graph.cords += [(port, end) for end in ends(port) if end[0] in graph.nodes]
    return graph
