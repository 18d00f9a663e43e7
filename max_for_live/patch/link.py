"""Who is on the line: port, hello, status, versions, and whether the port is ours at all."""

from bridge import __version__
from bridge.osc import contract
from max_for_live.patch.patcher import Box, Inlet, Outlet, Patch

SILENCE_MS = 3000
"""A bridge says hello every 2 s."""
RETRY_MS = 5000
"""A port that is taken is tried again; every try puts a line into Max's console."""
SELF_TEST = "/beatbridge/self"
"""The device's word to itself: when it does not come back, another program holds the port."""
PARKING = "expr ($i1 + 7) % 16384 + 49152"
"""A port to go to for a moment: whether udpreceive binds again at the number it has is unknown."""

GREY = "0.45 0.45 0.45 1."
AMBER = "0.95 0.68 0.2 1."
GREEN = "0.36 0.8 0.45 1."
RED = "0.91 0.35 0.35 1."


def link() -> Patch:
    """The subpatcher behind port, lamp, status line and version line.

    Inlets: hello, status, self-test, port, messages to the bridge.
    Outlets: ``port N`` for udpreceive, status line, lamp, version line, quiet (a bang: from here on
    nothing is known of the heart), alive (1 or 0, when it changes), ``ours`` (1 or 0: whether the
    port is).
    """
    p = Patch("The port, who is on it, and whether it is ours: the device sends itself a word.")
    hello, status, echo = p.inlet("hello"), p.inlet("status"), p.inlet("self")
    port, speak = p.inlet("port"), p.inlet("to the bridge")
    receiver, line = p.outlet("port N"), p.outlet("status line")
    lamp, version, quiet = p.outlet("lamp"), p.outlet("version line"), p.outlet("quiet")
    alive, ours_or_not = p.outlet("alive"), p.outlet("ours")
    display = _Display(p, line, lamp)

    said = p.new("trigger l b b l")
    p.cord(hello, said)
    bridge = _bridge(p, speak, said.o(3))

    # A new port is bound at once: a delay would not run while Live's audio is off. Then the device
    # asks itself whether it is ours.
    fresh = p.new("trigger b i i i i b")
    p.chain(port, p.new("int"), p.new("change"), fresh)
    bind, parked = p.message("port $1"), p.new("int")
    settled, patience = p.new("delay 300"), p.new("delay 1000")
    myself = p.new(f"udpsend {contract.TARGET_HOST} {contract.TARGET_PORT}")
    p.cord(fresh.o(5), quiet)
    p.cord(fresh.o(4), display.port)
    p.cord(fresh.o(3), parked.i(1))
    p.cord(fresh.o(2), bind)
    p.cord(fresh.o(1), _port_to(p, myself))
    order = p.new("trigger b b")
    p.cord(fresh, order)
    p.cord(order, settled)
    p.cord(bind, receiver)
    nonce, mine = p.new("trigger i i b"), p.new("== -1")
    p.chain(settled, p.new("random 16000000"), nonce)
    p.cord(nonce.o(2), patience)
    p.cord(nonce.o(1), mine.i(1))
    p.chain(nonce, p.new(f"prepend {SELF_TEST}"), myself)

    # It came back: the port is ours, so a bridge may be asked for. It did not: say so, try again.
    silence, again = p.new(f"delay {SILENCE_MS}"), p.new(f"delay {RETRY_MS}")
    stop_waiting, stop_silence = p.message("stop"), p.message("stop")
    p.cord(stop_waiting, patience)
    p.cord(stop_waiting, again)
    p.cord(stop_silence, silence)
    ours, taken = p.new("trigger b b b 1"), p.new("trigger b b b 0")
    ping = p.message(f"{contract.BY_PATH['/bridge/ping'].address()} {contract.VERSION}")
    p.chain(echo, mine, p.new("select 1"), ours)
    p.cord(ours.o(3), ours_or_not)
    p.cord(ours.o(2), stop_waiting)
    p.cord(ours.o(1), silence)
    p.cord(ours, ping)
    p.cord(ping, bridge)
    p.cord(patience, taken)
    p.cord(taken.o(3), ours_or_not)
    p.cord(taken.o(2), stop_silence)
    display.show(taken.o(1), "Port $1 is taken", RED)
    retry = p.new("trigger i i i")
    p.chain(taken, again, parked, retry)
    p.chain(retry, p.new("trigger b"), settled)
    p.cord(retry.o(1), bind)
    parking = p.new(PARKING)
    p.cord(retry.o(2), parking)
    p.cord(parking, bind)

    # Anything of the bridge starts the three seconds anew; when they are over it is gone. One that
    # comes back is told which contract this device speaks.
    present, absent = p.new("trigger b 1"), p.new("trigger b b b 0")
    here = p.new("change 0")
    p.cord(silence, absent)
    p.cord(absent.o(3), here)
    p.cord(absent.o(2), quiet)
    p.cord(here.o(1), ping)
    display.show(absent.o(1), "No bridge on port $1", GREY)
    display.show(order.o(1), "Waiting on port $1", GREY)
    p.cord(said.o(2), stop_waiting)
    p.cord(said.o(1), present)
    p.cord(present.o(1), here)
    p.cord(present, silence)
    _versions(p, said, version)

    beating = p.new("change 0")
    p.cord(beating, alive)
    state, which = p.new("trigger l b"), p.new("route searching live lost")
    p.cord(status, state)
    p.cord(state.o(1), silence)
    p.cord(state, which)
    yes, no = p.message("1"), p.message("0")
    p.cord(yes, beating)
    p.cord(no, beating)
    on = p.new("trigger b b")
    p.cord(which.o(1), on)
    p.cord(on.o(1), yes)
    display.show(on, "Beating", GREEN)
    for index, text, colour in ((0, "Searching for a pulse", AMBER), (2, "Sensor lost", RED)):
        both = p.new("trigger b b b")
        p.cord(which.o(index), both)
        p.cord(both.o(2), quiet)
        p.cord(both.o(1), no)
        display.show(both, text, colour)
    p.cord(absent, no)
    p.cord(fresh.o(5), no)
    return p


def _bridge(p: Patch, speak: Box, hello: Outlet) -> Inlet:
    """What the bridge is told goes to the port of its own hello: 0 is none, a hello of contract 1
    names none and means the usual one.
    """
    gate, bridge = (
        p.new("gate 1 1"),
        p.new(f"udpsend {contract.TARGET_HOST} {contract.LISTEN_PORT}"),
    )
    order, parts, port = p.new("trigger b l b"), p.new("unpack s 0 0"), p.new("int")
    usual, changed = p.message(str(contract.LISTEN_PORT)), p.new(f"change {contract.LISTEN_PORT}")
    which = p.new("trigger i i")
    p.cord(hello, order)
    p.cord(order.o(2), usual)
    p.cord(usual, port.i(1))
    p.cord(order.o(1), parts)
    p.cord(parts.o(2), port.i(1))
    p.chain(order, port, changed, which)
    p.chain(which, p.new("> 0"), gate)
    there = p.new("select 0")
    p.cord(which.o(1), there)
    p.cord(there.o(1), _port_to(p, bridge))
    p.cord(speak, gate.i(1))
    p.cord(gate, bridge)
    return gate.i(1)


def _port_to(p: Patch, target: Box) -> Box:
    message = p.message("port $1")
    p.cord(message, target)
    return message


class _Display:
    """The status line and its lamp; a text may name the port as ``$1``."""

    def __init__(self, patch: Patch, line: Box, lamp: Box) -> None:
        self.patch = patch
        self.port = patch.new("int")
        self._line, self._lamp = patch.new("deferlow"), patch.new("deferlow")
        patch.cord(self._line, line)
        patch.cord(self._lamp, lamp)

    def show(self, when: Box | Outlet, text: str, colour: str) -> None:
        """Put the text up and colour the lamp at every message from ``when``."""
        p = self.patch
        order = p.new("trigger b b")
        p.cord(when, order)
        paint, words = p.message(f"bgfillcolor {colour}"), p.message(f"set {text}")
        p.cord(order.o(1), paint)
        p.cord(paint, self._lamp)
        p.cord(words, self._line)
        if "$1" in text:
            memory = p.new("int")
            p.cord(self.port, memory.i(1))
            p.chain(order, memory, words)
        else:
            p.cord(order, words)


def _versions(p: Patch, hello: Box, line: Box) -> None:
    """Say which bridge this is; say so plainly when its contract, or only its version, differs."""
    order, late = p.new("trigger l l"), p.new("deferlow")
    p.cord(hello, order)
    p.cord(late, line)
    number, which = p.new("unpack s 0"), p.new("gate 2 1")
    p.cord(order.o(1), number)
    same = p.new(f"== {contract.VERSION}")
    p.cord(number.o(1), same)
    p.chain(same, p.new("+ 1"), which)
    p.cord(order, which.i(1))
    parts = p.new("unpack s 0")
    p.cord(which.o(0), parts)
    other = p.message(f"set Update: bridge contract $1 / device {contract.VERSION}")
    p.cord(parts.o(1), other)
    p.cord(other, late)
    known = p.new(f"route {__version__}")
    p.cord(which.o(1), known)
    p.chain(known, p.message(f"set Bridge and device {__version__}"), late)
    bridge = p.new("unpack s 0")
    p.cord(known.o(1), bridge)
    p.chain(bridge, p.new(f"prepend set Device {__version__} / bridge"), late)
