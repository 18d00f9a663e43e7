"""mapping.js under Duktape: the Map button takes the parameter that is clicked next."""

import pytest

from tests.livefake import Script


def new_script(**options) -> Script:
    script = Script("mapping", **options)
    assert script.ready() == []
    return script


def parameter(script: Script, which: str) -> int:
    return script.js(f"{which}.id")


def click(script: Script, which: str) -> list[tuple[int, list]]:
    """Select a parameter in Live; returns what left the outlets once the task has run."""
    script.js(f"__change(__song.view, 'selected_parameter', {which});")
    return [(outlet, atoms) for _, outlet, atoms in script.advance(5)]


SYNTH = "__synth.parameters[0]"
OWN = "__device.parameters[0]"
VOLUME = "__song.tracks[1].mixer_device.volume"


def armed(script: Script, row: int = 1) -> int:
    """Arm a row; returns the token."""
    ((outlet, (token,)),) = script.send("arm", row, 1)
    assert outlet == 2
    return token


def test_the_parameter_clicked_next_is_taken():
    script = new_script()
    armed(script, 3)
    assert click(script, SYNTH) == [
        (0, [3, parameter(script, SYNTH)]),
        (1, [3, "armed", 0]),
        (1, [3, "name", "Ana…: Filter 1 Frequency"]),
    ]
    assert script.refused == script.posted == []
    assert script.leaked == set()


def test_it_is_taken_in_a_task_because_a_notification_may_not_work_on_the_set():
    script = new_script()
    armed(script)
    script.js(f"__change(__song.view, 'selected_parameter', {SYNTH});")
    assert script.send("arm", 8, 0) == []  # nothing has left an outlet yet
    assert script.advance(5)[0][1:] == (0, [1, parameter(script, SYNTH)])


def test_after_the_capture_clicks_are_only_clicks():
    script = new_script()
    armed(script)
    assert click(script, SYNTH)
    assert click(script, VOLUME) == []


def test_own_parameters_and_the_one_selected_before_are_not_taken():
    script = new_script()
    click(script, SYNTH)
    armed(script)
    assert script.advance(50) == []  # SYNTH is still selected
    assert click(script, OWN) == []
    assert click(script, VOLUME)[0] == (0, [1, parameter(script, VOLUME)])


def test_the_one_selected_before_may_be_left_and_clicked_again():
    script = new_script()
    click(script, SYNTH)
    armed(script)
    assert click(script, "null") == []
    assert click(script, SYNTH)[0] == (0, [1, parameter(script, SYNTH)])


def test_arming_a_row_disarms_the_other():
    script = new_script()
    token = armed(script, 1)
    assert script.send("arm", 2, 1) == [(1, [1, "armed", 0]), (2, [token])]
    assert click(script, SYNTH)[0] == (0, [2, parameter(script, SYNTH)])


def test_disarming_by_hand():
    script = new_script()
    armed(script, 1)
    assert script.send("arm", 2, 0) == []  # another row's button
    assert script.send("arm", 1, 0) == [(1, [1, "armed", 0])]
    assert click(script, SYNTH) == []


def test_only_somebody_elses_map_off_disarms():
    script = new_script()
    token = armed(script, 4)
    assert script.send("map_off", token) == []
    assert script.send("map_off", token + 1) == [(1, [4, "armed", 0])]
    assert script.send("map_off", token + 1) == []
    assert click(script, SYNTH) == []
    armed(script, 4)
    assert script.send("map_off") == [(1, [4, "armed", 0])]  # Ableton's own carry no token


def test_nothing_arms_before_live_is_there():
    script = Script("mapping")
    assert script.send("arm", 1, 1) == [(1, [1, "armed", 0])]


def test_unmap():
    script = new_script()
    armed(script, 2)
    click(script, SYNTH)
    assert script.send("unmap", 2) == [(0, [2, 0]), (1, [2, "name", "Map"])]


def test_unmap_of_a_waiting_row_ends_the_wait():
    script = new_script()
    armed(script, 2)
    assert (1, [2, "armed", 0]) in script.send("unmap", 2)
    assert click(script, SYNTH) == []


def test_targets_come_back_with_the_set_without_an_undo_step():
    script = new_script()
    target = parameter(script, VOLUME)
    assert script.send("stored", 1, target) == [(1, [1, "name", "Voice: Track Volume"])]
    assert script.send("stored", 2, 0) == [(1, [2, "name", "Map"])]
    assert script.send("stored", 3, 987654) == [(1, [3, "name", "Map"])]


def test_targets_that_come_before_live_is_there_are_named_with_it():
    script = Script("mapping")
    script.js("__live()")
    assert script.send("stored", 1, parameter(script, VOLUME)) == []
    assert script.send("mapped", 1, 0) == []
    assert script.send("ready") == [(1, [1, "name", "Voice: Track Volume"])]


def test_a_row_keeps_its_target_while_its_source_is_off_and_loses_it_with_the_parameter():
    script = new_script()
    script.send("stored", 1, parameter(script, VOLUME))
    assert script.send("mapped", 1, 0) == [(1, [1, "name", "Voice: Track Volume"])]
    script.js(f"__forget({VOLUME});")
    assert script.send("mapped", 1, 0) == [(1, [1, "name", "Map"])]


@pytest.mark.parametrize(
    ("device", "name", "shown"),
    [
        ("Analog", "Volume", "Analog: Volume"),
        ("Analog", "Filter 1 Freq", "Analog: Filter 1 Freq"),
        ("Analog Strings", "Filter 1 Freq", "Analog S…: Filter 1 Freq"),
        ("Analog", "Filter 1 Frequency LP", "Filter 1 Frequency LP"),
        ("Analog", "A parameter with too long a name", "A parameter with too lo…"),
    ],
)
def test_the_label_fits_and_keeps_the_parameter(device, name, shown):
    script = new_script()
    script.js(f"__synth.name = {device!r}; {SYNTH}.name = {name!r};")
    ((_, (_, _, label)),) = script.send("stored", 1, parameter(script, SYNTH))
    assert label == shown
    assert len(label) <= 24
