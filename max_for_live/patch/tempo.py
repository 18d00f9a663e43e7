"""The Set's tempo follows the heart while switched on, and is given back when switched off."""

from max_for_live.patch.examine import ASK, FACTS
from max_for_live.patch.patcher import Box, Patch
from max_for_live.patch.power import while_on

SET = "path live_set"
TEMPO = "path live_set master_track mixer_device song_tempo"


def tempo() -> Patch:
    """The subpatcher that holds the tempo.

    Inlets: rate, follow, ratio (0 half, 1 as it is, 2 double), slowest, fastest, smoothing in
    beats, glide s. Outlet: the tempo as text.
    """
    p = Patch(
        "The rate becomes the Set's tempo while Follow is on. live.remote~ writes no undo steps."
    )
    rate, follow, ratio = p.inlet("rate, BPM"), p.inlet("follow"), p.inlet("ratio")
    slowest, fastest = p.inlet("slowest"), p.inlet("fastest")
    smooth, glide = p.inlet("smoothing, beats"), p.inlet("glide, s")
    text = p.outlet("text")

    # The rate, halved or doubled, between the two limits whichever way round they are set.
    on, factor, within = p.new("gate 1"), p.new("* 1."), p.new("clip 50. 140.")
    power = p.new("expr pow(2.\\, $f1 - 1.)")
    p.cord(rate, on.i(1))
    p.chain(on, factor, within)
    p.cord(ratio, power)
    p.cord(power, factor.i(1))
    limits, edges = p.new("pak 50. 140."), p.new("unpack 0. 0.")
    p.cord(slowest, limits)
    p.cord(fastest, limits.i(1))
    p.chain(limits, p.new("zl.sort"), edges)
    p.cord(edges, within.i(1))
    p.cord(edges.o(1), within.i(2))

    # The first rate starts the average; the tempo is held from where the Set stands, then glides.
    average, timed, ramp = _average(p, smooth), p.new("pack 0. 0."), p.new("line 120. 50")
    split, first = p.new("gate 2 1"), p.new("trigger f b f 2")
    p.cord(within, split.i(1))
    p.cord(split, first)
    p.cord(first.o(3), split)
    p.cord(first.o(2), average.i(1))
    p.cord(first, timed)
    p.cord(split.o(1), average)
    p.chain(average, timed, ramp)
    in_ms = p.new("* 1000.")
    p.cord(glide, in_ms)
    p.cord(in_ms, timed.i(1))

    saved = {"_persistence": 0, "normalized": 0, "smoothing": 1.0}
    remote = p.new("live.remote~", saved_object_attributes=saved)
    p.cord(ramp, remote)
    now, id_of_tempo, exists = p.new("float"), p.new("int"), p.new("select 0")
    hold, hand_over = p.new("prepend id"), p.new("trigger b b b")
    p.cord(first.o(1), hand_over)
    p.cord(hand_over.o(1), id_of_tempo)
    p.cord(id_of_tempo, exists)
    p.cord(exists.o(1), hold)
    p.cord(hold, remote.i(1))
    p.cord(hand_over.o(2), now)
    p.chain(hand_over, now, remote)

    # The Live API answers late: ask for the tempo when switched on, follow once it has answered.
    state = p.new("int")
    song = p.new("live.object", saved_object_attributes={"_persistence": 0})
    switched, ask, asked = p.new("trigger i i i"), p.message("get tempo"), p.new("gate 1")
    p.chain(while_on(p, follow), p.new("change 0"), p.new("deferlow"), switched)
    p.cord(switched.o(2), state.i(1))
    which = p.new("select 0 1")
    p.cord(switched, which)
    p.cord(which.o(1), asked.i(1))
    p.chain(asked, ask, song)
    answer = p.new("trigger b f f")
    p.chain(song, p.new("route tempo"), answer)
    from_here = p.message("set $1")
    p.cord(answer.o(2), now.i(1))
    p.cord(answer.o(1), from_here)
    p.cord(from_here, ramp)
    still, open_gate = p.new("select 1"), p.message("1")
    p.chain(answer, state, still, open_gate, on)
    ready, live = p.new("trigger b b b"), p.message("1")
    p.cord(ready.o(2), live)
    p.cord(live, asked)
    p.cord(p.new("receive ---ready"), ready)
    where, what = p.new("live.path"), p.new("live.path")
    p.chain(p.message(TEMPO), what)
    p.cord(ready.o(1), p.boxes[-1])
    parameter = p.new("route id")
    p.cord(what.o(1), parameter)
    found = p.new("int")
    p.cord(parameter, id_of_tempo.i(1))
    p.cord(parameter, found.i(1))
    follows, facts = p.new("int"), p.new(f"send {FACTS}")
    p.cord(switched.o(2), follows.i(1))
    p.chain(p.new(f"receive {ASK}"), found, p.new("prepend tempo"), facts)
    p.chain(p.new(f"receive {ASK}"), follows, p.new("prepend follow"), facts)
    p.chain(ready, p.message(SET), where)
    arrived, again = p.new("trigger b l"), p.new("int")
    p.cord(where.o(1), arrived)
    p.cord(arrived.o(1), song.i(1))
    p.cord(switched.o(1), again.i(1))
    p.chain(arrived, again, p.new("select 1"), ask)

    # Off: close, stop, let go; the Set's own tempo comes back by itself.
    off = p.new("trigger b b b b b")
    p.cord(which, off)
    for outlet, message, target in (
        (4, "0", on.i(0)),
        (3, "stop", ramp.i(0)),
        (2, "id 0", remote.i(1)),
        (1, "1", split.i(0)),
    ):
        box = p.message(message)
        p.cord(off.o(outlet), box)
        p.cord(box, target)
    shown, blank = p.new("qlim 200"), p.message("set –")
    p.chain(off, blank, shown, text)
    p.chain(ramp, p.new("sprintf symout %.1f"), p.new("prepend set"), shown)
    return p


def _average(p: Patch, beats: Box) -> Box:
    """A running average: a new value moves it by one part in ``beats``. Inlet 1 sets it."""
    average = p.new("expr $f2 + ($f1 - $f2) / $f3")
    p.cord(average, average.i(1))
    p.cord(beats, average.i(2))
    return average
