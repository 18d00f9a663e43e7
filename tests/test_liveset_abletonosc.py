"""Clips through AbletonOSC: the real driver over UDP, against a double of its server."""

import asyncio
import contextlib
import socket

import numpy as np
import pytest

from bridge.clips.read import SlotClip, SlotLane, SlotNote
from bridge.errors import BeatbridgeError, UserError
from bridge.sinks.liveset import abletonosc
from tests.livefake.abletonosc import AbletonOscDouble, FakeClip


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def live():
    with AbletonOscDouble(free_port()).running() as double:
        yield double


def run_drop(live, clips, *, progress=lambda *_: None, **options):
    async def run():
        dropping = abletonosc.drop(
            clips,
            progress,
            command_port=live.port,
            answer_port=live._answer_port,
            answer_s=options.pop("answer_s", 2.0),
            **options,
        )
        async with contextlib.aclosing(dropping) as outcomes:
            return [outcome async for outcome in outcomes]

    return asyncio.run(asyncio.wait_for(run(), 300))


def clip_of(count: int, name: str = "Heart", lanes=()) -> SlotClip:
    notes = tuple(SlotNote(n * 7 % 128, n / 8, 0.125, 1 + n % 127) for n in range(count))
    return SlotClip(name, max(4.0, float(-(-count // 32) * 4)), 75.0, (4, 4), notes, lanes)


def as_sent(clip: SlotClip) -> list[tuple]:
    return [(n.pitch, np.float32(n.start), n.length, n.velocity) for n in clip.notes]


def as_held(held: FakeClip) -> list[tuple]:
    return [note[:4] for note in sorted(held.notes, key=lambda note: note[1])]


def test_a_long_clip_is_written_in_chunks_and_read_back(live):
    clip = clip_of(1030)
    seen = []
    outcomes = run_drop(live, [clip], progress=lambda _, done, total: seen.append((done, total)))
    assert [(o.place, o.error) for o in outcomes] == [("Heart, slot 1", "")]
    held = live.tracks[2].slots[0]
    assert (held.name, held.length, held.color) == ("Heart", clip.beats, 0xFF3A5E)
    assert as_held(held) == as_sent(clip)
    assert seen == [(min(n, 1030), 1030) for n in range(100, 1101, 100)]
    assert live.sizes["/live/clip/add/notes"] < 3000
    assert live.sizes["answer /live/clip/get/notes"] < 9216
    assert live.errors == []


def test_note_127_is_read_back_too(live):
    clip = SlotClip(
        "High", 4.0, 120.0, (4, 4), (SlotNote(127, 0.0, 1.0, 127), SlotNote(0, 0.0, 1.0, 1))
    )
    assert run_drop(live, [clip])[0].place == "Heart, slot 1"


def test_a_track_by_number_and_slots_below_each_other(live):
    outcomes = run_drop(live, [clip_of(3, "a"), clip_of(3, "b")], track=1, slot=2)
    assert [o.place for o in outcomes] == ["Drums, slot 2", "Drums, slot 3"]
    assert [clip and clip.name for clip in live.tracks[0].slots] == [None, "a", "b", None]


def test_empty_slots_are_looked_for_and_scenes_made_when_there_are_none(live):
    live.tracks[2].slots[:3] = [FakeClip(4.0, "mine") for _ in range(3)]
    outcomes = run_drop(live, [clip_of(3, "a"), clip_of(3, "b")])
    assert [o.place for o in outcomes] == ["Heart, slot 4", "Heart, slot 5"]
    assert [clip.name for clip in live.tracks[2].slots] == ["mine"] * 3 + ["a", "b"]


def test_an_occupied_slot_is_an_error_and_left_alone(live):
    live.tracks[2].slots[1] = FakeClip(4.0, "mine")
    outcomes = run_drop(live, [clip_of(3, "a"), clip_of(3, "b")], slot=2)
    assert outcomes[0].error == "slot 2 is occupied: choose another with --slot"
    assert outcomes[1].place == "Heart, slot 3"
    assert live.tracks[2].slots[1].name == "mine"


def test_a_slot_that_fills_up_in_the_last_moment_is_not_deleted(live):
    def meanwhile(address, params):
        if address == "/live/clip_slot/create_clip":
            live.tracks[2].slots[0] = FakeClip(4.0, "mine")

    live.spoil = meanwhile
    (outcome,) = run_drop(live, [clip_of(3)])
    assert outcome.error.endswith("ClipSlot already has a clip")
    assert live.tracks[2].slots[0].name == "mine"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"track": 9}, "--track 9: the Set has tracks 1 to 3"),
        ({"track": 2}, "track 2 is not a MIDI track"),
    ],
)
def test_a_wrong_track_is_the_callers_error(live, options, words):
    with pytest.raises(UserError, match=words):
        run_drop(live, [clip_of(1)], **options)


def test_a_selected_track_that_takes_no_clips(live):
    live.selected = None  # the master, or a return
    with pytest.raises(UserError, match="select a MIDI track"):
        run_drop(live, [clip_of(1)])


def test_a_slot_beyond_the_set(live):
    (outcome,) = run_drop(live, [clip_of(1)], slot=9)
    assert outcome.error == "there is no slot 9: the Set has 4 scenes"


def test_controllers_alone_cannot_be_written(live):
    lanes = (SlotLane(11, ((0.0, 1),)),)
    outcomes = run_drop(live, [clip_of(0, lanes=lanes), clip_of(2)])
    assert outcomes[0].error == "only controllers, which AbletonOSC cannot write"
    assert outcomes[1].place == "Heart, slot 1"


def test_a_note_that_live_loses_is_sent_again(live):
    lost = []

    def lose(address, params):
        if address == "/live/clip/add/notes" and not lost:
            lost.append(params[-5:])
            del params[-5:]

    live.spoil = lose
    clip = clip_of(150)
    assert run_drop(live, [clip])[0].place == "Heart, slot 1"
    assert as_held(live.tracks[2].slots[0]) == as_sent(clip)
    assert lost


@pytest.mark.slow
def test_notes_that_never_come_out_right_leave_nothing(live):
    def wrong_velocity(address, params):
        if address == "/live/clip/add/notes":
            params[5] = 99

    live.spoil = wrong_velocity
    (outcome,) = run_drop(live, [clip_of(20)])
    assert outcome.error == (
        "Live does not hold the 20 notes from beat 0 as they were sent; nothing is left of it"
    )
    assert live.tracks[2].slots == [None] * 4


def test_an_error_that_live_reports_is_heard_and_nothing_is_left(live):
    def refuse(address, params):
        if address == "/live/clip/add/notes" and live.tracks[2].slots[0].notes:
            raise RuntimeError("the track is frozen")

    live.spoil = refuse
    (outcome,) = run_drop(live, [clip_of(150)])
    assert outcome.error == (
        "AbletonOSC reports: Error handling OSC message: the track is frozen; nothing is left of it"
    )
    assert live.tracks[2].slots == [None] * 4


def test_a_clip_that_cannot_be_taken_back_is_named(live):
    def refuse(address, params):
        if address == "/live/clip_slot/delete_clip" or (
            address == "/live/clip/add/notes" and live.tracks[2].slots[0].notes
        ):
            raise RuntimeError("no")

    live.spoil = refuse
    (outcome,) = run_drop(live, [clip_of(150)])
    assert outcome.error.endswith("slot 1 may hold an incomplete clip")
    assert len(live.tracks[2].slots[0].notes) == 100


def test_nobody_answers():
    with pytest.raises(BeatbridgeError, match="is Live running, with AbletonOSC chosen"):
        asyncio.run(
            abletonosc.drop(
                [clip_of(1)],
                print,
                command_port=free_port(),
                answer_port=free_port(),
                answer_s=0.2,
            ).__anext__()
        )


@pytest.mark.slow
def test_live_falls_silent_midway(live):
    live.deaf_after = 12
    outcomes = run_drop(live, [clip_of(900), clip_of(1)], answer_s=0.3)
    assert [(o.error, o.hopeless) for o in outcomes] == [
        ("AbletonOSC fell silent; slot 1 may hold an incomplete clip", False),
        ("AbletonOSC fell silent", True),
    ]


def test_a_taken_answer_port_is_said(live):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", live._answer_port))
        with pytest.raises(BeatbridgeError, match=f"port {live._answer_port} is taken"):
            run_drop(live, [clip_of(1)])


def test_an_interrupt_takes_the_clip_back(live):
    async def run():
        def stop_midway(_, done, total):
            if done == 200:
                task.cancel()

        async def dropping():
            options = {"command_port": live.port, "answer_port": live._answer_port}
            async for _ in abletonosc.drop([clip_of(1000)], stop_midway, **options):
                pass

        task = asyncio.create_task(dropping())
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    for _ in range(400):
        if live.tracks[2].slots[0] is None:
            break
        live._stop.wait(live._tick_s)
    assert live.tracks[2].slots == [None] * 4
