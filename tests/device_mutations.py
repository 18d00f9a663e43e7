"""Faults put into the built device, one at a time, and the test that must see each.

A fault in the patch is the text of a box (or a key of the patcher, or of a parameter); one in a
script is a piece of its code. ``LINT`` as the test means that the lint has to find it.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridge import __version__
from bridge.osc.contract import VERSION
from bridge.sinks.liveset import amxd as container
from max_for_live.build import NAME, build
from max_for_live.patch import link as links
from max_for_live.patch.face import FOLDED
from max_for_live.patch.grid import KNOWN
from max_for_live.patch.sources import FIRST_LANE, MADE
from tests import test_device_clips as clips
from tests import test_device_examine as examine
from tests import test_device_grid as grid
from tests import test_device_hearts as hearts
from tests import test_device_kept as kept
from tests import test_device_link as link
from tests import test_device_made as made
from tests import test_device_mapping as mapping
from tests import test_device_off as off
from tests import test_device_play as play
from tests import test_device_rows as rows
from tests import test_device_tempo as tempo

Json = dict[str, Any]
Test = Callable[..., object]
LINT: Test | None = None
BUILT = build()


@dataclass(frozen=True, slots=True)
class Mutation:
    """One fault."""

    where: str
    """``p NAME`` (or the empty string, the outermost patcher), ``key``, ``value`` or a script."""
    old: str
    new: Any
    test: Test | None
    arguments: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.where or 'device'}: {self.old} -> {self.new}"

    def data(self) -> bytes:
        """The device with the fault."""
        if self.where in {script.name.split("-")[1] for script in BUILT.scripts}:
            return self._with_script()
        document = copy.deepcopy(BUILT.document)
        patcher = document["patcher"]
        if self.where == "key":
            *path, last = self.old.split("/")
            for step in path:
                patcher = patcher[int(step) if isinstance(patcher, list) else step]
            place = int(last) if isinstance(patcher, list) else last
            assert patcher[place] != self.new
            patcher[place] = self.new
        elif self.where == "value":
            name, key = self.old.split("/")
            box = next(e["box"] for e in patcher["boxes"] if e["box"].get("varname") == name)
            value = box["saved_attribute_attributes"]["valueof"]
            assert value.get(key) != self.new
            value[key] = self.new
        else:
            self._retype(patcher)
        return container.frozen(document, NAME, BUILT.scripts)

    def _retype(self, patcher: Json) -> None:
        """The first box of this text, or all of them where the new text begins with ``*``."""
        if self.where:
            patcher = next(e["box"] for e in patcher["boxes"] if e["box"].get("text") == self.where)
            patcher = patcher["patcher"]
        found = [e["box"] for e in patcher["boxes"] if e["box"].get("text") == self.old]
        assert found, self
        if self.new is None:  # its cords are cut
            ids = {box["id"] for box in found[:1]}
            patcher["lines"] = [
                line
                for line in patcher["lines"]
                if not ids & {line["patchline"][end][0] for end in ("source", "destination")}
            ]
            return
        for box in found if self.new.startswith("*") else found[:1]:
            box["text"] = self.new.removeprefix("*")

    def script(self) -> tuple[str, bytes] | None:
        """The stem and the changed text, where the fault is in a script."""
        for script in BUILT.scripts:
            stem = script.name.split("-")[1]
            if stem == self.where:
                old = self.old.encode()
                assert old in script.data, self
                return stem, script.data.replace(old, str(self.new).encode(), 1)
        return None

    def _with_script(self) -> bytes:
        stem, code = self.script() or ("", b"")
        files = [
            script if script.name.split("-")[1] != stem else container.File(script.name, code)
            for script in BUILT.scripts
        ]
        return container.frozen(BUILT.document, NAME, files)


def _m(where: str, old: str, new: Any, test: Test | None, *arguments: Any) -> Mutation:
    return Mutation(where, old, new, test, arguments)


_IN_MS = f"expr $f1 * 1000. * (($i2 < {MADE[0]}) + ($i2 > {MADE[1]}))"
_BEAT = (play.test_every_beat_is_one_note, 60, 120, False)
_FOLLOW = (rows.test_a_parameter_follows_a_value, False)
_TEMPO = (tempo.test_it_follows_and_gives_the_tempo_back, "by hand", False)
_LIVE = (link.test_status, "live", "Beating", link.GREEN, False)

_WILD = (grid.test_a_wild_heart_gives_the_notes_of_its_clip, {})
_LATE = (grid.test_a_wild_heart_gives_the_notes_of_its_clip, {"late_ms": 4.0})
_LANES = (grid.test_the_lanes_go_as_sources_too_and_the_switch_ends_them,)
_SOUNDS = "if $i1 == $i2 && $f6 > $f4 && $f6 <= $f5 then $i3"
_HELD = f"expr ($i2 && $f3 > {KNOWN}) * $f3 + (1 - ($i2 && $f3 > {KNOWN})) * $f1"

TABLE = (
    # What lint and tests once let pass.
    _m("", "udpreceive", "udpreceive 7771 quiet", LINT),
    _m("", "udpreceive", "udpreceive 7771 quiet", *_BEAT),
    _m("", "udpreceive", "udpreceive 7771", kept.test_a_set_with_another_port_never_sits_on_7771_even_with_audio_off),
    _m("", "udpreceive", "udpreceive @quiet 1", LINT),
    _m("p Tempo", "live.remote~", "live.remote~ @normalized 1", *_TEMPO),
    _m("p Tempo", "live.remote~", "live.remote~ @normalized 1", LINT),
    _m("p Row1", "live.remote~ @normalized 1", "live.remote~", LINT),
    _m("p Clips", "dict ---beatbridge_lanes", "dict ---lanes", kept.test_the_lanes_of_a_clip_come_back_with_the_set),
    _m("p Clips", "dict ---beatbridge_lanes", "dict ---lanes", LINT),
    _m("p Clips", "dict ---beatbridge_lanes", "dict beatbridge_lanes", LINT),
    _m("p Clips", "ready ---beatbridge_lanes", "ready beatbridge_lanes", examine.test_it_reports_when_it_is_loaded_and_when_asked),
    _m("p Clips", "pattr lanes_store @bindto beatbridge_lanes", "pattr lanes_store @bindto lanes", kept.test_the_lanes_of_a_clip_come_back_with_the_set),
    _m("p Clips", "pattr lanes_store @bindto beatbridge_lanes", "pattr lanes_store @bindto lanes", LINT),
    _m("p Beats", "noteout", "noteout 10", *_BEAT),
    _m("p Beats", "noteout", "noteout 10", LINT),
    _m("p Row1", "ctlout 1 1", "ctlout 1 2", LINT),
    _m("p Row1", "ctlout 1 1", "ctlout 1 2", rows.test_controllers_each_value_once),
    _m("p Clips", "ctlout 11 1", "ctlout 11 2", LINT),
    _m("p Link", "udpsend 127.0.0.1 7772", "udpsend 127.0.0.1 7773", LINT),
    _m("p Clips", "udpsend 127.0.0.1 7772", "udpsend 127.0.0.1 7773", LINT),
    _m("key", "devicewidth", 300.0, LINT),
    _m("key", "openrect/2", 300.0, LINT),
    _m("key", "project/amxdtype", int.from_bytes(b"aaaa", "big"), LINT),
    _m("key", "appversion/major", 10, LINT),
    _m("key", "latency", 4410, LINT),
    _m("key", "is_mpe", 1, LINT),
    _m("key", "dependency_cache/0/bootpath", "C:", LINT),
    _m("value", "Note/parameter_modmode", 3, LINT),
    _m("value", "Play Mode/parameter_modmode", 2, LINT),
    _m("value", "Velocity By/parameter_unitstyle", 0, LINT),
    _m("value", "Unfold/parameter_initial", [1.0], LINT),
    _m("value", "Row 1 Min/parameter_shortname", "Min", LINT),
    _m("clips", 'job.clip.set("looping", 1);', "", clips.test_every_message_is_answered_and_the_clip_is_written_whole),
    # The beat.
    _m("p Beats", "change 0", None, *_BEAT),
    _m("p Beats", "trigger i b", "trigger b i", play.test_every_nth_beat),
    _m("p Beats", "stop", "stopp", play.test_what_ends_the_note_at_once, play._switch_off),
    _m("p Beats", "expr ($i1 == 0) + ($i1 == 1) * $f2 + ($i1 == 2) * $f3", "expr ($i1 == 0) + ($i1 == 2) * $f2 + ($i1 == 1) * $f3", play.test_velocity, 1, 60, 110, 1.0, 60, 110),
    _m("p Beats", "scale 40. 180. 0. 1.", "scale 40. 160. 0. 1.", play.test_velocity, 2, 0, 100, 0.9, 110, 51),
    _m("p Beats", "set 0", "set 1", play.test_a_restarted_bridge_counts_from_one_again),
    _m("p Beats", "- 1", "- 2", play.test_every_nth_beat),
    _m("p Beats", "freebang", None, play.test_what_ends_the_note_at_once, play._unload),
    _m("p Through", "midiflush", None, play.test_incoming_midi_passes_and_panic_ends_what_is_held),
    _m("", "select 0", "select 1", off.test_off_ends_what_is_held_in_passing),
    # Off.
    _m("p Beats", "receive ---on", None, off.test_off_gives_everything_back_and_on_takes_it_up_again, False),
    _m("p Tempo", "receive ---on", None, off.test_off_gives_everything_back_and_on_takes_it_up_again, False),
    _m("p Row4", "receive ---on", None, off.test_off_gives_everything_back_and_on_takes_it_up_again, False),
    _m("p Row1", "stop", None, off.test_off_ends_a_glide_in_its_midst),
    _m("p Clips", "gate 1 1", "gate 1 0", off.test_a_device_that_is_never_told_it_is_on_works),
    _m("p Row1", "gate 1 1", "*gate 1 0", off.test_a_device_that_is_never_told_it_is_on_works),
    _m("p Beats", "&& 1", "&& 0", off.test_a_device_that_is_never_told_it_is_on_works),
    _m("p Tempo", "&& 1", "&& 0", off.test_a_device_that_is_never_told_it_is_on_works),
    _m("p Clips", "receive ---on", None, off.test_off_silences_the_lanes_of_a_clip),
    # A lost heart.
    _m("p Row1", "receive ---alive", None, off.test_a_lost_heart_does_what_the_row_says, 1, "lost"),
    _m("p Row1", "select 1 2", "select 2 1", off.test_a_lost_heart_does_what_the_row_says, 2, "lost"),
    _m("p Row1", "receive ---rest", None, off.test_a_lost_heart_does_what_the_row_says, 2, "lost"),
    _m("p Row1", f"< {FIRST_LANE}", "< 99", off.test_a_lane_does_not_care_for_the_heart),
    _m("p Link", "delay 3000", "delay 30000", link.test_grey_after_three_seconds_of_silence_and_back),
    # The rows.
    _m("p Row1", "expr pow($f1\\, pow(4.\\, $f2 / 100.))", "expr pow($f1\\, pow(2.\\, $f2 / 100.))", rows.test_the_curve_is_the_power_curve_of_the_bridge, 100),
    _m("p Row1", "trigger f b f 2", "trigger f b f 1", rows.test_smoothing_glides_from_value_to_value_but_not_to_the_first),
    _m("p Row1", "live.observer", None, kept.test_a_deleted_target_is_let_go_and_found_again_after_undo),
    _m("p Row1", "live.observer", "live.observer id", kept.test_a_deleted_target_is_let_go_and_found_again_after_undo),
    _m("p Row1", "property id", "property value", kept.test_a_deleted_target_is_let_go_and_found_again_after_undo),
    _m("p Row1", "getid", "getpath", rows.test_a_mapping_comes_back_with_the_set_and_nothing_is_let_go_on_load),
    _m("p Row1", "change -1", None, rows.test_controllers_each_value_once),
    _m("p Row1", "!= 0", "== 0", rows.test_without_a_controller_number_nothing_is_sent),
    _m("p Row2", "unmap 2", "unmap 1", rows.test_unmapping_gives_the_parameter_back),
    _m("p Row7", "* 127.", "* 128.", rows.test_every_row_obeys_its_own_controls_and_shows_its_own_level),
    _m("p Sources", "clip 0. 1.", "*clip 0. 2.", rows.test_values_beyond_the_range_are_held_at_its_ends),
    # What is made of the beats.
    _m("p Pulse", "1. $1 0. $2", "1. $2 0. $1", made.test_the_pulse_rises_in_the_attack_and_falls_in_the_decay),
    _m("p Pulse", "1. $1 0. $2", "0., 1. $1 0. $2", made.test_a_beat_in_the_decay_rises_again_from_where_it_is),
    _m("p Pulse", "0., 1. $1", "1. $1", made.test_the_ramp_is_0_on_the_beat_and_stretched_to_the_running_interval),
    _m("p Pulse", "expr (cos($f1 * 6.2831853) * 0.5) + 0.5", "expr (cos($f1 * 3.1415927) * 0.5) + 0.5", made.test_the_cosine_is_1_on_the_beat_and_0_between_two),
    _m("p Pulse", "line 0. 20", "line 0. 5", made.test_it_speaks_at_most_fifty_times_a_second),
    _m("p Row1", _IN_MS, _IN_MS.replace(f"< {MADE[0]}", "< 99"), made.test_the_ramp_is_0_on_the_beat_and_stretched_to_the_running_interval),
    # The tempo.
    _m("p Tempo", "id 0", "id 1", *_TEMPO),
    _m("p Tempo", "expr pow(2.\\, $f1 - 1.)", "expr pow(2.\\, $f1)", tempo.test_ratio_and_limits, 1, 50, 140, 72, 72),
    _m("p Tempo", "zl.sort", None, tempo.test_ratio_and_limits, 2, 50, 200, 72, 144),
    _m("p Tempo", "path live_set master_track mixer_device song_tempo", "path live_set master_track mixer_device volume", *_TEMPO),
    _m("p Tempo", "expr $f2 + ($f1 - $f2) / $f3", "expr $f2 + ($f1 - $f2) * $f3", tempo.test_smoothing_averages_over_beats),
    # The line.
    _m("p Link", f"== {VERSION}", "== 1", link.test_versions_are_compared, __version__, VERSION, f"Bridge and device {__version__}", False),
    _m("p Link", "unpack s 0 0", None, hearts.test_it_answers_to_the_port_of_its_own_hello, (VERSION, 7774), 7774),
    _m("p Link", "7772", "7773", hearts.test_a_version_1_bridge_after_another_means_the_usual_port_again),
    _m("p Link", "> 0", ">= 0", hearts.test_it_answers_to_the_port_of_its_own_hello, (VERSION, 0), None),
    _m("p Link", f"/bridge/ping {VERSION}", "/bridge/ping 1", link.test_it_asks_the_bridge_once_the_port_is_its_own),
    _m("p Link", "set Beating", "set Live", *_LIVE),
    _m("p Link", links.PARKING, None, link.test_a_taken_port_is_said_and_taken_over_when_it_is_free),
    _m("p Link", "prepend /beatbridge/self", "prepend /beatbridge/me", link.test_a_port_that_is_ours_is_never_called_taken),
    # Hearts.
    _m("p Hearing", "coll ---roots", "coll roots", LINT),
    _m("p Hearing", "zl.slice 1", "zl.slice 2", hearts.test_the_chosen_heart_plays_and_no_other),
    _m("p Hearing", "zl.join", None, hearts.test_the_chosen_heart_plays_and_no_other),
    _m("p Hearing", "gate 2 1", "gate 2 2", *_BEAT),
    _m("p Hearing", "single", None, hearts.test_one_heart_without_a_name_goes_before_the_named_while_it_speaks),
    _m("hearts", '["store", root + "/" + playing + path, number]', '["store", root + "/" + playing + path, number + 1]', hearts.test_every_message_of_a_chosen_heart_arrives_where_it_does_without_a_name),
    _m("hearts", 'outlet(0, "clear");', "", hearts.test_the_chosen_heart_plays_and_no_other),
    _m("hearts", "[feeds[i], ", "[feeds[i] + 1, ", hearts.test_a_value_that_a_newer_bridge_sends_is_offered_and_held_to_0_1),
    _m("hearts", '["/bridge/relearn", playing]', '["/bridge/relearn"]', hearts.test_relearn_and_mark_name_the_heart_that_plays),
    _m("hearts", "  chosen = names[0];\n", "", hearts.test_the_choice_is_kept_with_the_set),
    _m("hearts", "at === undefined || ", "at === undefined && ", hearts.test_one_heart_without_a_name_goes_before_the_named_while_it_speaks),
    # The other scripts.
    _m("clips", "if (!store) {", "if (true) {", kept.test_a_second_ready_loses_no_lanes_and_lets_nothing_go),
    _m("clips", "var ANSWER_PORT = 7772;", "var ANSWER_PORT = 7773;", clips.test_an_answer_port_is_used_and_the_own_one_restored),
    _m("clips", "!settings.replace", "settings.replace", clips.test_an_occupied_slot_is_left_alone_unless_told_to_replace),
    _m("clips", 'job.clip.set("loop_end", transfer.beats);', 'job.clip.set("loop_end", 3);', clips.test_every_message_is_answered_and_the_clip_is_written_whole),
    _m("clips", "playing.said[cc] !== value", "true", clips.test_a_lane_sounds_in_step_with_the_clip_and_only_on_changes),
    _m("clips", "var POLL_MS = 50;", "var POLL_MS = 5;", clips.test_a_restless_lane_says_at_most_twenty_values_a_second),
    _m("mapping", "clicked !== atArming", "true", mapping.test_own_parameters_and_the_one_selected_before_are_not_taken),
    _m("mapping", "theirs !== token", "true", mapping.test_only_somebody_elses_map_off_disarms),
    _m("mapping", "isOwn(clicked)", "false", mapping.test_own_parameters_and_the_one_selected_before_are_not_taken),
    _m("mapping", "held[row] = +on;", "", examine.test_it_reports_when_it_is_loaded_and_when_asked),
    _m("examine", '["port", answerPort]', '["port", USUAL_PORT]', examine.test_the_answer_goes_to_the_port_that_was_named),
    _m("examine", "examine(USUAL_PORT);", "", examine.test_it_reports_when_it_is_loaded_and_when_asked),
    _m("examine", '["rows held", joined(facts.mapping)]', '["rows held", joined(facts.clips)]', examine.test_it_reports_when_it_is_loaded_and_when_asked),
    _m("p Tempo", "prepend follow", None, examine.test_it_says_whether_the_tempo_follows),
    _m("p Examine", "report", None, examine.test_it_reports_with_live_s_audio_off),
    # The grid.
    _m("p Grid", "metro @interval 5 ticks @quantize 5 ticks", "metro 5", LINT),
    _m("p Grid", "metro @interval 5 ticks @quantize 5 ticks", "metro @interval 60 ticks @quantize 60 ticks", grid.test_a_wild_heart_gives_the_notes_of_its_clip, {"phase": 30.0}),
    _m("p Grid", "metro @interval 5 ticks @quantize 5 ticks", "qmetro 5", LINT),
    _m("p Grid", "when", "when other", LINT),
    _m("p Grid", "when", "when other", *_WILD),
    _m("p Grid", "expr int($f1 + 2.5)", "expr int($f1)", grid.test_a_hit_is_on_its_cell),
    _m("p Grid", "if $i1 >= 0 then $i1", "if $i1 >= -9999 then $i1", grid.test_below_zero_nothing_sounds),
    _m("p Grid", "* 2", "* 1", *_WILD),
    _m("p Grid", "+ 0", None, *_WILD),
    _m("p Grid", "expr $i1 - ($i1 >= $i2) * $i2", "expr $i1 + ($i1 >= $i2) * $i2", *_WILD),
    _m("p Grid", "< 16", "< 60", grid.test_after_a_jump_into_a_cell_it_waits_for_the_next),
    _m("p Grid", "< 16", "< 4", *_LATE),
    _m("p Grid", "change -1", None, *_WILD),
    _m("p Grid", "set -1", None, grid.test_the_same_place_again_sounds_again),
    _m("p Grid", "delay 200", None, grid.test_what_silences_the_grid, grid._stand, 200),
    _m("p Grid", "receive ---on", None, grid.test_what_silences_the_grid, grid._bypass, 0),
    _m("p Grid", "receive ---ready", None, grid.test_the_stored_style_is_the_author_s_rule),
    _m("p Grid", "gate 1 1", "gate 1 0", grid.test_the_stored_style_is_the_author_s_rule),
    _m("p Grid", "trigger l 0", "trigger l 1", grid.test_a_sent_style_is_kept_with_the_set_and_the_report_names_it),
    _m("p Grid", "pattr grid_style", None, *_WILD),
    _m("p Grid", "> 19", ">= 0", grid.test_a_set_without_a_style_plays_the_author_s_rule),
    _m("p Grid", "> 19", "> 999", grid.test_a_sent_style_is_kept_with_the_set_and_the_report_names_it),
    _m("p Grid", "pattr grid_name", None, grid.test_a_sent_style_is_kept_with_the_set_and_the_report_names_it),
    _m("p Grid", "prepend cell", None, grid.test_a_sent_style_is_kept_with_the_set_and_the_report_names_it),
    _m("p Grid", "prepend grid", None, grid.test_a_sent_style_is_kept_with_the_set_and_the_report_names_it),
    _m("p Grid", "zl.slice 19 @zlmaxsize 512", "zl.slice 19", grid.test_every_style_fits_into_the_contract_and_the_lists),
    _m("p Grid", "zl.slice 19 @zlmaxsize 512", "zl.slice 18 @zlmaxsize 512", *_WILD),
    _m("p Grid", "zl.iter 5 @zlmaxsize 512", "zl.iter 4 @zlmaxsize 512", *_WILD),
    _m("p Grid", _SOUNDS, _SOUNDS.replace("$f6 > $f4", "$f6 >= $f4"), grid.test_the_borders_of_zones_are_the_clip_s, 75.0, {0}),
    _m("p Grid", _SOUNDS, _SOUNDS.replace("$f6 <= $f5", "$f6 < $f5"), grid.test_the_borders_of_zones_are_the_clip_s, 75.0, {0}),
    _m("p Grid", _SOUNDS, _SOUNDS.replace("$i1 == $i2 && ", "$i1 != $i2 && "), *_WILD),
    _m("p Grid", "if $i2 == $i3 then $f1", "*if $i2 != $i3 then $f1", *_WILD),
    _m("p Grid", "pack 0. 1", "pack 0. 2", *_WILD),
    _m("p Grid", "-1000000000.0", None, grid.test_an_unknown_heart_is_silent_and_one_that_comes_back_plays),
    _m("p Grid", "stop", None, grid.test_what_silences_the_grid, grid._off, 0),
    _m("p Grid", "freebang", None, grid.test_what_silences_the_grid, grid._unload, 0),
    _m("p Grid", "expr $f2 + $f1 * $f3", "expr $f3 + $f1 * $f2", *_WILD),
    _m("p Grid", "clip 1. 127.", None, *_WILD),
    _m("p Grid", "translate ticks ms", "translate ms ticks", *_WILD),
    _m("p Grid", "scale 0. 1. 0. 127.", "scale 0. 1. 0. 128.", *_WILD),
    _m("p Grid", "ctlout 1 1", "ctlout 1 10", LINT),
    _m("p Grid", f"if $f1 > {KNOWN} then $f1", f"*if $f1 < {KNOWN} then $f1", *_LANES),
    _m("p Grid", "noteout", "noteout 10", LINT),
    _m("p Grid", _HELD, _HELD.replace("$i2 && ", ""), *_WILD),
    _m("p Grid", _HELD, _HELD.replace("* $f3 + (1 -", "* $f1 + (1 -"), grid.test_where_one_zone_holds_for_a_bar_it_is_the_first_that_was_known),
    _m("p Grid", "/ 16", None, grid.test_where_one_zone_holds_for_a_bar_it_is_the_first_that_was_known),
    _m("", "== 2", "== 1", grid.test_a_hit_is_on_its_cell),
    _m("", "== 1", "== 2", grid.test_in_mode_grid_a_beat_plays_no_note_of_its_own),
    # The fold.
    _m("", str(FOLDED), "300", kept.test_the_fold_is_kept_and_sets_the_width, 0),
    _m("", str(FOLDED), "300", LINT),
    _m("", "prepend setwidth", "prepend width", LINT),
    _m("", "select 0 1", "select 1 0", kept.test_the_fold_is_kept_and_sets_the_width, 1),
)  # fmt: skip
