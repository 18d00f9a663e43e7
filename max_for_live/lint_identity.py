"""Lint of what is well formed and yet another device: port, channel, width, type, pairs."""

from collections.abc import Iterator

from bridge.osc import contract
from max_for_live.graph import Graph, Json, patchers
from max_for_live.lint_patcher import Finding
from max_for_live.patch.patcher import APP_VERSION

MIDI_EFFECT = int.from_bytes(b"mmmm", "big")
MODULATION = {0: 2, 1: 4, 2: 0}
"""Max's ``parameter_modmode`` by parameter type: bipolar, absolute, none."""


def identity(patcher: Json, graph: Graph) -> Iterator[Finding]:
    """The patcher is the Beatbridge MIDI effect and nothing like it."""
    expected = {"appversion": APP_VERSION, "latency": 0, "is_mpe": 0}
    for key, value in expected.items():
        if patcher.get(key) != value:
            yield Finding("identity", key, f"is {patcher.get(key)}, not {value}")
    if patcher["project"]["amxdtype"] != MIDI_EFFECT:
        yield Finding("identity", "amxdtype", "is not that of a MIDI effect")
    for entry in patcher["dependency_cache"]:
        if set(entry) != {"name", "bootpath", "type", "implicit"} or entry["bootpath"] != "~":
            yield Finding("identity", entry["name"], "is not written as frozen devices write it")
    yield from _sockets(graph)
    yield from _midi(graph)
    yield from _saved(graph)
    yield from _kept(graph)
    for path, level in patchers(patcher):
        yield from _modulation(path, level)


def _sockets(graph: Graph) -> Iterator[Finding]:
    ports = {str(contract.TARGET_PORT), str(contract.LISTEN_PORT)}
    for path, node in graph.nodes.items():
        if node.name == "udpreceive" and (node.arguments or node.attributes):
            yield Finding("socket", path, "its port comes with the Set, and nothing else is said")
        if node.name == "udpsend" and (
            node.arguments[0] != contract.TARGET_HOST or node.arguments[1] not in ports
        ):
            yield Finding("socket", path, f"sends to {':'.join(node.arguments)}")
        if node.name == "js" and (len(node.arguments) != 1 or node.attributes):
            yield Finding("script", path, "takes no argument: --- is not expanded there")


def _midi(graph: Graph) -> Iterator[Finding]:
    for path, node in graph.nodes.items():
        if (node.name == "noteout" and node.arguments) or (
            node.name == "ctlout" and node.arguments[1:] != ("1",)
        ):
            yield Finding("midi", path, "does not play on channel 1")


def _saved(graph: Graph) -> Iterator[Finding]:
    """What a box says and what it has saved are the same."""
    for path, node in graph.nodes.items():
        saved = node.box.get("saved_object_attributes", {})
        for name, text in node.attributes.items():
            if name in saved and str(saved[name]) != text:
                yield Finding("saved", path, f"{name} is {text} in the box and {saved[name]} saved")
        if node.name == "live.remote~" and saved.get("normalized") != int(
            node.attributes.get("normalized", 0)
        ):
            yield Finding("saved", path, "normalized is saved and not said")


def _kept(graph: Graph) -> Iterator[Finding]:
    """A dict is bound by a pattr that is a parameter, and the script is told its name."""
    by_name = {n.box["varname"]: n for n in graph.nodes.values() if n.box.get("varname")}
    bound = set()
    for path, node in graph.nodes.items():
        if node.name == "pattr" and (target := node.attributes.get("bindto")):
            bound.add(target)
            if target not in by_name or by_name[target].name != "dict":
                yield Finding("kept", path, f"{target!r} is no dict of this patch")
    told = {
        word
        for node in graph.nodes.values()
        if node.name == "message"
        for word in node.box["text"].split()[1:]
        if word.startswith("---")
    }
    for path, node in graph.nodes.items():
        if node.name == "dict" and node.box.get("varname") not in bound:
            yield Finding("kept", path, "no pattr keeps it with the Set")
        if node.name == "dict" and node.arguments[0] not in told:
            yield Finding("kept", path, f"no script is told the name {node.arguments[0]}")


def _modulation(path: str, level: Json) -> Iterator[Finding]:
    for entry in level["boxes"]:
        box = entry["box"]
        value = box.get("saved_attribute_attributes", {}).get("valueof")
        if not value or value["parameter_type"] not in MODULATION:
            continue
        name, kind = value["parameter_longname"], value["parameter_type"]
        wanted = None if kind != 2 and value["parameter_invisible"] else MODULATION[kind]
        if value.get("parameter_modmode") != wanted:
            yield Finding("parameter", path + box["id"], f"{name!r} has another modulation mode")
        if box["maxclass"] == "live.tab" and value.get("parameter_unitstyle") != 9:
            yield Finding("parameter", path + box["id"], f"{name!r} lacks a tab's unit style")
        if name.split("[")[0] in ("live.text", "live.numbox", "live.menu", "live.tab", "live.dial"):
            yield Finding("parameter", path + box["id"], f"{name!r} is Max's own name")


def widths(graph: Graph) -> list[int]:
    """The widths that live.thisdevice is told, folded first."""
    setters = {p for p, n in graph.nodes.items() if n.arguments == ("setwidth",)}
    reach = {
        p for p in setters if "live.thisdevice" in {graph.nodes[q].name for q in graph.after(p)}
    }
    said = {
        graph.nodes[source].box.get("text", "")
        for (source, _), (target, _) in graph.cords
        if target in reach
    }
    return sorted(int(text) for text in said if text.isdecimal())


def fold(patcher: Json, graph: Graph) -> Iterator[Finding]:
    """The width that the device opens with is the one its fold begins with."""
    known = widths(graph)
    if len(known) != 2:
        yield Finding("fold", "", f"live.thisdevice is told {len(known)} widths, not 2")
        return
    folded = known[0]
    for key, value in (
        ("openrect", patcher["openrect"][2]),
        ("devicewidth", patcher["devicewidth"]),
    ):
        if value != folded:
            yield Finding("fold", key, f"is {value:g}; folded, the device is {folded} wide")
    for entry in patcher["boxes"]:
        box = entry["box"]
        if box.get("presentation"):
            x, _, w, _ = box["presentation_rect"]
            if x < folded < x + w:
                yield Finding("fold", box["id"], "is cut in two when the device is folded")
        if box.get("varname") == "Unfold":
            value = box["saved_attribute_attributes"]["valueof"]
            if value["parameter_initial"] != [0.0] or value["parameter_invisible"] != 1:
                yield Finding("fold", box["id"], "does not begin folded, kept with the Set")
