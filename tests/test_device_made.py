"""What the device makes of the beats: a pulse, and a ramp and a cosine from beat to beat."""

import math
from itertools import pairwise

import pytest

from max_for_live.patch.sources import MENU
from tests.maxpatch.live import LiveSet, Parameter
from tests.maxpatch.rig import Rig, rig


def _follow(label: str, **stored: float):  # type: ignore[no-untyped-def]
    live = LiveSet(parameters={100: Parameter()})
    # Smoothing would flatten it; the device leaves it out where it makes the movement itself.
    kept = {"Row 1 Source": MENU.index(label), "Row 1 Smooth": 5} | stored
    return live, rig(stored=kept, live=live)


def _beat(device: Rig, number: int, interval: float | None) -> None:
    device.send("/beat", number, 0.5, 1.0)
    if interval:
        device.send("/ibi", interval)


def _at(live: LiveSet, device: Rig, ms: float) -> float:
    device.max.advance_to(ms)
    return live.parameters[100].heard


def test_the_pulse_rises_in_the_attack_and_falls_in_the_decay() -> None:
    live, made = _follow("Beat pulse", **{"Pulse Attack": 100, "Pulse Decay": 400})
    with made as device:
        device.target(1, 100)
        start = device.max.now
        _beat(device, 1, None)
        assert _at(live, device, start + 50) == pytest.approx(0.5, abs=0.01)
        assert _at(live, device, start + 100) == pytest.approx(1.0)
        assert _at(live, device, start + 300) == pytest.approx(0.5, abs=0.02)
        assert _at(live, device, start + 500) == pytest.approx(0.0)
        assert _at(live, device, start + 900) == pytest.approx(0.0)


def test_a_beat_in_the_decay_rises_again_from_where_it_is() -> None:
    live, made = _follow("Beat pulse", **{"Pulse Attack": 0, "Pulse Decay": 1000})
    with made as device:
        device.target(1, 100)
        _beat(device, 1, None)
        half = _at(live, device, device.max.now + 500)
        assert half == pytest.approx(0.5, abs=0.02)
        seen = len(live.parameters[100].history)
        _beat(device, 2, 500.0)
        device.max.advance(20)
        values = [value for _, value in live.parameters[100].history[seen:]]
        assert min(values) >= half - 0.03
        assert max(values) == pytest.approx(1.0)


def test_the_ramp_is_0_on_the_beat_and_stretched_to_the_running_interval() -> None:
    live, made = _follow("Beat ramp")
    with made as device:
        device.target(1, 100)
        _beat(device, 1, None)
        for number, interval in enumerate((800.0, 1000.0, 600.0), start=2):
            device.max.advance(interval)
            start = device.max.now
            _beat(device, number, interval)
            assert live.parameters[100].heard == 0.0
            assert _at(live, device, start + interval / 2) == pytest.approx(0.5, abs=0.03)
            device.max.advance_to(start)  # the loop advances from the beat


def test_a_ramp_whose_beat_is_late_waits_and_one_whose_beat_is_early_starts_anew() -> None:
    live, made = _follow("Beat ramp")
    with made as device:
        device.target(1, 100)
        start = device.max.now
        _beat(device, 1, 600.0)
        assert _at(live, device, start + 1500) == 1.0
        _beat(device, 2, 1500.0)
        assert live.parameters[100].heard == 0.0
        assert _at(live, device, device.max.now + 300) < 0.25
        _beat(device, 3, 300.0)
        assert live.parameters[100].heard == 0.0
        values = [value for _, value in live.parameters[100].history]
        assert all(0.0 <= value <= 1.0 for value in values)


def test_the_cosine_is_1_on_the_beat_and_0_between_two() -> None:
    live, made = _follow("Beat cosine")
    with made as device:
        device.target(1, 100)
        start = device.max.now
        _beat(device, 1, 1000.0)
        assert live.parameters[100].heard == pytest.approx(1.0)
        for share in (0.2, 0.5, 0.8, 1.0):
            expected = 0.5 + 0.5 * math.cos(2 * math.pi * share)
            heard = _at(live, device, start + 1000 * share)
            assert heard == pytest.approx(expected, abs=0.01)
        steps = [value for _, value in live.parameters[100].history]
        assert max(abs(a - b) for a, b in pairwise(steps)) < 0.07


def test_it_speaks_at_most_fifty_times_a_second() -> None:
    live, made = _follow("Beat ramp")
    with made as device:
        device.target(1, 100)
        _beat(device, 1, 1000.0)
        device.max.advance(1000)
        assert 50 <= len(live.parameters[100].history) <= 55


def test_other_sources_are_smoothed_as_the_row_says() -> None:
    live, made = _follow("LF")
    with made as device:
        device.target(1, 100)
        device.send("/norm/lf", 0.0)
        device.send("/norm/lf", 1.0)
        device.max.advance(1000)
        assert live.parameters[100].heard == pytest.approx(0.2, abs=0.01)
        device.max.user("Row 1 Source", MENU.index("Beat ramp"))
        device.max.user("Row 1 Source", MENU.index("LF"))
        device.send("/norm/lf", 0.0)
        device.send("/norm/lf", 1.0)
        device.max.advance(1000)
        assert live.parameters[100].heard == pytest.approx(0.2, abs=0.01)
