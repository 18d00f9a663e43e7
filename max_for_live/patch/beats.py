"""A beat becomes a note: patch objects only, straight from the socket to the instrument."""

from max_for_live.patch.patcher import Patch
from max_for_live.patch.power import while_on

SLOWEST_BPM, FASTEST_BPM = 40, 180
"""Over these the velocity follows the rate."""


def beats() -> Patch:
    """The subpatcher that plays.

    Inlets: beat (number, strength, age), interval ms, rate, stop, then the controls: play, note,
    velocity by, velocity min, velocity max, length by, length ms, share %, every, chance %.
    Outlet: a bang for every beat, sounded or not.
    """
    p = Patch("A beat becomes a note: no script and no deferred queue on the way.")
    beat, interval, rate = p.inlet("beat"), p.inlet("interval, ms"), p.inlet("rate, BPM")
    stop = p.inlet("stop: bang")
    play, note = p.inlet("play"), p.inlet("note")
    follow, soft, loud = p.inlet("velocity by"), p.inlet("velocity min"), p.inlet("velocity max")
    by, length, share = p.inlet("length by"), p.inlet("length, ms"), p.inlet("share, %")
    every, chance = p.inlet("every"), p.inlet("chance, %")
    flash = p.outlet("bang: a beat")

    # A number seen twice is the same beat twice (a doubled datagram): it counts once.
    parts, fresh = p.new("unpack 0 0. 0."), p.new("change 0")
    p.cord(beat, parts)
    p.cord(parts, fresh)
    order = p.new("trigger i b")
    p.cord(fresh, order)
    p.cord(order.o(1), flash)

    # Played when switched on, on every Nth number, and when the dice allow.
    on, remainder = p.new("gate 1"), p.new("% 1")
    p.cord(order, on.i(1))
    p.chain(on, p.new("- 1"), remainder)
    allowed = p.new("< 100.")
    p.chain(remainder, p.new("select 0"), p.new("random 100"), allowed)
    sound = p.new("trigger b b b b")
    p.chain(allowed, p.new("select 1"), sound)
    p.cord(every, remainder.i(1))
    p.cord(chance, allowed.i(1))

    # Right to left: velocity, length, an end to the note before, the note.
    make = p.new("makenote 100 120")
    out = p.new("noteout")
    p.cord(make, out)
    p.cord(make.o(1), out.i(1))
    level = p.new("expr ($i1 == 0) + ($i1 == 1) * $f2 + ($i1 == 2) * $f3")
    p.cord(follow, level)
    p.cord(parts.o(1), level.i(1))
    p.cord(sound.o(3), level)
    velocity = p.new("scale 0. 1. 60. 110.")
    whole = p.new("clip 1 127")
    p.chain(level, p.new("clip 0. 1."), velocity, p.new("+ 0.5"), p.new("int"), whole)
    p.cord(whole, make.i(1))
    p.cord(soft, velocity.i(3))
    p.cord(loud, velocity.i(4))
    slow_to_fast = p.new(f"scale {SLOWEST_BPM}. {FASTEST_BPM}. 0. 1.")
    p.cord(rate, slow_to_fast)
    p.cord(slow_to_fast, level.i(2))

    # By share of the interval once one is known; by the clock until then.
    duration = p.new(
        "expr ($i1 == 1 && $f2 > 0.) * $f2 * $f3 / 100. + (1 - ($i1 == 1 && $f2 > 0.)) * $f4"
    )
    p.cord(by, duration)
    p.cord(interval, duration.i(1))
    p.cord(share, duration.i(2))
    p.cord(length, duration.i(3))
    p.cord(sound.o(2), duration)
    p.cord(duration, make.i(2))

    end, pitch = p.message("stop"), p.new("int 36")
    p.cord(end, make)
    p.cord(sound.o(1), end)
    p.cord(note, pitch.i(1))
    p.chain(sound, pitch, make)

    # Nothing hangs: switched off, told to stop, or unloaded.
    switched = p.new("trigger i i")
    p.cord(while_on(p, play), switched)
    p.cord(switched.o(1), on)
    p.chain(switched, p.new("select 0"), end)
    halt = p.new("trigger b b b b")
    p.cord(stop, halt)
    p.cord(halt.o(3), end)
    for outlet, text, target in (
        (2, "set 0", fresh.i(0)),
        (1, "0.", duration.i(1)),
        (0, "0.5", level.i(2)),
    ):
        reset = p.message(text)
        p.cord(halt.o(outlet), reset)
        p.cord(reset, target)
    p.chain(p.new("freebang"), end)
    return p


def through() -> Patch:
    """What comes in goes out; a bang ends the notes that are held."""
    p = Patch("Incoming MIDI passes; a bang ends what is held.")
    panic = p.inlet("panic: bang")
    flush = p.new("midiflush")
    p.chain(p.new("midiin"), flush, p.new("midiout"))
    p.cord(panic, flush)
    return p
