"""The vectorised table against the streaming path at the same instants."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.analysis.analyze import analyze
from bridge.errors import UserError
from bridge.events import Interval
from bridge.hrv.rolling import HrvWindows, RollingHrv, parse_windows
from bridge.hrv.table import COLUMNS, hrv_table
from bridge.intervals.whole import judge
from bridge.recordings.read import read_recording

STREAMED = {
    "HR": "bpm", "SDNN": "sdnn_ms", "RMSSD": "rmssd_ms", "VLF": "vlf_ms2", "LF": "lf_ms2",
    "HF": "hf_ms2", "LF_HF": "lf_hf",
}  # fmt: skip


def streamed(
    intervals: list[Interval], t: np.ndarray, windows: HrvWindows
) -> dict[str, np.ndarray]:
    """Ask ``RollingHrv`` at every instant, with what had come by then."""
    rolling, waiting = RollingHrv(windows, spectrum_every_s=0.0), list(reversed(intervals))
    rows = []
    for instant in t.tolist():
        while waiting and waiting[-1].t <= instant:
            rolling.push(waiting.pop())
        snapshot = rolling.at(instant)
        rows.append([getattr(snapshot, name) for name in STREAMED.values()])
    values = np.array(rows, float).reshape(-1, len(STREAMED)).T
    return dict(zip(STREAMED, values, strict=True))


def assert_same(table: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> None:
    for name in STREAMED:
        np.testing.assert_allclose(table[name], theirs[name], rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("record", ["ppg/rest5min.beats.csv", "ecg/nstdb118e12.beats.csv"])
def test_the_table_of_a_real_heart_equals_the_streaming_path(
    shared_data: Path, record: str
) -> None:
    beats_t = np.loadtxt(shared_data / record)
    intervals = judge(beats_t, gaps_t=[40.0, 100.0])
    table = hrv_table(intervals, float(beats_t[-1]), step_s=0.5)
    assert np.isfinite(table["SDNN"]).sum() > 100
    assert_same(table, streamed(intervals, table["t"], HrvWindows()))


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.floats(300.0, 1800.0), st.booleans(), st.sampled_from([0, 0, 0, 1])),
        max_size=120,
    ),
    st.sampled_from(["lomb", "fft"]),
    st.floats(0.1, 2.0),
)
def test_the_table_equals_the_streaming_path(
    rows: list[tuple[float, bool, int]], spectrum: str, step_s: float
) -> None:
    windows = HrvWindows(8.0, 20.0, 40.0, time_intervals=3, spectrum=spectrum)  # type: ignore[arg-type]
    intervals, t = [], 0.0
    for ibi_ms, unknown, gap in rows:
        t += ibi_ms / 1000.0 + 3.0 * gap
        nn_ms = None if unknown and gap else ibi_ms
        intervals.append(Interval(t, ibi_ms, nn_ms, after_gap=bool(gap)))
    table = hrv_table(intervals, t + 10.0, step_s, windows)
    assert_same(table, streamed(intervals, table["t"], windows))


def test_rows_run_up_to_the_end_without_it() -> None:
    assert hrv_table([], 1440.0)["t"].shape == (14_400,)
    assert hrv_table([], 1.0, 0.25)["t"].tolist() == [0.0, 0.25, 0.5, 0.75]
    assert hrv_table([], 1.01, 0.25)["t"].tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert hrv_table([], 12.0, 0.5, start_s=11.0)["t"].tolist() == [11.0, 11.5]
    assert hrv_table([], 0.0)["t"].shape == (0,)


def test_an_empty_table_has_every_column_and_no_value() -> None:
    table = hrv_table([], 5.0)
    assert tuple(table) == COLUMNS
    assert all(np.isnan(table[name]).all() for name in COLUMNS[1:])


@pytest.mark.slow
@pytest.mark.parametrize("block", [1, 7, 256])
def test_a_lost_signal_of_minutes_leaves_no_trace(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.hrv.table._BLOCK", block)
    random = np.random.default_rng(5)
    before = np.cumsum(random.normal(0.8, 0.03, 400))
    few = before[-1] + 300.0 + np.arange(9) * 0.8  # never enough for a spectrum
    after = before[-1] + 700.0 + np.cumsum(random.normal(0.9, 0.05, 400))
    intervals = judge(np.concatenate((before, few, after)))
    end = float(after[-1])
    whole = hrv_table(intervals, end, 0.25)
    alone = hrv_table([each for each in intervals if each.t > after[0]], end, 0.25)
    since = whole["t"] > after[0]
    assert np.isfinite(whole["HF"][since]).sum() > 600
    for name in COLUMNS:
        np.testing.assert_allclose(whole[name][since], alone[name][since], rtol=1e-9, err_msg=name)


def test_a_long_session_in_blocks_equals_its_parts() -> None:
    random = np.random.default_rng(3)
    beats_t = np.cumsum(random.normal(0.8, 0.04, 1200))
    table = hrv_table(judge(beats_t), float(beats_t[-1]), 1.0)
    whole = judge(beats_t)
    for t in (200, 555, 900):
        recent = [each for each in whole if t - 200 < each.t <= t]
        alone = hrv_table(recent, t + 0.5, 1.0, start_s=float(t))
        for name in COLUMNS:
            assert alone[name][0] == pytest.approx(table[name][t], rel=1e-9), name


def test_centred_windows_are_those_that_end_half_their_length_later() -> None:
    random = np.random.default_rng(4)
    intervals = judge(np.cumsum(random.normal(0.8, 0.05, 600)))
    windows = HrvWindows(20.0, 20.0, 20.0, frequency_intervals=8)
    centred = hrv_table(intervals, 400.0, 0.5, windows, centred=True)
    ending = hrv_table(intervals, 410.0, 0.5, windows)
    for name in COLUMNS[1:]:
        np.testing.assert_array_equal(centred[name], ending[name][20:], err_msg=name)


def test_lengths_of_windows_are_written_as_seconds() -> None:
    assert parse_windows("6.4/120/180") == (6.4, 120.0, 180.0)
    assert parse_windows("60/180") == (60.0, 60.0, 180.0)
    for text in ("60", "60/", "1/60/180", "60/180/1e9", "a/b", "nan/60", "60;180", ""):
        with pytest.raises(UserError, match="--windows"):
            parse_windows(text)


@pytest.mark.slow
@pytest.mark.parametrize("number", ["005", "044"])
def test_with_the_seed_authors_windows_the_table_is_his(shared_data: Path, number: str) -> None:
    """His published tables are of 60 and 180 s around each row, from the same ECG by NeuroKit2."""
    file = shared_data / "sessions" / f"sub_{number}.csv"
    his = np.genfromtxt(file, delimiter=",", names=True)
    ecg = read_recording(shared_data / "ecg" / f"embodied_{number}.csv", rate_hz=500.0)
    rows = slice(310, 14_090)  # his windows are whole there; outside he holds the last value

    def likeness(windows: str, centred: bool, name: str) -> float:
        found = analyze(ecg, windows=HrvWindows(*parse_windows(windows)), centred=centred)
        ours, theirs = found.table[name][rows], his[name][rows]
        known = np.isfinite(ours)
        assert known.mean() > 0.99
        return float(np.corrcoef(ours[known], theirs[known])[0, 1])

    assert likeness("60/180", True, "SDNN") >= 0.99
    assert likeness("60/180", True, "HR") >= 0.999
    assert likeness("60/180", True, "RMSSD") >= 0.93
    assert likeness("60/180", False, "SDNN") < 0.5  # it is the windows that make them alike
