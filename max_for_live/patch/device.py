"""The whole device: the face, the sections behind it, and the cords between them."""

from collections.abc import Iterator

from bridge.osc import contract
from max_for_live.patch import controls as c
from max_for_live.patch import face
from max_for_live.patch.beats import beats, through
from max_for_live.patch.clips import clips, incoming
from max_for_live.patch.display import display
from max_for_live.patch.link import SELF_TEST, link
from max_for_live.patch.patcher import Box, Json, Outlet, Patch
from max_for_live.patch.row import row
from max_for_live.patch.sources import bus, paths
from max_for_live.patch.tempo import tempo

HEIGHT = 169
BANKS = (
    ("Beats", ("Play Beats", "Note", "Velocity By", "Velocity Min", "Velocity Max", "Length",
               "Every", "Chance")),
    ("Tempo", ("Tempo Follow", "Tempo Ratio", "Tempo Min", "Tempo Max", "Tempo Smoothing",
               "Tempo Glide", "Length By", "Length Share")),
    *((f"Map {a}-{a + 3}", tuple(f"Map {n} {edge}" for n in range(a, a + 4)
                                 for edge in ("Min", "Max"))) for a in (1, 5)),
)  # fmt: skip


def routed() -> list[str]:
    """Every address the device acts on, in the order of the route's outlets."""
    known = [message.address() for message in contract.MESSAGES if message.to_device]
    return [*known, SELF_TEST]


def device(clip_script: str, mapping_script: str) -> Json:
    """The document of the device (``{"patcher": ...}``) with these names for its scripts."""
    p = Patch("Socket, route, one subpatcher a section. Built by max_for_live/build.py.")
    heart, play, rows = face.heart(p), face.play(p), face.mapping(p)
    tempo_face, clips_face = face.tempo(p), face.clips(p)
    for x in (face.PLAY_X, face.MAP_X, face.TEMPO_X):
        p.ui("live.line", (x - 10, 6, 5, HEIGHT - 12), justification=1, border=1.0)

    # The beat's path: socket, route, makenote, noteout.
    socket = p.new(f"udpreceive {contract.TARGET_PORT} @quiet 1")
    router = p.new("route " + " ".join(routed()))
    p.cord(socket, router)
    heard = {address: router.o(index) for index, address in enumerate(routed())}

    def value(path: str) -> Outlet:
        return heard[contract.BY_PATH[path].address()]

    notes = p.sub("Beats", beats())
    p.cord(value("/beat"), notes)
    p.cord(value("/ibi"), notes.i(1))
    p.cord(value("/bpm"), notes.i(2))
    p.cord(p.new("receive ---stop"), notes.i(3))
    for index, box in enumerate(play.in_order(), start=4):
        p.cord(box, notes.i(index))
    passing = p.sub("Through", through())
    stop = p.new("send ---stop")
    panic = p.new("trigger b b")
    p.cord(play.panic, panic)
    p.cord(panic.o(1), stop)
    p.cord(panic, passing)

    line = p.sub("Link", link())
    p.cord(value("/hello"), line)
    p.cord(value("/status"), line.i(1))
    p.cord(heard[SELF_TEST], line.i(2))
    p.cord(heart.port, line.i(3))
    p.cord(line, socket)
    for index, box in enumerate((heart.line, heart.lamp, heart.version), start=1):
        p.cord(line.o(index), box)
    p.cord(line.o(4), stop)
    for button, path, argument in (
        (heart.relearn, "/bridge/relearn", ""),
        (heart.mark, "/bridge/mark", " Live"),
    ):
        say = p.message(contract.BY_PATH[path].address() + argument)
        p.cord(button, say)
        p.cord(say, line.i(4))

    eye = p.sub("Display", display())
    p.cord(value("/wave"), eye)
    p.cord(notes, eye.i(1))
    for index, path in enumerate(("/bpm", "/ibi", "/hrv/rmssd", "/hrv/sdnn", "/quality"), start=2):
        p.cord(value(path), eye.i(index))
    p.cord(p.new("receive ---stop"), eye.i(7))
    for index, box in enumerate((heart.wave, heart.beat, *heart.texts)):
        p.cord(eye.o(index), box)

    dropped = p.sub("Clips", clips(clip_script))
    for index, message in enumerate(incoming()):
        p.cord(heard[message.address()], dropped.i(index))
    for index, box in enumerate(clips_face.in_order(), start=len(incoming())):
        p.cord(box, dropped.i(index))
    for index, box in enumerate((clips_face.line, *clips_face.levels), start=1):
        p.cord(dropped.o(index), box)

    values = p.sub("Sources", bus())
    for index, path in enumerate(paths()):
        p.cord(value(path), values.i(index))
    p.cord(dropped, values.i(len(paths())))
    _mapping(p, rows, values, mapping_script)

    speed = p.sub("Tempo", tempo())
    p.cord(value("/bpm"), speed)
    for index, box in enumerate(tempo_face.in_order(), start=1):
        p.cord(box, speed.i(index))
    p.cord(speed, tempo_face.text)

    # Switched off in Live: no note may hang. Ready: only now may the Live API be asked.
    this = p.new("live.thisdevice")
    p.chain(this, p.new("deferlow"), p.new("send ---ready"))
    disabled = p.new("select 0")
    p.cord(this.o(1), disabled)
    p.cord(disabled, panic)
    return {"patcher": _finished(p)}


def _mapping(p: Patch, rows: list[face.Row], values: Box, script_name: str) -> None:
    later, script = p.new("deferlow"), p.script(script_name, "", 1, 3)
    p.cord(later, script)
    p.chain(p.new("receive ---ready"), p.message("ready"), later)
    numbers = " ".join(str(number) for number in range(1, len(rows) + 1))
    targets, faces = p.new(f"route {numbers}"), p.new(f"route {numbers}")
    p.cord(script, targets)
    p.cord(script.o(1), faces)
    # One armed Map button in the whole Set: the name that Ableton's own devices use.
    p.cord(script.o(2), p.new("send com.ableton.mapOff"))
    p.chain(p.new("receive com.ableton.mapOff"), p.new("prepend map_off"), later)
    for index, controls in enumerate(rows):
        box = p.sub(f"Row{index + 1}", row(index + 1))
        feeds: tuple[Box | Outlet, ...] = (
            values, controls.source, controls.low, controls.high, controls.curve, controls.smooth,
            controls.controller, targets.o(index), controls.target, controls.unmap, faces.o(index),
        )  # fmt: skip
        for inlet, feed in enumerate(feeds):
            p.cord(feed, box.i(inlet))
        p.cord(box, controls.level)
        p.cord(box.o(1), later)
        p.cord(box.o(2), controls.target)


def _finished(p: Patch) -> Json:
    patcher = p.document("Beatbridge")
    patcher |= {
        "openrect": [0.0, 0.0, float(face.WIDTH), float(HEIGHT)],
        "openinpresentation": 1,
        "default_fontname": c.FONT,
        "devicewidth": float(face.WIDTH),
        "description": "Plays, maps and follows a heart that the beatbridge program listens to.",
        "tags": "heart, HRV, OSC",
        "parameters": dict(_registry(patcher["boxes"])) | {
            "parameterbanks": {
                str(index): c.bank(name, names, index) for index, (name, names) in enumerate(BANKS)
            },
            "inherited_shortname": 1,
        },
        "dependency_cache": [
            {"name": name, "bootpath": "~", "patcherrelativepath": ".", "type": "TEXT",
             "implicit": 1}
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
