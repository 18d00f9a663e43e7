"""Other programs' OSC becomes a heart: recorded forms of messages through a real UDP port."""

import asyncio
import socket
from itertools import pairwise

import pytest
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.errors import UserError
from bridge.events import Beat, BodyChunk, SampleChunk
from bridge.sources import Notice
from bridge.sources.osc import Meaning, OscSource, meaning
from bridge.sources.spec import open_source
from tests import sketches


def message(address, *arguments):
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    return builder.build()


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("/EmotiBit/0/PPG:IR", Meaning("wave", "ppg_ir", 1.0)),
        ("/EmotiBit/0/EDA", Meaning("body", "eda", 1.0)),
        ("/polar/1/ibi", Meaning("rr", "ibi", 1 / 1024)),
        ("/openbci/pulse/bpm", Meaning("body", "hr", 1.0)),
        ("/avatar/parameters/RRInterval", Meaning("rr", "rrinterval", 1e-3)),
        ("/avatar/parameters/HR", Meaning("body", "hr", 1.0)),
        ("/avatar/parameters/isHRBeat", None),
        ("/avatar/parameters/HeartBeatToggle", None),
        ("/beat/0", None),
        ("/my/pulse", Meaning("wave", "pulse", None)),
    ],
)
def test_addresses_are_known_and_timers_are_no_beats(address, found):
    assert meaning(address, wave="/my/pulse") == found


def play(source, port, datagrams, enough):
    """Send (pause, datagram) pairs to the running source; return its items once enough.

    The loop's clock goes on by the pauses alone: how fast this machine is, is nobody's rate.
    """
    items = []

    async def work():
        loop = asyncio.get_running_loop()
        running = asyncio.ensure_future(source.run(items.append))
        while not items and not running.done():
            await asyncio.sleep(0.01)
        now = loop.time()
        loop.time = lambda: now
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for pause, datagram in datagrams:
                now += pause
                sock.sendto(datagram, ("127.0.0.1", port))
                for _ in range(10):  # it is there already: let the loop find it
                    await asyncio.sleep(0)
                if enough(items) or running.done():
                    break
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(work())
    return items


@pytest.fixture
def port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def test_emotibits_packets_of_floats_are_a_signal(port):
    wave = [float(v) for v in sketches.pulse(50.0, 6.0)]
    datagrams = []
    for start in range(0, len(wave), 5):
        bundle = OscBundleBuilder(IMMEDIATELY)
        bundle.add_content(message("/EmotiBit/0/PPG:IR", *wave[start : start + 5]))
        bundle.add_content(message("/EmotiBit/0/EDA", 0.5 + start))
        datagrams.append((0.1, bundle.build().dgram))
    items = play(
        OscSource(port), port, datagrams,
        lambda items: sum(len(i.values) for i in items if isinstance(i, SampleChunk)) >= 200,
    )  # fmt: skip
    chunks = [item for item in items if isinstance(item, SampleChunk)]
    values = [value for chunk in chunks for value in chunk.values.tolist()]
    assert values == wave[: len(values)]
    assert len(values) >= 200
    assert chunks[0].rate_hz == pytest.approx(50.0)
    assert {item.name for item in items if isinstance(item, BodyChunk)} == {"eda"}
    assert "/EmotiBit/0/PPG:IR: a signal" in [i.text for i in items if isinstance(i, Notice)]


def test_intervals_become_beats_with_their_own_unit(port):
    datagrams = [(0.5, message("/polar/1/ibi", 512).dgram) for _ in range(10)]
    items = play(
        OscSource(port), port, datagrams,
        lambda items: sum(isinstance(item, Beat) for item in items) >= 4,
    )  # fmt: skip
    beats = [item for item in items if isinstance(item, Beat)]
    assert len(beats) >= 4
    assert [b.t - a.t for a, b in pairwise(beats)] == [0.5] * (len(beats) - 1)


def test_what_nobody_here_knows_is_told_of_until_something_known_comes(port):
    """A few addresses, once each, with what to say if one of them is the heart."""
    unknown = ["/rr", "/rr", "/a\x1b[2J", "/b", "/c", "/d"]
    addresses = [*unknown, "/hr", "/e"]
    datagrams = [(0.0, message(address, 800.0).dgram) for address in addresses]
    items = play(
        OscSource(port), port, datagrams, lambda items: any(isinstance(i, BodyChunk) for i in items)
    )
    _, first, *others = [item.text for item in items if isinstance(item, Notice)]
    assert first == (
        "/rr comes, and is not known here: if it is the heart, say "
        f"osc:{port}?rr=/rr for intervals, or ?wave=/rr for its signal"
    )
    assert [text.split(" comes")[0] for text in others] == ["/a [2J", "/b", "/hr: /body/hr"]


def test_nonsense_is_ignored(port):
    datagrams = [
        (0.0, b""),
        (0.0, b"#bundle\0" + bytes(8) + b"\xff\xff\xff\xff"),
        (0.0, b"/polar/1/ibi\0\0\0\0,f\0\0\x7f\xc0\0\0"),
        (0.0, message("/polar/1/ibi", "fast").dgram),
        (0.0, message("/hr", 71).dgram),
    ]
    items = play(
        OscSource(port), port, datagrams, lambda items: any(isinstance(i, BodyChunk) for i in items)
    )
    assert [item.values.tolist() for item in items if isinstance(item, BodyChunk)] == [[71.0]]


def test_a_port_in_use_and_a_wrong_port_are_errors(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", port))
        with pytest.raises(UserError, match=f"osc:{port}: the port is taken"):
            asyncio.run(OscSource(port).run(lambda item: None))
    with pytest.raises(UserError, match="name a UDP port"):
        open_source("osc:heart")
