"""What makes a patcher a Max MIDI effect: its size, parameters, Push banks, files and project."""

from collections.abc import Iterator

from max_for_live.patch import controls as c
from max_for_live.patch.patcher import Json, Patch

HEIGHT = 169
BANKS = (
    ("Heart", ("Play Mode", "Note", "Velocity By", "Velocity Min", "Velocity Max", "Note Length",
               "Nth Beat", "Beat Chance")),
    *((f"Rows {a}-{a + 3}", tuple(f"Row {n} {edge}" for n in range(a, a + 4)
                                  for edge in ("Min", "Max"))) for a in (1, 5)),
    ("Tempo", ("Tempo Follow", "Tempo Ratio", "Tempo Min", "Tempo Max", "Tempo Smooth",
               "Tempo Glide", "Length By", "Length Share")),
    ("Pulse", ("Pulse Attack", "Pulse Decay", "Clip Lanes")),
)  # fmt: skip
"""A bank for each task."""


def finished(p: Patch, width: int) -> Json:
    """The patcher as a MIDI effect of this width: registry, banks, files, project."""
    has = any(box.attributes.get("parameter_enable") for box in p.boxes)
    banks = BANKS if has else ()
    patcher = p.document("Beatbridge")
    patcher |= {
        "openrect": [0.0, 0.0, float(width), float(HEIGHT)],
        "openinpresentation": 1,
        "default_fontname": c.FONT,
        "devicewidth": float(width),
        "description": "Plays, maps and follows a heart that the beatbridge program listens to.",
        "tags": "heart, HRV, OSC",
        "parameters": dict(_registry(patcher["boxes"])) | {
            "parameterbanks": {
                str(index): c.bank(name, names, index) for index, (name, names) in enumerate(banks)
            },
            "inherited_shortname": 1,
        },
        "dependency_cache": [
            {"name": name, "bootpath": "~", "type": "TEXT", "implicit": 1}
            for name in scripts(patcher)
        ],
        "latency": 0,
        "is_mpe": 0,
        "minimum_live_version": "",
        "minimum_max_version": "",
        "platform_compatibility": 0,
        "project": {
            "version": 1,
            "creationdate": 3590052493,
            "modificationdate": 3590052493,
            "viewrect": [0.0, 0.0, 300.0, 500.0],
            "autoorganize": 1,
            "hideprojectwindow": 1,
            "showdependencies": 1,
            "autolocalize": 0,
            "contents": {"patchers": {}},
            "layout": {},
            "searchpath": {},
            "detailsvisible": 0,
            "amxdtype": int.from_bytes(b"mmmm", "big"),
            "readonly": 0,
            "devpathtype": 0,
            "devpath": ".",
            "sortmode": 0,
            "viewmode": 0,
        },
        "autosave": 0,
    }  # fmt: skip
    return patcher


def _registry(boxes: list[Json], path: str = "") -> Iterator[tuple[str, list[object]]]:
    for entry in boxes:
        box = entry["box"]
        valueof = box.get("saved_attribute_attributes", {}).get("valueof")
        if valueof:
            names = [valueof["parameter_longname"], valueof["parameter_shortname"], 0]
            yield path + box["id"], names
        if "patcher" in box:
            yield from _registry(box["patcher"]["boxes"], f"{path}{box['id']}::")


def scripts(patcher: Json) -> list[str]:
    """The JavaScript files that a patcher and its subpatchers name, each once."""
    names: dict[str, None] = {}
    for entry in patcher["boxes"]:
        box = entry["box"]
        if box.get("text", "").startswith("js "):
            names[box["text"].split()[1]] = None
        if "patcher" in box:
            names |= dict.fromkeys(scripts(box["patcher"]))
    return list(names)
