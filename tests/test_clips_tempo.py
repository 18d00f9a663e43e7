"""Tempo maps: every heartbeat on a quarter note, at its own moment."""

import io

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.clips.render import setting_of, tempo_clip
from bridge.clips.session import Session, session_of
from bridge.clips.smf import encode
from bridge.clips.style_file import load_style
from bridge.clips.tempo import heart_time
from bridge.errors import UserError


def session(beats: list[float], seconds: float) -> Session:
    t = np.arange(0, seconds, 0.5)
    return session_of("s", {"t": t, "HR": np.full(len(t), 70.0)}, beats_t=np.array(beats),
                      seconds=seconds)  # fmt: skip


def quarter_times(data: bytes) -> list[float]:
    """When each quarter note begins, as mido's reading of the tempo events has it."""
    file = mido.MidiFile(file=io.BytesIO(data))
    tempi, now = [], 0
    for message in file.tracks[0]:
        now += message.time
        if message.type == "set_tempo":
            tempi.append((now, message.tempo))
    length, times, at = now // 480, [0.0], 0
    for quarter in range(length):
        while at + 1 < len(tempi) and tempi[at + 1][0] <= quarter * 480:
            at += 1
        times.append(times[-1] + tempi[at][1] / 1e6)
    return times


def test_beats_fall_on_quarter_notes_and_the_note_spans_the_clip() -> None:
    beats = [0.2, 1.0, 1.85, 2.6, 3.5, 4.31, 5.0]
    heart = session(beats, 5.4)
    setting = setting_of(heart, load_style("default"), tempo_map=True)
    data = encode(tempo_clip(heart, setting))
    times = quarter_times(data)
    # Less than half a beat of lead-in is left out: the clip begins with the first heartbeat.
    assert times[:7] == pytest.approx([b - 0.2 for b in beats], abs=1e-6)
    (note,) = tempo_clip(heart, setting).tracks[0].notes.length.tolist()
    assert note == setting.length


def test_lead_in_gap_and_end_are_filled_with_whole_quarters() -> None:
    heart = heart_time(np.array([1.6, 2.4, 3.2, 4.0, 8.0, 8.8, 9.6]), 11.0)
    assert heart.knot_s.tolist() == pytest.approx(
        [0, 0.8, 1.6, 2.4, 3.2, 4.0, 4.8, 5.6, 6.4, 7.2, 8.0, 8.8, 9.6, 10.4, 11.2]
    )
    tempi = 60e6 / heart.tempo_us()
    assert tempi.tolist() == pytest.approx([75.0] * 14)


def test_a_missed_beat_gets_its_quarter_and_a_slow_heart_does_not() -> None:
    beats = np.array([0.0, 0.8, 1.6, 3.2, 4.0])
    told = heart_time(beats, 4.0, np.array([True, True, False, True, True]))
    assert told.knot_s.tolist() == pytest.approx([0, 0.8, 1.6, 2.4, 3.2, 4.0])
    assert heart_time(beats, 4.0).knot_s.tolist() == pytest.approx([0, 0.8, 1.6, 3.2, 4.0])


@given(
    st.lists(st.floats(0.3, 2.0), min_size=3, max_size=400),
    st.floats(0, 3),
    st.floats(0, 5),
)
def test_no_rounding_adds_up(intervals: list[float], first: float, rest: float) -> None:
    beats = first + np.concatenate(([0.0], np.cumsum(intervals)))
    heart = heart_time(beats, float(beats[-1]) + rest)
    starts = heart.knot_s[0] + np.concatenate(([0], np.cumsum(heart.tempo_us()))) / 1e6
    assert np.abs(starts - heart.knot_s).max() < 1e-6
    ticks = heart.ticks(beats)
    assert np.allclose(ticks / 480, np.rint(ticks / 480), atol=1e-9)
    assert np.all(heart.tempo_us() <= 3_000_000)  # Live's slowest, 20
    assert np.all(heart.tempo_us() >= 60_000)  # and fastest, 999
    moments = np.linspace(float(heart.knot_s[0]), float(heart.knot_s[-1]), 50)
    back = np.interp(heart.ticks(moments), heart.knot_tick, heart.knot_s)
    assert np.allclose(back, moments)


def test_a_clip_on_the_map_keeps_the_seconds_of_the_session() -> None:
    beats = np.cumsum(np.full(60, 0.83)).tolist()
    heart = session(beats, 50.0)
    setting = setting_of(heart, load_style("default"), tempo_map=True)
    times = quarter_times(encode(tempo_clip(heart, setting)))
    assert times[-1] == pytest.approx(50.0, abs=1.7)


def test_a_table_has_no_beats() -> None:
    t = np.arange(100) / 10
    with pytest.raises(UserError, match="no beats to take a tempo from"):
        setting_of(session_of("s", {"t": t, "HR": t + 60}), load_style("default"), tempo_map=True)
    with pytest.raises(UserError, match="at least three beats"):
        setting_of(session([1.0, 2.0], 9.0), load_style("default"), tempo_map=True)
