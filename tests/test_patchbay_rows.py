"""Rows at work: ranges, curves, smoothing, conditions, notes; and nothing unfit ever leaves."""

import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage

from bridge.mapping.values import Said
from bridge.patchbay.bay import Bay
from bridge.patchbay.load import load, names, parse
from bridge.patchbay.message import MIDI_TOP, MidiForm, OscForm, split

HEAD = 'osc = "127.0.0.1:9"\n'


def bay(rows, hearts=("violin",), head=HEAD):
    return Bay(parse("test", head + rows).rows, list(hearts))


def osc(outs):
    messages = [OscMessage(out.data) for out in outs]
    return [(message.address, *message.params) for message in messages]


def midi(outs):
    return [out.data.hex() for out in outs]


def say(bay, now, path, *arguments, heart="violin"):
    return list(bay.said(heart, Said("/" + path, arguments), now))


def test_a_value_goes_through_range_and_curve_into_fixed_arguments():
    rows = bay("""
[[row]]
from = "bpm"
low = 50
high = 100
to = "/n_set"
args = ["i:1000", "s:freq", "f"]
min = 100.0
max = 1600.0
curve = "exp"
""")
    assert osc(say(rows, 0.0, "bpm", 75.0)) == [("/n_set", 1000, "freq", pytest.approx(400.0))]
    assert osc(say(rows, 1.0, "bpm", 20.0)) == [("/n_set", 1000, "freq", 100.0)]
    assert osc(say(rows, 2.0, "bpm", 20.0)) == []  # on change only
    assert osc(say(rows, 3.0, "rmssd", 20.0)) == []
    assert osc(say(rows, 3.0, "bpm", 100.0, heart="cello")) == []


@pytest.mark.parametrize("curve", ["linear", "exp", "power:2"])
def test_a_min_above_max_turns_the_knob_the_other_way(curve):
    rows = bay(f"""
[[row]]
from = "norm/bpm"
to = "/x"
min = 800.0
max = 200.0
curve = "{curve}"
""")
    sent = [osc(say(rows, t, "norm/bpm", level))[0][1] for t, level in enumerate((0.0, 0.5, 1.0))]
    assert sent[0] == pytest.approx(800.0)
    assert sent[2] == pytest.approx(200.0)
    middle = {"linear": 500.0, "exp": 400.0, "power:2": 650.0}[curve]
    assert sent[1] == pytest.approx(middle)


def test_no_more_a_second_than_the_row_says_and_the_last_value_arrives():
    rows = bay('[[row]]\nfrom = "wave"\nto = "/x"\nmin = 0.0\nmax = 1.0\nmost_per_s = 10\n')
    sent = []
    for n in range(101):
        sent += osc(say(rows, n / 100, "wave", n / 200))
    assert 10 <= len(sent) <= 11
    sent += osc(rows.tick(1.2))
    assert sent[-1] == ("/x", 0.5)
    assert not list(rows.tick(9.0))


def test_smoothing_goes_on_between_values_and_does_not_depend_on_their_rate():
    text = '[[row]]\nfrom = "norm/bpm"\nto = "/x"\nmin = 0.0\nmax = 1.0\nsmoothing_s = 1.0\n'
    rows = bay(text)
    say(rows, 0.0, "norm/bpm", 0.0)
    sent = osc(say(rows, 1.0, "norm/bpm", 1.0))
    for tick in range(1, 800):
        sent += osc(rows.tick(1.0 + tick / 50))
    values = [value for _, value in sent]
    assert values == sorted(values)
    at_one_second = values[50]
    assert at_one_second == pytest.approx(1 - math.exp(-1.0), abs=0.25)
    assert values[-1] == pytest.approx(1.0, abs=2e-3)


def test_values_count_only_under_their_conditions():
    rows = bay("""
[[row]]
from = "norm/bpm"
to = "/x"
min = 0.0
max = 1.0
when = "live"
quality_above = 0.5
""")
    assert not say(rows, 0.0, "norm/bpm", 0.1)
    say(rows, 1.0, "status", "live")
    assert say(rows, 1.0, "norm/bpm", 0.2)
    say(rows, 2.0, "quality", 0.3)
    assert not say(rows, 2.0, "norm/bpm", 0.3)
    say(rows, 3.0, "quality", 0.9)
    assert say(rows, 3.0, "norm/bpm", 0.4)
    say(rows, 4.0, "status", "lost")
    assert not say(rows, 4.0, "norm/bpm", 0.5)


def test_a_lost_heart_glides_to_where_the_row_says():
    rows = bay("""
[[row]]
from = "quality"
to = "/x"
min = 0.0
max = 10.0
on_lost = { to = 2.0, seconds = 2.0 }
""")
    say(rows, 0.0, "status", "live")
    say(rows, 0.0, "quality", 1.0)
    sent = osc(say(rows, 10.0, "status", "lost"))
    for tick in range(1, 151):
        sent += osc(rows.tick(10.0 + tick / 50))
    values = [value for _, value in sent]
    assert values == sorted(values, reverse=True)
    assert values[-1] == 2.0
    assert 5.8 < values[len(values) // 2] < 6.2
    assert osc(rows.end()) == [("/x", 2.0)]


BEAT = """
[[row]]
from = "beat"
to = "/noteOn"
args = ["i:0", "i:48", "i"]
min = 60
max = 120
off = "/noteOff"
off_args = ["i:0", "i:48"]
length_ms = 150
"""
ON, OFF = ("/noteOn", 0, 48, 90), ("/noteOff", 0, 48)


def test_a_lost_heart_is_told_by_off_where_the_row_says_so():
    rows = bay("""
[[row]]
from = "norm/bpm"
to = "/gate"
min = 0.1
max = 1.0
off = "/gate/off"
off_args = ["i:7"]
on_lost = "off"
""")
    say(rows, 0.0, "status", "live")
    assert osc(say(rows, 1.0, "status", "lost")) == []  # nothing was on
    say(rows, 2.0, "status", "live")
    assert osc(say(rows, 3.0, "norm/bpm", 1.0)) == [("/gate", 1.0)]
    assert osc(say(rows, 4.0, "norm/bpm", 1.0)) == []
    assert osc(say(rows, 5.0, "status", "lost")) == [("/gate/off", 7)]
    assert osc(rows.tick(6.0)) == []
    say(rows, 7.0, "status", "live")
    assert osc(say(rows, 8.0, "norm/bpm", 1.0)) == [("/gate", 1.0)]
    assert osc(rows.end()) == [("/gate/off", 7)]
    assert osc(rows.end()) == []


def test_what_a_beat_switches_on_is_switched_off():
    rows = bay(BEAT)
    say(rows, 0.0, "status", "live")
    assert osc(say(rows, 1.0, "beat", 1, 0.5, 0.0)) == [ON]
    assert osc(rows.tick(1.1)) == []
    assert osc(rows.tick(1.16)) == [OFF]
    assert osc(rows.tick(2.0)) == []
    say(rows, 3.0, "beat", 2, 0.5, 0.0)
    assert osc(say(rows, 3.1, "beat", 3, 0.5, 0.0)) == [OFF, ON]
    assert osc(say(rows, 3.2, "status", "lost")) == [OFF]
    say(rows, 4.0, "beat", 4, 0.5, 0.0)
    assert osc(rows.end()) == [OFF]
    say(rows, 5.0, "beat", 5, 0.5, 0.0)
    assert osc(rows.release()) == [OFF]


def test_a_note_lasts_a_share_of_the_interval():
    rows = bay(BEAT.replace("length_ms = 150", "length_share = 0.5"))
    say(rows, 1.0, "ibi", 800.0)
    say(rows, 1.0, "beat", 2, 0.5, 0.0)
    assert osc(rows.tick(1.39)) == []
    assert osc(rows.tick(1.41)) == [OFF]


def test_midi_rows_are_these_bytes():
    head = 'midi = "virtual"\n'
    kinds = ("cc:74", "cc14:1", "bend", "pressure", "program")
    text = "".join(f'[[row]]\nfrom = "norm/bpm"\nto = "{to}"\nchannel = 3\n' for to in kinds)
    rows = bay(text, head=head)
    assert midi(say(rows, 0.0, "norm/bpm", 1.0)) == [
        "b24a7f",
        "b2017fb2217f",
        "e27f7f",
        "d27f",
        "c27f",
    ]
    assert midi(say(rows, 1.0, "norm/bpm", 0.5))[2] == "e20040"  # the middle of the bend
    assert split(bytes.fromhex("b2017fb2217f")) == [b"\xb2\x01\x7f", b"\xb2\x21\x7f"]
    assert split(bytes.fromhex("d27fc27f")) == [b"\xd2\x7f", b"\xc2\x7f"]


def test_a_beat_plays_the_note_that_another_value_chooses():
    rows = bay(
        '[[row]]\nfrom = "beat"\nto = "note"\nscale = "minor pentatonic"\nroot = 48\noctaves = 1\n'
        'by = "norm/bpm"\nmin = 1\nmax = 101\n',
        head='midi = "virtual"\n',
    )
    played = []
    for n, level in enumerate((0.0, 0.25, 0.5, 0.75, 1.0)):
        say(rows, n + 0.5, "norm/bpm", level)
        played += [data for data in midi(say(rows, n + 1.0, "beat", n, 0.5, 0.0)) if data[0] == "9"]
        assert midi(rows.tick(n + 1.3))[0][:2] == "80"
    assert [int(data[2:4], 16) for data in played] == [48, 51, 53, 55, 58]
    assert {int(data[4:6], 16) for data in played} == {51}


def test_a_value_plays_a_scale():
    rows = bay(
        '[[row]]\nfrom = "norm/bpm"\nto = "note"\nscale = [0, 4, 7]\nroot = 60\noctaves = 1\n',
        head='midi = "virtual"\n',
    )
    sent = []
    for t, level in enumerate((0.1, 0.2, 0.5, 0.9)):
        sent += midi(say(rows, float(t), "norm/bpm", level))
    assert sent == ["903c5a", "803c00", "90405a", "804000", "90435a"]
    assert midi(rows.end()) == ["804300"]


def test_hearts_and_the_group_are_named():
    rows = bay(
        '[[row]]\nfrom = "cello/norm/bpm"\nto = "/c"\nmin = 0.0\nmax = 1.0\n'
        '[[row]]\nfrom = "norm/bpm"\nto = "/v"\nmin = 0.0\nmax = 1.0\n'
        '[[row]]\nfrom = "group/spread"\nlow = 0\nhigh = 40\nto = "/g"\nmin = 0.0\nmax = 1.0\n',
        hearts=("violin", "cello"),
    )
    assert osc(say(rows, 0.0, "norm/bpm", 0.25)) == [("/v", 0.25)]
    assert osc(say(rows, 0.0, "norm/bpm", 0.75, heart="cello")) == [("/c", 0.75)]
    assert osc(say(rows, 0.0, "group/spread", 10.0, heart="group")) == [("/g", 0.25)]


def test_the_status_is_a_word_or_a_number():
    rows = bay(
        '[[row]]\nfrom = "status"\nto = "/word"\nargs = ["s"]\n'
        '[[row]]\nfrom = "status"\nto = "/number"\nargs = ["i"]\nmin = 0\nmax = 1\n'
        '[[row]]\nfrom = "status"\nto = "/flag"\nargs = ["b"]\nmin = 0\nmax = 1\n'
    )
    live = [("/word", "live"), ("/number", 1), ("/flag", True)]
    lost = [("/word", "lost"), ("/number", 0), ("/flag", False)]
    assert osc(say(rows, 0.0, "status", "live")) == live
    assert osc(say(rows, 1.0, "status", "lost")) == lost


ROWS = [(name, row) for name in names() for row in load(name).rows]
SOURCES = sorted(
    {row.source for _, row in ROWS if row.source not in ("beat", "strength", "status")}
)
STEP = st.one_of(
    st.tuples(
        st.sampled_from(SOURCES),
        st.floats(allow_nan=True, allow_infinity=True, width=32),
    ),
    st.tuples(st.just("beat"), st.floats(-10, 10)),
    st.tuples(st.just("status"), st.sampled_from(["searching", "live", "lost"])),
)


@settings(max_examples=60)
@given(st.lists(st.tuples(STEP, st.floats(0.0, 3.0)), max_size=25))
def test_no_shipped_row_ever_sends_what_does_not_fit(steps):
    playing = Bay([row for _, row in ROWS], ["violin"])
    now, outs = 0.0, []
    for (path, value), passed in steps:
        now += passed
        arguments = (1, value, 0.0) if path == "beat" else (value,)
        outs += playing.said("violin", Said("/" + path, arguments), now)
        outs += playing.tick(now + 0.01)
    outs += playing.end()
    sounding = set()
    for out in outs:
        form, row = out.row.form, out.row
        low, high = sorted((row.min, row.max))
        if isinstance(form, MidiForm):
            for message in split(out.data):
                assert message[0] >= 0x80
                assert all(byte < 0x80 for byte in message[1:])
                note = (row, message[1])
                if message[0] & 0xF0 == 0x90:
                    assert message[2] > 0
                    sounding.add(note)
                elif message[0] & 0xF0 == 0x80:
                    sounding.discard(note)
            continue
        message = OscMessage(out.data)
        expected = row.off if row.off is not None and is_off(row, out.data) else form
        assert message.address == expected.address
        assert len(message.params) == len(expected.arguments)
        for (tag, fixed), got in zip(expected.arguments, message.params, strict=True):
            kind = {"i": int, "f": float, "s": str, "b": bool}[tag]
            assert type(got) is kind
            if fixed is None and not row.words and tag != "b":
                assert (
                    struct.unpack("f", struct.pack("f", low))[0] - 1e-6
                    <= got
                    <= high + abs(high) * 1e-6
                )
    assert not sounding, "notes hang"


def is_off(row, data):
    return data == row.off.build(0.0)


def test_midi_forms_reach_their_top_and_no_further():
    for kind, top in MIDI_TOP.items():
        data = MidiForm(kind, 7).build(top)
        assert all(byte < 0x80 for message in split(data) for byte in message[1:])


def test_an_osc_form_casts():
    form = OscForm("/x", (("i", None), ("f", "2"), ("s", "a")))
    assert OscMessage(form.build(2.6)).params == [3, 2.0, "a"]


@given(
    st.lists(st.sampled_from([("i", "7"), ("s", "abc"), ("f", "2.5"), ("b", "1")]), max_size=4),
    st.sampled_from(["i", "f"]),
    st.integers(0, 4),
    st.floats(-1e6, 1e6, width=32),
)
def test_the_quick_way_to_a_datagram_gives_the_same_bytes(fixed, tag, place, value):
    arguments = [*fixed[:place], (tag, None), *fixed[place:]]
    form = OscForm("/some/where", tuple(arguments))
    assert form.build(value) == form.encode(value)


def test_what_a_lost_heart_sends_is_held_to_the_range_too():
    rows = bay(
        '[[row]]\nfrom = "quality"\nto = "/x"\nargs = ["i"]\nmin = 0\nmax = 10\n'
        "on_lost = { to = 300 }\n"
    )
    say(rows, 0.0, "status", "live")
    say(rows, 0.0, "quality", 0.5)
    assert osc(say(rows, 1.0, "status", "lost")) == [("/x", 10)]
