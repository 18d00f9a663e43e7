"""Clips from a file into a (fake) Live Set: the real driver, real UDP, the device's own script."""

import asyncio
import socket
from pathlib import Path

import mido
import numpy as np
import pytest

from bridge.clips.read import SlotClip, SlotNote, read_clips
from bridge.sinks.liveset import device as liveset
from tests.livefake import Script
from tests.livefake.udp import Line, device_on_udp

FAST = {"retry_s": 0.03}


def new_script(**options) -> Script:
    script = Script("clips", arguments=("lanes",), **options)
    assert script.ready() == []
    return script


def run_drop(clips, script, line=None, *, listen_port=0, **options):
    """Drop over UDP; returns the outcomes and the device."""

    async def run():
        async with device_on_udp(script, line) as device:
            target = ("127.0.0.1", device.port)
            dropping = liveset.drop(
                clips,
                lambda *_: None,
                target=target,
                listen_port=listen_port,
                **FAST | options,
            )
            return [outcome async for outcome in dropping], device

    return asyncio.run(asyncio.wait_for(run(), 300))


def clip_of(count: int, name: str = "Heart", **fields) -> SlotClip:
    notes = tuple(SlotNote(36 + n % 16, n / 8, 0.125, 1 + n % 127) for n in range(count))
    return SlotClip(name, max(4.0, float(-(-count // 32) * 4)), 120.0, (4, 4), notes, **fields)


def as_sent(clip: SlotClip) -> list[list[float]]:
    """The clip's notes as 32-bit floats carry them."""
    return [[n.pitch, float(np.float32(n.start)), n.velocity] for n in clip.notes]


def as_held(held: dict) -> list[list[float]]:
    notes = sorted(held["notes"], key=lambda note: (note[1], note[0]))
    return [[pitch, start, velocity] for pitch, start, _, velocity in notes]


def write_session(path: Path, seconds: int = 120) -> Path:
    """Drums of which no two bars are alike, and two lanes, at 75 BPM in 2/4."""
    rng = np.random.default_rng(5)
    midi = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    midi.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=800_000))
    track.append(mido.MetaMessage("time_signature", numerator=2, denominator=4))
    events = []
    for cell in range(seconds * 10):
        if cell % 10 == 0:
            events.append((cell * 60, "control_change", 11, int(rng.integers(0, 128))))
            events.append((cell * 60, "control_change", 1, int(rng.integers(0, 128))))
        for pitch in 36 + rng.choice(16, int(rng.integers(0, 4)), replace=False):
            events.append((cell * 60, "note_on", int(pitch), int(rng.integers(1, 128))))
            events.append((cell * 60 + 60, "note_off", int(pitch), 0))
    order = {"note_off": 0, "control_change": 1, "note_on": 2}
    events.sort(key=lambda event: (event[0], order[event[1]]))
    now = 0
    for tick, kind, number, value in events:
        if kind == "control_change":
            message = mido.Message(kind, control=number, value=value, time=tick - now)
        else:
            message = mido.Message(kind, note=number, velocity=value, time=tick - now)
        track.append(message)
        now = tick
    midi.save(path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_bad_line_changes_nothing(tmp_path, seed):
    (clip,) = read_clips(write_session(tmp_path / "session.mid"))
    assert len(clip.notes) > 1500
    script = new_script(refuse=("throw", "post")[seed % 2])
    line = Line(seed, loss=0.2, double=0.2, late_s=0.02)
    outcomes, _ = run_drop([clip], script, line)
    assert [(o.place, o.error) for o in outcomes] == [
        ("Heart, slot 1 (made for 75 BPM, the Set plays 120)", "")
    ]
    assert line.lost > 20
    assert line.doubled > 20
    held, *others = script.clips()
    assert others == [None] * 7
    assert as_held(held) == as_sent(clip)
    lengths = [note[2] for note in held["notes"]]
    assert lengths == pytest.approx([0.125] * len(clip.notes), abs=1e-4)
    assert held["name"] == "session"
    assert held["signature"] == [2, 4]
    assert (held["looping"], held["loop_start"], held["loop_end"]) == (1, 0, clip.beats)
    lanes = stored_lanes(script)
    assert lanes == {lane.controller: list(lane.points) for lane in clip.lanes}
    assert script.refused == script.posted == []


def stored_lanes(script: Script, clip: int = 0) -> dict[int, list[tuple[float, int]]]:
    found: dict[int, list[tuple[float, int]]] = {}
    store = script.js("__dictionaries.lanes")
    part = 0
    while atoms := store.get(f"clip{clip}part{part}"):
        points = list(zip(atoms[1::2], atoms[2::2], strict=True))
        found.setdefault(atoms[0], []).extend(points)
        part += 1
    return found


@pytest.mark.slow
def test_three_thousand_notes_arrive_in_calls_that_do_not_stall_live():
    clip = clip_of(3000)
    script = new_script()
    outcomes, device = run_drop([clip], script, retry_s=5.0)
    assert outcomes[0].place == "Heart, slot 1"
    assert as_held(script.clips()[0]) == as_sent(clip)
    assert device.heard.count("/clip/notes") == 94  # 3000 / 32, none sent twice
    assert script.refused == []


def test_many_clips_take_the_next_empty_slots_and_make_scenes_when_there_are_none():
    script = new_script()
    for slot in range(1, 7):
        script.js(f'__putClip(0, {slot}, "mine")')
    clips = [clip_of(5 + n, f"clip {n}") for n in range(4)]
    outcomes, _ = run_drop(clips, script)
    assert [o.place for o in outcomes] == [f"Heart, slot {n}" for n in (1, 8, 9, 10)]
    names = [clip["name"] for clip in script.clips()]
    assert names == ["clip 0", *["mine"] * 6, "clip 1", "clip 2", "clip 3"]


def test_an_occupied_slot_is_an_error_and_the_next_clip_still_lands():
    script = new_script()
    script.js('__putClip(0, 2, "mine")')
    outcomes, _ = run_drop([clip_of(1, "a"), clip_of(1, "b")], script, scene=3)
    assert outcomes[0].error == "slot 3 is occupied: choose another, or switch Replace on"
    assert outcomes[1].place == "Heart, slot 4"
    assert script.clips()[2]["name"] == "mine"


def test_a_silent_device_ends_the_whole_batch():
    async def run():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
            nobody.bind(("127.0.0.1", 0))
            target = nobody.getsockname()
            clips = [clip_of(1), clip_of(1)]
            dropping = liveset.drop(
                clips, print, target=target, listen_port=0, retry_s=0.01, silence_s=0.1
            )
            return target[1], [outcome async for outcome in dropping]

    port, outcomes = asyncio.run(run())
    assert [(o.error, o.hopeless) for o in outcomes] == [
        (
            f"the device does not answer (on 127.0.0.1:{port}): is Live running, with Beatbridge "
            f"on a MIDI track and its port set to {port}?",
            True,
        )
    ]


@pytest.mark.slow
def test_a_device_that_falls_silent_midway_has_written_nothing():
    class Dying(Line):
        carried = 0

        def carry(self, deliver):
            self.carried += 1
            if self.carried <= 30:
                super().carry(deliver)

    script = new_script()
    outcomes, _ = run_drop([clip_of(3000)], script, Dying(), silence_s=0.3)
    assert outcomes[0].error.startswith("the device fell silent after ")
    assert "nothing was written" in outcomes[0].error
    assert script.clips() == [None] * 8


def test_answers_come_to_the_port_of_the_design_or_to_another_while_a_bridge_runs():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bridge:
        bridge.bind(("127.0.0.1", 0))
        bridge.setblocking(False)
        taken = bridge.getsockname()[1]
        outcomes, device = run_drop([clip_of(40)], new_script(), listen_port=taken)
        assert outcomes[0].place == "Heart, slot 1"
        assert taken not in device.answered_to
        with pytest.raises(BlockingIOError):
            bridge.recv(1)  # nothing strays to the running bridge
    outcomes, device = run_drop([clip_of(40)], new_script(), listen_port=taken)
    assert outcomes[0].place == "Heart, slot 1"
    assert device.answered_to == {taken}


def test_ids_of_a_batch_count_up_and_differ_between_drops(monkeypatch):
    opened = []
    real = liveset.ClipTransfer
    monkeypatch.setattr(
        liveset, "ClipTransfer", lambda n, *a, **k: opened.append(n) or real(n, *a, **k)
    )
    run_drop([clip_of(1), clip_of(1)], new_script())
    run_drop([clip_of(1)], new_script())
    first, second, third = opened
    assert second == first + 1
    assert third not in (first, second)
    assert min(opened) > 0
    assert max(opened) < 2**31
