"""Receivers of the panel: rows changed while they play, lent to learning, and their meters."""

import asyncio
import contextlib
import json
import socket
import subprocess
import sys

import pytest
from pythonosc.osc_message import OscMessage

from bridge.errors import BeatbridgeError, UserError
from bridge.events import Beat, Quality, State, Status
from bridge.live.performer import Performer
from bridge.mapping import profile as profiles
from bridge.mapping.values import Said
from bridge.osc import contract
from bridge.panel.outputs import Player
from bridge.panel.receivers import MOST_RECEIVERS, Receivers
from bridge.panel.rows import POINTS, Rows
from bridge.patchbay.load import load, parse, text
from bridge.pipeline import Pipeline
from bridge.simulate.heart import Heart
from bridge.sinks import Seat
from bridge.sinks.maps.sink import Patchbay
from bridge.sinks.osc import OscSink
from bridge.sources.sim import SimSource

ROWS = """osc = "127.0.0.1:{port}"

[[row]]
name = "level"
from = "quality"   # the simplest value
to = "/level"
min = 0
max = 100

[[row]]
name = "hit"
from = "beat"
to = "/hit"
min = 1
max = 127
args = ["i"]
off = "/end"
length_ms = 60000
"""


@pytest.fixture
def ear():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.setblocking(False)
        yield ear


def map_to(ear, change=("", "")):
    return ROWS.replace(*change).format(port=ear.getsockname()[1])


def heard(ear):
    found = []
    with contextlib.suppress(BlockingIOError):
        while True:
            message = OscMessage(ear.recv(2048))
            found.append((message.address, *message.params))
    return found


def seat(name="violin"):
    return Seat(name, 1, profiles.load([]))


def beat(t=1.0, strength=0.5):
    return Beat(t=t, sure_t=t, strength=strength, ibi_ms=800.0, bpm=75.0)


def player(name):
    heart = SimSource(Heart())
    osc = OscSink([], f"{contract.ROOT}/{name}", profiles.load([]))
    return Player(
        Performer(heart, Pipeline("ppg"), osc, [], notice=print, name=name), seat(name)
    )  # fmt: skip


def test_a_row_that_is_lent_moves_alone(ear):
    async def play():
        patchbay = Patchbay(parse("m", map_to(ear)), ["violin"], print)
        member = patchbay.member(seat())
        lending = asyncio.ensure_future(patchbay.lend(0, 0.3))
        await asyncio.sleep(0)
        member.event(beat(), 0.0)
        member.event(Quality(1.0, 0.5), 0.0)
        await lending
        alone = heard(ear)
        member.event(beat(2.0), 0.0)
        after = heard(ear)
        member.close()
        return alone, after

    alone, after = asyncio.run(play())
    assert {address for address, *_ in alone} == {"/level"}
    assert len({value for _, value in alone}) > 1
    assert ("/level", 50.0) not in alone
    assert [address for address, *_ in after] == ["/hit"]


def test_a_row_that_strikes_is_lent_as_strikes_and_ends(ear):
    async def play():
        patchbay = Patchbay(parse("m", map_to(ear)), ["violin"], print)
        await patchbay.lend(1, 0.2)
        patchbay.users = 1
        patchbay.close()

    asyncio.run(play())
    assert [address for address, *_ in heard(ear)] == ["/hit", "/end"]


def test_other_rows_are_taken_while_a_note_sounds_and_it_ends(ear):
    async def play():
        patchbay = Patchbay(parse("m", map_to(ear)), ["violin"], print)
        member = patchbay.member(seat())
        member.event(Status(0.0, State.LIVE), 0.0)
        member.event(beat(), 0.0)
        muted = map_to(ear, ('to = "/hit"', 'to = "/hit"\nmute = true'))
        patchbay.use(parse("m", muted), ["violin"])
        member.event(beat(2.0), 0.0)
        member.event(Quality(2.0, 0.25), 0.0)
        member.close()

    asyncio.run(play())
    assert [address for address, *_ in heard(ear)] == ["/hit", "/end", "/level"]


def test_hearts_come_and_go_and_rows_follow_the_first(ear):
    async def play():
        receivers = Receivers(print)
        await receivers.use("m", map_to(ear))
        hearts = {number: player(name) for number, name in ((1, "violin"), (2, "cello"))}
        for number, each in hearts.items():
            receivers.join(number, each)
        first = heard_after(ear, hearts)
        receivers.leave(1)
        hearts[1].performer._close()
        second = heard_after(ear, {2: hearts[2]})
        shown = receivers.meters(), receivers.meters()
        await receivers.close()
        return first, second, shown

    first, second, shown = asyncio.run(play())
    assert first == [("/level", 10.0)]
    assert second == [("/level", 20.0)]
    assert shown == ({"m/0": [0.2, "20", 0.2, False]}, {})


def heard_after(ear, hearts):
    """What leaves when each heart tells of a quality of a tenth of its number."""
    for number, each in hearts.items():
        each.performer._spread(Quality(1.0, number / 10), 1.0)
    return heard(ear)


def test_rows_follow_all_hearts_together(ear):
    async def play():
        receivers = Receivers(print)
        source = map_to(ear, ('from = "quality"', 'low = 0\nhigh = 4\nfrom = "group/count"'))
        await receivers.use("m", source)
        receivers.group(Said("/group/count", (1,)))
        receivers.group(Said("/group/bpm", (70.0,)))
        shown = receivers.meters()
        receivers.group(
            Said("/group/count", (0,))
        )  # at once, so it waits; then the rows are others
        receivers.join(1, player("violin"))
        await receivers.close()
        return shown

    shown = asyncio.run(play())
    assert heard(ear) == [("/level", 25.0), ("/level", 0.0)]
    assert shown == {"m/0": [0.25, "25", 0.25, False]}


def test_what_fails_for_the_group_is_told_once_and_stops_no_other(ear, monkeypatch):
    said = []

    async def play():
        receivers = Receivers(said.append)
        for name in ("gone", "there"):
            source = map_to(ear, ('from = "quality"', 'from = "group/bpm"'))
            await receivers.use(name, source)

        def fails(heart, value):
            raise BeatbridgeError("the port is gone")

        monkeypatch.setattr(receivers._used["gone"].patchbay, "said", fails)
        for bpm in (75.0, 110.0):
            receivers.group(Said("/group/bpm", (bpm,)))
            await asyncio.sleep(0.1)
        await receivers.close()

    asyncio.run(play())
    assert said == ["the port is gone"]
    assert heard(ear)[0] == ("/level", 25.0)


def test_a_faulty_text_changes_nothing(ear):
    async def play():
        receivers = Receivers(print)
        await receivers.use("m", map_to(ear))
        with pytest.raises(UserError, match="map m, line 5"):
            await receivers.use("m", map_to(ear, ('"quality"   #', '"qualty" #')))
        assert receivers.texts == {"m": map_to(ear)}
        with pytest.raises(UserError, match="no longer there"):
            receivers.move("m", 2)
        for n in range(MOST_RECEIVERS - 1):
            await receivers.use(f"n{n}", map_to(ear))
        with pytest.raises(UserError, match="remove one first"):
            await receivers.use("more", map_to(ear))
        await receivers.close()
        assert receivers.texts == {}

    asyncio.run(play())


def ask(rows, what, **command):
    return asyncio.run(rows.commands[what](command))


def changed(rows, what="row.set", **command):
    """Do it, and play what comes of it."""
    forward = ask(rows, what, **command)["forward"]
    assert forward["do"] == "receiver.use"
    return forward["text"], rows.message({forward["name"]: forward["text"]})["used"][0]


def test_a_row_is_changed_and_its_comments_stay(tmp_path):
    rows = Rows(tmp_path)
    source, shown = changed(rows, "receiver.add", name="zyn")
    assert source == text("zyn")
    assert (shown["title"], shown["where"]) == ("ZynAddSubFX", "127.0.0.1:7770")
    source, shown = changed(rows, name="zyn", index=0, key="max", value=4000)
    assert shown["rows"][0]["max"] == 4000
    assert source == text("zyn").replace("6000.0", "4000")
    source, shown = changed(rows, name="zyn", index=4, key="mute", value=True)
    assert shown["rows"][4]["mute"]
    assert not shown["rows"][3]["mute"]
    source, shown = changed(rows, name="zyn", index=0, key="from", value="norm/bpm")
    assert (shown["rows"][0]["low"], shown["rows"][0]["high"]) == (0.0, 1.0)
    source, shown = changed(rows, name="zyn", index=0, key="from", value="group/spread")
    assert (shown["rows"][0]["low"], shown["rows"][0]["high"]) == (0.0, 30.0)
    source, shown = changed(rows, name="zyn", index=0, key="from", value="bpm")
    assert (shown["rows"][0]["low"], shown["rows"][0]["high"]) == (40.0, 180.0)
    source, shown = changed(rows, "receiver.where", name="zyn", where="127.0.0.1:9009")
    assert shown["where"] == "127.0.0.1:9009"
    assert "# the program's own range: 31.25-32000" in source


@pytest.mark.parametrize(
    ("index", "key", "value", "says"),
    [
        (0, "max", "loud", "line 16: max should be a number"),
        (0, "max", float("inf"), "max should be a number"),
        (0, "low", 500, "low should lie below high"),
        (0, "curve", "wavy", "it is none of linear, exp"),
        (0, "to", "/quit", "to: cannot be changed here"),
        (0, "max", {"a": 1}, "a number, a word, true or false"),
        (9, "max", 1, "no longer there"),
        ("row", "max", 1, "no longer there"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(tmp_path, index, key, value, says):
    rows = Rows(tmp_path)
    rows.message({"zyn": text("zyn")})
    with pytest.raises(UserError, match=says):
        ask(rows, "row.set", name="zyn", index=index, key=key, value=value)
    source, _ = changed(rows, name="zyn", index=0, key="max", value=6000.0)
    assert source == text("zyn")


def test_a_map_is_kept_in_the_folder_and_found_there(tmp_path):
    rows = Rows(tmp_path / "sessions")
    rows.message({"zyn": text("zyn").replace("6000.0", "4000.0")})
    for name in ("zyn.toml", "zyn-2.toml"):
        assert (
            f"--map {tmp_path / 'sessions' / name}"
            in ask(rows, "receiver.keep", name="zyn")["says"]
        )
        assert load(str(tmp_path / "sessions" / name)).rows[0].max == 4000.0
    (tmp_path / "other.toml").write_text(text("zyn"), encoding="utf-8")
    listed = [each["name"] for each in rows.message({})["receivers"]]
    assert listed[:2] == ["zyn-2.toml", "zyn.toml"]
    assert "superdirt" in listed
    assert changed(rows, "receiver.add", name="zyn.toml")[1]["rows"][0]["max"] == 4000.0
    for name in ("../other.toml", "other.toml", str(tmp_path / "other.toml")):
        with pytest.raises(UserError, match="there is no receiver"):
            ask(rows, "receiver.add", name=name)


def test_curves_are_drawn_as_they_play(tmp_path):
    rows = Rows(tmp_path)
    shown = rows.message({"zyn": text("zyn")})["used"][0]["rows"]
    cutoff = shown[0]["points"]
    assert len(cutoff) == POINTS
    assert (cutoff[0], cutoff[-1]) == (0.0, 1.0)
    half = (200.0 * (6000 / 200) ** 0.5 - 200.0) / 5800.0  # equal ratios
    assert cutoff[POINTS // 2] == pytest.approx(half, abs=1e-3)
    turned = text("zyn").replace("min = 70 ", "min = 110 ")
    falling = rows.message({"zyn": turned})["used"][0]["rows"][2]["points"]
    assert (falling[0], falling[-1]) == (1.0, 0.0)


def test_what_serves_pages_is_not_loaded_where_it_plays():
    """Structure before figures: what is not there can delay no beat."""
    names = ("aiohttp", "http.server", "tomlkit", "bridge.panel.rows", "bridge.panel.library")
    code = (
        f"import sys, bridge.panel.host; print([name for name in {names} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout) == []
