"""Clips that arrive over OSC, and the controllers that travel with them."""

from bridge.osc import contract
from max_for_live.patch.examine import ASK, FACTS
from max_for_live.patch.patcher import Patch
from max_for_live.patch.power import ON, while_on
from max_for_live.patch.sources import LANES

LANES_DICT = "---beatbridge_lanes"


def incoming() -> list[contract.Message]:
    """The messages of a clip transfer that the device receives, in the order of the inlets."""
    return [
        message
        for message in contract.MESSAGES
        if message.way is contract.Way.CLIP_OUT and message.path.startswith("/clip/")
    ]


def clips(script: str) -> Patch:
    """The subpatcher around the clip script.

    Inlets: one for each of ``incoming()``, then replace, slot, lanes. Outlets: lanes (controller,
    value), status line, then one level 0-1 for each of ``LANES``.
    """
    p = Patch(
        "Clips over OSC: the script writes them through the Live API and plays their lanes along."
    )
    parts = [(message, p.inlet(message.path)) for message in incoming()]
    switches = [(word, p.inlet(word)) for word in ("replace", "slot", "lanes")]
    lanes, line = p.outlet("lanes: controller, value"), p.outlet("status line")
    levels = [p.outlet(f"level of controller {controller}") for controller in LANES]

    # `---` stands for this device in a message box; the script may use the dict only when ready.
    later, code = p.new("deferlow"), p.script(script, 1, 4)
    p.cord(later, code)
    p.chain(p.new("receive ---ready"), p.message(f"ready {LANES_DICT}"), later)
    for message, inlet in parts:
        p.chain(inlet, p.new(f"prepend {message.address()}"), later)
    for word, inlet in switches:
        switch = while_on(p, inlet) if word == "lanes" else inlet
        p.chain(switch, p.new(f"prepend {word}"), later)
    p.cord(code, p.new(f"udpsend {contract.TARGET_HOST} {contract.LISTEN_PORT}"))
    p.cord(code.o(2), line)

    awake, split = p.new("gate 1 1"), p.new("route " + " ".join(map(str, LANES)))
    p.cord(p.new(f"receive {ON}"), awake)
    p.cord(code.o(1), awake.i(1))
    p.cord(awake, lanes)
    p.cord(awake, split)
    for index, controller in enumerate(LANES):
        half, share = p.new("+ 0.5"), p.new("/ 127.")
        p.cord(split.o(index), half)
        p.chain(half, p.new("int"), p.new("change -1"), p.new(f"ctlout {controller} 1"))
        p.cord(split.o(index), share)
        p.chain(share, p.new("qlim 50"), levels[index])

    # The lanes are kept with the Set: a pattr that is a parameter saves the dict it is bound to.
    name = "beatbridge_lanes"
    kept = p.new(f"dict {LANES_DICT}", varname=name, saved_object_attributes={"embed": 0})
    p.stored("lanes_store", "Lanes Store", bound_to=name)
    p.chain(p.new(f"receive {ASK}"), p.new("trigger b"), kept)
    facts = p.new(f"send {FACTS}")
    p.chain(kept, p.new("route dictionary"), p.new("prepend dict"), facts)
    p.chain(p.new(f"receive {ASK}"), p.message("examine"), later)
    p.cord(code.o(3), facts)
    return p
