"""Devices that do less than the whole, to find where a first opening fails."""

from bridge.osc import contract
from max_for_live.patch import controls as c
from max_for_live.patch.beats import through
from max_for_live.patch.patcher import Json, Patch
from max_for_live.patch.shell import finished

NOTE, FACE, SCRIPTS, WHOLE = 1, 2, 3, 4
PARTS = {
    NOTE: ("note", "1 of 4: a beat on port 7771 plays C1. No face, no script."),
    FACE: ("face", "2 of 4: notes and face. No script."),
    SCRIPTS: ("scripts", "3 of 4: with scripts. No rows, no tempo."),
    WHOLE: ("whole", ""),
}
"""Short name, and what the device says of itself on its face."""
_WIDTH, _PITCH, _LENGTH_MS = 300, 36, 120


def note() -> Json:
    """The document of the first part: socket to note, and incoming MIDI passes."""
    p = Patch("The shortest way from a beat to a note.")
    c.label(p, (8, 70, _WIDTH - 16, 14), PARTS[NOTE][1], size=10.0)
    beat = contract.BY_PATH["/beat"].address()
    pitch, make = p.message(str(_PITCH)), p.new(f"makenote 100 {_LENGTH_MS}")
    p.chain(
        p.new(f"udpreceive {contract.TARGET_PORT}"), p.new(f"route {beat}"), p.new("trigger b"),
        pitch, make,
    )  # fmt: skip
    out = p.new("noteout")
    p.cord(make, out)
    p.cord(make.o(1), out.i(1))
    p.sub("Through", through())
    return {"patcher": finished(p, _WIDTH)}
