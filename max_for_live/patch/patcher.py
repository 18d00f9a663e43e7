"""Boxes and cords in Python, written out as Max's patcher JSON. Knows nothing of this device."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from max_for_live.patch.layout import arrange
from max_for_live.patch.objects import ports

Json = dict[str, Any]
Rect = tuple[int, int, int, int]
"""Left, top, width, height in pixels."""

APP_VERSION = {"major": 8, "minor": 6, "revision": 0, "architecture": "x64", "modernui": 1}


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where a cord begins."""

    box: "Box"
    index: int


@dataclass(frozen=True, slots=True)
class Inlet:
    """Where a cord ends."""

    box: "Box"
    index: int


@dataclass(slots=True, eq=False)
class Box:
    """One object of a patcher."""

    id: str
    maxclass: str
    text: str
    inlets: int
    outlets: tuple[str, ...]
    attributes: Json = field(default_factory=dict)
    place: Rect | None = None
    """Where it is shown on the device's face; None for what only the patch view shows."""

    def o(self, index: int) -> Outlet:
        """The outlet with this index, from the left."""
        if not 0 <= index < len(self.outlets):
            raise IndexError(f"{self.text or self.maxclass} has no outlet {index}")
        return Outlet(self, index)

    def i(self, index: int) -> Inlet:
        """The inlet with this index, from the left."""
        if not 0 <= index < self.inlets:
            raise IndexError(f"{self.text or self.maxclass} has no inlet {index}")
        return Inlet(self, index)

    @property
    def name(self) -> str:
        """The Max object: the first word of a text box, the class of any other."""
        return self.text.split()[0] if self.maxclass == "newobj" else self.maxclass


class Patch:
    """A patcher being written: boxes are added, then joined with ``cord`` and ``chain``."""

    def __init__(self, note: str = "") -> None:
        """Begin a patcher; the note is for whoever opens it in Max."""
        self.boxes: list[Box] = []
        self.cords: list[tuple[Outlet, Inlet]] = []
        if note:
            self._add("comment", note, *ports("comment"), {})

    def new(self, text: str, **attributes: Any) -> Box:
        """Add an object by its text (``route live lost``)."""
        name, *arguments = shlex.split(text.replace("\\", "\\\\"))
        inlets, outlets = ports(name, arguments)
        return self._add("newobj", text, inlets, outlets, attributes)

    def message(self, text: str) -> Box:
        """Add a message box."""
        return self._add("message", text, *ports("message"), {})

    def script(self, filename: str, inlets: int, outlets: int) -> Box:
        """Add a ``js`` object; its inlets and outlets are those its code declares."""
        saved = {"filename": filename, "parameter_enable": 0}
        return self._add(
            "newobj", f"js {filename}", inlets, ("",) * outlets, {"saved_object_attributes": saved}
        )

    def stored(self, name: str, long: str, bound_to: str = "") -> Box:
        """Add a ``pattr`` that Live keeps with the Set: its own list, or a dict."""
        valueof = {
            "parameter_longname": long,
            "parameter_shortname": long,
            "parameter_type": 3,
            "parameter_invisible": 1,
        }
        return self.new(
            f"pattr {name}" + (f" @bindto {bound_to}" if bound_to else ""),
            varname=name,
            saved_object_attributes={"parameter_enable": 1, "parameter_mappable": 0},
            saved_attribute_attributes={"valueof": valueof},
        )

    def inlet(self, comment: str) -> Box:
        """Add the next inlet of a subpatcher."""
        index = 1 + sum(box.maxclass == "inlet" for box in self.boxes)
        return self._add("inlet", "", 0, ("",), {"index": index, "comment": comment})

    def outlet(self, comment: str) -> Box:
        """Add the next outlet of a subpatcher."""
        index = 1 + sum(box.maxclass == "outlet" for box in self.boxes)
        return self._add("outlet", "", 1, (), {"index": index, "comment": comment})

    def sub(self, name: str, patch: "Patch") -> Box:
        """Add a subpatcher, with the inlets and outlets it has by now."""
        kinds = [box.maxclass for box in patch.boxes]
        outlets = ("",) * kinds.count("outlet")
        inner = {"patcher": patch.document(f"p {name}")}
        return self._add("newobj", f"p {name}", kinds.count("inlet"), outlets, inner)

    def ui(self, maxclass: str, place: Rect | None, **attributes: Any) -> Box:
        """Add a user interface object; ``place`` is its rectangle on the device's face."""
        return self._add(maxclass, "", *ports(maxclass), attributes, place)

    def cord(self, source: Box | Outlet, target: Box | Inlet) -> None:
        """Join two boxes: their first outlet and inlet unless ``o`` or ``i`` says otherwise."""
        self.cords.append(
            (
                source.o(0) if isinstance(source, Box) else source,
                target.i(0) if isinstance(target, Box) else target,
            )
        )

    def chain(self, *boxes: Box) -> Box:
        """Join boxes in a row by their first outlets and inlets; gives the last one."""
        for source, target in pairwise(boxes):
            self.cord(source, target)
        return boxes[-1]

    def document(self, title: str = "") -> Json:
        """The patcher as Max stores it (the value of ``patcher``)."""
        rects = _arranged(self)
        width = max((x + w for x, _, w, _ in rects.values()), default=0) + 40
        height = max((y + h for _, y, _, h in rects.values()), default=0) + 40
        return {
            "fileversion": 1,
            "appversion": dict(APP_VERSION),
            "classnamespace": "box",
            "rect": [60.0, 100.0, float(max(width, 320)), float(min(max(height, 240), 800))],
            "bglocked": 0,
            "openinpresentation": 0,
            "default_fontsize": 10.0,
            "default_fontface": 0,
            "default_fontname": "Arial",
            "gridonopen": 1,
            "gridsize": [8.0, 8.0],
            "gridsnaponopen": 1,
            "objectsnaponopen": 1,
            "statusbarvisible": 2,
            "toolbarvisible": 1,
            "lefttoolbarpinned": 0,
            "toptoolbarpinned": 0,
            "righttoolbarpinned": 0,
            "bottomtoolbarpinned": 0,
            "toolbars_unpinned_last_save": 0,
            "tallnewobj": 0,
            "boxanimatetime": 500,
            "enablehscroll": 1,
            "enablevscroll": 1,
            "devicewidth": 0.0,
            "description": "",
            "digest": "",
            "tags": "",
            "style": "",
            "subpatcher_template": "",
            "assistshowspatchername": 0,
            **({"title": title} if title else {}),
            "boxes": [{"box": _box_json(box, rects[box.id])} for box in self.boxes],
            "lines": [
                {
                    "patchline": {
                        "source": [source.box.id, source.index],
                        "destination": [target.box.id, target.index],
                    }
                }
                for source, target in self.cords
            ],
        }

    def _add(
        self,
        maxclass: str,
        text: str,
        inlets: int,
        outlets: Sequence[str],
        attributes: Json,
        place: Rect | None = None,
    ) -> Box:
        box = Box(
            f"obj-{len(self.boxes) + 1}", maxclass, text, inlets, tuple(outlets), attributes, place
        )
        self.boxes.append(box)
        return box


def _box_json(box: Box, rect: Rect) -> Json:
    data: Json = {"id": box.id, "maxclass": box.maxclass}
    if box.text:
        data["text"] = box.text
    data |= {"numinlets": box.inlets, "numoutlets": len(box.outlets)}
    if box.outlets:
        data["outlettype"] = list(box.outlets)
    data["patching_rect"] = [float(edge) for edge in rect]
    if box.place:
        data |= {"presentation": 1, "presentation_rect": [float(edge) for edge in box.place]}
    return data | box.attributes


def _size(box: Box) -> tuple[int, int]:
    if box.place:
        return box.place[2:]
    if box.maxclass in ("inlet", "outlet"):
        return 30, 30
    return max(30, min(14 + 6 * len(box.text), 600), 14 * max(box.inlets, len(box.outlets))), 20


def _arranged(patch: Patch) -> dict[str, Rect]:
    """Lay the patch view out: the face on top as it is, the rest below it along the cords."""
    rects: dict[str, Rect] = {}
    for box in patch.boxes:
        if box.place:
            x, y, w, h = box.place
            rects[box.id] = (x + 20, y + 20, w, h)
    top = 20 + max((y + h + 20 for _, y, _, h in rects.values()), default=0)
    for box in patch.boxes:
        if box.maxclass == "comment":
            rects[box.id] = (20, top, *_size(box))
            top += 36
    rest = [box for box in patch.boxes if box.id not in rects]
    ids = {box.id for box in rest}
    cords = [(a.box.id, b.box.id) for a, b in patch.cords if {a.box.id, b.box.id} <= ids]
    inlets = [box.id for box in rest if box.maxclass == "inlet"]
    outlets = [box.id for box in rest if box.maxclass == "outlet"]
    return rects | arrange({box.id: _size(box) for box in rest}, cords, inlets, outlets, top)
