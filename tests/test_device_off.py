"""Off means off: nothing is held, nothing leaves; on takes all up again. And a lost heart."""

import pytest

from max_for_live.patch.sources import MENU
from tests.maxpatch.live import LiveSet, Parameter
from tests.maxpatch.rig import Rig, pairs, rig

ROWS = range(1, 9)


def _power(device: Rig, on: int) -> None:
    next(device.max.of("live.thisdevice")).enable(on)
    device.max.advance(10)


def _stored(**more: float) -> dict[str, float]:
    stored: dict[str, float] = {"Tempo Follow": 1, "Tempo Glide": 0, "Tempo Smooth": 1}
    for row in ROWS:
        stored |= {f"Row {row} Source": MENU.index("LF"), f"Row {row} Smooth": 0}
        stored |= {f"Row {row} CC": 20 + row}
    return stored | more


@pytest.mark.parametrize("reverse", [False, True])
def test_off_gives_everything_back_and_on_takes_it_up_again(reverse: bool) -> None:
    live = LiveSet(parameters={100 + row: Parameter(0, 1, 0.9) for row in ROWS})
    with rig(stored=_stored(), live=live, reverse=reverse) as device:
        for row in ROWS:
            device.target(row, 100 + row)
        device.send("/norm/lf", 0.25)
        device.send("/bpm", 66.0)
        held = [*live.parameters.values(), live.tempo]
        assert all(parameter.held_by for parameter in held)
        _power(device, 0)
        assert not any(parameter.held_by for parameter in held)
        assert [parameter.heard for parameter in held] == [0.9] * 8 + [120]
        before = len(device.max.midi)
        written = [len(parameter.history) for parameter in held]
        device.send("/norm/lf", 0.75)
        device.send("/bpm", 90.0)
        device.send("/beat", 1, 0.5, 1.0)
        device.max.advance(3000)
        assert len(device.max.midi) == before
        assert [len(parameter.history) for parameter in held] == written
        _power(device, 1)
        device.send("/norm/lf", 0.5)
        device.send("/bpm", 99.0)
        device.send("/beat", 2, 0.5, 1.0)
        device.max.advance(500)
        assert [p.heard for p in live.parameters.values()] == pytest.approx([0.5] * 8)
        assert live.tempo.heard == 99
        assert len(pairs(device.max.notes())) == 1
        assert {event.data for event in device.max.controllers()[-8:]} == {
            (20 + row, 64) for row in ROWS
        }


def test_off_ends_a_glide_in_its_midst() -> None:
    live = LiveSet(parameters={100: Parameter()})
    stored = {"Row 1 Source": MENU.index("LF"), "Row 1 Smooth": 10, "Row 1 CC": 74}
    with rig(stored=stored, live=live) as device:
        device.target(1, 100)
        device.send("/norm/lf", 0.0)
        device.send("/norm/lf", 1.0)
        device.max.advance(1000)
        _power(device, 0)
        written, sent = len(live.parameters[100].history), len(device.max.controllers())
        device.max.advance(5000)
        assert (len(live.parameters[100].history), len(device.max.controllers())) == (written, sent)


def test_a_row_without_a_source_and_a_tempo_not_followed_stay_free_when_it_is_switched_on() -> None:
    live = LiveSet(parameters={100: Parameter()})
    with rig(live=live) as device:
        device.target(1, 100)
        _power(device, 0)
        _power(device, 1)
        device.send("/norm/lf", 0.5)
        device.send("/bpm", 90.0)
        device.max.advance(500)
        assert live.parameters[100].held_by is None
        assert live.tempo.held_by is None


def test_off_ends_what_is_held_in_passing() -> None:
    with rig() as device:
        next(device.max.of("midiin")).play(0x90, 60, 100)
        _power(device, 0)
        assert [event.data[0] for event in device.max.midi][3:] == [0x90, 60, 0]


def test_a_device_that_is_never_told_it_is_on_works() -> None:
    """Whether Live says so at load is not known; only a 0 switches anything off."""
    live = LiveSet(parameters={100: Parameter(0, 1, 0.9)}, says_on=False)
    with rig(stored=_stored(), live=live) as device:
        device.target(1, 100)
        device.send("/norm/lf", 0.25)
        device.send("/bpm", 66.0)
        device.send("/beat", 1, 0.5, 1.0)
        device.script("clips").out(1, 11, 60)
        device.max.advance(500)
        assert live.parameters[100].heard == 0.25
        assert live.tempo.heard == 66
        assert len(pairs(device.max.notes())) == 1
        assert {(21, 32), (11, 60)} <= {event.data for event in device.max.controllers()}


def test_off_silences_the_lanes_of_a_clip() -> None:
    with rig() as device:
        clips = device.script("clips")
        clips.out(1, 11, 60)
        _power(device, 0)
        assert clips.script.js("settings.lanes") == 0
        clips.out(1, 11, 90)  # one that was under way
        assert [event.data for event in device.max.controllers()] == [(11, 60)]
        _power(device, 1)
        assert clips.script.js("settings.lanes") == 1
        clips.out(1, 11, 70)
        assert device.max.controllers()[-1].data == (11, 70)


HOLD, FREE, REST = 0, 1, 2


@pytest.mark.slow
@pytest.mark.parametrize("how", ["lost", "searching", "silence"])
@pytest.mark.parametrize("mode", [HOLD, FREE, REST])
def test_a_lost_heart_does_what_the_row_says(mode: int, how: str) -> None:
    live = LiveSet(parameters={100: Parameter(0, 1, 0.9)})
    target = live.parameters[100]
    stored = {
        "Row 1 Source": MENU.index("LF"), "Row 1 Smooth": 0, "Row 1 When Lost": mode,
        "Row 1 Rest": 20, "Rest Time": 2,
    }  # fmt: skip
    with rig(stored=stored, live=live) as device:
        device.hello("live")
        device.target(1, 100)
        device.send("/norm/lf", 0.6)
        if how == "silence":
            device.max.advance(3010)
        else:
            device.send("/status", how)
            device.send("/status", how)
        half = target.heard
        device.max.advance(1000)
        later = target.heard
        device.send("/status", how if how != "silence" else "lost")  # said with every hello
        device.max.advance(1100)
        if mode == HOLD:
            assert (half, later, target.heard) == pytest.approx((0.6, 0.6, 0.6))
        elif mode == FREE:
            assert target.held_by is None
            assert target.heard == 0.9
        else:
            assert later == pytest.approx(0.4, abs=0.02)
            assert target.heard == pytest.approx(0.2)
        device.send("/status", "live")
        device.send("/norm/lf", 0.5)
        assert target.heard == pytest.approx(0.5)


def test_a_row_that_never_had_a_value_does_not_go_to_rest() -> None:
    live = LiveSet(parameters={100: Parameter(0, 1, 0.9)})
    stored = {"Row 1 Source": MENU.index("LF"), "Row 1 When Lost": REST, "Row 1 CC": 74}
    with rig(stored=stored, live=live) as device:
        device.target(1, 100)
        device.hello("live")
        device.send("/status", "lost")
        device.max.advance(6000)
        assert live.parameters[100].held_by is None
        assert device.max.controllers() == []


def test_a_lane_does_not_care_for_the_heart() -> None:
    live = LiveSet(parameters={100: Parameter()})
    stored = {"Row 1 Source": MENU.index("Lane CC 11"), "Row 1 Smooth": 0, "Row 1 When Lost": FREE}
    with rig(stored=stored, live=live) as device:
        device.hello("live")
        device.target(1, 100)
        device.script("clips").out(1, 11, 63.5)
        device.send("/status", "lost")
        device.max.advance(100)
        assert live.parameters[100].heard == pytest.approx(0.5)


def test_panic_is_no_lost_heart() -> None:
    live = LiveSet(parameters={100: Parameter()})
    stored = {"Row 1 Source": MENU.index("LF"), "Row 1 Smooth": 0, "Row 1 When Lost": FREE}
    with rig(stored=stored, live=live) as device:
        device.hello("live")
        device.target(1, 100)
        device.send("/norm/lf", 0.5)
        device.max.user("Panic")
        assert live.parameters[100].heard == pytest.approx(0.5)
