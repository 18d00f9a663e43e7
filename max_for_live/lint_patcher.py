"""Lint of the patcher itself: ids, cords, objects, the face and the parameters."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from max_for_live import reference
from max_for_live.graph import Json, patchers, typed

HEIGHT = 169
NOT_IN_8_6 = {"v8", "v8ui", "node.script", "jweb", "jweb~"}
_COMMON_KEYS = {
    *("id", "maxclass", "text", "numinlets", "numoutlets", "outlettype", "patching_rect"),
    *("presentation", "presentation_rect", "background", "ignoreclick", "varname", "patcher"),
    *("saved_attribute_attributes", "saved_object_attributes", "parameter_enable", "annotation"),
    *("fontname", "fontsize", "textjustification", "textcolor", "index", "comment"),
    *("num_lines_patching", "num_lines_presentation", "proportion"),
}
"""What Max writes into boxes of any class and no reference page lists."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault."""

    rule: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.where or 'device'}: {self.text}"


def ids_and_cords(path: str, level: Json) -> Iterator[Finding]:
    """Unique ids; cords that end somewhere; ports that count from the left."""
    boxes = [entry["box"] for entry in level["boxes"]]
    for name, count in Counter(box["id"] for box in boxes).items():
        if count > 1:
            yield Finding("id", path + name, f"{count} boxes have this id")
    by_id = {box["id"]: box for box in boxes}
    for line in level["lines"]:
        (a, out), (b, into) = line["patchline"]["source"], line["patchline"]["destination"]
        where = f"{path}{a}:{out} -> {path}{b}:{into}"
        if a not in by_id or b not in by_id:
            yield Finding("cord", where, "an end of this cord does not exist")
            continue
        if not 0 <= out < by_id[a]["numoutlets"]:
            yield Finding("cord", where, f"{_said(by_id[a])} has {by_id[a]['numoutlets']} outlets")
        if not 0 <= into < by_id[b]["numinlets"]:
            yield Finding("cord", where, f"{_said(by_id[b])} has {by_id[b]['numinlets']} inlets")
    for kind in ("inlet", "outlet"):
        ports = sorted((b for b in boxes if b["maxclass"] == kind), key=lambda b: b["index"])
        lefts = [box["patching_rect"][0] for box in ports]
        if any(a >= b for a, b in pairwise(lefts)):
            yield Finding("ports", path, f"{kind}s count from the left, and these do not")


def objects(path: str, level: Json) -> Iterator[Finding]:
    """Objects, attributes and ports that Max knows."""
    for entry in level["boxes"]:
        box = entry["box"]
        name, _, attributes = typed(box)
        where = path + box["id"]
        page = reference.page(name)
        if page is None or name in NOT_IN_8_6:
            why = "is not in Max 8.6" if name in NOT_IN_8_6 else "is no object Max knows"
            yield Finding("object", where, f"{name!r} {why}")
            continue
        known = set(page.get("attributes", {}))
        for attribute in [*attributes, *(set(box) - _COMMON_KEYS)]:
            if attribute not in known and not (name == "pattr" and attribute == "bindto"):
                yield Finding("attribute", where, f"{name} has no attribute {attribute!r}")
        text = box.get("text") if box["maxclass"] == "newobj" else None
        if "patcher" in box:
            inner = [e["box"]["maxclass"] for e in box["patcher"]["boxes"]]
            expected: tuple[int | None, int | None] = inner.count("inlet"), inner.count("outlet")
        else:
            expected = reference.ports(name, text)
        for what, has in zip(("inlets", "outlets"), expected, strict=True):
            if has is not None and box[f"num{what}"] != has:
                yield Finding("arity", where, f"{_said(box)} has {has} {what}, not "
                              f"{box[f'num{what}']}")  # fmt: skip


def _said(box: Json) -> str:
    return f"[{box.get('text') or box['maxclass']}]"


def face(patcher: Json, width: float) -> Iterator[Finding]:
    """What is shown: within the unfolded device, on whole pixels, nothing on top of another."""
    if not patcher.get("openinpresentation"):
        yield Finding("face", "", "does not open in presentation")
    shown = []
    for path, level in patchers(patcher):
        for entry in level["boxes"]:
            box = entry["box"]
            is_control = box.get("parameter_enable") and box["maxclass"].startswith("live.")
            if is_control and (path or not box.get("presentation")):
                yield Finding("face", path + box["id"], f"{_long(box)!r} cannot be seen")
            if box.get("presentation") and not path:
                shown.append(box)
    for box in shown:
        x, y, w, h = box["presentation_rect"]
        if any(edge != int(edge) for edge in (x, y, w, h)):
            yield Finding("face", box["id"], "is not on whole pixels")
        if x < 0 or y < 0 or x + w > width or y + h > HEIGHT:
            yield Finding("face", box["id"], f"reaches out of {width:.0f} x {HEIGHT} pixels")
    for n, box in enumerate(shown):
        for other in shown[n + 1 :]:
            if _overlap(box["presentation_rect"], other["presentation_rect"]) and not (
                _behind(box, other) or _behind(other, box)
            ):
                yield Finding("overlap", f"{box['id']} and {other['id']}",
                              f"{_said(box)} and {_said(other)} lie on each other")  # fmt: skip


def _overlap(a: list[float], b: list[float]) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def _behind(back: Json, front: Json) -> bool:
    """A background panel may lie under what is wholly on it."""
    (x, y, w, h), (a, b, c, d) = back["presentation_rect"], front["presentation_rect"]
    inside = x <= a and y <= b and a + c <= x + w and b + d <= y + h
    return bool(back.get("background")) and inside


def _valueof(box: Json) -> Json | None:
    found: Json | None = box.get("saved_attribute_attributes", {}).get("valueof")
    return found


def _long(box: Json) -> str:
    return str((_valueof(box) or {}).get("parameter_longname", box["id"]))


def parameters(patcher: Json) -> Iterator[Finding]:
    """Parameters: their own rules, unique names, the registry and Push's banks."""
    registry = {k: v for k, v in patcher["parameters"].items() if isinstance(v, list)}
    found: dict[str, Json] = {}
    names: dict[str, list[str]] = {"long name": [], "short name": [], "scripting name": []}
    for path, level in patchers(patcher):
        for entry in level["boxes"]:
            box = entry["box"]
            if box.get("varname"):
                names["scripting name"].append(path + box["varname"])
            value = _valueof(box)
            saved = box.get("saved_object_attributes", {})
            enabled = box.get("parameter_enable") or saved.get("parameter_enable")
            where = path + box["id"]
            if not value:
                if enabled:
                    yield Finding("parameter", where, "is enabled and says nothing of itself")
                continue
            if not enabled:
                yield Finding("parameter", where, f"{_long(box)!r} is not enabled")
            found[where.replace("/", "::")] = value
            names["long name"].append(value["parameter_longname"])
            names["short name"].append(value["parameter_shortname"])
            yield from _parameter(where, box, value)
    for kind, values in names.items():
        for name, count in Counter(values).items():
            if count > 1:
                yield Finding("unique", name, f"{count} parameters have this {kind}")
    for key, value in found.items():
        expected = [value["parameter_longname"], value["parameter_shortname"], 0]
        if registry.get(key) != expected:
            yield Finding("registry", key, f"is listed as {registry.get(key)}, not {expected}")
    for key in registry.keys() - found.keys():
        yield Finding("registry", key, "is listed and does not exist")
    automated = {v["parameter_longname"] for v in found.values() if not v["parameter_invisible"]}
    for index, bank in patcher["parameters"]["parameterbanks"].items():
        if len(bank["parameters"]) != 8:
            yield Finding("bank", index, "a bank has eight places")
        for name in set(bank["parameters"]) - automated - {"-"}:
            yield Finding("bank", index, f"{name!r} is no automatable parameter")
    first = patcher["parameters"]["parameterbanks"].get("0", {"parameters": ["-"]})
    if first["parameters"].count("-"):
        yield Finding("bank", "0", "the first bank has empty places")


def _parameter(where: str, box: Json, value: Json) -> Iterator[Finding]:
    name = value["parameter_longname"]
    kind, hidden = value["parameter_type"], value["parameter_invisible"] == 2

    def fault(text: str) -> Finding:
        return Finding("parameter", where, f"{name!r} {text}")

    if kind == 3:
        if value["parameter_invisible"] != 1:
            yield fault("is a blob and cannot be automated")
        return
    if not box.get("annotation") or not value.get("parameter_info"):
        yield fault("has no info text")
    limit = 8 if box["maxclass"] == "live.dial" else 16
    if len(value["parameter_shortname"]) > limit:
        yield fault("has a short name that dial or Push cuts")
    if box["maxclass"] == "live.text" and not box.get("mode", 1) and not hidden:
        yield fault("is a push button and must be hidden")
    if kind == 2:
        low, high = 0, len(value.get("parameter_enum", ())) - 1
        if high < 1 or value.get("parameter_mmax") != high:
            yield fault("has names that do not fit its range")
    else:
        low, high = value.get("parameter_mmin", 0), value.get("parameter_mmax", 127)
        if low >= high:
            yield fault(f"has the range {low} to {high}")
    if kind == 1 and (low < 0 or high > 255):
        yield fault("is a whole number outside 0-255")
    initial = value.get("parameter_initial")
    if hidden:
        return
    if initial is None or not value.get("parameter_initial_enable"):
        yield fault("has no initial value, or one without parameter_initial_enable")
    elif not low <= initial[0] <= high:
        yield fault(f"starts at {initial[0]}, outside {low} to {high}")
