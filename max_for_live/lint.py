"""Find in a built .amxd what Max would drop or Live would hide without a word.

``python -m max_for_live.lint FILE`` prints the findings; ``lint`` gives them as values.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from bridge.osc import contract
from bridge.sinks.liveset import amxd as container
from max_for_live.graph import Graph, Json, flatten, patchers, typed
from max_for_live.lint_identity import fold, identity, widths
from max_for_live.lint_patcher import Finding, face, ids_and_cords, objects, parameters

GLOBAL_NAMES = {"com.ableton.mapOff"}
"""Shared with other devices on purpose: Ableton's own word for "one Map button at a time"."""
SLOW = {"js", "jsui", "deferlow", "defer", "qlim"}
"""Objects that put a message into the low-priority queue."""
CLOCKED = {"udpreceive", "delay", "line", "metro", "midiin", "makenote"}
"""Objects that speak on the scheduler's thread."""
FACE = {"live.comment", "live.text", "panel", "multislider", "button", "umenu"}


def lint(data: bytes) -> list[Finding]:
    """Everything that is wrong with the bytes of a frozen device."""
    try:
        built = container.read(data)
        patcher = built.document()["patcher"]
    except container.ContainerError as error:
        return [Finding("container", "", str(error))]
    findings = [*_bundle(built, patcher)]
    for path, level in patchers(patcher):
        findings += ids_and_cords(path, level)
        findings += objects(path, level)
    graph = flatten(patcher)
    findings += face(patcher, max([patcher["openrect"][2], *widths(graph)]))
    findings += fold(patcher, graph)
    findings += identity(patcher, graph)
    findings += parameters(patcher)
    findings += _names(graph)
    findings += _contract(graph, built)
    findings += _beat_path(graph)
    findings += _grid_path(graph)
    findings += _threads(graph)
    return findings


def _names(graph: Graph) -> Iterator[Finding]:
    heard, said = set(), set()
    for node in graph.nodes.values():
        name = node.arguments[0] if node.arguments else ""
        named = node.name in ("send", "receive", "dict", "coll")
        if named and not name.startswith("---") and name not in GLOBAL_NAMES:
            yield Finding("global", node.path, f"{name!r} is shared by every device in the Set")
        if node.name == "send":
            said.add(name)
        if node.name == "receive":
            heard.add(name)
    for name in said ^ heard:
        yield Finding("global", name, "is sent and never received, or the other way round")


def _bundle(built: container.Device, patcher: Json) -> Iterator[Finding]:
    if not built.frozen or built.meta != container.META_FROZEN:
        yield Finding("bundle", "", "is not frozen")
    if built.kind != container.MIDI_EFFECT:
        yield Finding("bundle", "", "is not a MIDI effect")
    needed = set()
    for path, level in patchers(patcher):
        for entry in level["boxes"]:
            name, arguments, _ = typed(entry["box"])
            if name in ("js", "jsui"):
                script = arguments[0] if arguments else entry["box"].get("filename", "")
                needed.add(script)
                saved = entry["box"].get("saved_object_attributes", {}).get("filename")
                if saved != script:
                    yield Finding("bundle", path + entry["box"]["id"], f"names {saved!r} as well")
    carried = {file.name for file in built.files}
    listed = {entry["name"] for entry in patcher.get("dependency_cache", ())}
    for name in sorted(needed | carried | listed):
        where = [kind for kind, names in (
            ("named in the patch", needed), ("bundled", carried), ("in dependency_cache", listed),
        ) if name not in names]  # fmt: skip
        if where:
            yield Finding("bundle", name, f"is not {' and not '.join(where)}")


def _contract(graph: Graph, built: container.Device) -> Iterator[Finding]:
    sockets = [path for path, node in graph.nodes.items() if node.name == "udpreceive"]
    sorting = Graph(graph.nodes, [
        cord for cord in graph.cords
        if graph.nodes[cord[0][0]].name in ("udpreceive", "route", "gate")
    ])  # fmt: skip
    routes = {path for path in sorting.reach(*sockets) if graph.nodes[path].name == "route"}
    wired = {
        graph.nodes[path].arguments[outlet]
        for (path, outlet), _ in graph.cords
        if path in routes and outlet < len(graph.nodes[path].arguments)
    }
    spoken = {
        node.box.get("text", "").split()[0]
        for path, node in graph.nodes.items()
        if node.name == "message"
        and any(graph.nodes[end].name == "udpsend" for end in graph.reach(path))
    }
    code = b"\n".join(file.data for file in built.files)
    for message in contract.MESSAGES:
        address = message.address()
        if message.to_device:
            if address not in wired:
                yield Finding("contract", address, "is not routed from udpreceive to anything")
        elif (
            message.way in (contract.Way.IN, contract.Way.CLIP_IN)
            and address not in spoken
            and f'"{address}"'.encode() not in code
        ):
            yield Finding("contract", address, "is said by no message box and no script")


def _beat_path(graph: Graph) -> Iterator[Finding]:
    beat = contract.BY_PATH["/beat"].address()
    starts = [
        target
        for (path, outlet), (target, _) in graph.cords
        if (node := graph.nodes[path]).name == "route" and node.arguments[outlet:][:1] == (beat,)
    ]
    fast = Graph(graph.nodes, [
        (source, (target, inlet)) for source, (target, inlet) in graph.cords
        if graph.nodes[source[0]].name not in SLOW
        and inlet == (1 if graph.nodes[target].name == "gate" else 0)
    ])  # fmt: skip
    notes = [p for p in fast.reach(*starts) if graph.nodes[p].name == "noteout"]
    if not notes:
        yield Finding("beat", beat, "reaches no noteout without a low-priority object in between")
    midi = {node.name for node in graph.nodes.values()}
    through = [
        any(graph.nodes[end].name == "midiout" for end in graph.reach(path))
        for path, node in graph.nodes.items()
        if node.name == "midiin"
    ]
    if "midiin" not in midi or not all(through):
        yield Finding("beat", "midiin", "does not reach midiout: incoming notes would be lost")


def _grid_path(graph: Graph) -> Iterator[Finding]:
    """The metro goes by the song, and nothing low-priority is between it and the note."""
    fast = Graph(graph.nodes, [c for c in graph.cords if graph.nodes[c[0][0]].name not in SLOW])
    for path, node in graph.nodes.items():
        if node.name in ("when", "transport") and (node.arguments or node.attributes):
            yield Finding("grid", path, "has a name: it does not follow Live's transport")
        if node.name == "qmetro":
            yield Finding("grid", path, "is a low-priority clock")
        if node.name != "metro":
            continue
        every = node.attributes.get("interval", "")
        if not every.endswith(" ticks") or node.attributes.get("quantize") != every:
            yield Finding("grid", path, "does not go by the ticks of the song")
        if "noteout" not in {graph.nodes[end].name for end in fast.reach(path)}:
            yield Finding("grid", path, "reaches no noteout without a low-priority object between")


def _threads(graph: Graph) -> Iterator[Finding]:
    """Drawing, scripts and the Live API must not hold up the scheduler."""
    fast = Graph(graph.nodes, [c for c in graph.cords if graph.nodes[c[0][0]].name not in SLOW])
    clocked = [path for path, node in graph.nodes.items() if node.name in CLOCKED]
    for path in sorted(fast.reach(*clocked)):
        if graph.nodes[path].name in FACE | {"js", "jsui"}:
            yield Finding("thread", path, "is reached on the scheduler's thread: defer it")


def main() -> int:
    """Print the findings in the files named; 1 when there are any."""
    found = 0
    for name in sys.argv[1:]:
        for finding in lint(Path(name).read_bytes()):
            print(f"{name}: {finding}")
            found += 1
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
