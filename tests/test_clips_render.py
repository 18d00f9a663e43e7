"""Drums, lines and lanes of small sessions with known results, and of any session at all."""

import io
from typing import Any

import mido
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bridge.clips.clip import Clip
from bridge.clips.render import render, setting_of
from bridge.clips.scale import Scales
from bridge.clips.session import Session, session_of, spreads_of
from bridge.clips.smf import encode
from bridge.clips.style import Style
from bridge.clips.style_file import load_style
from bridge.errors import UserError
from bridge.events import Marker
from bridge.gaps import gaps_between


def table(hr: Any, step: float = 0.1, **columns: Any) -> Session:
    hr = np.asarray(hr, float)
    return session_of(
        "s",
        {"t": np.arange(len(hr)) * step, "HR": hr,
         **{name: np.asarray(values, float) for name, values in columns.items()}},
    )  # fmt: skip


def clip(session: Session, what: Any = "drums", style: str = "default", **changes: Any) -> Clip:
    chosen = load_style(style, {key.replace("__", "."): v for key, v in changes.items()})
    own = spreads_of(session, counted="HR")
    phases = tuple((p.start, spreads_of(p, counted="HR")) for p in session.phases())
    return render(what, session, chosen, Scales(own, own, phases), setting_of(session, chosen))


def hits(made: Clip) -> list[tuple[int, int, int]]:
    notes = made.tracks[0].notes
    return list(
        zip(notes.tick.tolist(), notes.pitch.tolist(), notes.velocity.tolist(), strict=True)
    )


def lane(made: Clip, controller: int, track: int = 0) -> list[tuple[int, int]]:
    (found,) = [each for each in made.tracks[track].lanes if each.controller == controller]
    return list(zip(found.tick.tolist(), found.value.tolist(), strict=True))


# Drums


def test_a_bar_fills_as_the_rate_climbs() -> None:
    # Zones of 5 bpm from 60 to 140: 62 is zone 0, 68 zone 1, 140 the last.
    low = clip(table([60] * 15 + [62] + [62] * 16 + [140] * 16))
    assert hits(low)[:2] == [(0, 36, 60), (960, 36, 62)]
    assert [pitch for _, pitch, _ in hits(low)[2:]] == [
        36, 44, 40, 48, 38, 46, 42, 50, 37, 45, 41, 49, 39, 47, 43, 51
    ]  # fmt: skip
    # Cell by cell, the note of cell c is 36 plus the place of c in the order 0 8 4 12 2 10 ...
    assert [tick for tick, _, _ in hits(low)[2:]] == [1920 + 60 * cell for cell in range(16)]


def test_a_value_on_a_border_belongs_to_the_zone_below() -> None:
    rates = [60.0] * 16 + [65.0] * 16 + [65.001] * 16 + [140.0] * 16
    made = hits(clip(table(rates)))
    in_bar = [[p for t, p, _ in made if bar * 960 <= t < bar * 960 + 960] for bar in range(3)]
    assert in_bar == [[36], [36], [36, 37]]


def test_velocity_is_the_rate_held_to_1_to_127() -> None:
    made = hits(clip(table([127.4] * 16 + [127.6] * 16 + [250] * 16 + [30] * 16)))
    first = [velocity for tick, pitch, velocity in made if pitch == 36]
    assert first == [127, 127, 127, 30]


def test_eight_cells_use_their_own_map_and_all_zones_sound() -> None:
    made = clip(table(np.repeat(np.linspace(60, 139, 8), 8)), grid__signature="8/8")
    assert made.metre == (1, 4)
    last = [(t - 7 * 480, p) for t, p, _ in hits(made) if t >= 7 * 480]
    assert last == [(0, 36), (60, 42), (120, 38), (180, 40), (240, 37), (300, 43), (360, 39),
                    (420, 41)]  # fmt: skip


@pytest.mark.parametrize("signature", ["4/4", "5/4", "7/8", "12/16", "32/32", "92/16", "1/1"])
def test_any_signature_plays_all_its_zones(signature: str) -> None:
    cells = int(signature.split("/")[0])
    made = clip(table(np.full(cells * 4, 60.0).tolist() + [120.0] * cells * 4),
                grid__signature=signature)  # fmt: skip
    assert {p for _, p, _ in hits(made)} == set(range(36, 36 + cells))
    bar = made.metre[0] * 1920 // made.metre[1]
    assert made.length % bar == 0
    assert bar % (cells * 60) == 0


def test_a_tempo_with_a_fraction() -> None:
    made = clip(table([60] * 32), grid__tempo=75.5)
    assert made.tempo_us.tolist() == [794702]  # 60 / 75.5 s


def test_the_time_column_places_rows() -> None:
    rates = [60, 80, 100, 120, 140]
    coarse = hits(clip(table(rates, step=1.0)))
    fine = hits(clip(table(np.interp(np.arange(50) / 10, range(5), rates))))
    assert coarse == fine
    assert max(t for t, _, _ in coarse) < 50 * 60


def test_grid_keeps_rows_to_cells_and_clock_keeps_seconds() -> None:
    session = table(np.linspace(60, 120, 1200))
    for tempo in (60.0, 75.0, 120.0, 133.7):
        grid = clip(session, grid__tempo=tempo)
        assert grid.length == 1200 * 60
        clock = clip(session, grid__tempo=tempo, grid__follow="clock")
        bar_s = 16 / 32 * 4 * 60 / tempo
        assert 120.0 <= clock.length / 480 * 60 / tempo < 120.0 + bar_s


def test_gaps_are_bridged_and_ends_held() -> None:
    nan = float("nan")
    made = clip(table([nan, nan, 60, nan, nan, 90, nan] + [nan] * 25, SDNN=[nan] * 16 + [5] * 16))
    values = {t: v for t, p, v in hits(made) if p == 36}
    assert values[0] == 60  # held to the front, not leaked from what is to come
    whole = clip(table([60, 60, 60, 70, 80, 90, 90] + [90] * 25))
    assert hits(made) == hits(whole)


def test_a_constant_and_a_missing_measure() -> None:
    made = clip(table([72] * 32, SDNN=[40] * 32))
    assert [p for _, p, _ in hits(made)] == [36, 36]  # one zone only
    assert lane(made, 11) == [(0, 64)]
    assert [each.controller for each in made.tracks[0].lanes] == [11]


def test_lanes_write_changes_only() -> None:
    made = clip(table([60, 120] * 16, SDNN=[0] * 8 + [127] * 8 + [0] * 16, RMSSD=range(32)))
    assert lane(made, 11) == [(0, 0), (480, 127), (960, 0)]
    assert lane(made, 1) == [(k * 60, round(k / 31 * 127)) for k in range(32)]


def test_a_session_shorter_than_a_bar_says_so() -> None:
    with pytest.raises(UserError, match=r"only 1.5 s long, where a bar takes 1.6 s"):
        clip(table([60] * 15))
    assert clip(table([60] * 16)).length == 960


@pytest.mark.parametrize("rows", [14400, 16, 160, 1249 * 16, 16 * 637, 17, 31])
def test_no_bar_is_lost(rows: int) -> None:
    made = clip(table([60, 61] * (rows // 2) + [60] * (rows % 2)))
    assert made.length == -(-rows // 16) * 960


def test_single_layers_gm_notes_and_given_borders() -> None:
    rates = [60.0] * 16 + [100.0] * 16 + [150.0] * 16
    made = clip(table(rates), drums__layers="single", drums__notes="gm",
                drums__order=[0, 4, 8], zones__edges=[90.0, 140.0])  # fmt: skip
    assert hits(made) == [(0, 36, 60), (960 + 240, 42, 100), (1920 + 480, 38, 127)]


def test_quantile_zones_last_equally_long() -> None:
    rates = [60.005 + k * 0.02 for k in range(800)] + [150.0 + k for k in range(800)]
    made = clip(table(rates), zones__edges="quantile", drums__layers="single", drums__order=[0] * 4)
    count = [sum(1 for _, p, _ in hits(made) if p == 36 + zone) for zone in range(4)]
    assert count == [25, 25, 25, 25]


def test_swing_delays_every_second_cell() -> None:
    made = clip(table([60] * 16 + [140] * 16), grid__swing=0.5)
    bar = [t - 960 for t, _, _ in hits(made) if t >= 960]
    assert bar == [cell * 60 + (30 if cell % 2 else 0) for cell in range(16)]


def test_velocity_over_the_span() -> None:
    made = clip(table([60] * 16 + [100] * 16 + [140] * 16), drums__velocity=[100, 20])
    assert [v for _, p, v in hits(made) if p == 36] == [100, 60, 20]


def test_curves() -> None:
    ramp = np.linspace(0, 1, 33)
    for curve, middle in (("linear", 64), ("log", 94), ("exp", 31)):
        style = {"drums__lanes": [{"column": "SDNN", "controller": 11, "curve": curve}]}
        values = dict(lane(clip(table([60] * 33, SDNN=ramp), **style), 11))
        assert values[16 * 60] == middle  # log10(5.5) and (sqrt(10) - 1) / 9 of 127
        assert (values[0], values[32 * 60]) == (0, 127)


def test_smoothing_follows_and_never_looks_ahead() -> None:
    step = [0] * 20 + [100] * 60
    style = {"drums__lanes": [{"column": "SDNN", "controller": 11, "smooth_seconds": 1.0}]}
    values = lane(clip(table([60] * 80, SDNN=step), **style), 11)
    assert values[0] == (0, 0)
    assert values[1][0] == 20 * 60
    assert dict(values)[30 * 60] == round(127 * (1 - np.exp(-1.05)))  # the row itself is a ramp
    assert values[-1][1] == 127


def test_phases_have_spans_of_their_own() -> None:
    rates = [60, 70] * 40 + [110, 150] * 40
    session = table(rates)
    marked = Session(
        "s", 0.0, session.end, session.columns, None, (Marker(0, "a"), Marker(8.0, "b"))
    )
    count = len(hits(clip(marked)))
    by_phase = clip(marked, scope="phase")
    assert len(hits(by_phase)) > count
    first = [p for t, p, _ in hits(by_phase) if t < 4800]
    assert max(first) > 36 + 8  # 70 is the top of its own phase, though far below 150
    assert by_phase.locators == ((0, "a"), (4800, "b"))


def test_a_phase_is_cut_where_its_marker_is() -> None:
    session = table(np.arange(60, 160))
    marked = Session("s", 0.0, session.end, session.columns, None, (Marker(4.0, "late"),))
    start, late = marked.phases()
    assert (start.name, start.start, start.end) == ("start", 0.0, 4.0)
    assert (late.name, late.start, late.end) == ("late", 4.0, session.end)
    assert late.at("HR", np.array([0.0, 0.1])).tolist() == pytest.approx([100, 101])
    assert late.own_values("HR").tolist() == list(range(100, 160))
    assert late.own_markers() == (Marker(0.0, "late"),)


# Euclid and beats


def test_euclidean_hits_are_bjorklund_patterns() -> None:
    voices = [{"note": 36, "hits": [3, 5]}]
    style = {"drums__engine": "euclid", "drums__voices": voices, "grid__signature": "8/8"}
    made = hits(clip(table([60] * 16 + [140] * 16), **style))
    # E(3, 8) is x..x..x. and E(5, 8) x.xx.xx. , up to rotation (Toussaint 2005).
    assert [t // 60 for t, _, _ in made if t < 480] == [0, 3, 6]
    assert [t // 60 - 24 for t, _, _ in made if t >= 24 * 60] == [0, 2, 4, 5, 7]


def beaten(beats: list[float], slope: float = 1.0) -> Session:
    seconds = beats[-1] + 1
    t = np.arange(0, seconds, 0.5)
    return session_of("s", {"t": t, "HR": 90 + slope * t}, beats_t=np.array(beats),
                      broken_t=np.array(gaps_between(beats)), seconds=seconds)  # fmt: skip


def test_every_beat_is_a_kick_when_it_happened() -> None:
    beats = [0.5, 1.31, 2.07, 2.9, 3.65, 4.4321]
    made = hits(clip(beaten(beats), style="heartbeat"))
    assert [t for t, p, _ in made if p == 36] == [round(b * 600) for b in beats]


def test_nothing_is_played_into_a_gap() -> None:
    beats = [0.5, 1.3, 2.1, 2.9, 9.0, 9.8, 10.6]
    made = hits(clip(beaten(beats, slope=-1.0), style="heartbeat"))
    assert [t for t, p, _ in made if p == 36] == [round(b * 600) for b in beats]
    assert sum(t < 0.5 * 600 + 480 for t, _, _ in made) >= 6  # the densest zone, with hats
    assert not [t for t, _, _ in made if 2.9 * 600 + 60 < t < 9.0 * 600]


def test_beats_are_needed_for_beats() -> None:
    with pytest.raises(UserError, match="there are none"):
        clip(table([60] * 32), style="heartbeat")


# Notes and lanes


def test_lines_climb_a_scale() -> None:
    n = 56
    lf = np.repeat(np.arange(7) / 6, 8)
    made = clip(table([60] * n, LF=lf, LF_HF=[3] * 28 + [1] * 28), "notes")
    assert [track.name for track in made.tracks] == ["LF_Notes"]
    notes = made.tracks[0].notes
    assert notes.tick.tolist() == list(range(0, n * 60, 240))
    degrees = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    major, minor = [0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 10, 11]
    want = [48 + (major if k < 7 else minor)[d] for k, d in enumerate(degrees)]
    assert notes.pitch.tolist() == want
    assert notes.velocity.tolist()[::2] == [80, 87, 93, 100, 107, 113, 120]
    assert lane(made, 1)[0] == (0, 0)
    assert lane(made, 11) == [(0, 127), (28 * 60, 0)]


def test_a_line_whose_cell_is_no_multiple_of_the_grid_does_not_drift() -> None:
    style = {"notes__lines": [{"column": "LF", "root": 48, "cell": "1/6"}]}
    made = clip(table([60] * 320, LF=range(320)), "notes", **style)
    assert made.tracks[0].notes.tick.tolist() == list(range(0, 320 * 60, 320))


@pytest.mark.parametrize("signature", ["7/8", "5/4"])
def test_no_note_sounds_beyond_the_clip(signature: str) -> None:
    vlf = np.linspace(0, 1, 1050)
    made = clip(table(np.full(1050, 70.0), VLF=vlf), "notes", grid__signature=signature)
    (track,) = made.tracks
    assert int((track.notes.tick + track.notes.length).max()) == made.length


def test_cc_tracks_and_what_is_missing() -> None:
    made = clip(table(range(60, 92), SDNN=[1] * 32), "cc")
    assert [(t.name, t.channel) for t in made.tracks] == [("HR_CC1", 0), ("SDNN_CC1", 1)]
    assert lane(made, 1) == [(k * 60, round(k / 31 * 127)) for k in range(32)]
    with pytest.raises(UserError, match="no VLF, LF, HF"):
        clip(table([60] * 32), "notes")


# Any session


def shortest_seconds(style: Style) -> float:
    return (style.grid.cells - 1) * style.grid.cell_ticks / style.grid.ticks_a_second


columns = st.lists(
    st.one_of(st.floats(1, 300), st.just(float("nan"))), min_size=20, max_size=120
).filter(lambda values: any(v == v for v in values))


@pytest.mark.slow
@settings(max_examples=120)
@given(
    hr=columns,
    what=st.sampled_from(["drums", "notes", "cc"]),
    style=st.sampled_from(["default", "euclid", "ambient", "heartbeat"]),
    tempo=st.floats(20, 999),
    signature=st.sampled_from(["16/16", "8/8", "7/8", "3/4", "5/16"]),
    follow=st.sampled_from(["grid", "clock"]),
    scope=st.sampled_from(["batch", "file", "phase"]),
    swing=st.floats(0, 0.75),
    seed=st.integers(0, 5),
)
def test_any_table_gives_a_file_that_mido_reads(
    hr: list[float], what: Any, style: str, tempo: float, signature: str, follow: str, scope: str,
    swing: float, seed: int,
) -> None:  # fmt: skip
    noise = np.random.default_rng(seed)
    n = len(hr)
    times = np.cumsum(noise.uniform(0.05, 1.5, n))
    session = session_of(
        "s",
        {"t": times - times[0], "HR": np.array(hr), "SDNN": noise.normal(40, 20, n),
         "LF": noise.normal(0, 1, n), "LF_HF": noise.choice([1.0, 3.0, np.nan], n)},
        beats_t=np.sort(noise.uniform(0, times[-1], n)),
        markers=[Marker(float(times[n // 2] - times[0]), "half")],
    )  # fmt: skip
    changes: dict[str, Any] = {"grid__tempo": tempo, "grid__follow": follow, "scope": scope,
                               "grid__swing": swing}  # fmt: skip
    if style != "ambient":
        changes["grid__signature"] = signature
    shortest_s = shortest_seconds(
        load_style(style, {k.replace("__", "."): v for k, v in changes.items()})
    )
    if session.seconds < shortest_s * 0.999:
        with pytest.raises(UserError, match="long, where a bar takes"):
            clip(session, what, style, **changes)
        return
    assume(session.seconds > shortest_s * 1.001)
    made = clip(session, what, style, **changes)
    assert encode(made) == encode(made)
    read = mido.MidiFile(file=io.BytesIO(encode(made)), clip=False)
    for track, ours in zip(read.tracks[1:], made.tracks, strict=True):
        sounding: dict[int, int] = {}
        now, count = 0, 0
        for message in track:
            now += message.time
            if message.type == "note_on" and message.velocity:
                assert message.note not in sounding
                sounding[message.note] = now
                count += 1
            elif message.type == "note_on":
                assert sounding.pop(message.note) < now
        assert not sounding
        assert count == len(ours.notes)
