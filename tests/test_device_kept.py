"""What is kept with the Set and found again: ports, targets, lanes; presets, undo, audio off."""

import pytest

from max_for_live.patch import face, face_more
from max_for_live.patch.sources import MENU
from tests.maxpatch.live import LiveSet, Parameter
from tests.maxpatch.rig import Rig, free_port, rig

LINE = "Waiting for the bridge"
ROW = {"Row 1 Source": MENU.index("LF"), "Row 1 Smooth": 0}
LANE = [("/clip/lane", 7, 0, 11, 0.0, 20, 2.0, 100)]


def _drop(device: Rig, name: str) -> None:
    """A clip with a lane, straight into the script."""
    script = device.script("clips")
    for path, *atoms in (
        ("/clip/open", 7, name, 4.0, 120.0, 0), *LANE, ("/clip/close", 7, 1),
    ):  # fmt: skip
        script.message(0, [path, *atoms])
    device.max.advance(200)


def _plays(device: Rig, beat: float) -> list[tuple[int, ...]]:
    """Launch the clip of slot 1 at a beat; returns the controllers that leave."""
    script = device.script("clips").script
    script.js(f"__song.tracks[0].clip_slots[0].clip.playing_position = {beat}")
    script.js("__change(__song.tracks[0], 'playing_slot_index', 0)")
    before = len(device.max.controllers())
    device.max.advance(200)
    return [event.data for event in device.max.controllers()[before:]]


def test_a_set_with_another_port_never_sits_on_7771_even_with_audio_off() -> None:
    port = free_port()
    with rig(stored={"Port": port}, settle=False, audio=False) as device:
        (receiver,) = device.max.of("udpreceive")
        assert receiver.bound == [port]
        device.port = port
        device.send("/beat", 1, 0.5, 1.0)
        assert len(device.max.notes()) == 1
        other = device.port = free_port()
        device.max.user("Port", other)
        assert receiver.bound == [port, other]


def test_with_audio_off_nothing_hangs_and_it_comes_back_with_it() -> None:
    with rig(settle=False, audio=False) as device:
        device.max.advance(5000)
        assert device.max.line(LINE) == f"Waiting on port {device.port}"
        device.max.audio = True
        device.max.advance(1)
        device.max.receive(1)
        device.hello()
        device.max.advance(5)
        assert device.max.line(LINE) == "Beating"


def test_the_lanes_of_a_clip_come_back_with_the_set() -> None:
    live = LiveSet()
    with rig(live=live) as device:
        _drop(device, "session")
        assert _plays(device, 0.5) == [(11, 20)]
        device.max.save()
    assert live.kept["Lanes Store"]["clip0"] == "session"
    with rig(live=live) as device:
        device.script("clips").script.js('__putClip(0, 0, "session")')
        assert _plays(device, 3.0) == [(11, 100)]


def test_a_second_ready_loses_no_lanes_and_lets_nothing_go() -> None:
    live = LiveSet(parameters={100: Parameter(0, 1, 0.9)})
    with rig(stored=ROW, live=live) as device:
        device.target(1, 100)
        device.send("/norm/lf", 0.5)
        _drop(device, "session")
        device.max.save()  # the device says ready again
        device.max.save()
        assert live.parameters[100].heard == pytest.approx(0.5)
        assert _plays(device, 0.5) == [(11, 20)]
        assert live.kept["Lanes Store"]["clip0"] == "session"


def test_two_devices_keep_their_lanes_apart() -> None:
    with rig() as one, rig() as two:
        _drop(one, "session")
        assert list(one.max.dictionaries) != list(two.max.dictionaries)
        assert all(content == {} for content in two.max.dictionaries.values())


def test_a_preset_with_other_lanes_is_read_when_it_is_loaded() -> None:
    live = LiveSet()
    with rig(live=live) as device:
        _drop(device, "session")
        device.max.save()
        (store,) = (p for p in device.max.of("pattr") if p.bound)
        lane = [11, 0.0, 55, 2.0, 66]
        live.kept["Lanes Store"] = {"clip0": "session", "clip0part0": lane}
        store.load()
        next(device.max.of("live.thisdevice")).out(0)
        device.max.advance(5)
        assert _plays(device, 0.5) == [(11, 55)]


def test_a_deleted_target_is_let_go_and_found_again_after_undo() -> None:
    live = LiveSet(parameters={100: Parameter(0, 1, 0.9)})
    with rig(stored=ROW, live=live) as device:
        device.target(1, 100)
        device.max.advance(5)
        device.send("/norm/lf", 0.5)
        target = live.parameters[100]
        live.delete(100)
        device.max.advance(5)
        device.send("/norm/lf", 0.75)
        assert target.held_by is None
        new = live.undo(100)
        device.max.advance(5)
        device.send("/norm/lf", 0.25)
        assert live.parameters[new].heard == pytest.approx(0.25)
        assert ["stored", 1, new] in device.script("mapping").told


def test_a_target_whose_id_changed_meanwhile_is_held_after_the_set_was_opened() -> None:
    live = LiveSet(parameters={100: Parameter(0, 1, 0.9)})
    with rig(stored=ROW, live=live) as device:
        device.target(1, 100)
        device.max.advance(5)
    live.delete(100)
    new = live.undo(100)
    with rig(stored=ROW, live=live) as device:
        device.send("/norm/lf", 0.25)
        assert live.parameters[new].heard == pytest.approx(0.25)


@pytest.mark.parametrize("unfold", [0, 1])
def test_the_fold_is_kept_and_sets_the_width(unfold: int) -> None:
    with rig(stored={"Unfold": unfold}) as device:
        (this,) = device.max.of("live.thisdevice")
        folded, unfolded = face.FOLDED, face_more.WIDTH
        assert this.width == (unfolded if unfold else folded)
        device.max.user("Unfold", 1 - unfold)
        assert this.width == (folded if unfold else unfolded)
