"""The whole device: the face, the sections behind it, and the cords between them."""

from collections.abc import Mapping

from bridge.osc import contract
from max_for_live.patch import face, face_more, hearing
from max_for_live.patch.beats import beats, through
from max_for_live.patch.clips import clips, incoming
from max_for_live.patch.display import display
from max_for_live.patch.examine import ASK, FACTS, examine
from max_for_live.patch.grid import author_style, grid, measures
from max_for_live.patch.link import SELF_TEST, link
from max_for_live.patch.parts import NOTE, PARTS, SCRIPTS, WHOLE, note
from max_for_live.patch.patcher import Box, Json, Outlet, Patch
from max_for_live.patch.power import ON
from max_for_live.patch.pulse import pulse
from max_for_live.patch.row import row
from max_for_live.patch.shell import HEIGHT, finished
from max_for_live.patch.sources import OTHERS, bus, paths
from max_for_live.patch.tempo import tempo

Heard = Mapping[str, Outlet]
"""What came, by path in the contract or by what it is."""


def device(scripts: Mapping[str, str], part: int = WHOLE) -> Json:
    """The document of the device (``{"patcher": ...}``), or of the device up to a part.

    ``scripts``: file name by stem.
    """
    if part == NOTE:
        return note()
    p = Patch("Socket, addresses, one subpatcher a section. Built by max_for_live/build.py.")
    heart, play, levels = face.heart(p), face.play(p), face.levels(p)
    rows, tempo_face = face_more.mapping(p), face_more.tempo(p)
    clips_face, more = face_more.clips(p), face_more.more(p)
    for x in (face.PLAY_X, face.LEVELS_X, face_more.TEMPO_X, face_more.MORE_X):
        p.ui("live.line", (x - 10, 6, 5, HEIGHT - 12), justification=1, border=1.0)

    # Without a port of its own until the Set says which: no other device loses its port meanwhile.
    socket = p.new("udpreceive")
    sorted_ = p.sub("Hearing", hearing.hearing(scripts["hearts"] if part >= SCRIPTS else ""))
    p.cord(socket, sorted_)
    addresses = [*hearing.fixed(), *(m.address() for m in hearing.of_heart())]
    by_address = {address: sorted_.o(index) for index, address in enumerate(addresses)}
    heard = {m.path: by_address[m.address()] for m in contract.MESSAGES if m.to_device}
    said = {name: sorted_.o(n) for n, name in enumerate(hearing.SAID, start=len(addresses))}

    stop, panic = p.new("send ---stop"), p.new("trigger b b")
    notes = _playing(p, heard, play, stop, panic)
    cells = _grid(p, heard, play, clips_face.lanes)

    line = p.sub("Link", link())
    p.cord(heard["/hello"], line)
    p.cord(heard["/status"], line.i(1))
    p.cord(by_address[SELF_TEST], line.i(2))
    p.cord(heart.port, line.i(3))
    p.cord(line, socket)
    p.cord(line.o(1), heart.line)
    p.cord(line.o(2), heart.lamp)
    if part == WHOLE:
        p.cord(line.o(3), heart.version)
    else:
        heart.version.text = PARTS[part][1]
    p.cord(line.o(4), stop)
    p.cord(line.o(5), p.new("send ---alive"))

    eye = p.sub("Display", display())
    p.cord(heard["/wave"], eye)
    p.cord(notes, eye.i(1))
    for index, path in enumerate(("/bpm", "/ibi", "/hrv/rmssd", "/hrv/sdnn", "/quality"), start=2):
        p.cord(heard[path], eye.i(index))
    p.cord(p.new("receive ---stop"), eye.i(7))
    for index, box in enumerate((heart.wave, heart.beat, *heart.texts)):
        p.cord(eye.o(index), box)

    # Ready: only now may the Live API be asked. Switched off: everything is given back.
    this = p.new("live.thisdevice")
    p.chain(this, p.new("deferlow"), p.new("send ---ready"))
    power, disabled = p.new("trigger i i"), p.new("select 0")
    p.cord(this.o(1), power)
    p.cord(power.o(1), p.new(f"send {ON}"))
    p.chain(power, disabled, panic)
    _fold(p, levels.fold, this)
    if part < SCRIPTS:
        return {"patcher": finished(p, face.FOLDED)}

    _choices(p, heart, more, sorted_, said)
    p.cord(said["bridge"], line.i(4))
    dropped = p.sub("Clips", clips(scripts["clips"]))
    for index, message in enumerate(incoming()):
        p.cord(heard[message.path], dropped.i(index))
    for index, box in enumerate(clips_face.in_order(), start=len(incoming())):
        p.cord(box, dropped.i(index))
    for index, box in enumerate((clips_face.line, *clips_face.levels), start=1):
        p.cord(dropped.o(index), box)

    report = p.sub("Examine", examine(scripts["examine"]))
    p.cord(heard["/device/examine"], report)
    p.cord(heart.port, report.i(1))
    p.cord(line.o(6), report.i(2))
    if part < WHOLE:
        _mapping(p, scripts["mapping"])
        return {"patcher": finished(p, face.FOLDED)}

    made = p.sub("Pulse", pulse())
    started: tuple[Box | Outlet, ...] = (notes, heard["/ibi"], more.attack, more.decay)
    for index, feed in enumerate(started):
        p.cord(feed, made.i(index))
    values = p.sub("Sources", bus())
    shapes = (made.o(0), made.o(1), made.o(2))
    scaled = (*(heard[path] for path in paths()), *shapes, said["values"], dropped.o(0))
    for index, outlet in enumerate(scaled):
        p.cord(outlet, values.i(index))
    p.cord(cells, values.i(len(scaled) - 1))
    _rows(p, rows, levels, values, *_mapping(p, scripts["mapping"]))
    in_ms = p.new("* 1000.")
    p.chain(more.rest_time, in_ms, p.new("send ---rest"))

    speed = p.sub("Tempo", tempo())
    p.cord(heard["/bpm"], speed)
    for index, box in enumerate(tempo_face.in_order(), start=1):
        p.cord(box, speed.i(index))
    p.cord(speed, tempo_face.text)
    return {"patcher": finished(p, face.FOLDED)}


def _playing(p: Patch, heard: Heard, play: face.Play, stop: Box, panic: Box) -> Box:
    """The beat's path: socket, route, makenote, noteout."""
    notes = p.sub("Beats", beats())
    p.cord(heard["/beat"], notes)
    p.cord(heard["/ibi"], notes.i(1))
    p.cord(heard["/bpm"], notes.i(2))
    p.cord(p.new("receive ---stop"), notes.i(3))
    chosen = p.new(f"== {face.MODES.index('Beat')}")
    p.cord(play.mode, chosen)
    for index, box in enumerate((chosen, *play.in_order()), start=4):
        p.cord(box, notes.i(index))
    passing = p.sub("Through", through())
    p.cord(play.panic, panic)
    p.cord(panic.o(1), stop)
    p.cord(panic, passing)
    return notes


def _grid(p: Patch, heard: Heard, play: face.Play, lanes: Box) -> Box:
    """The grid's path: the Set's transport, the table of the style, makenote, noteout."""
    cells = p.sub("Grid", grid(*author_style()))
    chosen = p.new(f"== {face.MODES.index('Grid')}")
    p.cord(play.mode, chosen)
    feeds: tuple[Box | Outlet, ...] = (
        heard["/grid/style"], *(heard[path] for path in measures()), chosen, lanes,
        p.new("receive ---stop"),
    )  # fmt: skip
    for index, feed in enumerate(feeds):
        p.cord(feed, cells.i(index))
    p.cord(cells.o(1), play.style)
    return cells


def _choices(p: Patch, heart: face.Heart, more: face_more.More, sorted_: Box, said: Heard) -> None:
    """Which heart, and which other values: chosen in menus, kept with the Set by a pattr."""
    p.cord(heart.which, sorted_.i(1))
    p.cord(said["hearts"], heart.which)
    slots = p.new("route " + " ".join(str(n) for n in range(1, OTHERS + 1)))
    p.cord(said["others"], slots)
    for index, menu in enumerate(more.others):
        p.cord(slots.o(index), menu)
        slot = p.new(f"prepend {index + 1}")
        p.chain(menu, slot)
        p.cord(slot, sorted_.i(2))
    p.cord(heart.relearn, sorted_.i(3))
    p.cord(heart.mark, sorted_.i(4))
    kept = p.stored("choices", "Choices Store")
    p.cord(said["store"], kept)
    p.cord(kept, sorted_.i(5))
    p.cord(p.new(f"receive {ASK}"), sorted_.i(6))
    p.cord(said["answer"], p.new(f"send {FACTS}"))


def _mapping(p: Patch, script_name: str) -> tuple[Box, Box]:
    """The mapping script; returns what leads to it, and the script."""
    later, script = p.new("deferlow"), p.script(script_name, 1, 4)
    p.cord(later, script)
    p.chain(p.new("receive ---ready"), p.message("ready"), later)
    p.chain(p.new(f"receive {ASK}"), p.message("examine"), later)
    p.cord(script.o(3), p.new(f"send {FACTS}"))
    # One armed Map button in the whole Set: the name that Ableton's own devices use.
    p.cord(script.o(2), p.new("send com.ableton.mapOff"))
    p.chain(p.new("receive com.ableton.mapOff"), p.new("prepend map_off"), later)
    return later, script


def _rows(
    p: Patch,
    rows: list[face_more.Row],
    levels: face.Levels,
    values: Box,
    later: Box,
    script: Box,
) -> None:
    numbers = " ".join(str(number) for number in range(1, len(rows) + 1))
    targets, faces = p.new(f"route {numbers}"), p.new(f"route {numbers}")
    p.cord(script, targets)
    p.cord(script.o(1), faces)
    for index, (controls, level) in enumerate(zip(rows, levels.levels, strict=True)):
        box = p.sub(f"Row{index + 1}", row(index + 1))
        feeds: tuple[Box | Outlet, ...] = (
            values, controls.source, controls.low, controls.high, controls.curve, controls.smooth,
            controls.controller, controls.lost, controls.rest, targets.o(index), controls.target,
            controls.unmap, faces.o(index),
        )  # fmt: skip
        for inlet, feed in enumerate(feeds):
            p.cord(feed, box.i(inlet))
        p.cord(box, level)
        p.cord(box.o(1), later)
        p.cord(box.o(2), controls.target)


def _fold(p: Patch, button: Box, this: Box) -> None:
    """The width goes to live.thisdevice; what lies right of it is cut off."""
    state = p.new("select 0 1")
    p.cord(button, state)
    width = p.new("prepend setwidth")
    p.cord(width, this)
    for outlet, pixels in enumerate((face.FOLDED, face_more.WIDTH)):
        said = p.message(str(pixels))
        p.cord(state.o(outlet), said)
        p.cord(said, width)
