"""One mapping row: a source, shaped, moves a parameter of Live and sends a controller."""

from max_for_live.patch.patcher import Box, Outlet, Patch
from max_for_live.patch.sources import FIRST_LANE, MADE


def row(number: int) -> Patch:
    """The subpatcher of one row.

    Inlets: bus (value, entry), source, min %, max %, curve %, smoothing s, controller (0: none),
    when lost (0 hold, 1 let go, 2 rest), rest %, id of the target, Map button, unmap, display
    (``name``, ``armed``). Outlets: level 0-1, messages for the mapping script, messages for the Map
    button.
    """
    p = Patch("Source, curve, range, glide; then a parameter of Live and a controller.")
    value, source = p.inlet("value, entry"), p.inlet("source")
    low, high = p.inlet("min, %"), p.inlet("max, %")
    curve, smooth = p.inlet("curve, %"), p.inlet("smoothing, s")
    controller = p.inlet("controller")
    lost, rest = p.inlet("when lost"), p.inlet("rest, %")
    target = p.inlet("id of the target")
    arm, unmap, display = p.inlet("Map button"), p.inlet("unmap"), p.inlet("name, armed")
    level, script, face = p.outlet("level"), p.outlet("to the script"), p.outlet("Map button")

    # Only the chosen source passes, while the device is on; it is bent (0 % is straight), then put
    # between min and max.
    parts, chosen, mine = p.new("unpack 0. 0"), p.new("== 0"), p.new("gate 1")
    awake = p.new("gate 1 1")
    p.cord(value, parts)
    p.cord(parts.o(1), chosen)
    p.cord(chosen, mine)
    p.cord(parts, mine.i(1))
    p.cord(mine, awake.i(1))
    bend, span = p.new("expr pow($f1\\, pow(4.\\, $f2 / 100.))"), p.new("scale 0. 1. 0. 1.")
    p.cord(awake, bend)
    p.cord(curve, bend.i(1))
    p.cord(bend, span)
    for inlet, edge in ((3, low), (4, high)):
        share = p.new("/ 100.")
        p.cord(edge, share)
        p.cord(share, span.i(inlet))

    # The first value is taken as it is, before and after the parameter is held, so that nothing
    # jumps to the bottom meanwhile; later values glide.
    ramp, glide = p.new("line 0. 20"), p.new("pack 0. 0.")
    split, first = p.new("gate 2 1"), p.new("trigger f b f 2")
    p.cord(span, split.i(1))
    p.cord(split, first)
    p.cord(split.o(1), glide)
    p.cord(glide, ramp)
    p.cord(first, ramp)
    p.cord(first.o(2), ramp)

    # live.remote~ holds the target once there is a value.
    held_by = {"_persistence": 0, "normalized": 1, "smoothing": 1.0}
    remote = p.new("live.remote~ @normalized 1", saved_object_attributes=held_by)
    stored, hold = p.new("int"), p.new("prepend id")
    known, exists = p.new("gate 1"), p.new("select 0")
    p.cord(first.o(1), stored)
    p.chain(stored, exists)
    p.cord(exists.o(1), hold)
    p.cord(hold, remote.i(1))
    p.cord(known, hold)
    state = p.new("trigger i i")
    p.cord(first.o(3), state)
    p.cord(state.o(1), split)
    flowing = p.new("- 1")
    p.chain(state, flowing, known)
    p.cord(ramp, remote)
    _kept(p, number, target, script, stored, known)

    # Let go: the glide stops, the parameter is given back, the next value is a first one.
    free = p.new("trigger b b b")
    still, release, anew = p.message("stop"), p.message("0"), p.message("1")
    p.cord(free.o(2), still)
    p.cord(still, ramp)
    p.cord(free.o(1), release)
    p.cord(release, known.i(1))
    p.cord(free, anew)
    p.cord(anew, state)
    switched = p.new("trigger i i")
    p.chain(p.new("receive ---on"), switched)
    p.cord(switched.o(1), awake)
    p.chain(switched, p.new("select 0"), free)

    # Another source: let go when it is Off, and treat its first value as a first one.
    change = p.new("trigger i i b i")
    p.cord(source, change)
    off = p.new("select 0")
    p.cord(change.o(3), off)
    p.cord(off, release)
    p.cord(change.o(2), anew)
    p.cord(change.o(1), chosen.i(1))
    _seconds(p, smooth, change.o(0), glide)
    _when_lost(p, change.o(0), lost, rest, flowing, free, ramp)

    # The same value as a controller, 0-127, each value once.
    send, some, out = p.new("change -1"), p.new("gate 1"), p.new("ctlout 1 1")
    p.chain(ramp, p.new("* 127."), p.new("+ 0.5"), p.new("int"), send)
    p.cord(send, some.i(1))
    p.cord(some, out)
    number_and_switch = p.new("trigger i i")
    p.cord(controller, number_and_switch)
    p.cord(number_and_switch.o(1), out.i(1))
    p.chain(number_and_switch, p.new("!= 0"), some)
    p.chain(ramp, p.new("qlim 50"), level)

    for when, text in ((arm, f"prepend arm {number}"), (unmap, f"unmap {number}")):
        box = p.new(text) if text.startswith("prepend") else p.message(text)
        p.cord(when, box)
        p.cord(box, script)
    held = p.new("route mapped")
    p.cord(remote, held)
    p.chain(held, p.new(f"prepend mapped {number}"), script)
    words, down = p.new("route name armed"), p.new("prepend set")
    p.chain(display, words, p.new("prepend text"), face)
    p.cord(words.o(1), down)
    p.cord(down, face)
    return p


def _kept(p: Patch, number: int, target: Box, script: Box, stored: Box, known: Box) -> None:
    """The target, kept with the Set by a persistent live.object and followed by its place.

    An observer of the property ``id`` says 0 when the target is deleted and its new number when an
    undo brings it back. The property is sent as a message: as an argument it would make an undo
    step at every load.
    """
    keep = p.new("live.object", saved_object_attributes={"_persistence": 1})
    watch = p.new("live.observer", saved_object_attributes={"_persistence": 1})
    picked, remember = p.new("trigger i i i"), p.new("prepend id")
    p.cord(target, picked)
    p.cord(picked.o(2), remember)
    p.cord(remember, keep.i(1))
    p.cord(remember, watch.i(1))
    p.cord(picked.o(1), stored.i(1))
    p.cord(picked, known.i(1))

    ready, ask, follow = p.new("trigger b b"), p.message("getid"), p.message("property id")
    p.cord(p.new("receive ---ready"), ready)
    p.cord(ready.o(1), ask)
    p.cord(ready, follow)
    p.cord(follow, watch)
    restored, places = p.new("trigger i i i"), p.new("route id")
    p.chain(ask, keep, p.new("route id"), restored)
    # A deleted target stays the row's own: only what is there is stored, and takes hold again.
    p.cord(watch, places)
    there = p.new("select 0")
    p.chain(places, there)
    p.cord(there.o(1), restored)
    p.cord(restored.o(2), stored.i(1))
    p.cord(restored.o(1), known.i(1))
    p.chain(restored, p.new(f"prepend stored {number}"), script)


def _seconds(p: Patch, smooth: Box, source: Outlet, glide: Box) -> None:
    """Smoothing in ms; 0 for what the device makes itself, which is smooth already."""
    first, last = MADE
    in_ms = p.new(f"expr $f1 * 1000. * (($i2 < {first}) + ($i2 > {last}))")
    again = p.new("trigger b i")
    p.cord(smooth, in_ms)
    p.cord(source, again)
    p.cord(again.o(1), in_ms.i(1))
    p.cord(again, in_ms)
    p.cord(in_ms, glide.i(1))


def _when_lost(
    p: Patch, source: Outlet, mode: Box, rest: Box, flowing: Box, free: Box, ramp: Box
) -> None:
    """A lost heart: stay, let go, or glide to rest. A clip's lane does not depend on the heart."""
    gone, ours, which = p.new("select 0"), p.new("gate 1 1"), p.new("int")
    p.cord(p.new("receive ---alive"), gone)
    p.cord(gone, ours.i(1))
    of_heart = p.new(f"< {FIRST_LANE}")
    p.cord(source, of_heart)
    p.cord(of_heart, ours)
    p.cord(mode, which.i(1))
    choice = p.new("select 1 2")
    p.chain(ours, which, choice)
    p.cord(choice, free)
    # Only what is held has somewhere to glide from.
    where, glide, held = p.new("float"), p.new("pack 0. 4000."), p.new("gate 1")
    share = p.new("/ 100.")
    p.cord(rest, share)
    p.cord(share, where.i(1))
    p.cord(choice.o(1), where)
    p.chain(where, glide)
    p.cord(p.new("receive ---rest"), glide.i(1))
    p.cord(glide, held.i(1))
    p.cord(held, ramp)
    p.cord(flowing, held)
