"""Clips through all of it: the driver, UDP, the built device with its script, a (fake) Set."""

import asyncio
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bridge.clips.read import SlotClip, SlotLane, SlotNote
from bridge.sinks import liveset
from tests.livefake import Script
from tests.maxpatch.rig import LOOPBACK, Rig, rig

LANES = (
    SlotLane(11, ((0.0, 10), (1.0, 20), (2.0, 30), (3.0, 40))),
    SlotLane(1, ((0.0, 64),)),
)


@contextmanager
def running(device: Rig) -> Iterator[None]:
    """Let the device's time and datagrams pass in a thread of their own."""
    stop = threading.Event()
    (receiver,) = device.max.of("udpreceive")

    def run() -> None:
        while not stop.is_set():
            while select.select([receiver.socket], [], [], 0.002)[0]:
                device.max.receive(1)
            device.max.advance(10)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def drop(device: Rig, *clips: SlotClip, **options) -> list[liveset.Outcome]:
    async def run() -> list[liveset.Outcome]:
        dropping = liveset.drop(
            clips, lambda *_: None, target=(LOOPBACK, device.port), listen_port=0, **options
        )
        return [outcome async for outcome in dropping]

    with running(device):
        return asyncio.run(asyncio.wait_for(run(), 30))


def clips_script(device: Rig) -> Script:
    return next(
        js.script for js in device.max.of("js") if js.args[0].startswith("beatbridge-clips")
    )


def clip_of(count: int, name: str = "Heart", lanes: tuple[SlotLane, ...] = ()) -> SlotClip:
    notes = tuple(SlotNote(36 + n % 16, n / 8, 0.125, 1 + n % 127) for n in range(count))
    beats = max(4.0, float(-(-count // 32) * 4))
    return SlotClip(name, beats, 120.0, (2, 4), notes, lanes)


def test_a_clip_lands_through_the_whole_device() -> None:
    clip = clip_of(300)
    with rig() as device:
        outcomes = drop(device, clip)
        held = clips_script(device).clips()[0]
    assert [(o.place, o.error) for o in outcomes] == [("Heart, slot 1", "")]
    assert held["signature"] == [2, 4]
    assert held["notes"] == [[n.pitch, n.start, n.length, n.velocity] for n in clip.notes]


def test_its_lanes_come_out_as_controllers_while_it_plays() -> None:
    with rig() as device:
        drop(device, clip_of(8, lanes=LANES))
        script = clips_script(device)
        script.js("""
            var start = new Date().getTime(), clip = __song.tracks[0].clip_slots[0].clip;
            __onTime = function (now) {
              clip.playing_position = (now - start) / 1000 * 2 % clip.loop_end;
            };
            __change(__song.tracks[0], 'playing_slot_index', 0);
        """)
        before = len(device.max.controllers())
        device.max.advance(1950)
        said = [event.data for event in device.max.controllers()[before:]]
    assert [value for controller, value in said if controller == 11] == [10, 20, 30, 40]
    assert [value for controller, value in said if controller == 1] == [64]


@pytest.mark.parametrize(("stored", "slot"), [({}, 1), ({"Clip Slot": 3}, 3)])
def test_the_slot_set_on_the_device_is_used(stored: dict[str, float], slot: int) -> None:
    with rig(stored=stored) as device:
        (outcome,) = drop(device, clip_of(1))
    assert outcome.place == f"Heart, slot {slot}"
