"""The lint finds nothing in the built device, and every fault that is seeded into a copy of it."""

import copy
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.osc import contract
from bridge.sinks.liveset import amxd as container
from max_for_live.build import build
from max_for_live.lint import lint, main

BUILT = build()
Patcher = dict[str, Any]


def test_the_built_device_is_clean() -> None:
    assert lint(BUILT.frozen()) == []


def _seeded(fault: Callable[[Patcher], None]) -> list[str]:
    document = copy.deepcopy(BUILT.document)
    fault(document["patcher"])
    data = container.frozen(document, "Beatbridge.amxd", BUILT.scripts)
    return [f"{finding.rule}: {finding.text}" for finding in lint(data)]


def _box(patcher: Patcher, text: str) -> dict[str, Any]:
    """The first box, here or inside, whose text begins so."""
    for entry in patcher["boxes"]:
        box: dict[str, Any] = entry["box"]
        if text in (box.get("text"), box["maxclass"]) or box.get("text", "").startswith(text + " "):
            return box
    for entry in patcher["boxes"]:
        if "patcher" in entry["box"]:
            try:
                return _box(entry["box"]["patcher"], text)
            except LookupError:
                continue
    raise LookupError(text)


def _control(patcher: Patcher, name: str) -> dict[str, Any]:
    return next(e["box"] for e in patcher["boxes"] if e["box"].get("varname") == name)


def _value(patcher: Patcher, name: str) -> dict[str, Any]:
    found: dict[str, Any] = _control(patcher, name)["saved_attribute_attributes"]["valueof"]
    return found


def duplicate_id(p: Patcher) -> None:
    p["boxes"][1]["box"]["id"] = p["boxes"][0]["box"]["id"]


def duplicate_id_inside(p: Patcher) -> None:
    duplicate_id(_box(p, "p Beats")["patcher"])


def cord_to_nowhere(p: Patcher) -> None:
    p["lines"][0]["patchline"]["destination"][0] = "obj-9999"


def cord_past_the_last_outlet(p: Patcher) -> None:
    p["lines"][0]["patchline"]["source"][1] = 99


def cord_past_the_last_inlet(p: Patcher) -> None:
    _box(p, "p Row3")["patcher"]["lines"][0]["patchline"]["destination"][1] = 9


def wrong_arity(p: Patcher) -> None:
    _box(p, "makenote")["numinlets"] = 2


def wrong_arity_of_route(p: Patcher) -> None:
    box = _box(p, "route searching")
    box["text"] += " dead"


def swapped_inlets(p: Patcher) -> None:
    inlets = [
        e["box"] for e in _box(p, "p Link")["patcher"]["boxes"] if e["box"]["maxclass"] == "inlet"
    ]
    a, b = inlets[0]["patching_rect"], inlets[1]["patching_rect"]
    inlets[0]["patching_rect"], inlets[1]["patching_rect"] = b, a


def unknown_object(p: Patcher) -> None:
    _box(p, "pak")["text"] = "OSC-route /heart"


def object_of_max_9(p: Patcher) -> None:
    _box(p, "js")["text"] = _box(p, "js")["text"].replace("js ", "v8 ", 1)


def unknown_attribute(p: Patcher) -> None:
    _box(p, "udpreceive")["text"] += " @colour 1"


def unknown_box_key(p: Patcher) -> None:
    _box(p, "live.menu")["fontcolour"] = [0, 0, 0, 1]


def too_low(p: Patcher) -> None:
    _control(p, "Note")["presentation_rect"][1] = 130.0


def half_a_pixel(p: Patcher) -> None:
    _control(p, "Note")["presentation_rect"][0] += 0.5


def overlap(p: Patcher) -> None:
    _control(p, "Note")["presentation_rect"] = list(_control(p, "Nth Beat")["presentation_rect"])


def invisible_control(p: Patcher) -> None:
    del _control(p, "Note")["presentation"]


def patching_mode(p: Patcher) -> None:
    p["openinpresentation"] = 0


def initial_without_enable(p: Patcher) -> None:
    del _value(p, "Note")["parameter_initial_enable"]


def initial_out_of_range(p: Patcher) -> None:
    _value(p, "Note Length")["parameter_initial"] = [5]


def int_beyond_255(p: Patcher) -> None:
    _value(p, "Velocity Max")["parameter_mmax"] = 300.0


def enum_that_does_not_fit(p: Patcher) -> None:
    _value(p, "Velocity By")["parameter_enum"].append("Random")


def button_not_hidden(p: Patcher) -> None:
    _value(p, "Panic")["parameter_invisible"] = 0


def parameter_not_enabled(p: Patcher) -> None:
    _control(p, "Port")["parameter_enable"] = 0


def no_info(p: Patcher) -> None:
    _control(p, "Port")["annotation"] = ""


def long_short_name(p: Patcher) -> None:
    _value(p, "Port")["parameter_shortname"] = "The port of the network"


def duplicate_long_name(p: Patcher) -> None:
    _value(p, "Nth Beat")["parameter_longname"] = "Note"


def duplicate_scripting_name(p: Patcher) -> None:
    _control(p, "Nth Beat")["varname"] = "Note"


def not_in_the_registry(p: Patcher) -> None:
    p["parameters"].pop(next(iter(p["parameters"])))


def ghost_in_the_registry(p: Patcher) -> None:
    p["parameters"]["obj-9999"] = ["Ghost", "Ghost", 0]


def bank_names_nothing(p: Patcher) -> None:
    p["parameters"]["parameterbanks"]["0"]["parameters"][0] = "Port"


def seven_on_push(p: Patcher) -> None:
    p["parameters"]["parameterbanks"]["0"]["parameters"][7] = "-"


def global_send(p: Patcher) -> None:
    _box(p, "send ---stop")["text"] = "send stop"


def send_nobody_receives(p: Patcher) -> None:
    _box(p, "send ---stop")["text"] = "send ---halt"


def script_not_listed(p: Patcher) -> None:
    p["dependency_cache"].pop()


def script_not_bundled(p: Patcher) -> None:
    box = _box(p, "js")
    box["text"] = "js other.js"
    box["saved_object_attributes"]["filename"] = "other.js"


def script_named_twice(p: Patcher) -> None:
    _box(p, "js")["saved_object_attributes"]["filename"] = "other.js"


def address_not_routed(p: Patcher) -> None:
    box = _box(p, "route /heart/hello")
    box["text"] = box["text"].replace("/heart/hrv/sdnn", "/heart/hrv/sdn")


def address_not_wired(p: Patcher) -> None:
    inside = _box(p, "p Hearing")["patcher"]
    box = _box(inside, "route /heart/hello")
    outlet = box["text"].split()[1:].index("/heart/hrv/vlf")
    inside["lines"] = [
        line for line in inside["lines"] if line["patchline"]["source"] != [box["id"], outlet]
    ]


def address_wired_to_a_dead_end(p: Patcher) -> None:
    sources = _box(p, "p Sources")
    inlet = next(
        e["box"]
        for e in sources["patcher"]["boxes"]
        if e["box"]["maxclass"] == "inlet" and e["box"]["comment"] == "/hrv/sdsd"
    )
    sources["patcher"]["lines"] = [
        line
        for line in sources["patcher"]["lines"]
        if line["patchline"]["source"][0] != inlet["id"]
    ]


def address_not_said(p: Patcher) -> None:
    _box(p, contract.BY_PATH["/bridge/ping"].address())["text"] = "/bridge/pong"


def beat_through_the_slow_queue(p: Patcher) -> None:
    beats = _box(p, "p Beats")["patcher"]
    _box(beats, "trigger b b b b")["text"] = "deferlow"


def wave_drawn_undeferred(p: Patcher) -> None:
    eye = _box(p, "p Display")["patcher"]
    limit, out = _box(eye, "qlim 33"), _box(eye, "outlet")
    into = next(e for e in eye["lines"] if e["patchline"]["destination"][0] == limit["id"])
    into["patchline"]["destination"][0] = out["id"]


def script_undeferred(p: Patcher) -> None:
    inside = _box(p, "p Clips")["patcher"]
    later, script = _box(inside, "deferlow"), _box(inside, "js")
    for entry in inside["lines"]:
        if entry["patchline"]["destination"][0] == later["id"]:
            entry["patchline"]["destination"][0] = script["id"]


def midi_not_passed(p: Patcher) -> None:
    _box(p, "p Through")["patcher"]["lines"] = []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (duplicate_id, "id: 2 boxes have this id"),
        (duplicate_id_inside, "id: 2 boxes have this id"),
        (cord_to_nowhere, "cord: an end of this cord does not exist"),
        (cord_past_the_last_outlet, "cord: .* has 1 outlets"),
        (cord_past_the_last_inlet, "cord: .* inlets"),
        (wrong_arity, r"arity: \[makenote 100 120\] has 3 inlets, not 2"),
        (wrong_arity_of_route, "arity: .* has 5 inlets, not 4"),
        (swapped_inlets, "ports: inlets count from the left"),
        (unknown_object, "object: 'OSC-route' is no object Max knows"),
        (object_of_max_9, "object: 'v8' is not in Max 8.6"),
        (unknown_attribute, "attribute: udpreceive has no attribute 'colour'"),
        (unknown_box_key, "attribute: live.menu has no attribute 'fontcolour'"),
        (too_low, "face: reaches out of .* x 169 pixels"),
        (half_a_pixel, "face: is not on whole pixels"),
        (overlap, "overlap: .* lie on each other"),
        (invisible_control, "face: 'Note' cannot be seen"),
        (patching_mode, "face: does not open in presentation"),
        (initial_without_enable, "parameter: 'Note' has no initial value"),
        (initial_out_of_range, "parameter: 'Note Length' starts at 5, outside 10.0 to 2000.0"),
        (int_beyond_255, "parameter: 'Velocity Max' is a whole number outside 0-255"),
        (enum_that_does_not_fit, "parameter: 'Velocity By' has names that do not fit"),
        (button_not_hidden, "parameter: 'Panic' is a push button and must be hidden"),
        (parameter_not_enabled, "parameter: 'Port' is not enabled"),
        (no_info, "parameter: 'Port' has no info text"),
        (long_short_name, "parameter: 'Port' has a short name that dial or Push cuts"),
        (duplicate_long_name, "unique: 2 parameters have this long name"),
        (duplicate_scripting_name, "unique: 2 parameters have this scripting name"),
        (not_in_the_registry, "registry: is listed as None"),
        (ghost_in_the_registry, "registry: is listed and does not exist"),
        (bank_names_nothing, "bank: 'Port' is no automatable parameter"),
        (seven_on_push, "bank: the first bank has empty places"),
        (global_send, "global: 'stop' is shared by every device"),
        (send_nobody_receives, "global: is sent and never received"),
        (script_not_listed, "bundle: is not in dependency_cache"),
        (script_not_bundled, "bundle: is not bundled and not in dependency_cache"),
        (script_named_twice, "bundle: names 'other.js' as well"),
        (address_not_routed, "contract: is not routed from udpreceive to anything"),
        (address_not_wired, "contract: is not routed from udpreceive to anything"),
        (address_wired_to_a_dead_end, "contract: is not routed from udpreceive to anything"),
        (address_not_said, "contract: is said by no message box and no script"),
        (beat_through_the_slow_queue, "beat: reaches no noteout without a low-priority object"),
        (wave_drawn_undeferred, "thread: is reached on the scheduler's thread"),
        (script_undeferred, "thread: is reached on the scheduler's thread"),
        (midi_not_passed, "beat: does not reach midiout"),
    ],
)
def test_a_seeded_fault_is_found(fault: Callable[[Patcher], None], found: str) -> None:
    findings = _seeded(fault)
    assert any(re.match(found, finding) for finding in findings), findings


@pytest.mark.slow
def test_the_faults_of_the_bundle_are_found() -> None:
    def said(data: bytes) -> str:
        return "\n".join(map(str, lint(data)))

    assert "is not frozen" in said(BUILT.unfrozen())
    audio = container.Device(
        container.patcher_bytes(BUILT.document), BUILT.scripts, "B.amxd", b"aaaa", 7
    )
    assert "is not a MIDI effect" in said(container.write(audio))
    assert "is not bundled" in said(container.frozen(BUILT.document, "B.amxd", BUILT.scripts[:1]))
    extra = [*BUILT.scripts, container.File("left.js", b"1;")]
    assert "left.js: is not named in the patch" in said(
        container.frozen(BUILT.document, "B.amxd", extra)
    )
    mute = [
        container.File(f.name, f.data.replace(b"/clip/got", b"/clip/get")) for f in BUILT.scripts
    ]
    assert "/clip/got: is said by no message box and no script" in said(
        container.frozen(BUILT.document, "B.amxd", mute)
    )
    assert "promises" in said(BUILT.frozen()[:-1])


def test_the_copies_are_whole_otherwise() -> None:
    assert _seeded(lambda p: None) == []
    json.dumps(BUILT.document)


def test_as_a_command_it_names_file_rule_and_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.amxd", tmp_path / "bad.amxd"
    good.write_bytes(BUILT.frozen())
    bad.write_bytes(BUILT.unfrozen())
    monkeypatch.setattr(sys, "argv", ["lint", str(good)])
    assert main() == 0
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(sys, "argv", ["lint", str(good), str(bad)])
    assert main() == 1
    assert f"{bad}: bundle: device: is not frozen" in capsys.readouterr().out
