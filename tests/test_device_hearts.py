"""Which heart of several is played, other values, and to which bridge the device answers."""

import pytest

from bridge import __version__
from bridge.osc import contract
from max_for_live.patch.hearing import of_heart
from max_for_live.patch.sources import MENU, SOURCES
from tests.maxpatch.live import LiveSet, Parameter
from tests.maxpatch.rig import Rig, pairs, rig

VIOLIN, CELLO = "/heart/violin", "/heart/cello"
LINE = "Waiting for the bridge"


def _menu(device: Rig, name: str):  # type: ignore[no-untyped-def]
    return next(box for box in device.max.of("umenu") if box.node.box["varname"] == name)


def _choose(device: Rig, name: str, item: str) -> None:
    _menu(device, name).choose(item)
    device.max.advance(5)


def _beats(device: Rig, root: str, count: int = 1, first: int = 1) -> None:
    for n in range(count):
        device.send("/beat", first + n, 0.5, 1.0, root=root)
        device.max.advance(300)


def test_of_several_hearts_the_first_heard_plays_and_the_others_are_offered() -> None:
    with rig() as device:
        device.hello(root=VIOLIN)
        device.hello(root=CELLO)
        device.max.advance(5)
        assert _menu(device, "Heart").items == ["Any heart", "violin", "cello"]
        _beats(device, VIOLIN, 2)
        _beats(device, CELLO, 3)
        assert len(pairs(device.max.notes())) == 2
        device.hello(root=VIOLIN)
        device.max.advance(5)
        assert device.max.line(LINE) == "Beating"


def test_the_chosen_heart_plays_and_no_other() -> None:
    with rig() as device:
        device.hello(root=VIOLIN)
        device.hello(root=CELLO)
        device.max.advance(5)
        _choose(device, "Heart", "cello")
        _beats(device, VIOLIN, 2)
        _beats(device, contract.ROOT, 2)
        assert device.max.notes() == []
        _beats(device, CELLO, 3)
        assert len(pairs(device.max.notes())) == 3
        _choose(device, "Heart", "violin")
        _beats(device, CELLO, 1, first=9)
        _beats(device, VIOLIN, 1, first=9)
        assert len(pairs(device.max.notes())) == 4


def test_every_message_of_a_chosen_heart_arrives_where_it_does_without_a_name() -> None:
    live = LiveSet(parameters={100: Parameter()})
    with rig(stored={"Row 1 Smooth": 0}, live=live) as device:
        device.hello(root=VIOLIN)
        device.max.advance(5)
        device.target(1, 100)
        values = [message for message in of_heart() if message.tags == "f"]
        assert len(values) > 20
        for message in values:
            source = next(source for source in SOURCES if source.path == message.path)
            device.max.user("Row 1 Source", MENU.index(source.label))
            for level, value in enumerate((source.low, source.high)):
                device.send(message.path, value, root=VIOLIN)
                assert live.parameters[100].heard == level, message.path


def test_one_heart_without_a_name_goes_before_the_named_while_it_speaks() -> None:
    with rig() as device:
        device.hello()
        device.hello(root=VIOLIN)
        _beats(device, contract.ROOT, 2)
        _beats(device, VIOLIN, first=3)
        assert len(pairs(device.max.notes())) == 2
        device.max.advance(6000)  # that bridge has ended
        device.hello(root=VIOLIN)
        device.max.advance(5)
        _beats(device, VIOLIN, first=4)
        assert len(pairs(device.max.notes())) == 3


def test_the_choice_is_kept_with_the_set() -> None:
    live = LiveSet()
    with rig(live=live) as device:
        device.hello(root=VIOLIN)
        device.hello(root=CELLO)
        device.send("/body/norm/NAME", 0.5, root=CELLO, name="eda")
        device.max.advance(5)
        _choose(device, "Heart", "cello")
        device.send("/body/norm/NAME", 0.5, root=CELLO, name="eda")
        device.max.advance(5)
        _choose(device, "Other 2", "eda")
        device.max.save()
    with rig(live=live) as device:
        assert _menu(device, "Heart").items[_menu(device, "Heart").value] == "cello"
        assert _menu(device, "Other 2").items[_menu(device, "Other 2").value] == "eda"
        device.hello(root=VIOLIN)
        _beats(device, VIOLIN)
        assert device.max.notes() == []
        _beats(device, CELLO)
        assert len(pairs(device.max.notes())) == 1


def test_relearn_and_mark_name_the_heart_that_plays() -> None:
    with rig() as device:
        device.hello(root=VIOLIN)
        device.max.advance(5)
        device.max.user("Relearn")
        device.max.user("Mark")
        said = [told for box in device.max.of("udpsend") for told in box.sent]
        assert ("/bridge/relearn", ["violin"]) in said
        assert ("/bridge/mark", ["Live", "violin"]) in said


@pytest.mark.parametrize("root", [contract.ROOT, VIOLIN])
def test_another_value_of_the_sensor_moves_a_row(root: str) -> None:
    live = LiveSet(parameters={100: Parameter()})
    stored = {"Row 1 Source": MENU.index("Other 3"), "Row 1 Smooth": 0}
    with rig(stored=stored, live=live) as device:
        device.hello(root=root)
        device.max.advance(5)
        device.target(1, 100)
        where = {"root": root, "name": "eda"}
        device.send("/body/norm/NAME", 0.9, **where)
        device.max.advance(5)
        assert live.parameters[100].held_by is None
        assert _menu(device, "Other 3").items == ["–", "eda"]
        _choose(device, "Other 3", "eda")
        for level in (0.25, 0.75):
            device.send("/body/norm/NAME", level, **where)
            device.max.advance(5)
            assert live.parameters[100].heard == pytest.approx(level)
        _choose(device, "Other 3", "–")
        device.send("/body/norm/NAME", 0.1, **where)
        device.max.advance(5)
        assert live.parameters[100].heard == pytest.approx(0.75)


def test_a_value_that_a_newer_bridge_sends_is_offered_and_held_to_0_1() -> None:
    from pythonosc.osc_message_builder import OscMessageBuilder

    live = LiveSet(parameters={100: Parameter()})
    stored = {"Row 1 Source": MENU.index("Other 1"), "Row 1 Smooth": 0}
    with rig(stored=stored, live=live) as device:
        device.target(1, 100)

        def send(value: float) -> None:
            builder = OscMessageBuilder("/heart/tide/height")
            builder.add_arg(value)
            device.sender.sendto(builder.build().dgram, ("127.0.0.1", device.port))
            device.max.receive(1)
            device.max.advance(5)

        send(0.5)
        _choose(device, "Other 1", "tide/height")
        for value, expected in ((0.5, 0.5), (7.0, 1.0), (-1.0, 0.0)):
            send(value)
            assert live.parameters[100].heard == pytest.approx(expected)


def test_the_messages_of_another_heart_are_no_values_of_this_one() -> None:
    with rig() as device:
        device.hello()
        device.send("/wave", 0.5, root=VIOLIN)  # before its first hello
        device.max.advance(5)
        device.hello(root=VIOLIN)
        device.send("/wave", 0.5, root=VIOLIN)
        device.max.advance(5)
        assert _menu(device, "Other 1").items == ["–"]


def _answers(device: Rig, port: int) -> list[str]:
    boxes = [box for box in device.max.of("udpsend") if box.port == port]
    return [told[0] for box in boxes for told in box.sent if told[0].startswith("/bridge")]


@pytest.mark.parametrize(
    ("hello", "port"),
    [((contract.VERSION, 7774), 7774), ((contract.VERSION, 0), None), ((1,), 7772)],
)
def test_it_answers_to_the_port_of_its_own_hello(hello: tuple[int, ...], port: int | None) -> None:
    with rig() as device:
        for box in device.max.of("udpsend"):
            box.sent.clear()
        _raw_hello(device, *hello)
        device.max.advance(5)
        device.max.user("Relearn")
        for candidate in (7772, 7774):
            said = _answers(device, candidate)
            assert ("/bridge/relearn" in said) == (candidate == port)


def test_a_version_1_bridge_after_another_means_the_usual_port_again() -> None:
    with rig() as device:
        _raw_hello(device, contract.VERSION, 7774)
        _raw_hello(device, 1)
        device.max.advance(5)
        device.max.user("Relearn")
        assert "/bridge/relearn" in _answers(device, 7772)


def _raw_hello(device: Rig, *numbers: int) -> None:
    from pythonosc.osc_message_builder import OscMessageBuilder

    builder = OscMessageBuilder("/heart/hello")
    for value in (__version__, *numbers):
        builder.add_arg(value)
    device.sender.sendto(builder.build().dgram, ("127.0.0.1", device.port))
    device.max.receive(1)


def test_a_bridge_that_appears_is_told_the_contract_of_the_device_once() -> None:
    with rig() as device:
        for box in device.max.of("udpsend"):
            box.sent.clear()
        for _ in range(3):
            device.hello()
            device.max.advance(1000)
        said = [told for box in device.max.of("udpsend") for told in box.sent]
        assert said.count(("/bridge/ping", [contract.VERSION])) == 1
        device.max.advance(4000)
        device.hello()
        said = [told for box in device.max.of("udpsend") for told in box.sent]
        assert said.count(("/bridge/ping", [contract.VERSION])) == 2
