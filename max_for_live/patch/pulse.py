"""What the device makes of the beats by itself: a pulse, and a ramp and a cosine between beats."""

from max_for_live.patch.patcher import Patch

GRAIN_MS = 20
"""50 values a second: enough for the eye and for a filter, and little for the scheduler."""
PULSE_GRAIN_MS = 10
FIRST_INTERVAL_MS = 1000
"""Until two beats have told how far apart they are."""


def pulse() -> Patch:
    """The subpatcher of the beat-synchronous sources.

    Inlets: beat (bang), interval ms, attack ms, decay ms. Outlets, each 0-1: pulse (up in the
    attack, down in the decay), ramp (0 on the beat, 1 when the next is due), cosine (1 on the beat,
    0 half-way). A ramp whose beat is late waits at 1; it never wraps by itself.
    """
    p = Patch("Control-rate ramps, started by the beat, stretched to the running interval.")
    beat, interval = p.inlet("beat: bang"), p.inlet("interval, ms")
    attack, decay = p.inlet("attack, ms"), p.inlet("decay, ms")
    envelope, ramp, cosine = p.outlet("pulse"), p.outlet("ramp"), p.outlet("cosine")

    started = p.new("trigger b b")
    p.cord(beat, started)
    times, up_and_down = p.new("pack 20. 400."), p.new(f"line 0. {PULSE_GRAIN_MS}")
    shape = p.message("1. $1 0. $2")
    up, down = p.new("float 20."), p.new("float 400.")
    p.cord(attack, up.i(1))
    p.cord(decay, down.i(1))
    both = p.new("trigger b b")
    p.cord(started.o(1), both)
    p.chain(both, up, times)
    p.cord(both.o(1), down)
    p.cord(down, times.i(1))
    p.chain(times, shape, up_and_down, envelope)

    # The interval follows its beat at once: the ramp starts with the one before, and again with it.
    length, phase = p.new(f"float {FIRST_INTERVAL_MS}."), p.new(f"line 0. {GRAIN_MS}")
    p.cord(started, length)
    p.cord(interval, length)
    sweep, turn = p.message("0., 1. $1"), p.new("expr (cos($f1 * 6.2831853) * 0.5) + 0.5")
    p.chain(length, sweep, phase)
    p.cord(phase, ramp)
    p.chain(phase, turn, cosine)
    return p
