"""The Set's tempo follows the heart while it is told to, and is given back."""

from itertools import pairwise

import pytest

from tests.maxpatch.live import LiveSet
from tests.maxpatch.rig import rig

AT_ONCE = {"Tempo Glide": 0, "Tempo Smooth": 1}


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("how", ["by hand", "with the Set"])
def test_it_follows_and_gives_the_tempo_back(how: str, reverse: bool) -> None:
    live = LiveSet()
    stored = AT_ONCE | {"Tempo Follow": int(how == "with the Set")}
    with rig(stored=stored, live=live, reverse=reverse) as device:
        device.send("/bpm", 66.0)
        if how == "by hand":
            assert live.tempo.held_by is None
            device.max.user("Tempo Follow", 1)
        for bpm in (71.0, 80.5):
            device.send("/bpm", bpm)
            device.max.advance(60)
            assert live.tempo.heard == pytest.approx(bpm)
        assert live.tempo.value == 120
        device.max.advance(300)
        assert device.max.control("Tempo Follow").value == 1
        assert any(made.text == "80.5" for made in device.max.of("live.comment"))
        device.max.user("Tempo Follow", 0)
        assert live.tempo.held_by is None
        assert live.tempo.heard == 120
        device.send("/bpm", 90.0)
        device.max.advance(300)
        assert live.tempo.heard == 120


def test_the_tempo_is_found_again_when_its_number_has_changed() -> None:
    live = LiveSet()
    with rig(stored=AT_ONCE, live=live) as device:
        live.renumber_tempo()
        device.max.user("Tempo Follow", 1)
        device.send("/bpm", 71.0)
        assert live.tempo.heard == 71


def test_it_does_nothing_before_a_heart_is_heard() -> None:
    live = LiveSet()
    with rig(stored={"Tempo Follow": 1}, live=live) as device:
        device.hello()
        device.max.advance(5000)
        assert live.tempo.held_by is None
        assert live.tempo.history == []


def test_the_glide_starts_where_the_set_stands() -> None:
    live = LiveSet()
    live.tempo.value = 100
    with rig(stored={"Tempo Follow": 1, "Tempo Glide": 4, "Tempo Smooth": 1}, live=live) as device:
        device.send("/bpm", 60.0)
        assert live.tempo.heard == 100
        device.max.advance(2000)
        assert live.tempo.heard == pytest.approx(80, abs=0.6)
        device.max.advance(2100)
        assert live.tempo.heard == pytest.approx(60)
        tempos = [tempo for _, tempo in live.tempo.history]
        assert max(abs(a - b) for a, b in pairwise(tempos)) <= 0.51


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ratio", "low", "high", "bpm", "tempo"),
    [
        (1, 50, 140, 72, 72),
        (0, 20, 140, 72, 36),
        (2, 50, 200, 72, 144),
        (1, 50, 140, 200, 140),
        (1, 50, 140, 35, 50),
        (1, 140, 50, 72, 72),
        (1, 140, 50, 35, 50),
        (0, 50, 140, 72, 50),
    ],
)
def test_ratio_and_limits(ratio: int, low: float, high: float, bpm: float, tempo: float) -> None:
    live = LiveSet()
    stored = {"Tempo Follow": 1, "Tempo Ratio": ratio, "Tempo Min": low, "Tempo Max": high}
    with rig(stored=AT_ONCE | stored, live=live) as device:
        device.send("/bpm", bpm)
        assert live.tempo.heard == pytest.approx(tempo)


def test_smoothing_averages_over_beats() -> None:
    live = LiveSet()
    stored = {"Tempo Follow": 1, "Tempo Glide": 0, "Tempo Smooth": 4}
    with rig(stored=stored, live=live) as device:
        device.send("/bpm", 60.0)
        assert live.tempo.heard == 60
        heard = []
        for _ in range(3):
            device.send("/bpm", 100.0)
            heard.append(live.tempo.heard)
        assert heard == pytest.approx([70, 77.5, 83.125])


def test_a_lost_sensor_leaves_the_tempo_where_it_is() -> None:
    live = LiveSet()
    with rig(stored=AT_ONCE | {"Tempo Follow": 1}, live=live) as device:
        device.send("/bpm", 66.0)
        device.send("/status", "lost")
        device.max.advance(5000)
        assert live.tempo.heard == 66


def test_switched_off_and_on_again_it_starts_from_the_set_again() -> None:
    live = LiveSet()
    with rig(stored={"Tempo Follow": 1, "Tempo Glide": 0, "Tempo Smooth": 32}, live=live) as device:
        device.send("/bpm", 60.0)
        device.max.user("Tempo Follow", 0)
        live.tempo.value = 90
        device.max.user("Tempo Follow", 1)
        assert live.tempo.heard == 90
        device.send("/bpm", 100.0)
        assert live.tempo.heard == 100


def test_switched_off_in_a_glide_it_stops_there() -> None:
    live = LiveSet()
    with rig(stored={"Tempo Follow": 1, "Tempo Glide": 10}, live=live) as device:
        device.send("/bpm", 60.0)
        device.max.advance(1000)
        device.max.user("Tempo Follow", 0)
        device.max.advance(5000)
        assert live.tempo.heard == 120
        texts = [m.text for m in device.max.of("live.comment") if m.node.box.get("text") == "–"]
        assert set(texts) == {"–"}
