"""The OSC table: literal datagrams, strict arguments, and the page that is generated from it."""

from pathlib import Path

import numpy as np
import pytest
from pythonosc.osc_message import OscMessage

from bridge.osc import contract


def test_a_beat_is_these_bytes():
    datagram = contract.encode("/beat", (1, 0.5, 2.0))
    assert datagram == (
        b"/heart/beat\0" + b",iff\0\0\0\0" + b"\0\0\0\1" + b"\x3f\0\0\0" + b"\x40\0\0\0"
    )


def test_numpy_and_bool_never_choose_their_own_type():
    message = OscMessage(contract.encode("/beat", (np.int64(3), np.float32(1), True)))
    assert message.params == [3, 1.0, 1.0]
    assert contract.encode("/bpm", (60,)) == contract.encode("/bpm", (60.0,))


def test_another_root_is_for_heart_messages_only():
    assert contract.encode("/bpm", (60.0,), root="/heart/alice").startswith(b"/heart/alice/bpm\0")
    assert contract.encode("/clip/ready", (1,), root="/x").startswith(b"/clip/ready\0")


def test_repeated_groups_are_whole():
    note = (36, 0.0, 0.125, 80)
    message = OscMessage(contract.encode("/clip/notes", (7, 0, *note, *note)))
    assert message.params == [7, 0, *note, *note]
    with pytest.raises(ValueError, match=r"i i \(i f f i\)\*"):
        contract.encode("/clip/notes", (7, 0, *note, 36))


def test_a_heart_may_be_named():
    assert contract.BY_PATH["/bridge/mark"].signature == "s (s)"
    assert OscMessage(contract.encode("/bridge/mark", ("chorus",))).params == ["chorus"]
    named = OscMessage(contract.encode("/bridge/mark", ("chorus", "violin")))
    assert named.params == ["chorus", "violin"]


def test_another_column_of_the_sensor_lies_beside_the_heart():
    def address(path, root):
        return OscMessage(contract.encode(path, (1.0,), root, "eda")).address

    assert address("/body/NAME", contract.ROOT) == "/body/eda"
    assert address("/body/norm/NAME", contract.ROOT) == "/body/norm/eda"
    assert address("/body/NAME", "/heart/violin") == "/body/violin/eda"
    assert address("/body/norm/NAME", "/heart/violin") == "/body/violin/norm/eda"


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("/beat", (1, 0.5)),
        ("/bpm", ()),
        ("/bpm", (1, 2)),
        ("/bridge/mark", ()),
        ("/bridge/mark", ("a", "b", "c")),
    ],
)
def test_a_wrong_number_of_arguments_is_refused(path, arguments):
    with pytest.raises(ValueError, match="takes"):
        contract.encode(path, arguments)


def test_every_row_is_well_formed():
    addresses = [message.address() for message in contract.MESSAGES]
    assert len(set(addresses)) == len(addresses)
    for message in contract.MESSAGES:
        assert set(message.tags + message.repeat + message.optional) <= set("ifs")
        assert not (message.repeat and message.optional)
        assert len(message.names) == len(message.tags + message.repeat + message.optional)
        assert message.meaning


def test_the_page_for_synths_holds_the_generated_table():
    page = (Path(__file__).parents[1] / "docs" / "synths.md").read_text(encoding="utf-8")
    assert contract.markdown_table() in page, (
        "docs/synths.md's OSC table is stale: paste bridge.osc.contract.markdown_table() into it"
    )
