"""The parts: each does what it says, and is well formed."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bridge.osc import contract
from bridge.sinks.liveset import amxd
from max_for_live.build import HERE, build, part_name
from max_for_live.lint import lint
from max_for_live.patch.parts import FACE, NOTE, PARTS, SCRIPTS
from tests.maxpatch import Max, rig
from tests.maxpatch.rig import LOOPBACK, Rig, free_port, pairs


@contextmanager
def _part(part: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr(rig, "DATA", build(part).frozen())
    with rig.rig() as device:
        yield device


@pytest.mark.parametrize("part", [NOTE, FACE, SCRIPTS])
def test_a_part_is_built_from_these_sources_and_well_formed(part: int) -> None:
    data = build(part).frozen()
    assert (HERE / "parts" / part_name(part)).read_bytes() == data, "python -m max_for_live.build"
    # It leaves something out on purpose: addresses, names that are said or heard, Push, the fold.
    meant = {"contract", "global"} | ({"bank", "fold", "socket"} if part == NOTE else set())
    assert [finding for finding in lint(data) if finding.rule not in meant] == []


@pytest.mark.parametrize("part", [NOTE, FACE, SCRIPTS])
def test_a_part_says_on_its_face_what_it_proves(part: int) -> None:
    boxes = [entry["box"] for entry in build(part).document["patcher"]["boxes"]]
    said = [box for box in boxes if box.get("text") == PARTS[part][1]]
    assert len(said) == 1
    assert said[0]["presentation"] == 1


def test_the_first_part_plays_a_note_and_has_nothing_else() -> None:
    port = free_port()
    document = amxd.read(build(NOTE).frozen()).document()
    for entry in document["patcher"]["boxes"]:
        if entry["box"].get("text") == f"udpreceive {contract.TARGET_PORT}":
            entry["box"]["text"] = f"udpreceive {port}"
    data = amxd.frozen(document, "part.amxd", ())
    device = Max(data).start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(contract.encode("/beat", [1, 0.5, 1.0]), (LOOPBACK, port))
        device.receive(1)
    device.advance(500)
    assert [(pitch, velocity) for _, _, pitch, velocity in pairs(device.notes())] == [(36, 100)]
    assert not list(device.of("js"))
    device.free()


def test_the_second_part_shows_the_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    with _part(FACE, monkeypatch) as device:
        device.hello()
        device.send("/beat", 1, 0.5, 1.0)
        device.send("/ibi", 838.0)
        device.max.advance(200)
        assert device.max.line("Waiting for the bridge") == "Beating"
        assert device.max.readout("Interval") == "838 ms"
        assert len(pairs(device.max.notes())) == 1
        assert not list(device.max.of("js"))


def test_the_third_part_has_living_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    with _part(SCRIPTS, monkeypatch) as device:
        device.send("/device/examine", 7772)
        said = [told for box in device.max.of("udpsend") for told in box.sent]
        alive = {atoms[0] for address, atoms in said if atoms[-1:] == ["alive"]}
        assert alive == {"clips script", "mapping script", "hearts script"}
        assert not list(device.max.of("live.remote~"))
