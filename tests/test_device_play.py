"""The built device plays: every beat a note-on and its note-off, none doubled, none hanging."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.osc import contract
from tests.maxpatch.rig import LOOPBACK, Rig, pairs, rig


@pytest.mark.parametrize("reverse", [False, True], ids=["Max's order of cords", "the other order"])
@pytest.mark.parametrize("length", [10, 120, 2000])
@pytest.mark.parametrize(
    "bpm", [60, 220, *(pytest.param(bpm, marks=pytest.mark.slow) for bpm in (30, 72.5, 120, 180))]
)
def test_every_beat_is_one_note(bpm: float, length: float, reverse: bool) -> None:
    with rig(stored={"Note Length": length}, reverse=reverse) as device:
        moments = device.beats(bpm, 20)
        device.hello()
        device.max.advance(2500)
        notes = pairs(device.max.notes())
    assert [start for start, *_ in notes] == moments
    for (start, end, pitch, velocity), after in zip(notes, [*moments[1:], 1e9], strict=True):
        assert (pitch, velocity) == (36, 85)
        assert end == pytest.approx(min(start + length, after))


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    gaps=st.lists(st.floats(272, 2000), min_size=1, max_size=25),
    strengths=st.lists(st.floats(0, 1), min_size=25, max_size=25),
    length=st.floats(10, 2000),
    mode=st.sampled_from([0, 1]),
)
def test_any_rhythm_leaves_no_note_hanging(
    gaps: list[float], strengths: list[float], length: float, mode: int
) -> None:
    with rig(stored={"Note Length": length, "Length By": mode}) as device:
        for number, (gap, strength) in enumerate(zip(gaps, strengths, strict=False), start=1):
            device.max.advance(gap)
            device.send("/beat", number, strength, 5.0)
            device.send("/ibi", gap)
        device.max.advance(2100)
        assert len(pairs(device.max.notes())) == len(gaps)


def test_a_doubled_datagram_is_one_beat() -> None:
    with rig() as device:
        device.send("/beat", 1, 0.5, 1.0)
        device.send("/beat", 1, 0.5, 1.0)
        device.max.advance(50)
        device.send("/beat", 1, 0.5, 1.0)
        device.send("/beat", 2, 0.5, 1.0)
        device.max.advance(500)
        assert len(pairs(device.max.notes())) == 2


def test_a_restarted_bridge_counts_from_one_again() -> None:
    with rig() as device:
        device.hello()
        device.send("/beat", 1, 0.5, 1.0)
        device.max.advance(500)
        device.send("/status", "searching")
        device.send("/beat", 1, 0.5, 1.0)
        device.max.advance(500)
        assert len(pairs(device.max.notes())) == 2


@pytest.mark.parametrize(
    ("mode", "low", "high", "strength", "bpm", "velocity"),
    [
        (0, 60, 110, 0.1, 60, 110),
        (1, 60, 110, 0.0, 60, 60),
        (1, 60, 110, 1.0, 60, 110),
        (1, 60, 110, 0.25, 60, 73),
        (1, 110, 60, 0.0, 60, 110),
        (1, 1, 127, 0.0, 60, 1),
        (2, 0, 100, 0.9, 110, 51),
        (2, 1, 127, 0.9, 40, 1),
        (2, 1, 127, 0.9, 220, 127),
    ],
)
def test_velocity(
    mode: int, low: int, high: int, strength: float, bpm: float, velocity: int
) -> None:
    stored = {"Velocity By": mode, "Velocity Min": low, "Velocity Max": high}
    with rig(stored=stored) as device:
        device.send("/bpm", bpm)
        device.send("/beat", 1, strength, 1.0)
        device.max.advance(500)
        assert pairs(device.max.notes())[0][3] == velocity


def test_velocity_by_rate_is_in_the_middle_while_the_rate_is_unknown() -> None:
    stored = {"Velocity By": 2, "Velocity Min": 1, "Velocity Max": 101}
    with rig(stored=stored) as device:
        device.send("/beat", 1, 1.0, 1.0)
        device.send("/bpm", 180.0)
        device.max.advance(200)
        device.send("/beat", 2, 1.0, 1.0)
        device.send("/status", "lost")
        device.send("/beat", 3, 1.0, 1.0)
        device.max.advance(500)
        assert [velocity for *_, velocity in pairs(device.max.notes())] == [51, 101, 51]


def test_length_by_interval_once_there_is_one() -> None:
    stored = {"Length By": 1, "Length Share": 25, "Note Length": 100}
    with rig(stored=stored) as device:
        device.send("/beat", 1, 0.5, 1.0)
        device.max.advance(800)
        device.send("/beat", 2, 0.5, 1.0)
        device.send("/ibi", 800.0)
        device.max.advance(800)
        device.send("/beat", 3, 0.5, 1.0)
        device.max.advance(800)
        lengths = [end - start for start, end, *_ in pairs(device.max.notes())]
    assert lengths == pytest.approx([100, 100, 200])


def test_every_nth_beat() -> None:
    with rig(stored={"Nth Beat": 3}) as device:
        moments = device.beats(60, 10)
        device.max.advance(500)
        assert [start for start, *_ in pairs(device.max.notes())] == moments[::3]


@pytest.mark.slow
@pytest.mark.parametrize(("chance", "fewest", "most"), [(0, 0, 0), (100, 200, 200), (50, 70, 130)])
def test_chance(chance: float, fewest: int, most: int) -> None:
    with rig(stored={"Beat Chance": chance, "Note Length": 10}) as device:
        device.beats(220, 200)
        device.max.advance(500)
        assert fewest <= len(pairs(device.max.notes())) <= most


def test_switched_off_it_is_silent_but_still_shows_the_beat() -> None:
    with rig(stored={"Play Mode": 0}) as device:
        device.beats(60, 3)
        assert device.max.notes() == []
        assert len(next(device.max.of("button")).blinks) == 3


def _switch_off(device: Rig) -> None:
    device.max.user("Play Mode", 0)


def _panic(device: Rig) -> None:
    device.max.user("Panic")


def _bypass(device: Rig) -> None:
    next(device.max.of("live.thisdevice")).enable(0)


def _lose_the_sensor(device: Rig) -> None:
    device.send("/status", "lost")


def _search_again(device: Rig) -> None:
    device.send("/status", "searching")


def _another_port(device: Rig) -> None:
    from tests.maxpatch.rig import free_port

    device.port = free_port()
    device.max.user("Port", device.port)


def _unload(device: Rig) -> None:
    device.max.each("freed")


@pytest.mark.parametrize(
    "stop",
    [_switch_off, _panic, _bypass, _lose_the_sensor, _search_again, _another_port, _unload],
    ids=lambda function: function.__name__.strip("_"),
)
def test_what_ends_the_note_at_once(stop) -> None:  # type: ignore[no-untyped-def]
    with rig(stored={"Note Length": 2000}) as device:
        device.hello()
        device.max.advance(100)
        device.send("/beat", 1, 0.5, 1.0)
        device.max.advance(100)
        assert len(device.max.notes()) == 1
        stop(device)
        ((start, end, *_),) = pairs(device.max.notes())
        assert end == start + 100


def test_a_silent_bridge_ends_the_note() -> None:
    with rig(stored={"Note Length": 2000}) as device:
        device.hello()
        device.max.advance(2500)
        device.send("/beat", 1, 0.5, 1.0)
        device.max.advance(1000)
        ((start, end, *_),) = pairs(device.max.notes())
        assert end == start + 500


def test_incoming_midi_passes_and_panic_ends_what_is_held() -> None:
    with rig() as device:
        keys = next(device.max.of("midiin"))
        keys.play(0x91, 60, 100, 0x91, 64, 90, 0xB0, 1, 33, 0x81, 60, 0)
        passed = [event.data[0] for event in device.max.midi if event.kind == "byte"]
        assert passed == [0x91, 60, 100, 0x91, 64, 90, 0xB0, 1, 33, 0x81, 60, 0]
        device.max.user("Panic")
        after = [event.data[0] for event in device.max.midi if event.kind == "byte"][12:]
        assert after == [0x91, 64, 0]


def test_the_note_can_change_while_it_sounds() -> None:
    with rig(stored={"Note Length": 500}) as device:
        device.send("/beat", 1, 0.5, 1.0)
        device.max.user("Note", 40)
        device.max.advance(600)
        device.send("/beat", 2, 0.5, 1.0)
        device.max.advance(600)
        assert [pitch for _, _, pitch, _ in pairs(device.max.notes())] == [36, 40]


def test_other_programs_datagrams_are_ignored() -> None:
    from pythonosc.osc_message_builder import OscMessageBuilder

    with rig() as device:
        for address in ("/heart/nonsense", "/other", contract.ROOT):
            builder = OscMessageBuilder(address)
            builder.add_arg(1)
            device.sender.sendto(builder.build().dgram, (LOOPBACK, device.port))
        device.max.receive(3)
        assert device.max.midi == []
