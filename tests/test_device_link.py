"""Connection, status line, versions, ports, and what the face shows."""

import socket

import pytest

from bridge import __version__
from bridge.osc import contract
from tests.maxpatch.rig import LOOPBACK, free_port, rig

LINE, VERSION = "Waiting for the bridge", "No bridge has spoken yet"
GREY, GREEN = [0.45, 0.45, 0.45, 1.0], [0.36, 0.8, 0.45, 1.0]
AMBER, RED = [0.95, 0.68, 0.2, 1.0], [0.91, 0.35, 0.35, 1.0]


def _lamp(device) -> list[float]:  # type: ignore[no-untyped-def]
    return next(p.colour for p in device.max.of("panel") if p.node.box.get("shape") == 1)  # type: ignore[no-any-return]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "text", "colour"),
    [
        ("live", "Beating", GREEN),
        ("searching", "Searching for a pulse", AMBER),
        ("lost", "Sensor lost", RED),
    ],
)
@pytest.mark.parametrize("reverse", [False, True])
def test_status(state: str, text: str, colour: list[float], reverse: bool) -> None:
    with rig(reverse=reverse) as device:
        device.hello(state)
        device.max.advance(10)
        assert device.max.line(LINE) == text
        assert _lamp(device) == colour


def test_a_word_that_follows_hello_or_status_changes_nothing() -> None:
    with rig() as device:
        device.send(
            "/hello", __version__, contract.VERSION, contract.LISTEN_PORT, "fixed", "predicted"
        )
        device.send("/status", "live", "predicted")
        device.max.advance(10)
        assert device.max.line(LINE) == "Beating"
        assert device.max.line(VERSION) == f"Bridge and device {__version__}"


def test_grey_after_three_seconds_of_silence_and_back() -> None:
    with rig() as device:
        device.hello()
        device.max.advance(2999)
        assert device.max.line(LINE) == "Beating"
        device.max.advance(2)
        assert device.max.line(LINE) == f"No bridge on port {device.port}"
        assert _lamp(device) == GREY
        device.hello()
        device.max.advance(1)
        assert device.max.line(LINE) == "Beating"


def test_a_hello_or_a_status_alone_keeps_it_alive() -> None:
    with rig() as device:
        device.hello()
        device.send("/ibi", 800.0)
        for path, arguments in (
            ("/hello", (__version__, contract.VERSION, contract.LISTEN_PORT)),
            ("/status", ("live",)),
        ):
            for _ in range(3):
                device.max.advance(2000)
                device.send(path, *arguments)
            device.max.advance(200)
            assert device.max.line(LINE) == "Beating"
            assert device.max.readout("Interval") == "800 ms"


def test_a_port_that_is_ours_is_never_called_taken() -> None:
    with rig() as device:
        device.max.advance(2000)
        assert device.max.line(LINE) == f"Waiting on port {device.port}"
        device.max.advance(1100)
        assert device.max.line(LINE) == f"No bridge on port {device.port}"


def test_a_hello_says_that_the_port_is_ours_even_if_its_own_word_was_lost() -> None:
    with rig(settle=False) as device:
        device.max.advance(301)
        next(device.max.of("udpreceive")).socket.recv(100)
        device.hello()
        device.max.advance(2000)
        assert device.max.line(LINE) == "Beating"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "number", "text"),
    [
        (__version__, contract.VERSION, f"Bridge and device {__version__}"),
        ("9.8.7", contract.VERSION, f"Device {__version__} / bridge 9.8.7"),
        ("9.8.7", 1, f"Update: bridge contract 1 / device {contract.VERSION}"),
        (__version__, 3, f"Update: bridge contract 3 / device {contract.VERSION}"),
    ],
)
@pytest.mark.parametrize("reverse", [False, True])
def test_versions_are_compared(version: str, number: int, text: str, reverse: bool) -> None:
    with rig(reverse=reverse) as device:
        device.send("/hello", version, number, contract.LISTEN_PORT)
        device.max.advance(10)
        assert device.max.line(VERSION) == text


def test_a_taken_port_is_said_and_taken_over_when_it_is_free() -> None:
    with rig() as first, rig(stored={"Port": first.port}, settle=False) as second:
        second.max.advance(1600)
        assert second.max.line(LINE) == f"Port {first.port} is taken"
        assert _lamp(second) == RED
        second.max.advance(4500)
        assert second.max.line(LINE) == f"Port {first.port} is taken"
        first.max.receive(1)  # the second one's word to itself: not for the first
        assert first.max.line(LINE) == f"Waiting on port {first.port}"
        first.close()
        second.max.advance(300)
        second.port = first.port
        second.max.advance(301)
        second.max.receive(1)
        second.hello()
        second.max.advance(10)
        assert second.max.line(LINE) == "Beating"


def test_two_devices_on_two_ports() -> None:
    with rig() as one, rig() as two:
        one.send("/beat", 1, 1.0, 1.0)
        two.send("/beat", 1, 0.0, 1.0)
        assert [event.data for event in one.max.notes()] == [(36, 110)]
        assert [event.data for event in two.max.notes()] == [(36, 60)]


def test_another_port_by_hand() -> None:
    with rig() as device:
        device.hello("lost")
        first, device.port = device.port, free_port()
        for passing in (1025, 40000, device.port):
            device.max.user("Port", passing)
            device.max.advance(20)
        device.max.advance(250)
        assert next(device.max.of("udpreceive")).bound == [first, 1025, 40000, device.port]
        device.send("/beat", 1, 0.5, 1.0)
        assert len(device.max.notes()) == 1
        assert device.max.line(LINE) == f"Waiting on port {device.port}"
        assert _lamp(device) == GREY


def test_it_asks_the_bridge_once_the_port_is_its_own() -> None:
    with rig(settle=False) as device:
        sender = [box for box in device.max.of("udpsend") if box.port == contract.LISTEN_PORT]
        device.max.advance(1000)
        assert not [told for box in sender for told in box.sent if told[0].startswith("/bridge")]
        device.max.receive(1)
        said = [told for box in sender for told in box.sent if told[0].startswith("/bridge")]
        assert said == [("/bridge/ping", [contract.VERSION])]


def test_relearn_and_mark_reach_the_bridge() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bridge, rig() as device:
        bridge.bind((LOOPBACK, 0))
        bridge.settimeout(60.0)
        for box in device.max.of("udpsend"):
            if box.port == contract.LISTEN_PORT:
                box.port = bridge.getsockname()[1]
        device.max.user("Relearn")
        assert bridge.recv(100) == contract.encode("/bridge/relearn")
        device.max.user("Mark")
        assert bridge.recv(100) == contract.encode("/bridge/mark", ["Live"])


def test_the_numbers_are_shown_and_wiped_when_the_sensor_is_lost() -> None:
    with rig() as device:
        device.hello()
        for path, value in (
            ("/bpm", 71.6),
            ("/ibi", 838.2),
            ("/hrv/rmssd", 42.4),
            ("/hrv/sdnn", 50.6),
            ("/quality", 0.974),
        ):
            device.send(path, value)
        device.max.advance(200)
        shown = {
            name: device.max.readout(name) for name in ("Interval", "RMSSD", "SDNN", "Quality")
        }
        assert shown == {"Interval": "838 ms", "RMSSD": "42 ms", "SDNN": "51 ms", "Quality": "97 %"}
        device.send("/status", "lost")
        device.max.advance(200)
        assert {device.max.readout(name) for name in shown} == {"–"}


def test_the_scope_is_limited_to_thirty_points_a_second() -> None:
    with rig() as device:
        scope = next(s for s in device.max.of("multislider") if s.node.box["setstyle"] == 3)
        start = device.max.now
        for n in range(120):
            device.max.advance_to(start + n * 1000 / 60)
            device.send("/wave", n / 120)
        drawn = [value for ms, value in scope.values if start <= ms < start + 2000]
        assert 50 <= len(drawn) <= 61
        assert drawn == sorted(drawn)
