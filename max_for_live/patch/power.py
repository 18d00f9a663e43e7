"""On and off in Live: what must rest while the device is switched off hears it here."""

from max_for_live.patch.patcher import Box, Patch

ON = "---on"
"""1 or 0, when Live switches the device on or off."""


def while_on(p: Patch, switch: Box) -> Box:
    """The switch, but 0 while the device is off; it speaks again when that changes."""
    both, order = p.new("&& 1"), p.new("trigger b i")
    p.cord(switch, both)
    p.chain(p.new(f"receive {ON}"), order)
    p.cord(order.o(1), both.i(1))
    p.cord(order, both)
    return both
