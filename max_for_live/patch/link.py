"""Who is on the line: port, hello, status, versions, and whether the port is ours at all."""

from bridge import __version__
from bridge.osc import contract
from max_for_live.patch.patcher import Box, Outlet, Patch

DRAG_MS = 250
"""A port that is dragged to is bound when the mouse has come to rest; the stored one at once."""
SILENCE_MS = 3000
"""A bridge says hello every 2 s."""
SELF_TEST = "/beatbridge/self"
"""The device's word to itself: when it does not come back, another program holds the port."""

GREY = "0.45 0.45 0.45 1."
AMBER = "0.95 0.68 0.2 1."
GREEN = "0.36 0.8 0.45 1."
RED = "0.91 0.35 0.35 1."


def link() -> Patch:
    """The subpatcher behind port, lamp, status line and version line.

    Inlets: hello, status, self-test, port, messages to the bridge.
    Outlets: ``port N`` for udpreceive, status line, lamp, version line, quiet (a bang: from here on
    nothing is known of the heart).
    """
    p = Patch("The port, who is on it, and whether it is ours: the device sends itself a word.")
    hello, status, echo = p.inlet("hello: version, contract"), p.inlet("status"), p.inlet("self")
    port, speak = p.inlet("port"), p.inlet("to the bridge")
    receiver, line = p.outlet("port N"), p.outlet("status line")
    lamp, version, quiet = p.outlet("lamp"), p.outlet("version line"), p.outlet("quiet")
    display = _Display(p, line, lamp)

    bridge = p.new(f"udpsend {contract.TARGET_HOST} {contract.LISTEN_PORT}")
    p.cord(speak, bridge)

    # A new port: quiet first, then bind it, then ask ourselves whether it is ours.
    dragged, wanted, fresh = p.new("trigger b i b"), p.new("int"), p.new("trigger i i i i")
    p.chain(port, p.new("int"), p.new("change"), dragged)
    p.cord(dragged.o(2), quiet)
    p.cord(dragged.o(1), wanted.i(1))
    rest, from_now_on, rested = p.new("delay 0"), p.message(str(DRAG_MS)), p.new("trigger b b")
    p.chain(dragged, rest, rested, wanted, fresh)
    p.cord(rested.o(1), from_now_on)
    p.cord(from_now_on, rest.i(1))
    bind, retried = p.new("int"), p.new("int")
    p.cord(fresh.o(3), display.port)
    p.cord(fresh.o(2), retried.i(1))
    p.cord(fresh.o(1), bind)
    order = p.new("trigger b i i")
    p.cord(bind, order)
    p.cord(order.o(2), _port_to(p, receiver))
    myself = p.new(f"udpsend {contract.TARGET_HOST} {contract.TARGET_PORT}")
    p.cord(order.o(1), _port_to(p, myself))
    settled, patience = p.new("delay 300"), p.new("delay 1000")
    p.cord(order, settled)
    nonce, mine = p.new("trigger i i b"), p.new("== -1")
    p.chain(settled, p.new("random 16000000"), nonce)
    p.cord(nonce.o(2), patience)
    p.cord(nonce.o(1), mine.i(1))
    p.chain(nonce, p.new(f"prepend {SELF_TEST}"), myself)

    # It came back: the port is ours, so a bridge may be asked for. It did not: say so, try again.
    silence, again = p.new(f"delay {SILENCE_MS}"), p.new("delay 3000")
    stop_waiting, stop_silence = p.message("stop"), p.message("stop")
    p.cord(stop_waiting, patience)
    p.cord(stop_waiting, again)
    p.cord(stop_silence, silence)
    ours, taken = p.new("trigger b b b"), p.new("trigger b b b")
    p.chain(echo, mine, p.new("select 1"), ours)
    p.cord(ours.o(2), stop_waiting)
    p.cord(ours.o(1), silence)
    p.chain(ours, p.message(contract.BY_PATH["/bridge/ping"].address()), bridge)
    p.cord(patience, taken)
    p.cord(taken.o(2), stop_silence)
    display.show(taken.o(1), "Port $1 is taken", RED)
    p.chain(taken, again, retried, bind)

    # Anything of the bridge starts the three seconds anew; when they are over it is gone.
    gone = p.new("trigger b b")
    p.chain(silence, gone)
    p.cord(gone.o(1), quiet)
    display.show(gone, "No bridge on port $1", GREY)
    display.show(fresh, "Waiting on port $1", GREY)
    said = p.new("trigger l b b")
    p.cord(hello, said)
    p.cord(said.o(2), stop_waiting)
    p.cord(said.o(1), silence)
    _versions(p, said, version)

    state, which = p.new("trigger l b"), p.new("route searching live lost")
    p.cord(status, state)
    p.cord(state.o(1), silence)
    p.cord(state, which)
    display.show(which.o(1), "Live", GREEN)
    for index, text, colour in ((0, "Searching for a pulse", AMBER), (2, "Sensor lost", RED)):
        both = p.new("trigger b b")
        p.cord(which.o(index), both)
        p.cord(both.o(1), quiet)
        display.show(both, text, colour)
    return p


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
