"""Eight rows: a value of the heart moves a parameter of Live and sends a controller."""

from itertools import pairwise

import pytest

from bridge.mapping.curve import Curve
from max_for_live.patch.sources import MENU, SOURCES
from tests.maxpatch.live import LiveSet, Parameter
from tests.maxpatch.rig import rig

FIRST = 100


def _live() -> LiveSet:
    parameters = {FIRST: Parameter(20, 220, 50), FIRST + 1: Parameter(0, 1, 0.93)}
    return LiveSet(parameters=parameters)


def _bind(device, row: int, number: int) -> None:  # type: ignore[no-untyped-def]
    """As the mapping script does when a parameter has been clicked."""
    next(box for box in device.max.of("js") if "mapping" in box.args[0]).out(0, row, number)


def _source(label: str) -> int:
    return MENU.index(label)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_parameter_follows_a_value(reverse: bool) -> None:
    live = _live()
    target = live.parameters[FIRST]
    stored = {"Row 1 Source": _source("RMSSD"), "Row 1 Smooth": 0}
    with rig(stored=stored, live=live, reverse=reverse) as device:
        _bind(device, 1, FIRST)
        device.max.advance(100)
        assert target.held_by is None
        assert target.heard == 50
        for level in (0.25, 1.0, 0.0):
            device.send("/norm/rmssd", level)
            device.max.advance(30)
            assert target.heard == pytest.approx(20 + 200 * level)
        assert target.value == 50
        assert [value for _, value in target.history] == pytest.approx([70, 70, 220, 20])


@pytest.mark.parametrize(
    ("low", "high", "curve", "level", "expected"),
    [
        (0, 100, 0, 0.5, 0.5),
        (20, 80, 0, 0.5, 0.5),
        (20, 80, 0, 0.0, 0.2),
        (80, 20, 0, 0.0, 0.8),
        (80, 20, 0, 1.0, 0.2),
        (0, 100, 100, 0.5, 0.0625),
        (0, 100, -100, 0.0625, 0.5),
        (0, 100, 50, 0.25, 0.0625),
    ],
)
def test_range_and_curve(
    low: float, high: float, curve: float, level: float, expected: float
) -> None:
    live = _live()
    stored = {
        "Row 3 Source": _source("HF"), "Row 3 Smooth": 0,
        "Row 3 Min": low, "Row 3 Max": high, "Row 3 Curve": curve,
    }  # fmt: skip
    with rig(stored=stored, live=live) as device:
        _bind(device, 3, FIRST + 1)
        device.send("/norm/hf", level)
        assert live.parameters[FIRST + 1].heard == pytest.approx(expected)


@pytest.mark.slow
@pytest.mark.parametrize("percent", [-100, -50, 0, 30, 100])
def test_the_curve_is_the_power_curve_of_the_bridge(percent: int) -> None:
    live = _live()
    curve = Curve("power", 4 ** (percent / 100))
    stored = {"Row 1 Source": _source("LF"), "Row 1 Smooth": 0, "Row 1 Curve": percent}
    with rig(stored=stored, live=live) as device:
        _bind(device, 1, FIRST + 1)
        for level in (0.0, 0.1, 0.25, 0.5, 0.9, 1.0):
            device.send("/norm/lf", level)
            device.max.advance(30)
            assert live.parameters[FIRST + 1].heard == pytest.approx(curve(level), abs=1e-6)


def test_smoothing_glides_from_value_to_value_but_not_to_the_first() -> None:
    live = _live()
    target = live.parameters[FIRST + 1]
    with rig(stored={"Row 1 Source": _source("LF"), "Row 1 Smooth": 2}, live=live) as device:
        _bind(device, 1, FIRST + 1)
        device.send("/norm/lf", 0.8)
        assert target.heard == pytest.approx(0.8)
        device.send("/norm/lf", 0.2)
        device.max.advance(1000)
        assert target.heard == pytest.approx(0.5, abs=0.01)
        device.max.advance(1100)
        assert target.heard == pytest.approx(0.2)
        steps = [value for _, value in target.history]
        assert max(abs(a - b) for a, b in pairwise(steps)) < 0.007


SENT = [source for source in SOURCES if source.path.split()[0] not in ("made", "other")]


@pytest.mark.slow
@pytest.mark.parametrize("source", SENT, ids=lambda source: source.label)
def test_every_source_of_the_contract_reaches_its_entry(source) -> None:  # type: ignore[no-untyped-def]
    middle = (source.low + source.high) / 2
    live = _live()
    entry = SOURCES.index(source) + 1
    with rig(stored={"Row 8 Source": entry, "Row 8 Smooth": 0}, live=live) as device:
        _bind(device, 8, FIRST + 1)
        if source.path.startswith("lane"):
            clips = next(box for box in device.max.of("js") if "clips" in box.args[0])
            clips.out(1, int(source.path.split()[1]), 63.5)
        elif source.path == "/beat":
            both = {1: middle, 2: 250.0} if source.argument == 1 else {1: 0.3, 2: middle}
            device.send("/beat", 1, both[1], both[2])
        else:
            device.send(source.path, middle)
        assert live.parameters[FIRST + 1].heard == pytest.approx(0.5)


def test_other_values_do_not_move_it() -> None:
    live = _live()
    with rig(stored={"Row 1 Source": _source("SDNN")}, live=live) as device:
        _bind(device, 1, FIRST)
        for path in ("/norm/rmssd", "/norm/bpm", "/hrv/sdnn", "/quality"):
            device.send(path, 0.7)
        device.max.advance(100)
        assert live.parameters[FIRST].held_by is None


def test_values_beyond_the_range_are_held_at_its_ends() -> None:
    live = _live()
    with rig(
        stored={"Row 1 Source": _source("BPM 40-180"), "Row 1 Smooth": 0}, live=live
    ) as device:
        _bind(device, 1, FIRST)
        for bpm, expected in ((20.0, 20), (220.0, 220)):
            device.send("/bpm", bpm)
            assert live.parameters[FIRST].heard == pytest.approx(expected)


def test_off_lets_go_and_another_source_starts_anew() -> None:
    live = _live()
    target = live.parameters[FIRST]
    with rig(stored={"Row 1 Source": _source("LF"), "Row 1 Smooth": 5}, live=live) as device:
        _bind(device, 1, FIRST)
        device.send("/norm/lf", 1.0)
        device.max.user("Row 1 Source", 0)
        assert target.held_by is None
        assert target.heard == 50
        device.max.user("Row 1 Source", _source("HF"))
        device.send("/norm/lf", 0.3)
        assert target.held_by is None
        device.send("/norm/hf", 0.5)
        assert target.heard == pytest.approx(120)


def test_unmapping_gives_the_parameter_back() -> None:
    live = _live()
    with rig(stored={"Row 2 Source": _source("LF")}, live=live) as device:
        _bind(device, 2, FIRST)
        device.send("/norm/lf", 1.0)
        assert live.parameters[FIRST].heard == 220
        device.max.user("Row 2 Unmap")
        device.max.advance(50)
        assert live.parameters[FIRST].held_by is None
        assert live.parameters[FIRST].heard == 50


def test_a_mapping_comes_back_with_the_set_and_nothing_is_let_go_on_load() -> None:
    live = _live()
    stored = {"Row 5 Source": _source("LF"), "Row 5 Smooth": 0}
    with rig(stored=stored, live=live) as device:
        _bind(device, 5, FIRST)
    assert FIRST in live.kept.values()
    with rig(stored=stored, live=live) as device:
        device.max.advance(100)
        assert live.parameters[FIRST].held_by is None
        device.send("/norm/lf", 1.0)
        assert live.parameters[FIRST].heard == 220


def test_a_value_that_came_before_the_target_does_not_hold_up_the_next() -> None:
    live = _live()
    with rig(stored={"Row 1 Source": _source("LF"), "Row 1 Smooth": 0}, live=live) as device:
        device.send("/norm/lf", 1.0)
        _bind(device, 1, FIRST)
        device.send("/norm/lf", 0.5)
        assert live.parameters[FIRST].heard == pytest.approx(120)


def test_controllers_each_value_once() -> None:
    stored = {"Row 1 Source": _source("Quality 0-1"), "Row 1 Smooth": 0, "Row 1 CC": 74}
    with rig(stored=stored) as device:
        for level in (0.0, 0.5, 0.5, 0.501, 1.0):
            device.send("/quality", level)
        sent = device.max.controllers()
        assert [event.data for event in sent] == [(74, 0), (74, 64), (74, 127)]
        assert {event.channel for event in sent} == {1}


def test_without_a_controller_number_nothing_is_sent() -> None:
    with rig(stored={"Row 1 Source": _source("Quality 0-1")}) as device:
        device.send("/quality", 0.5)
        device.max.advance(100)
        assert device.max.controllers() == []


def test_rows_are_independent() -> None:
    live = _live()
    stored = {
        "Row 1 Source": _source("LF"), "Row 1 Smooth": 0, "Row 1 Max": 50,
        "Row 2 Source": _source("LF"), "Row 2 Smooth": 0, "Row 2 Min": 100, "Row 2 Max": 0,
    }  # fmt: skip
    with rig(stored=stored, live=live) as device:
        _bind(device, 1, FIRST)
        _bind(device, 2, FIRST + 1)
        device.send("/norm/lf", 1.0)
        assert live.parameters[FIRST].heard == pytest.approx(120)
        assert live.parameters[FIRST + 1].heard == pytest.approx(0)


def test_sixty_waves_a_second_move_a_parameter_at_most_so_often() -> None:
    live = _live()
    with rig(stored={"Row 1 Source": _source("Wave 0-1"), "Row 1 Smooth": 1}, live=live) as device:
        _bind(device, 1, FIRST + 1)
        start = device.max.now
        for n in range(120):
            device.max.advance_to(start + n * 1000 / 60)
            device.send("/wave", (n % 60) / 60)
        assert len(live.parameters[FIRST + 1].history) <= 2 * 61
        level = next(s for s in device.max.of("multislider") if s.node.box["setstyle"] == 1)
        assert len(level.values) <= 2 * 21


@pytest.mark.parametrize("row", range(1, 9))
def test_the_map_button_takes_the_parameter_that_is_clicked(row: int) -> None:
    live = _live()
    stored = {f"Row {row} Source": _source("LF"), f"Row {row} Smooth": 0}
    with rig(stored=stored, live=live) as device:
        box = next(box for box in device.max.of("js") if "mapping" in box.args[0])
        script, told = box.script, box.told
        number = script.js("__synth.parameters[0].id")
        live.parameters[number] = Parameter(0, 10, 5)
        button = device.max.control(f"Row {row} Target")
        device.max.user(f"Row {row} Target", 1)
        script.js("__change(__song.view, 'selected_parameter', __synth.parameters[0]);")
        device.max.advance(50)
        assert button.value == 0
        assert button.text == "Ana…: Filter 1 Frequency"
        device.send("/norm/lf", 0.5)
        assert live.parameters[number].heard == 5
        device.max.advance(50)
        device.send("/norm/lf", 0.8)
        assert live.parameters[number].heard == pytest.approx(8)
        assert told[-1] == ["mapped", row, 1]
        device.max.user(f"Row {row} Unmap")
        device.max.advance(50)
        assert button.text == "Map"
        assert live.parameters[number].held_by is None
        assert told[-1] == ["mapped", row, 0]


def test_only_one_map_button_waits_in_the_whole_set() -> None:
    with rig() as device:
        device.max.user("Row 1 Target", 1)
        device.max.user("Row 2 Target", 1)
        assert device.max.control("Row 1 Target").value == 0
        assert device.max.control("Row 2 Target").value == 1
        for receiver in device.max.buses["com.ableton.mapOff"]:
            receiver.out(0, 4711)  # another device
        device.max.advance(10)
        assert device.max.control("Row 2 Target").value == 0


def test_a_row_that_is_off_keeps_the_name_of_its_target() -> None:
    live = _live()
    stored = {"Row 1 Source": _source("LF"), "Row 1 Smooth": 0}
    with rig(stored=stored, live=live) as device:
        script = next(box for box in device.max.of("js") if "mapping" in box.args[0]).script
        number = script.js("__synth.parameters[0].id")
        live.parameters[number] = Parameter()
        device.max.user("Row 1 Target", 1)
        script.js("__change(__song.view, 'selected_parameter', __synth.parameters[0]);")
        device.max.advance(50)
        device.send("/norm/lf", 1.0)
        device.max.user("Row 1 Source", 0)
        device.max.advance(50)
        assert live.parameters[number].held_by is None
        assert device.max.control("Row 1 Target").text == "Ana…: Filter 1 Frequency"


def test_every_row_obeys_its_own_controls_and_shows_its_own_level() -> None:
    numbers = range(1, 9)
    live = LiveSet(parameters={FIRST + n: Parameter() for n in numbers})
    stored: dict[str, float] = {}
    expected = {}
    for n in numbers:
        low, high, curve = 5 * n, 100 - 3 * n, 10 * n
        stored |= {
            f"Row {n} Source": _source("LF"), f"Row {n} Min": low, f"Row {n} Max": high,
            f"Row {n} Curve": curve, f"Row {n} Smooth": 0, f"Row {n} CC": 20 + n,
        }  # fmt: skip
        expected[n] = (low + (high - low) * 0.4 ** (4 ** (curve / 100))) / 100
    with rig(stored=stored, live=live) as device:
        for n in numbers:
            _bind(device, n, FIRST + n)
        device.send("/norm/lf", 0.4)
        device.max.advance(60)
        assert [live.parameters[FIRST + n].heard for n in numbers] == pytest.approx(
            list(expected.values())
        )
        sent = {event.data for event in device.max.controllers()}
        assert sent == {(20 + n, int(expected[n] * 127 + 0.5)) for n in numbers}
        meters = [m for m in device.max.of("multislider") if m.node.box["setstyle"] == 1][:8]
        assert [m.values[-1][1] for m in meters] == pytest.approx(list(expected.values()))
        device.max.user("Row 7 Smooth", 1)
        device.send("/norm/lf", 1.0)
        assert live.parameters[FIRST + 7].heard == pytest.approx(expected[7])
        assert live.parameters[FIRST + 8].heard == pytest.approx(0.76)
