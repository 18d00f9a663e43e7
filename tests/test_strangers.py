"""What strangers send and name: OSC from anywhere, marks, targets, settings, odd files."""

import asyncio
import os
import random
import socket
import struct

import pytest
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.clips.style_file import load_style, parse_change
from bridge.errors import UserError
from bridge.events import Marker, Relearn
from bridge.live.run import LiveRun
from bridge.mapping import profile as profiles
from bridge.osc.listen import DATAGRAMS, OF_ONE_ADDRESS, Listener, listen, messages
from bridge.osc.send import Sender, parse_target, shown
from bridge.printable import MOST, printable
from bridge.recordings.read import read_recording
from bridge.recordings.sheet import LARGEST_MB
from bridge.simulate.heart import Heart
from bridge.sinks.midi.playback import read_score
from bridge.sinks.recorder import Recorder
from bridge.sources.serial import frames
from bridge.sources.sim import SimSource
from tests.test_live import Keeper, free_port, one

NASTY = "red\x1b[2J\x07\r\n\x00\u202e\ud800 end"
"""Clears a screen, rings, breaks lines, turns the writing round, is half a letter."""


def osc(address, *arguments):
    builder = OscMessageBuilder(address)
    for each in arguments:
        builder.add_arg(each)
    return builder.build().dgram


def bundle(*elements):
    sized = [struct.pack(">I", len(each)) + each for each in elements]
    return b"#bundle\0" + struct.pack(">Q", 1) + b"".join(sized)


def test_a_message_and_bundles_of_them_are_read_in_order():
    mark, ping = osc("/bridge/mark", "song"), osc("/bridge/ping")
    assert list(messages(mark)) == [("/bridge/mark", ["song"])]
    nested = bundle(mark, bundle(ping, mark), ping)
    assert [address for address, _ in messages(nested)] == [
        "/bridge/mark", "/bridge/ping", "/bridge/mark", "/bridge/ping",
    ]  # fmt: skip


def deep_bundle(depth):
    inner = osc("/bridge/ping")
    for _ in range(depth):
        inner = bundle(inner)
    return inner


NO_MESSAGES = {
    "bundles in bundles": deep_bundle(2000),
    "lists in lists": b"/bridge/mark\0\0\0\0," + b"[" * 30_000 + b"]" * 30_000 + b"\0\0\0",
    "lists without an end": b"/bridge/mark\0\0\0\0," + b"[" * 9_999 + b"\0\0",
    "a list": osc("/bridge/mark", ["song"]),
    "a blob": osc("/bridge/mark", b"\0\1"),
    "a bundle of nothing": b"#bundle\0",
    "a bundle that promises more": bundle(b"")[:16] + b"\xff\xff\xff\xff/x",
    "nothing": b"",
}


@pytest.mark.parametrize("data", NO_MESSAGES.values(), ids=NO_MESSAGES)
def test_what_is_no_message_for_us_is_left_out(data):
    assert list(messages(data)) == []


@pytest.mark.slow
def test_two_thousand_damaged_datagrams():
    chance = random.Random(16)
    good = [
        osc("/bridge/mark", "song", "violin"), osc("/bridge/relearn"), osc("/bridge/mark", 3, 0.5),
        bundle(osc("/bridge/ping"), bundle(osc("/bridge/mark", "x"))),
    ]  # fmt: skip
    read = 0
    for _ in range(4000):
        data = bytearray(chance.choice(good))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data))
            kind = chance.randrange(4)
            if kind == 0:
                data[at] = chance.choice(b"\0\xff[],isfbTFNI#/")
            elif kind == 1:
                data[at:at] = data[at : at + chance.randint(1, 12)]
            elif kind == 2 and len(data) > 8:
                del data[at : at + chance.randint(1, 4)]
            else:
                data[at] = chance.randrange(256)
        read += len(list(messages(bytes(data))))
    assert read > 500, "else hardly any was near enough to a message"


def flood(data, count):
    """So many of these at one moment; what the handler was given, and what was said."""
    called, said = [], []

    async def play():
        asyncio.get_running_loop().time = lambda: 0.0  # however long this takes here
        handlers = {"/bridge/mark": lambda arguments, sender: called.append(arguments)}
        ear = Listener(handlers, said.append)
        for _ in range(count):
            ear.datagram_received(data, ("127.0.0.1", 9))

    asyncio.run(play())
    return called, said


def test_more_marks_than_a_person_makes_are_left_out_and_said_once():
    called, said = flood(osc("/bridge/mark", "x"), 300)
    assert len(called) == OF_ONE_ADDRESS[1]
    assert said == ["/bridge/mark"]


def test_a_bundle_of_marks_counts_as_many():
    called, _ = flood(bundle(*[osc("/bridge/mark", "x")] * 300), 1)
    assert len(called) == OF_ONE_ADDRESS[1]


def test_a_flood_of_anything_is_not_even_read():
    called, said = flood(osc("/nobody/home"), 3 * DATAGRAMS[1])
    assert (called, said) == ([], ["its port"])


def test_relearn_again_and_again_lets_the_heart_be_learned():
    keeper = Keeper()
    performer = one(SimSource(Heart(), speed=1.0), [keeper])

    async def play():
        for _ in range(50):
            performer.forget()

    asyncio.run(play())
    assert len(keeper.of(Relearn)) == 1


@pytest.mark.slow
def test_a_mark_reaches_screen_and_recording_in_one_clean_line(tmp_path):
    """From the wire: control characters go, long texts are cut."""
    said, keeper = [], Keeper()
    port = free_port()
    performer = one(SimSource(Heart(), speed=1.0), [keeper], notice=said.append)
    run = LiveRun([performer], notice=said.append, listen_port=port)

    async def play():
        task = asyncio.ensure_future(run.run())
        while not keeper.sample_count:
            await asyncio.sleep(0.01)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for text in ("red\x1b[2J\x07\r\nend", "a" * 5000):
                sender.sendto(bundle(osc("/bridge/mark", text)), ("127.0.0.1", port))
        while len(keeper.of(Marker)) < 2:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(asyncio.wait_for(play(), 60.0))
    assert [marker.text for marker in keeper.of(Marker)] == ["red [2J end", "a" * MOST]
    assert "mark: red [2J end" in said


def test_no_control_character_passes():
    assert printable(NASTY) == "red [2J end"
    assert printable("Größe 心拍 ♥ x") == "Größe 心拍 ♥ x"


def test_the_recorder_keeps_rows_whole_whoever_marks(tmp_path):
    recorder = Recorder(tmp_path / "s.csv")
    recorder.event(Marker(1.0, NASTY + ',"'), 0.0)
    recorder.close()
    rows = (tmp_path / "s.csv").read_bytes().splitlines()
    assert rows[1:] == [b'1.000000,,marker,"red [2J end,"""']


@pytest.fixture
def six():
    """A receiver on IPv6."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.bind(("::1", 0))
            sock.settimeout(60.0)
            yield sock
    except OSError:
        pytest.skip("this machine has no IPv6")


def test_a_target_may_be_on_ipv6(six):
    port = six.getsockname()[1]
    target = parse_target(f"[::1]:{port}")
    assert target == ("::1", port)
    assert shown(target) == f"[::1]:{port}"
    sender = Sender([target])
    sender.send(b"hello")
    assert six.recv(100) == b"hello"
    sender.close()


def test_a_name_with_both_kinds_of_address_is_reached_over_ipv4():
    assert parse_target("localhost:7771") == ("127.0.0.1", 7771)


BROADCAST = ("255.255.255.255", 9)
"""Which no socket may send to unless it asked for that."""


def test_a_target_that_cannot_be_reached_is_told_of_once():
    sender = Sender([BROADCAST])
    assert sender.take_trouble() == []
    sender.send(b"x")
    (said,) = sender.take_trouble()
    assert said.startswith("255.255.255.255:9 cannot be reached: ")
    sender.send(b"x")
    assert sender.take_trouble() == []
    assert sender.failed == 2
    sender.close()


@pytest.mark.slow
def test_it_is_told_of_while_the_heart_plays():
    said = []
    performer = one(SimSource(Heart(), speed=1.0), [], targets=[BROADCAST], notice=said.append)

    async def play():
        task = asyncio.ensure_future(LiveRun([performer], notice=print, listen_port=None).run())
        while not told():
            await asyncio.sleep(0.01)
        failed = performer.osc.failed
        while performer.osc.failed < failed + 20:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def told():
        return [text for text in said if "cannot be reached" in text]

    asyncio.run(asyncio.wait_for(play(), 60.0))
    assert len(told()) == 1


TOML_BOMBS = {
    "arrays in arrays": "x = " + "[" * 20_000 + "]" * 20_000,
    "tables in tables": "x = " + "{a = " * 3_000 + "1" + "}" * 3_000,
    "a number of 5,000 digits": "x = " + "9" * 5_000,
    "not UTF-8": "\udcff",
}


@pytest.mark.parametrize("text", TOML_BOMBS.values(), ids=TOML_BOMBS)
def test_settings_that_are_no_settings_are_refused_in_a_line(tmp_path, text):
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    for load in (lambda: profiles.load([str(file)]), lambda: load_style(str(file))):
        with pytest.raises(UserError, match=r"mine\.toml") as refused:
            load()
        assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("number", ["9" * 4000, "0x" + "f" * 60_000, "1e999", "-inf", "nan"])
def test_numbers_beyond_use_are_refused(tmp_path, number):
    file = tmp_path / "mine.toml"
    file.write_text(f"[norm]\nbpm = {{ low = 40, high = {number} }}\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"norm\.bpm"):
        profiles.load([str(file)])
    file.write_text(f"[grid]\ntempo = {number}\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"grid\.tempo|number"):
        load_style(str(file))


def test_a_change_that_is_no_toml_is_text():
    bomb = "[" * 20_000
    assert parse_change(f"grid.follow={bomb}") == ("grid.follow", bomb)


READERS = {
    "recording": read_recording,
    "clip": read_score,
    "style": lambda path: load_style(str(path)),
    "profile": lambda path: profiles.load([str(path)]),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_pipe_is_not_waited_for_in_silence(tmp_path, read):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes with names here")
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    with pytest.raises(UserError, match="is a pipe or a device"):
        read(pipe)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_file_that_does_not_fit_into_memory_is_refused(tmp_path, read):
    large = tmp_path / "large.toml"
    with large.open("wb") as file:
        file.truncate((LARGEST_MB + 1) * 1_000_000)  # takes no room on the disk
    with pytest.raises(UserError, match="MB are the most"):
        read(large)


@pytest.mark.parametrize("read", [read_recording, read_score])
def test_an_empty_file_is_refused(tmp_path, read):
    empty = tmp_path / "empty.csv"
    empty.touch()
    with pytest.raises(UserError, match=r"empty\.csv"):
        read(empty)


def test_a_greeting_with_a_rate_of_nothing_is_none():
    line = b"beatbridge pulse_stream 1 ready rate=0 channels=1 bits=10"
    greeting = line + b" *%04X\r\n" % frames.crc14(line)
    assert frames.FrameParser().feed(greeting) == []


def test_a_listener_hears_over_the_wire():
    called = []

    async def play():
        handlers = {"/bridge/ping": lambda arguments, sender: called.append(sender[0])}
        ear = await listen(0, handlers)
        port = ear.get_extra_info("sockname")[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(bundle(osc("/bridge/ping")), ("127.0.0.1", port))
        while not called:
            await asyncio.sleep(0.01)
        ear.close()

    asyncio.run(asyncio.wait_for(play(), 60.0))
    assert called == ["127.0.0.1"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such pipes")
def test_no_reader_waits_for_a_pipe(tmp_path):
    from bridge.clips.read import read_clips
    from bridge.patchbay import load as maps

    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    reads = (
        lambda: maps.load(str(pipe)), lambda: profiles.load([str(pipe)]), lambda: read_clips(pipe),
        lambda: load_style(str(pipe)), lambda: read_recording(pipe), lambda: read_score(pipe),
    )  # fmt: skip
    for read in reads:
        with pytest.raises(UserError) as told:
            read()
        assert str(told.value).count(str(pipe)) == 1
        assert "is a pipe or a device" in str(told.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_a_shell_redirected_is_read_back(tmp_path, encoding):
    """PowerShell's > writes UTF-16; ``beatbridge map zyn > mine.toml`` is to work there too."""
    from bridge.clips.style_file import STYLES
    from bridge.patchbay import load as maps

    def kept(text):
        path = tmp_path / "mine.toml"
        path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
        return str(path)

    assert maps.load(kept(maps.text("zyn"))).rows == maps.load("zyn").rows
    assert profiles.load([kept(profiles.text("calm"))]).norm == profiles.load(["calm"]).norm
    style = (STYLES / "euclid.toml").read_text(encoding="utf-8")
    assert load_style(kept(style)) == load_style("euclid")
