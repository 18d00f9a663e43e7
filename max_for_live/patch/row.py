"""One mapping row: a source, shaped, moves a parameter of Live and sends a controller."""

from max_for_live.patch.patcher import Patch


def row(number: int) -> Patch:
    """The subpatcher of one row.

    Inlets: bus (value, entry), source, min %, max %, curve %, smoothing s, controller (0: none), id
    of the target, Map button, unmap, display (``name``, ``armed``). Outlets: level 0-1, messages
    for the mapping script, messages for the Map button.
    """
    p = Patch("Source, curve, range, glide; then a parameter of Live and a controller.")
    value, source = p.inlet("value, entry"), p.inlet("source")
    low, high = p.inlet("min, %"), p.inlet("max, %")
    curve, smooth = p.inlet("curve, %"), p.inlet("smoothing, s")
    controller, target = p.inlet("controller"), p.inlet("id of the target")
    arm, unmap, display = p.inlet("Map button"), p.inlet("unmap"), p.inlet("name, armed")
    level, script, face = p.outlet("level"), p.outlet("to the script"), p.outlet("Map button")

    # Only the chosen source passes; it is bent (0 % is straight), then put between min and max.
    parts, chosen, mine = p.new("unpack 0. 0"), p.new("== 0"), p.new("gate 1")
    p.cord(value, parts)
    p.cord(parts.o(1), chosen)
    p.cord(chosen, mine)
    p.cord(parts, mine.i(1))
    bend, span = p.new("expr pow($f1\\, pow(4.\\, $f2 / 100.))"), p.new("scale 0. 1. 0. 1.")
    p.cord(mine, bend)
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
    in_ms = p.new("* 1000.")
    p.cord(smooth, in_ms)
    p.cord(in_ms, glide.i(1))
    p.cord(first, ramp)
    p.cord(first.o(2), ramp)

    # live.object keeps the target with the Set; live.remote~ holds it once there is a value.
    held_by = {"_persistence": 0, "normalized": 1, "smoothing": 1.0}
    remote = p.new("live.remote~ @normalized 1", saved_object_attributes=held_by)
    keep = p.new("live.object", saved_object_attributes={"_persistence": 1})
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
    p.chain(state, p.new("- 1"), known)
    p.cord(ramp, remote)

    picked, remember = p.new("trigger i i i"), p.new("prepend id")
    p.cord(target, picked)
    p.cord(picked.o(2), remember)
    p.cord(remember, keep.i(1))
    p.cord(picked.o(1), stored.i(1))
    p.cord(picked, known.i(1))
    restored = p.new("trigger i i i")
    ask = p.message("getid")
    p.chain(p.new("receive ---ready"), ask, keep, p.new("route id"), restored)
    p.cord(restored.o(2), stored.i(1))
    real = p.new("select 0")
    p.cord(restored.o(1), real)
    p.cord(real.o(1), known.i(1))
    p.chain(restored, p.new(f"prepend stored {number}"), script)

    # Another source: let go when it is Off, and treat its first value as a first one.
    change = p.new("trigger i b i")
    p.cord(source, change)
    off, release, anew = p.new("select 0"), p.message("0"), p.message("1")
    p.cord(change.o(2), off)
    p.cord(off, release)
    p.cord(release, known.i(1))
    p.cord(change.o(1), anew)
    p.cord(anew, state)
    p.cord(change, chosen.i(1))

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
