"""Clips that arrive over OSC, and the controllers that travel with them."""

from bridge.osc import contract
from max_for_live.patch.patcher import Patch
from max_for_live.patch.sources import LANES

LANES_DICT = "---beatbridge_lanes"


def incoming() -> list[contract.Message]:
    """The messages of a clip transfer that the device receives, in the order of the inlets."""
    return [message for message in contract.MESSAGES if message.way is contract.Way.CLIP_OUT]


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

    later, code = p.new("deferlow"), p.script(script, LANES_DICT, 1, 3)
    p.cord(later, code)
    p.chain(p.new("receive ---ready"), p.message("ready"), later)
    for message, inlet in parts:
        p.chain(inlet, p.new(f"prepend {message.address()}"), later)
    for word, inlet in switches:
        p.chain(inlet, p.new(f"prepend {word}"), later)
    p.cord(code, p.new(f"udpsend {contract.TARGET_HOST} {contract.LISTEN_PORT}"))
    p.cord(code.o(2), line)

    split = p.new("route " + " ".join(str(controller) for controller in LANES))
    p.cord(code.o(1), lanes)
    p.cord(code.o(1), split)
    for index, controller in enumerate(LANES):
        half, share = p.new("+ 0.5"), p.new("/ 127.")
        p.cord(split.o(index), half)
        p.chain(half, p.new("int"), p.new("change -1"), p.new(f"ctlout {controller} 1"))
        p.cord(split.o(index), share)
        p.chain(share, p.new("qlim 50"), levels[index])

    # The lanes are kept with the Set: a pattr that is a parameter saves the dict it is bound to.
    name = "beatbridge_lanes"
    p.new(f"dict {LANES_DICT}", varname=name, saved_object_attributes={"embed": 0})
    valueof = {
        "parameter_longname": "Lanes Store",
        "parameter_shortname": "Lanes St",
        "parameter_type": 3,
        "parameter_invisible": 1,
    }
    p.new(
        f"pattr lanes_store @bindto {name}",
        varname="lanes_store",
        saved_object_attributes={"parameter_enable": 1, "parameter_mappable": 0},
        saved_attribute_attributes={"valueof": valueof},
    )
    return p
