"""Maps: the shipped receivers, and what a mistake in a person's own says."""

import asyncio
import os
import socket
from pathlib import Path

import pytest
from pythonosc.osc_message import OscMessage

from bridge.errors import UserError
from bridge.events import Beat
from bridge.mapping import profile as profiles
from bridge.patchbay import keys
from bridge.patchbay.load import load, names, parse, text
from bridge.patchbay.message import MidiForm
from bridge.patchbay.shipped import clashes, markdown_table, shipped
from bridge.sinks import Seat
from bridge.sinks.maps.readback import READERS
from bridge.sinks.maps.sink import open_sinks

ROW = """osc = "127.0.0.1:9"

[[row]]
from = "bpm"
to = "/x"
min = 0.0
max = 1.0
"""


def test_at_least_sixteen_receivers_are_ready():
    assert len(names()) >= 16
    for name in names():
        shipped = load(name)
        assert shipped.description
        assert shipped.switch_on, f"{name}: what must be switched on?"
        assert shipped.known.startswith(("verified with ", "read in ")), name
        assert len({row.name for row in shipped.rows}) == len(shipped.rows)
        assert (shipped.osc is None) == (shipped.midi is not None)


def test_no_shipped_row_uses_a_controller_that_silences_a_synth():
    used = {
        row.form.number
        for name in names()
        for row in load(name).rows
        if isinstance(row.form, MidiForm) and row.form.kind.startswith("cc")
    }
    assert not used & {0, 7, 11, 32, *range(120, 128)}


def test_who_can_be_asked_is_known_in_one_place():
    assert set(READERS) == set(keys.READ_BACK)


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("from =", "form ="), 4, "form is unknown; a row has name, from"),
        (('"bpm"', '"bmp"'), 4, "from 'bmp' is no value of the contract"),
        (('"/x"', '"x"'), 5, "to should be an OSC address (/...), cc:74"),
        (('"/x"', '"/x/*"'), 5, "to should be an OSC address without wildcards"),
        (('"/x"', '"cc:200"'), 5, "to should be an OSC address (/...), cc:74"),
        (('"/x"', '"cc"'), 5, "to should name the controller"),
        (("min = 0.0", 'min = "low"'), 6, "min should be a number"),
        (("min = 0.0\n", ""), 3, "min is missing"),
        (("min = 0.0", "low = 200"), 6, "low should lie below high"),
        (("min = 0.0", 'curve = "expo"\nmin = 0.0'), 6, "curve curve 'expo'"),
        (("min = 0.0", 'curve = "exp"\nmin = 0.0'), 6, "curve exp is equal ratios"),
        (("max = 1.0", 'max = 1.0\nargs = ["f", "f"]'), 8, "args hold more than one place"),
        (("max = 1.0", 'max = 1.0\nargs = ["d"]'), 8, "args hold 'd'"),
        (("max = 1.0", 'max = 1.0\nargs = ["s"]'), 8, "args s is a word"),
        (("max = 1.0", 'max = 1.0\non_lost = "stop"'), 8, "on_lost should be"),
        (("max = 1.0", 'max = 1.0\non_lost = "off"'), 8, "on_lost sends off: which address"),
        (("max = 1.0", 'max = 1.0\nwhen = "lost"'), 8, "when should be"),
        (("max = 1.0", "max = 1.0\nscale = [0, 3]"), 8, 'scale is for to = "note"'),
        (("max = 1.0", "max = 1.0\nmost_per_s = 0"), 8, "most_per_s should be"),
        (('osc = "127.0.0.1:9"', 'osc = "here"'), 1, "osc here: should be HOST:PORT"),
        (('osc = "127.0.0.1:9"', 'ocs = "127.0.0.1:9"'), 1, "ocs is unknown; a map has"),
        (('osc = "127.0.0.1:9"', ""), 5, "to is an OSC address: where to?"),
        (("[[row]]", "[row]"), None, "has no rows"),
        (("min = 0.0", "min = = 0.0"), None, "(at line 6"),
    ],
)
def test_a_mistake_names_line_and_key(change, line, says):
    before, after = change
    assert before in ROW
    with pytest.raises(UserError) as error:
        parse("mine.toml", ROW.replace(before, after, 1))
    said = str(error.value)
    assert said.startswith("map mine.toml")
    assert says in said
    if line is not None:
        assert f"line {line}: " in said


def test_a_map_that_is_not_there_names_those_that_are():
    with pytest.raises(UserError, match="neither a file nor one of abletonosc, ardour"):
        load("nothing")


def test_a_map_may_go_somewhere_else():
    assert load("zyn@127.0.0.1:9999").rows[0].osc == ("127.0.0.1", 9999)
    assert load("midi@My Synth").rows[0].midi == "My Synth"


def test_what_is_printed_is_a_map_to_start_from(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text(text("zyn"), encoding="utf-8")
    assert load(str(mine)).rows == load("zyn").rows


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        yield sock


@pytest.mark.slow
def test_an_edit_takes_effect_while_it_plays_and_an_error_changes_nothing(receiver, tmp_path):
    mine, said = tmp_path / "mine.toml", []
    good = (
        f'osc = "127.0.0.1:{receiver.getsockname()[1]}"\n[[row]]\nfrom = "beat"\nto = "/one"\n'
        "min = 0.0\nmax = 1.0\n"
    )
    mine.write_text(good, encoding="utf-8")

    def edit(text, stamp):
        mine.write_text(text, encoding="utf-8")
        os.utime(mine, ns=(stamp, stamp))  # file systems may tell times apart by seconds only

    async def address():
        sink.event(Beat(1.0, 1.0), age_s=0.0)
        loop = asyncio.get_running_loop()
        return OscMessage(await loop.sock_recv(receiver, 2048)).address

    async def words(count):
        while len(said) < count:
            await asyncio.sleep(0.01)

    async def play():
        assert await address() == "/one"
        edit(good.replace("min = 0.0", "min = none"), 10**18)
        await words(1)
        assert await address() == "/one"
        edit(good.replace("/one", "/two"), 2 * 10**18)
        await words(2)
        assert await address() == "/two"
        sink.close()

    seat = Seat("heart", 1, profiles.load([]), notice=said.append)
    (sink,) = open_sinks(str(mine), [seat])
    asyncio.run(asyncio.wait_for(play(), 60.0))
    assert "line 5" in said[0]
    assert "the map stays as it was" in said[0]
    assert "read anew" in said[1]


def test_a_row_for_a_heart_that_does_not_play_is_an_error(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text(ROW.replace('"bpm"', '"flute/bpm"'), encoding="utf-8")
    with pytest.raises(UserError, match="follows flute, and nobody is called so"):
        open_sinks(str(mine), [Seat("heart", 1, profiles.load([]))])


def test_the_page_for_synths_begins_with_the_generated_table():
    page = (Path(__file__).parents[1] / "docs" / "synths.md").read_text(encoding="utf-8")
    table = markdown_table()
    assert table in page, (
        "docs/synths.md is stale: paste bridge.patchbay.shipped.markdown_table() into it"
    )
    assert page.index(table) < page.index("##")


def test_programs_that_share_a_port_are_known():
    assert clashes(shipped())["hydrogen"] == ["vrchat"]
