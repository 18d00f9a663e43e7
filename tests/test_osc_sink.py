"""The OSC sink on a real socket: which event becomes which messages, in which order."""

import socket

import pytest
from pythonosc.osc_message import OscMessage

from bridge import __version__
from bridge.errors import UserError
from bridge.events import (
    Beat,
    Body,
    Breath,
    Foretold,
    HrvSnapshot,
    Quality,
    Relearn,
    State,
    Status,
    Wave,
)
from bridge.mapping import profile as profiles
from bridge.osc.send import parse_target
from bridge.sinks.osc import OscSink, parse_root


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(60.0)
        yield sock


def heard(receiver, count):
    messages = [OscMessage(receiver.recv(2048)) for _ in range(count)]
    return [(message.address, *message.params) for message in messages]


@pytest.fixture
def sink(receiver):
    sink = OscSink([receiver.getsockname()], "/heart", profiles.load([]))
    sink.hello()
    assert heard(receiver, 2) == [
        ("/heart/hello", __version__, 2, 0),
        ("/heart/status", "searching"),
    ]
    yield sink
    sink.close()


def test_a_beat_is_numbered_and_followed_by_its_interval(sink, receiver):
    sink.event(Beat(1.0, 1.0625, strength=0.75), age_s=0.0625)
    sink.event(Beat(2.0, 2.0625, strength=0.75, ibi_ms=1000.0, bpm=60.5), age_s=0.0625)
    assert heard(receiver, 6) == [
        ("/heart/beat", 1, 0.75, 62.5),
        ("/heart/beat", 2, 0.75, 62.5),
        ("/heart/ibi", 1000.0),
        ("/heart/norm/ibi", pytest.approx((1000 - 333) / (1500 - 333), rel=1e-6)),
        ("/heart/bpm", 60.5),
        ("/heart/norm/bpm", pytest.approx((60.5 - 40) / (180 - 40), rel=1e-6)),
    ]


def test_a_late_beat_is_never_sounded(sink, receiver):
    sink.event(Beat(1.0, 1.5, late=True), age_s=0.5)
    sink.event(Beat(2.0, 2.0), age_s=0.0)
    assert heard(receiver, 1) == [("/heart/beat", 1, 1.0, 0.0)]


def test_the_breath_and_what_goes_with_it(sink, receiver):
    sink.event(Breath(1.0, level=0.25, rate=6.0), age_s=0.0)
    sink.event(Breath(1.05, level=0.5, rate=None), age_s=0.0)
    sink.event(Breath(2.0, level=None, rate=12.0), age_s=0.0)
    resonant = HrvSnapshot(3.0, 1.0, sd1_ms=20.0, sd2_ms=50.0, coherence=0.75, resonance_hz=0.125)
    sink.event(resonant, age_s=0.0)
    assert heard(receiver, 9) == [
        ("/heart/breath", 0.25),
        ("/heart/breath/rate", 6.0),
        ("/heart/breath", 0.5),
        ("/heart/breath/rate", 12.0),
        ("/heart/hrv/sd1", 20.0),
        ("/heart/hrv/sd2", 50.0),
        ("/heart/hrv/coherence", 0.75),
        ("/heart/hrv/resonance", 0.125),
        ("/heart/hrv/coverage", 1.0),
    ]


def test_unknown_measures_are_absent(sink, receiver):
    sink.event(HrvSnapshot(9.0, coverage=0.25, bpm=110.0), age_s=0.0)
    sink.event(Quality(9.0, 0.5), age_s=0.0)
    sink.event(Wave(9.0, 0.25), age_s=0.0)
    sink.event(Status(9.0, State.LIVE), age_s=0.0)
    assert heard(receiver, 4) == [
        ("/heart/hrv/coverage", 0.25),
        ("/heart/quality", 0.5),
        ("/heart/wave", 0.25),
        ("/heart/status", "live"),
    ]


def test_hello_repeats_the_state_and_answers_elsewhere(sink, receiver):
    sink.event(Status(1.0, State.LOST), age_s=0.0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        other.settimeout(60.0)
        sink.hello(other.getsockname())
        expected = [("/heart/hello", __version__, 2, 0), ("/heart/status", "lost")]
        assert heard(other, 2) == expected
        assert heard(receiver, 3)[1:] == expected


def test_several_targets_and_one_that_is_closed():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = closed.getsockname()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as alive:
        alive.bind(("127.0.0.1", 0))
        alive.settimeout(60.0)
        sink = OscSink([nobody, alive.getsockname()], "/heart/alice", profiles.load([]))
        for _ in range(5):
            sink.event(Beat(1.0, 1.0), age_s=0.0)
        assert heard(alive, 5)[-1] == ("/heart/alice/beat", 5, 1.0, 0.0)
        assert sink.sent["/beat"] == 5
        sink.close()


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("127.0.0.1:9000", ("127.0.0.1", 9000)),
        (":9000", ("127.0.0.1", 9000)),
        ("9000", ("127.0.0.1", 9000)),
        ("localhost:9000", ("127.0.0.1", 9000)),
    ],
)
def test_targets(text, target):
    assert parse_target(text) == target


@pytest.mark.parametrize("text", ["127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "1:70000", "::0"])
def test_bad_targets(text):
    with pytest.raises(UserError, match="should be HOST:PORT"):
        parse_target(text)


def test_roots():
    assert parse_root("heart/bob/") == "/heart/bob"
    for text in ("", "/", "/a b", "/a*", "/ä", "/a//b"):
        with pytest.raises(UserError, match="--root"):
            parse_root(text)


def test_learned_ranges_are_told_used_and_forgotten(receiver):
    sink = OscSink([receiver.getsockname()], "/heart", profiles.load(["learned"]))
    sink.hello()
    try:
        assert heard(receiver, 2)[0] == ("/heart/hello", __version__, 2, 0, "learned")
        told = {}
        for t in range(60):
            sink.event(HrvSnapshot(5.0 * t, coverage=1.0, rmssd_ms=40.0 + t % 2 * 20), age_s=0.0)
            told[t] = heard(receiver, 3)[1]
        assert told[0] == ("/heart/norm/rmssd", 0.5)
        assert told[58][1] < 0.2
        assert told[59][1] > 0.8
        sink.event(Relearn(300.0), age_s=0.0)
        sink.event(HrvSnapshot(301.0, coverage=1.0, rmssd_ms=40.0), age_s=0.0)
        assert heard(receiver, 2)[1] == told[0]
    finally:
        sink.close()


@pytest.mark.parametrize(("profile", "scaling"), [([], "fixed"), (["learned"], "learned")])
def test_beats_that_are_predicted_are_told_as_such_in_status_and_hello(receiver, profile, scaling):
    sink = OscSink([receiver.getsockname()], "/heart", profiles.load(profile))
    try:
        sink.event(Foretold(0.0), age_s=0.0)
        sink.event(Status(3.0, State.LIVE), age_s=0.0)
        sink.hello()
        assert heard(receiver, 4) == [
            ("/heart/status", "searching", "predicted"),
            ("/heart/status", "live", "predicted"),
            ("/heart/hello", __version__, 2, 0, scaling, "predicted"),
            ("/heart/status", "live", "predicted"),
        ]
    finally:
        sink.close()


def test_another_column_is_sent_raw_and_over_what_was_learned(receiver):
    sink = OscSink([receiver.getsockname()], "/heart/violin", profiles.load([]))
    try:
        for second in range(60):
            sink.event(Body(float(second), "eda", 4.0 + second % 5), age_s=0.0)
        found = heard(receiver, 120)
        assert found[0] == ("/body/violin/eda", 4.0)
        assert {message[0] for message in found} == {"/body/violin/eda", "/body/violin/norm/eda"}
        levels = [value for address, value in found if "norm" in address][-5:]
        assert levels == sorted(levels)
        assert (levels[0], levels[-1]) == pytest.approx((0.0, 1.0), abs=0.1)
        sink.event(Relearn(60.0), age_s=0.0)
        sink.event(Body(61.0, "eda", 400.0), age_s=0.0)
        assert heard(receiver, 2)[1] == ("/body/violin/norm/eda", 0.5)
    finally:
        sink.close()
