"""clips.js under Duktape: taking a transfer, writing it through the Live API, playing its lanes."""

import json
from itertools import pairwise

import pytest

from tests.livefake import Script

NOTE = (36, 0.0, 0.25, 100)
BOTH = pytest.mark.parametrize("refuse", ["throw", "post"])


def new_script(**options) -> Script:
    script = Script("clips", arguments=("lanes",), **options)
    assert script.ready() == []
    return script


def answers(said) -> list[list]:
    return [atoms for outlet, atoms in said if outlet == 0]


def later(script: Script, ms: float = 1000) -> list[list]:
    return [atoms for _, outlet, atoms in script.advance(ms) if outlet == 0]


def send_clip(script, number=7, name="Heart", notes=(NOTE,), lanes=(), wait=1000, more=()):
    """Open, send and close a clip as the bridge does; returns the answers."""
    said = script.send("/clip/open", number, name, 4.0, 120.0, len(notes), *more)
    part = 0
    for note in notes:
        said += script.send("/clip/notes", number, part, *note)
        part += 1
    for controller, *points in lanes:
        said += script.send("/clip/lane", number, part, controller, *points)
        part += 1
    said += script.send("/clip/close", number, part)
    return answers(said) + later(script, wait)


def names(script: Script, track: int = 0) -> list[str | None]:
    return [clip and clip["name"] for clip in script.clips(track)]


def test_every_message_is_answered_and_the_clip_is_written_whole():
    script = new_script()
    said = send_clip(script, more=(3, 8, 0, 7772))
    assert said == [
        ["/clip/ready", 7],
        ["/clip/got", 7, 0],
        ["/clip/done", 7, "Heart, slot 1"],
    ]
    assert script.clips()[0] == {
        "name": "Heart",
        "color": 0xFF3A5E,
        "looping": 1,
        "loop_start": 0,
        "loop_end": 4,
        "start_marker": 0,
        "end_marker": 4,
        "signature": [3, 8],
        "notes": [list(NOTE)],
    }
    assert script.refused == script.posted == []
    assert script.leaked == set()


def test_nothing_is_touched_or_said_before_live_is_there():
    script = Script("clips", arguments=("lanes",))
    assert script.send("/clip/open", 7, "Heart", 4.0, 120.0, 1) == []
    assert script.send("slot", 2) == script.send("replace", 1) == []
    script.ready()
    assert send_clip(script)[-1] == ["/clip/done", 7, "Heart, slot 2"]


def test_nothing_is_written_before_the_close():
    script = new_script()
    script.send("/clip/open", 7, "Heart", 4.0, 120.0, 1)
    script.send("/clip/notes", 7, 0, *NOTE)
    assert later(script, 10_000) == []
    assert names(script) == [None] * 8


def test_what_comes_again_is_answered_again_and_written_once():
    script = new_script()
    for _ in range(3):
        assert answers(script.send("/clip/open", 7, "Heart", 4.0, 120.0, 1)) == [["/clip/ready", 7]]
    for _ in range(3):
        assert answers(script.send("/clip/notes", 7, 0, *NOTE)) == [["/clip/got", 7, 0]]
    assert answers(script.send("/clip/close", 7, 1)) == []
    assert answers(script.send("/clip/close", 7, 1)) == [["/clip/ready", 7]]  # still writing
    done = ["/clip/done", 7, "Heart, slot 1"]
    assert later(script) == [done]
    for message in (("open", "Heart", 4.0, 120.0, 1), ("notes", 0, *NOTE), ("close", 1)):
        assert answers(script.send("/clip/" + message[0], 7, *message[1:])) == [done]
    assert later(script) == []
    assert names(script) == ["Heart"] + [None] * 7
    assert script.clips()[0]["notes"] == [list(NOTE)]


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ((128, 0.0, 1.0, 100), "pitch 128 is not 0 to 127"),
        ((-1, 0.0, 1.0, 100), "pitch -1 is not 0 to 127"),
        ((36, -0.5, 1.0, 100), "start -0.5 is not 0 to 4"),
        ((36, 4.5, 1.0, 100), "start 4.5 is not 0 to 4"),
        ((36, 0.0, 0.0, 100), "length 0 is not above 0"),
        ((36, 0.0, 1.0, 0), "velocity 0 is not 1 to 127"),
        ((36, 0.0, 1.0, 128), "velocity 128 is not 1 to 127"),
        (("C1", 0.0, 1.0, 100), "pitch C1 is not 0 to 127"),
        ((36, 0.0, 1.0), "notes come as pitch, start, length, velocity"),
        ((36, 0.0, 1.0, 100, 37), "notes come as pitch, start, length, velocity"),
        ((), "notes come as pitch, start, length, velocity"),
    ],
)
def test_a_bad_part_of_notes_is_named(part, reason):
    script = new_script()
    script.send("/clip/open", 7, "Heart", 4.0, 120.0, 1)
    error = ["/clip/error", 7, f"bad part 5: {reason}"]
    assert answers(script.send("/clip/notes", 7, 5, *part)) == [error]
    assert answers(script.send("/clip/close", 7, 1)) == [error]
    assert later(script) == []
    assert names(script) == [None] * 8


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ((128, 0.0, 1), "controller 128 is not 0 to 127"),
        ((11, -1.0, 1), "beat -1 is not 0 to Infinity"),
        ((11, 0.0, 128), "value 128 is not 0 to 127"),
        ((11, 0.0), "points come as controller, then beat, value"),
        ((11, 0.0, 1, 1.0), "points come as controller, then beat, value"),
    ],
)
def test_a_bad_part_of_a_lane_is_named(part, reason):
    script = new_script()
    script.send("/clip/open", 7, "Heart", 4.0, 120.0, 0)
    said = answers(script.send("/clip/lane", 7, 0, *part))
    assert said == [["/clip/error", 7, f"bad part 0: {reason}"]]


def test_a_close_that_counts_otherwise_is_an_error():
    script = new_script()
    script.send("/clip/open", 7, "Heart", 4.0, 120.0, 1)
    script.send("/clip/notes", 7, 1, *NOTE)
    assert answers(script.send("/clip/close", 7, 4)) == [
        ["/clip/error", 7, "3 of 4 parts never came, the first is 0"]
    ]
    script.send("/clip/open", 9, "Heart", 4.0, 120.0, 2)
    script.send("/clip/notes", 9, 0, *NOTE)
    assert answers(script.send("/clip/close", 9, 1)) == [
        ["/clip/error", 9, "2 notes were announced, 1 came"]
    ]
    assert later(script) == []
    assert names(script) == [None] * 8


def test_parts_of_a_clip_nobody_opened_are_an_error():
    script = new_script()
    assert answers(script.send("/clip/notes", 3, 0, *NOTE)) == [
        ["/clip/error", 3, "unknown clip: the device was reloaded meanwhile"]
    ]


def test_an_answer_port_is_used_and_the_own_one_restored():
    script = new_script()
    said = answers(script.send("/clip/open", 7, "Heart", 4.0, 120.0, 0, 4, 4, 0, 50123))
    assert said == [["port", 50123], ["/clip/ready", 7], ["port", 7772]]


def test_an_occupied_slot_is_left_alone_unless_told_to_replace():
    script = new_script()
    script.js('__putClip(0, 1, "mine")')
    script.send("slot", 2)
    assert send_clip(script)[0] == [
        "/clip/error", 7, "slot 2 is occupied: choose another, or switch Replace on"
    ]  # fmt: skip
    assert names(script)[1] == "mine"
    script.send("replace", 1)
    assert send_clip(script, 70)[-1] == ["/clip/done", 70, "Heart, slot 2"]
    assert names(script) == [None, "Heart", *[None] * 6]


def test_replace_does_not_spend_clips_where_the_next_empty_slot_is_meant():
    script = new_script()
    script.js('__putClip(0, 0, "mine")')
    script.send("replace", 1)
    assert send_clip(script)[-1] == ["/clip/done", 7, "Heart, slot 2"]
    assert names(script)[0] == "mine"


def test_clips_of_one_batch_go_below_each_other_with_a_fixed_slot_too():
    script = new_script()
    script.send("slot", 3)
    script.send("replace", 1)
    for number in (20, 21, 22):
        send_clip(script, number, f"clip {number}")
    assert names(script)[2:5] == ["clip 20", "clip 21", "clip 22"]
    send_clip(script, 900, "next batch")
    assert names(script)[2:5] == ["next batch", "clip 21", "clip 22"]


def test_a_slot_beyond_the_set_is_an_error():
    script = new_script()
    assert send_clip(script, more=(4, 4, 12, 7772))[0] == [
        "/clip/error", 7, "there is no slot 12: the Set has 8 scenes"
    ]  # fmt: skip


@BOTH
def test_an_audio_track_is_refused_in_words(refuse):
    script = Script("clips", arguments=("lanes",), track="audio", refuse=refuse)
    assert script.ready() == [(2, ["set", "Heart is not a MIDI track"])]
    said = answers(script.send("/clip/open", 7, "Heart", 4.0, 120.0, 1))
    assert said == [["/clip/error", 7, "Heart is not a MIDI track"]]


def test_a_device_without_a_track_says_so():
    script = new_script()
    script.js("__device.parent = null")
    said = answers(script.send("/clip/open", 7, "Heart", 4.0, 120.0, 1))
    assert said == [["/clip/error", 7, "the device has no track"]]


@BOTH
def test_a_track_that_vanishes_while_writing_is_reported(refuse):
    script = new_script(refuse=refuse)
    script.send("/clip/open", 7, "Heart", 4.0, 120.0, 1)
    script.send("/clip/notes", 7, 0, *NOTE)
    script.send("/clip/close", 7, 1)
    script.js("__device.parent = null")
    assert later(script) == [["/clip/error", 7, "the device has no track"]]
    assert names(script) == [None] * 8


def test_a_device_in_nested_racks_finds_its_track():
    script = new_script()
    script.js("""
        var outer = __newDevice("RackDevice", "Outer", __song.tracks[0], []);
        var chain = __newChain(outer, "A");
        var inner = __newDevice("RackDevice", "Inner", chain, []);
        __device = __newDevice("MidiEffectDevice", "Beatbridge", __newChain(inner, "B"), []);
    """)
    assert send_clip(script)[-1] == ["/clip/done", 7, "Heart, slot 1"]


@BOTH
def test_a_frozen_track_is_reported(refuse):
    script = new_script(refuse=refuse)
    script.js("__song.tracks[0].is_frozen = 1")
    (error,) = [said for said in send_clip(script) if said[0] == "/clip/error"]
    expected = {
        "throw": "Cannot create a clip here",
        "post": "Live made no clip in Heart, slot 1 (is the track frozen?)",
    }
    assert error[2] == expected[refuse]
    assert names(script) == [None] * 8


def many(count: int) -> list[tuple]:
    return [(36 + n % 16, n * 4 / count, 0.005, 100) for n in range(count)]


@BOTH
def test_notes_that_live_does_not_take_leave_no_half_clip(refuse):
    script = new_script(refuse=refuse)
    script.js("__noteLimit = 250")
    (error,) = [said for said in send_clip(script, notes=many(400)) if said[0] == "/clip/error"]
    expected = {
        "throw": "out of notes (a fault the test put in)",
        "post": "Live holds 0 of 100 notes from beat 2",
    }
    assert error[2] == expected[refuse] + "; nothing is left of it"
    assert names(script) == [None] * 8


def test_a_clip_deleted_under_the_writing_hand_is_reported():
    script = new_script()
    said = send_clip(script, notes=many(400), wait=25)
    assert len(script.clips()[0]["notes"]) == 100
    script.js("__deleteClip(0, 0)")
    said = later(script)
    assert said == [["/clip/error", 7, "the clip was deleted while it was written"]]


@BOTH
def test_a_half_clip_that_cannot_be_taken_back_is_named(refuse):
    script = new_script(refuse=refuse)
    script.js("__noteLimit = 150; __keepClips = true;")
    (error,) = [said for said in send_clip(script, notes=many(400)) if said[0] == "/clip/error"]
    assert error[2].endswith("; slot 1 holds an incomplete clip")
    assert len(script.clips()[0]["notes"]) == 100


def test_a_clip_put_into_the_slot_meanwhile_is_not_taken_for_ours():
    script = new_script()
    send_clip(script, notes=many(400), wait=25)
    script.js('__deleteClip(0, 0); __putClip(0, 0, "mine");')
    assert later(script) == [["/clip/error", 7, "the clip was deleted while it was written"]]
    assert names(script)[0] == "mine"


@BOTH
def test_a_replaced_clip_that_is_lost_is_not_passed_over(refuse):
    script = new_script(refuse=refuse)
    script.js('__putClip(0, 0, "mine"); __noteLimit = 0;')
    script.send("slot", 1)
    script.send("replace", 1)
    (error,) = [said for said in send_clip(script) if said[0] == "/clip/error"]
    assert error[2].endswith("; the clip that was there is gone (undo brings it back)")


def test_notes_of_one_pitch_and_moment_are_one():
    script = new_script()
    said = send_clip(script, notes=[NOTE, NOTE, (36, 1.0, 0.25, 90)])
    assert said[-1] == ["/clip/done", 7, "Heart, slot 1"]
    assert len(script.clips()[0]["notes"]) == 2


def test_two_clips_may_come_interleaved():
    script = new_script()
    for number in (1, 40):
        script.send("/clip/open", number, f"clip {number}", 4.0, 120.0, 1)
    for number in (40, 1):
        script.send("/clip/notes", number, 0, 36, 0.0, 1.0, number)
    for number in (40, 1):
        script.send("/clip/close", number, 1)
    assert [said[:2] for said in later(script)] == [["/clip/done", 40], ["/clip/done", 1]]
    assert names(script)[:2] == ["clip 40", "clip 1"]


def test_a_clip_that_is_never_closed_is_forgotten_in_the_end():
    script = new_script()
    script.send("/clip/open", 7, "Heart", 4.0, 120.0, 1)
    script.advance(130_000)
    script.send("/clip/open", 50, "Other", 4.0, 120.0, 1)
    assert script.js("Object.keys(transfers).join()") == "50"


def test_writing_leaves_live_time_between_calls():
    script = new_script()
    script.js("""
        var calls = [], real = LiveAPI.prototype.call;
        LiveAPI.prototype.call = function (name, payload) {
          if (name === "add_new_notes") {
            calls.push([new Date().getTime(), payload.notes.length]);
          }
          return real.apply(this, arguments);
        };
    """)
    send_clip(script, notes=many(450))
    times = script.js("calls")
    assert [count for _, count in times] == [100, 100, 100, 100, 50]
    assert [b[0] - a[0] for a, b in pairwise(times)] == [10] * 4


# --- lanes ---

SLOW = (11, 0.0, 10, 1.0, 20, 2.0, 30, 3.0, 40)


def play(script: Script, slot: int, beat: float) -> None:
    """Launch a clip; it stands at a beat until moved."""
    script.js(f"__song.tracks[0].clip_slots[{slot}].clip.playing_position = {beat}")
    script.js(f"__change(__song.tracks[0], 'playing_slot_index', {slot})")


def rolling(script: Script, slot: int, beats_a_second: float) -> None:
    """Let the clip's position follow the clock from now on."""
    script.js(f"""
        var start = new Date().getTime(), clip = __song.tracks[0].clip_slots[{slot}].clip;
        __onTime = function (now) {{
          clip.playing_position = (now - start) / 1000 * {beats_a_second} % clip.loop_end;
        }};
    """)
    play(script, slot, 0)


def heard(script: Script, ms: float) -> list[tuple[float, list]]:
    """What came out as controllers, with the ms since now."""
    start = script.js("new Date().getTime()")
    return [(at - start, atoms) for at, outlet, atoms in script.advance(ms) if outlet == 1]


def test_a_lane_sounds_in_step_with_the_clip_and_only_on_changes():
    script = new_script()
    send_clip(script, lanes=[SLOW])
    rolling(script, 0, beats_a_second=2)
    said = heard(script, 4000)
    assert [atoms for _, atoms in said] == [[11, 10], [11, 20], [11, 30], [11, 40]] * 2
    for at, due in zip((at for at, _ in said), range(0, 4000, 500), strict=True):
        assert 0 <= at - due <= 51  # 20 a second
    assert script.refused == script.posted == []


def test_a_restless_lane_says_at_most_twenty_values_a_second():
    script = new_script()
    points = [value for n in range(60) for value in (n / 16, n)]
    send_clip(script, lanes=[(1, *points)])
    rolling(script, 0, beats_a_second=4)
    said = heard(script, 950)
    assert 15 <= len(said) <= 20


def test_two_controllers_and_a_lane_that_begins_later():
    script = new_script()
    send_clip(script, lanes=[(11, 0.0, 5), (1, 2.0, 99)])
    play(script, 0, 1.0)
    assert [atoms for _, atoms in heard(script, 200)] == [[11, 5]]
    play(script, 0, 2.5)
    assert sorted(atoms for _, atoms in heard(script, 200)) == [[1, 99], [11, 5]]


def test_lanes_end_with_the_clip_and_cost_nothing_when_none_plays():
    script = new_script()
    send_clip(script, lanes=[SLOW])
    rolling(script, 0, beats_a_second=2)
    heard(script, 300)
    script.js("__change(__song.tracks[0], 'playing_slot_index', -2)")
    script.js("""
        var asked = 0, real = LiveAPI.prototype.get;
        LiveAPI.prototype.get = function (name) {
          asked += 1;
          return real.apply(this, arguments);
        };
    """)
    assert heard(script, 5000) == []
    assert script.js("asked") == 0


def test_the_lanes_switch():
    script = new_script()
    send_clip(script, lanes=[SLOW])
    script.send("lanes", 0)
    rolling(script, 0, beats_a_second=2)
    assert heard(script, 2000) == []
    script.send("lanes", 1)
    assert [atoms for _, atoms in heard(script, 60)] == [[11, 10]]
    script.send("lanes", 0)
    assert heard(script, 2000) == []


def test_one_listener_at_most():
    script = new_script()
    for number in range(1, 30, 10):
        send_clip(script, number, lanes=[SLOW])
    assert script.js("__observers()") == 1
    script.send("lanes", 0)
    assert script.js("__observers()") == 0


def test_lanes_come_back_with_the_set():
    script = new_script()
    send_clip(script, lanes=[SLOW, (1, 0.0, 7)])
    send_clip(script, 90, "Other", lanes=[(1, 0.0, 9)])
    saved = json.loads(json.dumps(script.js("__dictionaries")))
    again = Script("clips", arguments=("lanes",), dictionaries=saved)
    again.ready()
    again.js('__putClip(0, 4, "Other")')
    again.js('__putClip(0, 5, "Heart")')
    play(again, 5, 3.5)
    assert sorted(atoms for _, atoms in heard(again, 100)) == [[1, 7], [11, 40]]
    play(again, 4, 0.0)
    assert [atoms for _, atoms in heard(again, 100)] == [[1, 9]]


def test_a_clip_of_the_same_name_gets_its_own_lanes_under_a_name_of_its_own():
    script = new_script()
    send_clip(script, 7, lanes=[SLOW])
    send_clip(script, 70, lanes=[(11, 0.0, 99)])
    assert names(script)[:2] == ["Heart", "Heart 2"]
    play(script, 0, 0.0)
    assert [atoms for _, atoms in heard(script, 100)] == [[11, 10]]
    play(script, 1, 0.0)
    assert [atoms for _, atoms in heard(script, 100)] == [[11, 99]]


def test_a_clip_dropped_again_after_it_was_deleted_replaces_its_lanes():
    script = new_script()
    long = [value for n in range(64) for value in (n / 16, n)]
    send_clip(script, 7, lanes=[(11, *long), (11, 4.0, 1), (1, 0.0, 1)])
    script.js("__deleteClip(0, 0)")
    send_clip(script, 70, lanes=[(11, 0.0, 99)])
    assert script.js("__dictionaries.lanes") == {"clip0": "Heart", "clip0part0": [11, 0, 99]}


def test_a_clip_that_arrives_while_its_slot_plays_sounds_at_once():
    script = new_script()
    script.send("slot", 1)
    script.send("replace", 1)
    send_clip(script, 7, lanes=[(11, 0.0, 1)])
    play(script, 0, 0.0)
    assert [atoms for _, atoms in heard(script, 100)] == [[11, 1]]
    send_clip(script, 70, lanes=[(11, 0.0, 2)], wait=0)
    assert [atoms for _, atoms in heard(script, 200)] == [[11, 2]]
