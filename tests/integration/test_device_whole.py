"""The whole device against the real bridge: its live driver, and its clip drop, over UDP."""

import asyncio
import os
import select
import subprocess
import sys
import time

import pytest

from bridge.clips.read import SlotClip, SlotLane, SlotNote
from bridge.sinks.liveset import device as liveset
from max_for_live.patch.sources import MENU
from tests.maxpatch.live import LiveSet, Parameter
from tests.maxpatch.rig import Rig, pairs, rig


def _take(device: Rig) -> int:
    """Act on everything that has arrived, and let a millisecond pass."""
    socket = next(device.max.of("udpreceive")).socket
    taken = 0
    while select.select([socket], [], [], 0)[0]:
        device.max.receive(1)
        taken += 1
    device.max.advance(1)
    return taken


@pytest.mark.slow
def test_a_heart_of_the_running_program_plays_the_device() -> None:
    with rig(stored={"Note Length": 40}) as device:
        command = [
            sys.executable, "-m", "bridge", "live", "--source", "sim?bpm=120",
            "--target", f"127.0.0.1:{device.port}", "--duration", "30", "--speed", "3",
        ]  # fmt: skip
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        live = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
        )
        heard, start, virtual = 0, time.monotonic(), device.max.now
        ended = False
        while time.monotonic() - start < 300:
            ended = live.poll() is not None
            socket = next(device.max.of("udpreceive")).socket
            select.select([socket], [], [], 0.02)
            device.max.advance_to(virtual + (time.monotonic() - start) * 1000)
            while select.select([socket], [], [], 0)[0]:
                device.max.advance_to(virtual + (time.monotonic() - start) * 1000)
                device.max.receive(1)
                heard += 1
            if ended:
                break
        output, _ = live.communicate(timeout=60)
        assert ended, output
        assert live.returncode == 0, output
        device.max.advance(500)
        notes = pairs(device.max.notes())
        blinks = next(device.max.of("button")).blinks
    # 30 s at 120 a minute, less the seconds in which the detector makes sure of itself.
    assert 45 <= len(notes) <= 61, output
    assert len(blinks) <= len(notes)
    assert heard > 3 * len(notes)


@pytest.mark.slow
def test_two_devices_share_a_bridge_and_each_plays_its_own_heart() -> None:
    with rig(stored={"Note Length": 40}) as one, rig(stored={"Note Length": 40}) as two:
        command = [
            sys.executable, "-m", "bridge", "live", "--duration", "20", "--speed", "1",
            "--heart", "violin=sim?bpm=120", "--heart", "cello=sim?bpm=60",
            "--target", f"127.0.0.1:{one.port}", "--target", f"127.0.0.1:{two.port}",
        ]  # fmt: skip
        live = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        menus = {d: next(m for m in d.max.of("umenu") if m.node.box["varname"] == "Heart")
                 for d in (one, two)}  # fmt: skip
        wanted = {one: "violin", two: "cello"}
        start, virtual = time.monotonic(), one.max.now
        ended = False
        while not ended and time.monotonic() - start < 300:
            ended = live.poll() is not None
            time.sleep(0.005)
            for device, menu in menus.items():
                socket = next(device.max.of("udpreceive")).socket
                device.max.advance_to(virtual + (time.monotonic() - start) * 1000)
                for _ in range(100):
                    if select.select([socket], [], [], 0)[0]:
                        device.max.advance_to(virtual + (time.monotonic() - start) * 1000)
                        device.max.receive(1)
                if menu.value == 0 and wanted[device] in menu.items:
                    menu.choose(wanted[device])
        output, _ = live.communicate(timeout=60)
        assert live.returncode == 0, output
        for device in (one, two):
            device.max.advance(500)
        heard = [len(pairs(device.max.notes())) for device in (one, two)]
        offered = [set(menu.items) for menu in menus.values()]
    assert offered == [{"Any heart", "violin", "cello"}] * 2, output
    # 20 s at 120 and at 60 a minute, less those in which the detector makes sure of itself and
    # the heart is chosen.
    assert 20 <= heard[0] <= 40, (heard, output)
    assert 8 <= heard[1] <= 20, (heard, output)


def test_a_dropped_clip_lands_in_its_slot_and_its_lane_moves_a_knob() -> None:
    notes = tuple(SlotNote(36 + n % 16, n * 0.25, 0.125, 40 + n % 80) for n in range(64))
    lane = SlotLane(11, tuple((float(beat), beat * 8) for beat in range(16)))
    other = SlotLane(1, ((0.0, 127), (4.5, 64), (8.0, 0)))
    clip = SlotClip("session", 16.0, 120.0, (4, 4), notes, (lane, other))
    live = LiveSet(parameters={100: Parameter(0, 1, 0.5)})
    row = {"Row 1 Source": MENU.index("Lane CC 11"), "Row 1 Smooth": 0}
    with rig(stored=row, live=live) as device:

        async def dropping() -> list[liveset.ClipOutcome]:
            async def device_runs() -> None:
                while True:
                    _take(device)
                    await asyncio.sleep(0)

            running = asyncio.create_task(device_runs())
            target = ("127.0.0.1", device.port)
            try:
                async with asyncio.timeout(300):
                    drop = liveset.drop([clip], lambda *_: None, target=target)
                    return [outcome async for outcome in drop]
            finally:
                running.cancel()

        (outcome,) = asyncio.run(dropping())
        assert (outcome.place, outcome.error) == ("Heart, slot 1", "")
        script = next(js for js in device.max.of("js") if "clips" in js.args[0]).script
        written = script.clips()[0]
        assert (written["name"], written["loop_end"]) == ("session", 16)
        assert [SlotNote(*note) for note in written["notes"]] == list(notes)

        next(js for js in device.max.of("js") if "mapping" in js.args[0]).out(0, 1, 100)
        script.js("__song.tracks[0].clip_slots[0].clip.playing_position = 5.0")
        script.js("__change(__song.tracks[0], 'playing_slot_index', 0)")
        device.max.advance(200)
        assert {event.data for event in device.max.controllers()} == {(11, 40), (1, 64)}
        meters = [m for m in device.max.of("multislider") if m.node.box["setstyle"] == 1][-2:]
        assert [meter.values[-1][1] for meter in meters] == [40 / 127, 64 / 127]
        assert abs(live.parameters[100].heard - 40 / 127) < 1e-6
        assert device.max.line("No clip yet") == "Heart, slot 1"


def test_the_switches_of_the_clip_section_reach_the_script() -> None:
    stored = {"Clip Replace": 1, "Clip Slot": 5, "Clip Lanes": 0}
    with rig(stored=stored) as device:
        script = next(js for js in device.max.of("js") if "clips" in js.args[0]).script
        assert script.js("settings") == {"replace": 1, "slot": 5, "lanes": 0}
        for name in stored:
            device.max.user(name, 0 if name != "Clip Lanes" else 1)
        assert script.js("settings") == {"replace": 0, "slot": 0, "lanes": 1}
