"""From the socket to the values: which address is which, and whose heart it is."""

from bridge.osc import contract
from max_for_live.patch.link import SELF_TEST
from max_for_live.patch.patcher import Patch
from max_for_live.patch.sources import OTHERS

GROUP = "/group/"
SAID = ("hearts", "others", "values", "bridge", "store", "answer")
"""What the script says: menu of hearts, menus of other values (slot, message), their values (slot,
value), messages to the bridge, choices to store, the answer to examine."""


def of_heart() -> list[contract.Message]:
    """The messages of one heart, below its root; their order is the number in the table."""
    return [m for m in _known() if m.way is contract.Way.OUT and not m.path.startswith(GROUP)]


def fixed() -> list[str]:
    """The addresses that are the same whichever heart is chosen."""
    return [
        *(m.address() for m in _known() if m.way is not contract.Way.OUT),
        *(m.address() for m in _known() if m.path.startswith(GROUP)),
        SELF_TEST,
    ]


def _known() -> list[contract.Message]:
    return [message for message in contract.MESSAGES if message.to_device]


def hearing(script_name: str) -> Patch:
    """The subpatcher that sorts what comes.

    One heart speaks below ``/heart``, several below ``/heart/NAME``. The first go by a plain route;
    the chosen one of several by a table from address to number, which the script fills: no script
    is on the way of a beat. Without the script's name there is none, and one heart is heard.

    Inlets: the socket, chosen heart, chosen others (slot, entry), relearn, mark, stored choices,
    examine. Outlets: one for each of ``fixed()``, ``of_heart()`` and ``SAID``.
    """
    p = Patch("Which address is which: one heart by a route, one of several by a table.")
    socket, heart, others = p.inlet("socket"), p.inlet("heart"), p.inlet("others: slot, entry")
    relearn, mark = p.inlet("relearn"), p.inlet("mark")
    stored, examine = p.inlet("stored choices"), p.inlet("examine")
    outs = {address: p.outlet(address) for address in fixed()}
    outs |= {message.address(): p.outlet(message.path) for message in of_heart()}
    said = [p.outlet(what) for what in SAID]

    first, root = p.new("route " + " ".join(fixed())), p.new("gate 2 1")
    p.cord(socket, first)
    for index, address in enumerate(fixed()):
        p.cord(first.o(index), outs[address])
    p.cord(first.o(len(fixed())), root.i(1))

    addresses = [message.address() for message in of_heart()]
    single = p.new("route " + " ".join(addresses))
    p.cord(root, single)
    halves, whole = p.new("zl.slice 1"), p.new("zl.join")
    table = p.new("coll ---roots", saved_object_attributes={"embed": 0, "precision": 6})
    named = p.new("route " + " ".join(str(index) for index in range(len(addresses))))
    p.cord(root.o(1), halves)
    p.cord(halves.o(1), whole.i(1))
    p.chain(halves, table, whole, named)
    for index, address in enumerate(addresses):
        p.cord(single.o(index), outs[address])
        p.cord(named.o(index), outs[address])

    if not script_name:
        return p

    # The script hears what is left: of one heart the unknown, of several everything.
    later, script = p.new("deferlow"), p.script(script_name, 1, 2 + len(said))
    p.cord(later, script)
    p.cord(single.o(len(addresses)), later)
    p.cord(root.o(1), later)
    hello = addresses.index(contract.BY_PATH["/hello"].address())
    alone = p.new("trigger b")
    p.cord(single.o(hello), alone)
    p.chain(alone, p.message("single"), later)
    paths = " ".join(message.path for message in of_heart())
    told = p.message(f"ready {OTHERS} {contract.ROOT} {paths}")
    p.chain(p.new("receive ---ready"), told, later)
    for inlet, word in ((heart, "heart"), (others, "other"), (stored, "stored")):
        p.chain(inlet, p.new(f"prepend {word}"), later)
    for inlet, word in ((relearn, "relearn"), (mark, "mark Live"), (examine, "examine")):
        p.chain(inlet, p.message(word), later)
    p.cord(script, table)
    p.cord(script.o(1), root)
    for index, box in enumerate(said, start=2):
        p.cord(script.o(index), box)
    return p
