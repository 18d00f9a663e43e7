"""The device's own switches for clips, through the driver, UDP, the built device and its script."""

import asyncio
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bridge.clips.read import SlotClip, SlotNote
from bridge.sinks.liveset import device as liveset
from tests.livefake import Script
from tests.maxpatch.rig import LOOPBACK, Rig, rig


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


def drop(device: Rig, *names: str) -> list[str]:
    """Drop clips of one note; returns where each landed, or why not."""
    notes = (SlotNote(36, 0.0, 1.0, 100),)
    clips = [SlotClip(name, 4.0, 120.0, (2, 4), notes) for name in names]

    async def run() -> list[str]:
        target = (LOOPBACK, device.port)
        dropping = liveset.drop(clips, lambda *_: None, target=target, listen_port=0)
        return [outcome.place or outcome.error async for outcome in dropping]

    with running(device):
        return asyncio.run(asyncio.wait_for(run(), 300))


def clips_script(device: Rig) -> Script:
    return next(js.script for js in device.max.of("js") if "clips" in js.args[0])


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ({}, ["Heart, slot 1", "Heart, slot 3"]),
        (
            {"Clip Slot": 2},
            ["slot 2 is occupied: choose another, or switch Replace on", "Heart, slot 3"],
        ),
        ({"Clip Slot": 2, "Clip Replace": 1}, ["Heart, slot 2", "Heart, slot 3"]),
    ],
)
def test_slot_and_replace_as_they_were_stored(stored: dict[str, float], said: list[str]) -> None:
    with rig(stored=stored) as device:
        script = clips_script(device)
        script.js('__putClip(0, 1, "mine")')
        assert drop(device, "a", "b") == said
        kept = script.clips()[1]["name"]
    assert kept == ("a" if "Clip Replace" in stored else "mine")
