"""The device examines itself: at load and when asked, and tells the bridge what it found."""

from bridge import __version__
from bridge.osc import contract
from max_for_live.patch.patcher import Patch
from max_for_live.patch.power import ON

ASK = "---examine"
FACTS = "---facts"
QUEUE = 4
"""Turns of the low-priority queue from the question to the last answer."""


def examine(script_name: str) -> Patch:
    """The subpatcher of the report.

    Inlets: the question (port for the answer), this device's port, whether it is ours.
    """
    p = Patch("Everybody says what they find on ---facts; the script sends it to the bridge.")
    question, port, ours = p.inlet("port for the answer"), p.inlet("port"), p.inlet("ours")
    later, script = p.new("deferlow"), p.script(script_name, 1, 2)
    p.cord(later, script)
    told = p.message(f"ready {__version__} {contract.VERSION}")
    p.chain(p.new("receive ---ready"), told, later)
    p.chain(question, p.new("prepend examine"), later)
    for box, word in ((port, "port"), (ours, "ours"), (p.new(f"receive {ON}"), "on")):
        p.chain(box, p.new(f"prepend state {word}"), later)
    p.chain(p.new(f"receive {FACTS}"), p.new("prepend fact"), later)
    p.cord(script, p.new(f"udpsend {contract.TARGET_HOST} {contract.LISTEN_PORT}"))

    # No delay: it would not run while Live's audio is off.
    asked = p.new("trigger b b")
    p.cord(script.o(1), asked)
    p.cord(asked.o(1), p.new(f"send {ASK}"))
    turns = [p.new("deferlow") for _ in range(QUEUE)]
    p.chain(asked, *turns, p.message("report"), later)
    return p
