"""The SOURCE argument: what it means on every system, and what a mistake says."""

import pytest

from bridge.errors import UserError
from bridge.sources.hearts import parse_hearts
from bridge.sources.spec import open_source, parse, signal_kind


@pytest.mark.parametrize(
    ("text", "scheme", "target", "options"),
    [
        ("sim", "sim", "", {}),
        ("sim?bpm=90", "sim", "", {"bpm": "90"}),
        ("serial:COM3?baud=9600", "serial", "COM3", {"baud": "9600"}),
        ("csv:C:\\my data\\a.csv", "csv", "C:\\my data\\a.csv", {}),
        ("csv:what?.csv", "csv", "what?.csv", {}),
        ("csv:/a/b.csv?rate=100&kind=ecg", "csv", "/a/b.csv", {"rate": "100", "kind": "ecg"}),
    ],
)
def test_parts(text, scheme, target, options):
    spec = parse(text)
    assert (spec.scheme, spec.target, spec.options) == (scheme, target, options)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("midi:1", "should start with one of sim, csv:, serial:"),
        ("sim?bpm=fast", "bpm=fast should be a number from 30 to 220"),
        ("sim?bpm=900", "bpm=900 should be a number"),
        ("sim?tempo=1", "sim has no tempo="),
        ("serial:", "name a port"),
        ("csv:", "name a file"),
        ("serial:COM3?protocol=osc", "should be auto or"),
    ],
)
def test_mistakes(text, says):
    with pytest.raises(UserError) as error:
        open_source(text)
    assert says in str(error.value)


def test_a_sensor_has_its_own_time():
    with pytest.raises(UserError, match="--speed"):
        open_source("serial:COM3", speed=0.0)


def test_kind_goes_to_the_detector():
    assert signal_kind("csv:a.csv?kind=ecg") == "ecg"
    assert signal_kind("csv:a.csv") == "auto"


def test_hearts_have_names_and_channels():
    hearts = parse_hearts(["violin=serial:COM3?baud=9600", "cello:7=sim?bpm=66", "flute=sim"])
    assert [(heart.name, heart.source, heart.channel) for heart in hearts] == [
        ("violin", "serial:COM3?baud=9600", 1),
        ("cello", "sim?bpm=66", 7),
        ("flute", "sim", 3),
    ]


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (["sim"], "should be NAME=SOURCE"),
        (["sim?bpm=66"], "should be NAME=SOURCE"),
        (["vio lin=sim"], "should be NAME=SOURCE"),
        (["violin="], "should be NAME=SOURCE"),
        (["bpm=sim"], "bpm is a word of the OSC contract"),
        (["group=sim"], "group is a word of the OSC contract"),
        (["a=sim", "a=sim"], "the name is taken already"),
        (["a:17=sim"], "a MIDI channel is 1-16"),
    ],
)
def test_hearts_that_cannot_be(texts, says):
    with pytest.raises(UserError) as error:
        parse_hearts(texts)
    assert says in str(error.value)


def test_beats_is_for_sources_that_are_heard_late():
    pytest.importorskip("bleak")
    assert open_source("ble:polar", beats="predicted")._beats == "predicted"
    assert open_source("ble:polar?beats=true", beats="predicted")._beats == "true"
    open_source("sim", beats="predicted")
    with pytest.raises(UserError, match="beats=soon should be true or predicted"):
        open_source("ble:polar", beats="soon")
