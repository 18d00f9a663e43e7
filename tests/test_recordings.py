"""Files of many programs, told apart by content; what is not understood is refused."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import UserError
from bridge.events import Marker
from bridge.recordings.read import read_recording
from bridge.recordings.recording import Recording
from bridge.simulate.heart import Heart, simulate


@pytest.fixture
def write(tmp_path: Path):
    def put(text: str | bytes, name: str = "file.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return put


def pulse(n: int, rate: float = 100.0) -> list[float]:
    return [float(512 + 200 * np.sin(2 * np.pi * 1.2 * k / rate) ** 3) for k in range(n)]


def kind_of(recording: Recording) -> str:
    filled = [bool(recording.chunks), recording.beats_t is not None, bool(recording.columns)]
    assert filled.count(True) == 1
    return ("signal", "beats", "table")[filled.index(True)]


# Tables


def test_columns_go_by_name(write) -> None:
    path = write("RMSSD (ms),note,hr_bpm,HRV_index,SDNN\n20,a,60,999,40\n21,b,61,998,41\n")
    columns = read_recording(path).columns
    assert {name: values.tolist() for name, values in columns.items()} == {
        "t": [0.0, 0.1],
        "HR": [60, 61],
        "SDNN": [40, 41],
        "RMSSD": [20, 21],
    }


@pytest.mark.parametrize(
    "header",
    ["HR", "hr", "Heart Rate", "heart_rate", "BPM", "HR (bpm)", "hr[1/min]", '"HR"', "HeartRate"],
)
def test_names_of_heart_rate(write, header: str) -> None:
    assert read_recording(write(f"t,{header}\n0,60\n1,61\n")).columns["HR"].tolist() == [60, 61]


@pytest.mark.parametrize("header", ["HRV_index", "hrv", "HR_max_limit", "chr"])
def test_what_is_no_heart_rate(write, header: str) -> None:
    with pytest.raises(UserError, match="HR"):
        read_recording(write(f"t,{header},SDNN\n0,60,30\n1,61,30\n"))


def test_band_names_and_empty_cells(write) -> None:
    path = write("t,HR,SDNN,RMSSD,VLF,LF,HF,LF_HF\n0,60,,,,,,\n0.1,61,40,30,3,2,1,2\n")
    columns = read_recording(path).columns
    assert list(columns) == ["t", "HR", "SDNN", "RMSSD", "VLF", "LF", "HF", "LF_HF"]
    assert np.isnan(columns["SDNN"][0])
    assert columns["SDNN"][1] == 40
    other = read_recording(write("t,hr,LF/HF,vlf_ms2\n0,60,1.5,7\n1,61,1.6,8\n"))
    assert other.columns["LF_HF"].tolist() == [1.5, 1.6]
    assert other.columns["VLF"].tolist() == [7, 8]


def test_the_same_measure_twice_is_refused(write) -> None:
    with pytest.raises(UserError, match="'HR' and 'bpm' both mean HR"):
        read_recording(write("t,HR,bpm\n0,60,61\n1,60,61\n"))


@pytest.mark.parametrize(
    ("head", "times", "want"),
    [
        ("t", ["5", "6", "8"], [0, 1, 3]),
        ("time (ms)", ["0", "250", "500"], [0, 0.25, 0.5]),
        ("t_ms", ["0", "250", "500"], [0, 0.25, 0.5]),
        ("timestamp", ["1700000000", "1700000001", "1700000002"], [0, 1, 2]),
        ("timestamp", ["1700000000000", "1700000000500", "1700000001000"], [0, 0.5, 1]),
        ("datetime", ["2026-01-31 23:59:59.5", "2026-02-01 00:00:00", "2026-02-01 00:00:01"],
         [0, 0.5, 1.5]),
        ("timestamp", ["2026-01-31T10:00:00Z", "2026-01-31T10:00:01Z", "2026-01-31T12:00:02+02:00"],
         [0, 1, 2]),
        ("time", ["9:59:59", "10:00:00", "10:00:01.5"], [0, 1, 2.5]),
    ],
)  # fmt: skip
def test_times_of_a_table(write, head: str, times: list[str], want: list[float]) -> None:
    rows = "".join(f"{time},{60 + k}\n" for k, time in enumerate(times))
    columns = read_recording(write(f"{head},HR\n{rows}")).columns
    assert columns["t"].tolist() == pytest.approx(want, abs=1e-6)


def test_the_rate_places_rows_without_times(write) -> None:
    path = write("HR\n60\n61\n62\n")
    assert read_recording(path).columns["t"].tolist() == [0, 0.1, 0.2]
    assert read_recording(path, rate_hz=2).columns["t"].tolist() == [0, 0.5, 1]


def test_time_that_goes_back_names_the_row(write) -> None:
    with pytest.raises(UserError, match=r"row 4: time goes back, from 1 to 0.5$"):
        read_recording(write("t,HR\n0,60\n1,61\n0.5,62\n"))


def test_phases_of_a_column_become_markers(write) -> None:
    rows = "0,60,rest\n1,61,rest\n2,62,\n3,90,stress\n"
    recording = read_recording(write("t,HR,phase\n" + rows))
    assert recording.markers == (Marker(0.0, "rest"), Marker(3.0, "stress"))


def test_time_that_goes_back_is_told_in_the_files_own_times(write) -> None:
    with pytest.raises(UserError, match=r"row 3: time goes back, from 900500 to 900000$"):
        read_recording(write("t_ms,HR\n900500,60\n900000,61\n"))
    with pytest.raises(UserError, match=r"from 2026-01-31 12:00:01 to 2026-01-31 12:00:00$"):
        read_recording(write("time,HR\n2026-01-31 12:00:01,60\n2026-01-31 12:00:00,61\n"))


def test_values_no_heart_has_are_unknown(write) -> None:
    rows = "".join(f"{k},{60 + k},30,20\n" for k in range(2, 40))
    recording = read_recording(write(f"t,HR,SDNN,RMSSD\n0,1e9,-1,20\n1,inf,30,inf\n{rows}"))
    for name, unknown in (("HR", [0, 1]), ("SDNN", [0]), ("RMSSD", [1])):
        assert np.flatnonzero(np.isnan(recording.columns[name])).tolist() == unknown
    assert recording.remarks == (
        "2 HR values outside 20-300 bpm: left out",
        "1 SDNN value negative or infinite: left out",
        "1 RMSSD value negative or infinite: left out",
    )


@pytest.mark.parametrize(
    "text",
    [
        "t,HR\n0,60\n10000000,61\n20000000,62\n",
        "t,value\n" + "".join(f"{k / 50 + 1e7 * (k > 150)},{k % 7}\n" for k in range(300)),
        "beat_time\n0\n0.8\n1.6\n2.4\n20000000\n",
    ],
)
def test_times_beyond_any_session_are_of_another_unit(write, text: str) -> None:
    with pytest.raises(UserError, match=r"the times span [12]e\+07 s .* in another unit"):
        read_recording(write(text))


def test_intervals_below_nothing(write) -> None:
    with pytest.raises(UserError, match="of 5 values none is above 0"):
        read_recording(write("rr\n" + "-800\n" * 5))


def test_no_heart_rate_in_the_column(write) -> None:
    with pytest.raises(UserError, match="none of its 3 values lies between 20 and 300 bpm"):
        read_recording(write("t,HR,SDNN\n0,-72,1\n1,-72,1\n2,-72,1\n"))
    with pytest.raises(UserError, match="no heart rate"):
        read_recording(write("t,HR,SDNN\n0,800,1\n1,820,1\n2,790,1\n"))
    with pytest.raises(UserError, match="holds no values"):
        read_recording(write("t,HR\n0,\n1,\n"))


def test_zero_is_unknown(write) -> None:
    rates = read_recording(write("t,HR\n" + "0,0\n" + "".join(f"{k},60\n" for k in range(1, 30))))
    assert np.isnan(rates.columns["HR"][0])


# Text


@pytest.mark.parametrize(
    "data",
    [
        b"t,HR\n0.0,60.5\n0.5,61.25\n",
        b"\xef\xbb\xbft,HR\r\n0.0,60.5\r\n0.5,61.25\r\n",
        "t,HR\n0.0,60.5\n0.5,61.25\n".encode("utf-16"),
        b"t;HR\n0,0;60,5\n0,5;61,25\n",
        b"t\tHR\n0.0\t60.5\n0.5\t61.25\n",
        b"t, HR\n0.0, 60.5\n0.5, 61.25",
        b'"t","HR"\n"0.0","60.5"\n"0.5","61.25"\n',
        b"# made by a watch\n\nt,HR\n0.0,60.5\n0.5,61.25\n\n\n",
        b"t,HR\r0.0,60.5\r0.5,61.25\r",
    ],
)
def test_spreadsheets_of_all_countries(write, data: bytes) -> None:
    columns = read_recording(write(data)).columns
    assert columns["HR"].tolist() == [60.5, 61.25]
    assert columns["t"].tolist() == [0, 0.5]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"t,HR\n", "no rows"),
        (b"\x00\x01\x02\x03", "not a text file"),
        (b"t,HR\n0,60\n1,abc\n2,61\n", "row 3: 'abc' is not a number"),
        (b"t,HR\n0,60\n1\n", "row 3: 1 cell where 2 belong"),
        (b"t,HR\n0,60\n,61\n", "row 3: no time"),
        (b"0.1,5\n0.2,6\n", "no header"),
        (b"alpha,beta\n1,2\n", "no column is known"),
        (b"datetime,HR\n2026-01-01 00:00:00,60\nsoon: 1,61\n", "row 3: 'soon: 1' is no date"),
    ],
)
def test_bad_files_are_refused_in_one_line(write, data: bytes, why: str) -> None:
    path = write(data)
    with pytest.raises(UserError) as caught:
        read_recording(path)
    assert why in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        read_recording(tmp_path / "none.csv")
    with pytest.raises(UserError, match="folder"):
        read_recording(tmp_path)


@settings(max_examples=200)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "file.csv"
    path.write_bytes(data)
    with contextlib.suppress(UserError):
        kind_of(read_recording(path, rate_hz=100))


# Signals


def test_headerless_samples_need_a_rate(write) -> None:
    path = write("".join(f"{v:.0f}\n" for v in pulse(500)))
    with pytest.raises(UserError, match="their rate is needed"):
        read_recording(path)
    (chunk,) = read_recording(path, rate_hz=50).chunks
    assert (chunk.t, chunk.rate_hz, len(chunk.values)) == (0, 50, 500)


def test_heartpy_timer_in_milliseconds(write) -> None:
    step = 8.54790319355
    rows = "".join(f"{k * step!r},{v:.0f}\n" for k, v in enumerate(pulse(600)))
    recording = read_recording(write("timer,hr\n" + rows))
    assert kind_of(recording) == "signal"
    assert recording.chunks[0].rate_hz == pytest.approx(1000 / step)


def test_a_camera_pulse_that_is_called_hr_is_a_signal_whatever_its_values(write) -> None:
    rows = "".join(
        f"{k / 30:.4f},{(v - 512) / 20 + 120:.2f}\n" for k, v in enumerate(pulse(300, 30))
    )
    recording = read_recording(write("time,hr\n" + rows))
    assert kind_of(recording) == "signal"
    assert recording.chunks[0].rate_hz == pytest.approx(30, rel=1e-3)


def test_a_clock_in_whole_milliseconds_keeps_its_rate(write) -> None:
    times = [round(k * 8.5479) for k in range(600)]
    rows = "".join(f"{t},{v:.0f}\n" for t, v in zip(times, pulse(600), strict=True))
    (chunk,) = read_recording(write("timer,hr\n" + rows)).chunks
    assert chunk.rate_hz == pytest.approx(1000 / 8.5479, rel=1e-3)


@pytest.mark.parametrize("rate_hz", [125.0, 130.0, 150.0, 250.0, 999.0])
def test_the_rounding_of_a_recordings_times_does_not_move_its_rate(write, rate_hz) -> None:
    rows = "".join(f"{k / rate_hz:.6f},{v:.0f}\n" for k, v in enumerate(pulse(3000)))
    (chunk,) = read_recording(write("t,value\n" + rows)).chunks
    assert chunk.rate_hz == rate_hz  # a detector may work otherwise from a hair above it on


@pytest.mark.parametrize("spread_s", [0.0, 0.002])
def test_samples_of_our_own_recordings_keep_the_times_they_have(write, spread_s) -> None:
    steps = np.random.default_rng(1).uniform(0.007 - spread_s, 0.007 + spread_s, 2000)
    times = np.round(np.cumsum(steps), 6)
    rows = "".join(f"{t:.6f},{v},,\n" for t, v in zip(times, pulse(2000), strict=True))
    chunks = read_recording(write("t,value,event,detail\n" + rows)).chunks
    read = [c.t + k / c.rate_hz for c in chunks for k in range(len(c.values))]
    assert np.abs(np.array(read) - (times - times[0])).max() <= 0.0011
    assert len(chunks) == 1 or spread_s
    assert len({chunk.rate_hz for chunk in chunks}) == 1


def test_heartpy_datetime(write) -> None:
    rows = "".join(f"2016-11-24 13:58:{k / 100:09.6f},{v:.0f}\n" for k, v in enumerate(pulse(500)))
    recording = read_recording(write("datetime,hr\n" + rows))
    assert kind_of(recording) == "signal"
    assert recording.chunks[0].rate_hz == pytest.approx(100)


def test_a_gap_splits_the_signal(write) -> None:
    times = [k * 10 for k in range(300)] + [5000 + k * 10 for k in range(200)]
    rows = "".join(f"{t},{v:.1f}\n" for t, v in zip(times, pulse(500), strict=True))
    first, second = read_recording(write("timer,ppg\n" + rows)).chunks
    assert (len(first.values), len(second.values)) == (300, 200)
    assert second.t == pytest.approx(5.0)
    assert first.rate_hz == second.rate_hz == pytest.approx(100)


def test_unknown_samples_are_a_gap(write) -> None:
    values = [f"{v:.0f}" for v in pulse(400)]
    values[100:120] = [""] * 20
    recording = read_recording(write("ppg\n" + "\n".join(values) + "\n"), rate_hz=100)
    assert [len(chunk.values) for chunk in recording.chunks] == [100, 280]
    assert recording.chunks[1].t == pytest.approx(1.2)


def test_kind_comes_from_the_column(write) -> None:
    rows = "".join(f"{k / 100},{v:.0f}\n" for k, v in enumerate(pulse(300)))
    assert read_recording(write("t,ECG (mV)\n" + rows)).signal_kind == "ecg"
    assert read_recording(write("t,ppg\n" + rows)).signal_kind == "ppg"
    assert read_recording(write("t,value\n" + rows)).signal_kind is None
    assert read_recording(write("t,value\n" + rows), kind="ecg").signal_kind == "ecg"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("time,value\n" + "".join(f"{k * 10},{k % 7}\n" for k in range(200)), "another unit"),
        ("t,value\n" + "".join(f"{k / 100},{k % 7}\n" for k in range(50)), "too short"),
        ("t,value\n" + "".join(f"{k / 100},5\n" for k in range(500)), "never changes"),
        ("t,x,y2\n" + "".join(f"{k / 100},5,6\n" for k in range(500)), "which column"),
    ],
)
def test_no_heart_signal(write, text: str, why: str) -> None:
    with pytest.raises(UserError, match=why):
        read_recording(write(text))


def test_a_signal_is_not_a_table(write) -> None:
    rows = "".join(f"{k * 8.5},{v:.0f}\n" for k, v in enumerate(pulse(500)))
    with pytest.raises(UserError, match="no heart rate"):
        read_recording(write("timer,hr\n" + rows), kind="table")


# Beats


BEATS = [0.8, 1.61, 2.4, 3.25, 4.0, 4.83]


def test_beat_times_in_s_and_ms(write) -> None:
    for text in ("".join(f"{t}\n" for t in BEATS), "".join(f"{t * 1000:.0f}\n" for t in BEATS)):
        beats = read_recording(write(text)).beats_t
        assert beats is not None
        assert beats.tolist() == pytest.approx(BEATS)


def test_beat_times_stay_beats_when_the_folder_has_a_rate(write) -> None:
    path = write("".join(f"{t}\n" for t in BEATS))
    assert kind_of(read_recording(path, rate_hz=500)) == "beats"


@pytest.mark.parametrize("scale", [1, 1000])
def test_intervals(write, scale: int) -> None:
    intervals = [0.81, 0.79, 0.85, 0.75, 0.83, 0.78]
    beats = read_recording(write("".join(f"{i * scale:g}\n" for i in intervals))).beats_t
    assert beats is not None
    assert beats.tolist() == pytest.approx([0, *np.cumsum(intervals)])


@pytest.mark.parametrize("header", ["RR", "rr_ms", "IBI (ms)", "RR-interval", "nn"])
def test_named_intervals(write, header: str) -> None:
    beats = read_recording(write(f"{header}\n810\n790\n850\n")).beats_t
    assert beats is not None
    assert beats.tolist() == pytest.approx([0, 0.81, 1.6, 2.45])


def test_our_beats_file(write) -> None:
    text = "t,ibi_ms,quality,label,late\n0.8,,1.0,,0\n1.61,810,0.9,normal,0\n2.4,790,0.9,normal,1\n"
    beats = read_recording(write(text)).beats_t
    assert beats is not None
    assert beats.tolist() == [0.8, 1.61, 2.4]


def test_times_that_are_not_the_intervals_own(write) -> None:
    rows = "".join(f"{k * 0.5},900\n" for k in range(20))
    with pytest.raises(UserError, match="do not step"):
        read_recording(write("t,rr\n" + rows))


@pytest.mark.parametrize("text", ["0\n0\n0\n0\n", "5000\n6000\n5500\n", "1\n9\n1\n8\n9\n2\n9\n"])
def test_no_beats(write, text: str) -> None:
    with pytest.raises(UserError):
        read_recording(write(text))
    if text.startswith("5000"):
        with pytest.raises(UserError, match="neither beat times"):
            read_recording(write(text), kind="beats")


# Programs


def test_our_own_recording(write) -> None:
    rows = [f"{10 + k / 100:.6f},{v!r},," for k, v in enumerate(pulse(500))]
    rows.insert(100, '11.000000,,marker,"a ""low"", dark room"')
    rows.insert(50, "10.500000,,beat,0.93")
    rows.insert(51, "10.400000,,late beat,0.90")
    rows.insert(60, "10.600000,,status,live")
    rows.insert(400, "13.900000,,marker,loud")
    recording = read_recording(write("t,value,event,detail\n" + "\n".join(rows) + "\n"))
    assert kind_of(recording) == "signal"
    assert recording.chunks[0].rate_hz == pytest.approx(100)
    assert sum(len(chunk.values) for chunk in recording.chunks) == 500
    assert [m.text for m in recording.markers] == ['a "low", dark room', "loud"]
    assert [m.t for m in recording.markers] == pytest.approx([1.0, 3.9])


def test_our_own_recording_with_a_gap_and_without_a_wave(write) -> None:
    rows = "".join(
        f"{t:.6f},{t % 1},,\n" for t in [k / 50 for k in range(400) if not 100 < k < 200]
    )
    assert len(read_recording(write("t,value,event,detail\n" + rows)).chunks) == 2
    strap = "0.5,,beat,1\n1.3,,beat,1\n1.2,,marker,x\n2.2,,late beat,1\n"
    recording = read_recording(write("t,value,event,detail\n" + strap))
    assert recording.beats_t is not None
    assert recording.beats_t.tolist() == [0.5, 1.3, 2.2]
    assert recording.markers == (Marker(1.2, "x"),)


def test_a_recording_that_was_cut_short(write) -> None:
    rows = "".join(f"{k / 100:.6f},{v:.1f},,\n" for k, v in enumerate(pulse(300)))
    for cut in ("3.0", "3.000000,51", "3.000000,512.0,"):
        (chunk,) = read_recording(write("t,value,event,detail\n" + rows + cut)).chunks
        assert len(chunk.values) == 300
    with pytest.raises(UserError, match="row 302: 2 cells where 4 belong"):
        read_recording(write("t,value,event,detail\n" + rows + "3.0,5\n" + rows))
    with pytest.raises(UserError, match="row 302: 'soon' is no time"):
        read_recording(write("t,value,event,detail\n" + rows + "soon,,marker,x\n" + rows))


def test_recorder_and_reader_agree(tmp_path: Path) -> None:
    from bridge.events import Beat, SampleChunk
    from bridge.sinks.recorder import Recorder

    values = np.array(pulse(300)) / 7
    recorder = Recorder(tmp_path / "take.csv")
    recorder.samples(SampleChunk(0.0, 250.0, values[:120]))
    recorder.event(Marker(0.4, 'say "hi", twice'), 0.0)
    recorder.event(Beat(0.41, 0.5), 0.0)
    recorder.samples(SampleChunk(0.48, 250.0, values[120:]))
    recorder.samples(SampleChunk(5.0, 250.0, np.array(pulse(600))))
    recorder.close()
    recording = read_recording(tmp_path / "take.csv")
    assert np.array_equal(recording.chunks[0].values, values)
    assert recording.chunks[0].rate_hz == pytest.approx(250, rel=1e-4)
    assert recording.chunks[1].t == pytest.approx(5.0)
    assert recording.markers == (Marker(0.4, 'say "hi", twice'),)


def test_openhrv(write) -> None:
    text = "event,value,timestamp\n"
    at = 0.0
    for k, rr in enumerate([800, 820, 790, 810, 805, 815]):
        at += rr / 1000
        text += f"InterBeatInterval,{rr},2026-01-31T10:00:{at:09.6f}\n"
        text += f"PacerRate,6,2026-01-31T10:00:{at:09.6f}\n"
        if k == 3:
            text += f"Annotation,calm now,2026-01-31T10:00:{at:09.6f}\n"
    recording = read_recording(write(text))
    assert recording.beats_t is not None
    assert np.diff(recording.beats_t).tolist() == pytest.approx(
        [0.8, 0.82, 0.79, 0.81, 0.805, 0.815]
    )
    assert [m.text for m in recording.markers] == ["calm now"]


def test_iron_heart(write) -> None:
    head = "Timestamp,BPM,RR,Battery,TwitchUp,TwitchDown,Activity\n"
    rows = "".join(
        f"2026-01-31 10:00:{k:02d},60,{1000 + k % 3 * 10},90,0,0,rest\n" for k in range(30)
    )
    beats = read_recording(write(head + rows)).beats_t
    assert beats is not None
    assert set(np.round(np.diff(beats) * 1000).tolist()) == {1000, 1010, 1020}
    without = "".join(f"2026-01-31 10:00:{k:02d},60,0,90,0,0,rest\n" for k in range(30))
    assert read_recording(write(head + without)).columns["HR"].tolist() == [60] * 30


def test_a_pause_in_a_log_is_a_pause_of_beats(write) -> None:
    head = "Timestamp,BPM,RR,Battery\n"
    rows = "".join(f"2026-01-31 10:{k // 60:02d}:{k % 60:02d},60,1000,90\n"
                   for k in range(100) if not 40 <= k < 70)  # fmt: skip
    beats = read_recording(write(head + rows)).beats_t
    assert beats is not None
    gaps = np.diff(beats)
    assert gaps.max() == pytest.approx(30, abs=1.5)
    assert np.sum(gaps > 1.5) == 1


EMOTIBIT = (
    "LocalTimestamp,EmotiBitTimestamp,PacketNumber,DataLength,TypeTag,ProtocolVersion,"
    "DataReliability,"
)


def emotibit(tag: str, values: list[float], step: float) -> str:
    rows = "".join(
        f"{1700000000 + k * step:.6f},{k * step * 1000:.3f},{k},1,{tag},1,100,{v:g}\n"
        for k, v in enumerate(values)
    )
    return f"{EMOTIBIT}{tag}\n{rows}"


def test_emotibit(write) -> None:
    wave = read_recording(write(emotibit("PI", pulse(250, 25), 0.04)))
    assert kind_of(wave) == "signal"
    assert wave.signal_kind == "ppg"
    assert wave.chunks[0].rate_hz == pytest.approx(25, rel=1e-3)
    rates = read_recording(write(emotibit("HR", [60, 61, 62], 1.0)))
    assert rates.columns["t"].tolist() == pytest.approx([0, 1, 2])
    beats = read_recording(write(emotibit("BI", [800.0] * 20, 0.8)))
    assert beats.beats_t is not None
    assert np.diff(beats.beats_t).tolist() == pytest.approx([0.8] * 20)
    with pytest.raises(UserError, match="EA is no heart signal"):
        read_recording(write(emotibit("EA", [0.1, 0.2, 0.3], 0.066)))


# Real recordings


@pytest.mark.slow
def test_real_files_are_told_apart(shared_data: Path) -> None:
    for path in sorted(shared_data.glob("*/*.csv")):
        want = "beats" if path.name.endswith(".beats.csv") else "signal"
        want = "table" if path.parent.name == "sessions" else want
        assert kind_of(read_recording(path, rate_hz=100)) == want, path.name


@pytest.mark.slow
def test_a_signal_is_never_taken_for_intervals(shared_data: Path) -> None:
    for path in sorted(shared_data.glob("*/*.csv")):
        if path.parent.name == "sessions" or path.name.endswith(".beats.csv"):
            continue
        if "timer" not in path.name:
            with pytest.raises(UserError, match="their rate is needed"):
                read_recording(path)


@pytest.mark.slow
def test_intervals_of_real_beats_are_recognised(shared_data: Path, write) -> None:
    for path in sorted(shared_data.glob("*/*.beats.csv")):
        intervals = np.diff(np.loadtxt(path)) * 1000
        file = write("".join(f"{i:.0f}\n" for i in intervals))
        assert kind_of(read_recording(file)) == "beats", path.name


@pytest.mark.parametrize("rate_hz", [100.0, 250.0])
@pytest.mark.parametrize("kind", ["ecg", "ppg"])
def test_counts_that_look_like_milliseconds_are_no_intervals(write, kind, rate_hz) -> None:
    """A converter of 12 bit gives 300-2000, which are a heartbeat's lengths in ms as well."""
    values = simulate(Heart(kind=kind, rate_hz=rate_hz, noise_db=20.0), 20.0)[0].values
    low, high = values.min(), values.max()
    counts = np.round(400 + (values - low) / (high - low) * 1500)
    with pytest.raises(UserError, match=r"rate is needed|say which"):
        read_recording(write("".join(f"{count:.0f}\n" for count in counts)))


@pytest.mark.parametrize("wander_ms", [0.0, 150.0])
def test_a_wandering_rate_leaves_intervals_what_they_are(write, wander_ms) -> None:
    rng = np.random.default_rng(1)
    n = 900
    drift = wander_ms * np.sin(np.linspace(0, 5, n))
    intervals = 800 + drift + 12 * rng.standard_normal(n)
    recording = read_recording(write("".join(f"{i:.0f}\n" for i in intervals)))
    assert kind_of(recording) == "beats"
    assert "900 intervals" in recording.remarks[0]


@pytest.mark.parametrize("sentinel", [-1, 0, 65535])
@pytest.mark.parametrize("head", ["", "value\n", "t_ms,value\n"])
def test_what_stands_for_no_reading_is_no_sample(write, sentinel, head) -> None:
    values = [f"{v:.0f}" for v in pulse(1000)]
    for k in range(35, 1000, 97):
        values[k] = str(sentinel)
    timed = head.startswith("t_ms")
    rows = (f"{k * 10},{v}\n" if timed else f"{v}\n" for k, v in enumerate(values))
    recording = read_recording(write(head + "".join(rows)), rate_hz=None if timed else 100.0)
    samples = np.concatenate([chunk.values for chunk in recording.chunks])
    assert len(samples) == 990
    assert samples.min() > 250
    assert recording.remarks == (f"10 values {sentinel} left out: no reading",)


def test_a_clipped_signal_keeps_its_ends(write) -> None:
    """R peaks at the converter's end, or a wave that touches 0, have flanks and are readings."""
    values = np.clip(np.array(pulse(1000)) * 2 - 500, 0, 1023)
    recording = read_recording(write("".join(f"{v:.0f}\n" for v in values)), rate_hz=100.0)
    assert sum(len(chunk.values) for chunk in recording.chunks) == 1000
    assert not recording.remarks


def test_a_table_in_milliseconds_is_asked_about(write) -> None:
    rows = "".join(f"{k * 100},{60 + k % 9}\n" for k in range(3000))
    with pytest.raises(UserError, match=r"column time runs over 299900.*t_s or t_ms"):
        read_recording(write("time,HR\n" + rows))
    assert read_recording(write("time_ms,HR\n" + rows)).columns["t"][-1] == pytest.approx(299.9)
    assert read_recording(write("time (s),HR\n" + rows)).columns["t"][-1] == 299_900
