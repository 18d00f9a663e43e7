"""The grid: the Set's transport drives the cells, the heart decides which sound.

Patch objects only, and nothing on the way from the transport to the note leaves the scheduler.
"""

from collections.abc import Sequence

from bridge.clips.spans import spans_of
from bridge.clips.style_file import load_style
from bridge.clips.table import HEAD, MEASURES, ROW, table_of
from bridge.mapping import profile as profiles
from bridge.osc import contract
from max_for_live.patch.examine import ASK, FACTS
from max_for_live.patch.patcher import Box, Outlet, Patch
from max_for_live.patch.power import while_on

POLL_TICKS = 5
"""How often the position is asked for. Odd cells of a style with swing lie on no coarser grid."""
EARLY_TICKS = 2.5
"""A bang that comes so little before a cell is taken as on time."""
WINDOW_TICKS = 16
"""A cell begins within so many ticks or not at all: after a jump into its midst it is silent.

It must be longer than the poll and the lateness of a bang together."""
STILL_MS = 200
"""Without a bang for so long the transport stands: Live's slowest 5 ticks take 31 ms."""
UNKNOWN = -1e9
"""Below every row, so that nothing sounds."""
KNOWN = "-1000000."
AUTHOR = "default"
FIRST_LANE, LANE = 11, 4
_LIST = "@zlmaxsize 512"
_COLUMNS = {
    "HR": "/bpm", "SDNN": "/hrv/sdnn", "RMSSD": "/hrv/rmssd", "VLF": "/hrv/vlf", "LF": "/hrv/lf",
    "HF": "/hrv/hf", "LF_HF": "/hrv/lf_hf",
}  # fmt: skip


def measures() -> list[str]:
    """The messages that the measures come by, in the order of their numbers."""
    return [_COLUMNS[measure] for measure in MEASURES]


def author_style() -> tuple[str, tuple[float, ...]]:
    """The rule of the seed's author, which the device plays until it is sent another style.

    Its zones lie over the range that the bridge's default profile has for the rate.
    """
    style = load_style(AUTHOR)
    return AUTHOR, table_of(style, spans_of(style, ("drums",), profiles.load([])))


def grid(name: str, style: Sequence[float]) -> Patch:
    """The subpatcher that plays the grid; ``style`` is what it plays until it is sent another.

    Inlets: style (name, numbers), one for each of ``measures()``, on, lanes, stop. Outlets: lanes
    (controller, value), text with the style's name.
    """
    p = Patch("The Set's transport drives the cells, the heart decides which sound. No script.")
    sent = p.inlet("style: name, numbers")
    heart = [p.inlet(path) for path in measures()]
    switch, lanes_on, stop = p.inlet("grid on"), p.inlet("lanes on"), p.inlet("stop: bang")
    lanes, text = p.outlet("lanes: controller, value"), p.outlet("text: the style")

    on, forget = while_on(p, switch), p.message(f"{UNKNOWN:.1f}")
    head, rows = _style(p, name, style, sent, text, forget)
    said = p.new("unpack 0. 0")
    for number, feed in enumerate(heart, start=1):
        p.chain(feed, p.new(f"pack 0. {number}"), said)
    zone, loud = (_measured(p, said, head.o(n), forget) for n in (5, 6))

    now, fresh = _position(p, on, head)
    order = p.new("trigger b b b b i i")
    p.cord(fresh, order)
    last = p.new("int -1")
    p.cord(fresh, last.i(1))
    p.chain(p.new(f"receive {ASK}"), last, p.new("prepend cell"), p.new(f"send {FACTS}"))

    # A new bar: where one zone holds for all of it, it is chosen anew. Then which cell of the bar.
    bar, new_bar, held = p.new("/ 16"), p.new("change -1"), _held(p, head.o(4), zone)
    p.cord(head.o(2), bar.i(1))
    again, place = p.message(f"{UNKNOWN:.1f}"), p.new("% 16")
    p.cord(order.o(5), bar)
    p.chain(bar, new_bar, again)
    p.cord(again, held.i(2))
    p.cord(head.o(2), place.i(1))
    p.cord(order.o(4), place)

    make = p.new("makenote 100 60")
    out = p.new("noteout")
    p.cord(make, out)
    p.cord(make.o(1), out.i(1))
    lanes_pass = while_on(p, lanes_on)
    for first in range(FIRST_LANE, HEAD, LANE):
        value = _measured(p, said, head.o(first), forget)
        _lane(p, head, first, order.o(3), value, lanes_pass, lanes)
    share = _velocity(p, head, order.o(2), loud, make)
    length = p.new("int 60")
    p.cord(head.o(3), length.i(1))
    p.cord(order.o(2), length)
    in_ms = p.new("translate ticks ms")
    p.cord(length, in_ms)
    p.cord(in_ms, make.i(2))

    # Every row of the table is asked whether it is of this cell and for this value.
    row = p.new("unpack 0 0 0. 0. 0.")
    sounds = p.new("if $i1 == $i2 && $f6 > $f4 && $f6 <= $f5 then $i3")
    p.cord(place, sounds.i(1))
    p.cord(order.o(1), zone)
    p.cord(held, sounds.i(5))
    p.cord(order, rows)
    p.chain(rows, p.new(f"zl.iter {ROW} {_LIST}"), row)
    p.cord(row.o(4), share)
    p.cord(row.o(3), sounds.i(4))
    p.cord(row.o(2), sounds.i(3))
    p.cord(row.o(1), sounds.i(2))
    p.chain(row, sounds, make)

    end = p.message("stop")
    p.cord(end, make)
    _silence(p, now, on, stop, end, forget, (fresh, new_bar))
    return p


def _position(p: Patch, on: Box, head: Box) -> tuple[Box, Box]:
    """Where the song is, asked anew each time: a jump, a loop or a new tempo loses nothing.

    Returns what bangs at every asking, and what says each new cell, counted from the song's start.
    """
    metro = p.new(f"metro @interval {POLL_TICKS} ticks @quantize {POLL_TICKS} ticks")
    now, asked, where = p.new("trigger b b"), p.new("when"), p.new("trigger i i")
    p.chain(on, metro, now, asked)
    early = p.new(f"expr int($f1 + {EARLY_TICKS})")
    p.cord(asked.o(1), early)
    p.chain(early, p.new("if $i1 >= 0 then $i1"), where)

    # Cells go in pairs, the second of which may be late. Right: how far into the cell; left: which.
    a_cell = 120
    pair, into_pair, halves = p.new(f"/ {2 * a_cell}"), p.new(f"% {2 * a_cell}"), p.new("* 2")
    p.cord(head, halves)
    p.cord(halves, pair.i(1))
    p.cord(halves, into_pair.i(1))
    border, split = p.new("+ 0"), p.new("trigger i i")
    p.cord(head.o(1), border.i(1))
    p.cord(head, border)
    second, into = p.new(f">= {a_cell}"), p.new("expr $i1 - ($i1 >= $i2) * $i2")
    p.cord(border, second.i(1))
    p.cord(border, into.i(1))
    at_once, cell = p.new("gate 1"), p.new("+ 0")
    p.cord(where.o(1), into_pair)
    p.chain(into_pair, split)
    p.cord(split.o(1), second)
    p.cord(second, cell.i(1))
    p.chain(split, into, p.new(f"< {WINDOW_TICKS}"), at_once)
    p.chain(where, pair, p.new("* 2"), cell)
    p.cord(cell, at_once.i(1))
    fresh = p.new("change -1")
    p.cord(at_once, fresh)
    return now, fresh


def _silence(
    p: Patch, now: Box, on: Box, stop: Box, end: Box, forget: Box, memories: Sequence[Box]
) -> None:
    """Nothing hangs: transport stopped, switched off, told to stop, or unloaded."""
    anew = p.message("set -1")
    for memory in memories:
        p.cord(anew, memory)
    still, silent = p.new(f"delay {STILL_MS}"), p.new("trigger b b")
    p.cord(now.o(1), still)
    p.cord(still, silent)
    p.chain(on, p.new("select 0"), silent)
    p.cord(silent.o(1), end)
    p.cord(silent, anew)
    halt = p.new("trigger b b")
    p.cord(stop, halt)
    p.cord(halt.o(1), end)
    p.cord(halt, forget)
    p.chain(p.new("freebang"), end)


def _style(
    p: Patch, name: str, style: Sequence[float], sent: Box, text: Box, forget: Box
) -> tuple[Box, Box]:
    """The style that is sent, or comes with the Set, or else the one of the device.

    Returns what unpacks its head, and the register of its rows.
    """
    parts, named = p.new("zl.slice 1 " + _LIST), p.new("prepend 1")
    p.cord(sent, parts)
    kept, kept_name = p.stored("grid_style", "Grid Store"), p.stored("grid_name", "Grid Name")
    p.cord(parts.o(1), kept)
    p.chain(parts, named, kept_name)
    # A store in which nothing was ever kept may speak as well: it says no style.
    came, own = p.new("trigger l 0"), p.new("gate 1 1")
    long, whole = p.new("trigger l l"), p.new("gate 1")
    p.cord(kept, long)
    p.cord(long.o(1), p.new("zl.len " + _LIST))
    p.chain(p.boxes[-1], p.new(f"> {HEAD}"), whole)
    p.cord(long, whole.i(1))
    p.cord(whole, came)
    p.cord(came.o(1), own)
    p.cord(p.new("receive ---ready"), own.i(1))
    both, numbers = p.new("trigger b b"), p.message(" ".join(map(_written, style)))
    called = p.message(f"1 {name}")
    p.chain(own, both, numbers)
    p.cord(both.o(1), called)

    head, rows = p.new(f"zl.slice {HEAD} {_LIST}"), p.new("zl.reg " + _LIST)
    first = p.new("trigger l b")
    p.cord(came, first)
    p.cord(numbers, first)
    p.cord(first.o(1), forget)
    p.cord(first, head)
    p.cord(head.o(1), rows.i(1))
    tags = contract.BY_PATH["/grid/style"].tags[1:]
    unpacked = p.new("unpack " + " ".join("0" if tag == "i" else "0." for tag in tags))
    p.cord(head, unpacked)

    shown, which = p.new("route 1"), p.new("zl.reg")
    p.cord(kept_name, shown)
    p.cord(called, shown)
    p.cord(shown, which.i(1))
    p.chain(shown, p.new("prepend set Grid:"), p.new("deferlow"), text)
    p.chain(p.new(f"receive {ASK}"), p.new("trigger b"), which)
    p.chain(which, p.new("prepend grid"), p.new(f"send {FACTS}"))
    return unpacked, rows


def _written(value: float) -> str:
    return str(value) if isinstance(value, int) else repr(float(value))


def _measured(p: Patch, said: Box, number: Outlet, forget: Box) -> Box:
    """The store of the measure with this number; it says its value when banged."""
    wanted, value = p.new("if $i2 == $i3 then $f1"), p.new(f"float {UNKNOWN:.1f}")
    p.cord(number, wanted.i(2))
    p.cord(said.o(1), wanted.i(1))
    p.cord(said, wanted)
    p.cord(wanted, value.i(1))
    p.cord(forget, value.i(1))
    return value


def _held(p: Patch, zone_a_bar: Outlet, value: Box) -> Box:
    """The value; or, where one zone holds for a whole bar, the first that was known in it.

    Inlet 2 sets what is held.
    """
    keeps = f"($i2 && $f3 > {KNOWN})"
    held = p.new(f"expr {keeps} * $f3 + (1 - {keeps}) * $f1")
    p.cord(value, held)
    p.cord(zone_a_bar, held.i(1))
    p.cord(held, held.i(2))
    return held


def _velocity(p: Patch, head: Box, when: Outlet, value: Box, make: Box) -> Box:
    """Velocity by a measure, ready for each row's share of it; returns where that comes in."""
    raw, within, share = p.new("expr $f2 + $f1 * $f3"), p.new("clip 1. 127."), p.new("* 0.")
    p.cord(when, value)
    p.chain(value, raw, within)
    p.cord(within, share.i(1))
    for outlet, inlet in ((7, raw.i(1)), (8, raw.i(2)), (9, within.i(1)), (10, within.i(2))):
        p.cord(head.o(outlet), inlet)
    whole = p.new("clip 1 127")
    p.chain(share, p.new("+ 0.5"), p.new("int"), whole)
    p.cord(whole, make.i(1))
    return share


def _lane(p: Patch, head: Box, first: int, when: Outlet, value: Box, on: Box, lanes: Box) -> None:
    """A measure as a controller, looked at with each cell; what is unknown leaves it alone."""
    known, share = p.new(f"if $f1 > {KNOWN} then $f1"), p.new("scale 0. 1. 0. 127.")
    passes, changed, both = p.new("gate 1"), p.new("change -1"), p.new("trigger b i")
    p.cord(when, value)
    p.chain(value, known, share, p.new("clip 0. 127."), p.new("+ 0.5"), p.new("int"))
    p.cord(p.boxes[-1], passes.i(1))
    p.cord(on, passes)
    p.chain(passes, changed, both)
    p.cord(head.o(first + 2), share.i(1))
    p.cord(head.o(first + 3), share.i(2))
    out, controller, pair = p.new("ctlout 1 1"), p.new("int"), p.new("pack 0 0")
    p.cord(head.o(first + 1), out.i(1))
    p.cord(head.o(first + 1), controller.i(1))
    p.cord(changed, out)
    p.cord(both.o(1), pair.i(1))
    p.chain(both, controller, pair, lanes)
