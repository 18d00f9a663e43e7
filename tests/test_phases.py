"""Phases that no marker in the signal says: told, in a column, or in a table of the folder."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bridge.cli import make_app
from bridge.errors import UserError
from bridge.events import Marker
from bridge.offline.files import find_recordings
from bridge.phases import Phase, parse_clock, parse_mark, phases_between
from bridge.recordings.phases import with_phases
from bridge.recordings.read import read_recording
from bridge.simulate.heart import Heart, HeartSimulator

TWO = (Marker(0.0, "rest"), Marker(20.0, "stress"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two recordings of 40 s of a finger, without times."""
    values = HeartSimulator(Heart(rate_hz=100.0)).take(4000).values
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("\n".join(f"{v:.1f}" for v in values) + "\n")
    return tmp_path


def run(*arguments: object) -> str:
    done = CliRunner().invoke(make_app(), [str(each) for each in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_session_is_cut_at_its_markers() -> None:
    marks = [Marker(20.0, "stress"), Marker(5.0, "rest"), Marker(99.0, "after")]
    assert phases_between(marks, 0.0, 60.0) == [
        Phase("start", 0.0, 5.0), Phase("rest", 5.0, 20.0), Phase("stress", 20.0, 60.0),
    ]  # fmt: skip
    assert phases_between([], 0.0, 60.0) == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90.0), ("1:30", 90.0), ("1:01:30.5", 3690.5), ("0", 0.0), ("90:00", 5400.0)],
)
def test_times_read_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_clock(text) == seconds


@pytest.mark.parametrize("text", ["", "a", "1:60", "1:2:3:4", "-1", "nan", "1:", "inf"])
def test_what_is_no_time(text: str) -> None:
    assert parse_clock(text) is None


def test_a_mark_is_a_time_and_a_name() -> None:
    assert parse_mark("6:00=stress") == Marker(360.0, "stress")
    for text in ("6:00", "=stress", "6:00=", "soon=stress"):
        with pytest.raises(UserError, match="6:00=stress"):
            parse_mark(text)


def test_a_column_of_phases_beside_a_signal(tmp_path: Path) -> None:
    values = HeartSimulator(Heart(rate_hz=100.0)).take(3000).values
    rows = "".join(
        f"{i / 100:.2f},{v:.1f},{'rest' if i < 1200 else 'stress'}\n" for i, v in enumerate(values)
    )
    timed = tmp_path / "timed.csv"
    timed.write_text("t,finger,phase\n" + rows)
    expected = (Marker(0.0, "rest"), Marker(12.0, "stress"))
    assert read_recording(timed).markers == expected
    bare = tmp_path / "bare.csv"
    lines = rows.replace("rest", "calm").splitlines()
    bare.write_text("ecg,condition\n" + "\n".join(line.split(",", 1)[1] for line in lines) + "\n")
    markers = read_recording(bare, rate_hz=100.0).markers
    assert markers == (Marker(0.0, "calm"), Marker(12.0, "stress"))


def test_a_table_of_phases_in_the_folder(folder: Path) -> None:
    (folder / "phases.csv").write_text("file,t,phase\n,0,rest\n,0:20,stress\nB.csv,0:10,alone\n")
    assert [path.name for path in find_recordings([folder])] == ["a.csv", "b.csv"]
    a, b = (read_recording(folder / name, rate_hz=100.0) for name in ("a.csv", "b.csv"))
    assert with_phases(a).markers == TWO
    assert with_phases(b).markers == (Marker(10.0, "alone"),)
    assert with_phases(a, [Marker(3.0, "asked")]).markers == (Marker(3.0, "asked"),)
    (folder / "phases.csv").write_text("t,phase\n0,rest\n20,stress\n")
    assert with_phases(b).markers == TWO


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("file,t,phase\n,soon,rest\n", "row 2: 'soon', 'rest'"),
        ("file,t,phase\n,0,\n", "row 2"),
        ("file,time,phase\n,0,rest\n", "needs the columns t and phase"),
        ("", "found: nothing"),
    ],
)
def test_a_wrong_table_of_phases_is_named(folder: Path, text: str, why: str) -> None:
    (folder / "phases.csv").write_text(text)
    with pytest.raises(UserError, match=why):
        with_phases(read_recording(folder / "a.csv", rate_hz=100.0))


def test_clips_are_split_at_the_phases(folder: Path) -> None:
    marks = ("--mark", "0=rest", "--mark", "0:20=stress")
    run("render", folder / "a.csv", "--rate", 100, *marks, "--split", "marker", "--out", folder)
    assert {path.name for path in folder.glob("*.mid")} == {
        "a_rest_drums.mid", "a_stress_drums.mid",
    }  # fmt: skip
    (folder / "phases.csv").write_text("t,phase\n0,calm\n20,fast\n")
    run("render", folder / "b.csv", "--rate", 100, "--split", "marker", "--out", folder)
    assert {path.name for path in folder.glob("b_*.mid")} == {
        "b_calm_drums.mid", "b_fast_drums.mid",
    }  # fmt: skip


def test_every_measure_of_the_recording_and_of_each_phase(folder: Path) -> None:
    shown = run("analyze", folder / "a.csv", "--rate", 100, "--mark", "0=rest", "--mark", "20=go")
    summary = json.loads((folder / "a_summary.json").read_text(encoding="utf-8"))
    assert [part["name"] for part in (summary["whole"], *summary["phases"])] == [
        "whole", "rest", "go",
    ]  # fmt: skip
    assert summary["recording"] == f"{folder.name}/a.csv"
    beats = read_recording(folder / "a_beats.csv").beats_t
    assert beats is not None
    rest = np.diff(beats[beats < 20.0]) * 1000.0
    assert summary["phases"][0]["ibi_ms"] == pytest.approx(rest.mean(), rel=1e-4)
    assert summary["phases"][0]["sdnn_ms"] == pytest.approx(rest.std(ddof=1), rel=1e-3)
    assert summary["phases"][0]["hf_ms2"] is None  # 20 s
    lines = {line.split()[0]: line.split() for line in shown.splitlines() if line.strip()}
    assert lines["measure"] == ["measure", "unit", "whole", "rest", "go"]
    assert lines["BPM"][-3:] == [f"{part['bpm']:.1f}" for part in
                                 (summary["whole"], *summary["phases"])]  # fmt: skip
    assert "rest: 20 s, too short for HF (60 s), LF (120 s), VLF (300 s)" in shown
    assert "go: SDNN of 20 s lacks the slow waves" in shown


def test_a_short_recording_gives_what_can_be_said(tmp_path: Path) -> None:
    """As long as van Gent's example."""
    file = tmp_path / "short.csv"
    values = HeartSimulator(Heart(rate_hz=100.0)).take(2480).values
    file.write_text("\n".join(f"{v:.1f}" for v in values) + "\n")
    assert "whole: 25 s, too short for HF" in run("analyze", file, "--rate", 100)
    whole = json.loads((tmp_path / "short_summary.json").read_text())["whole"]
    for known in ("ibi_ms", "bpm", "sdnn_ms", "rmssd_ms", "sdsd_ms", "sdsd_abs_ms", "pnn20",
                  "sd1_ms", "sd2_ms"):  # fmt: skip
        assert whole[known] > 0.0, known
    for unknown in ("hf_ms2", "lf_ms2", "vlf_ms2", "lf_hf", "total_ms2", "lf_nu", "coherence",
                    "dfa_alpha1", "sample_entropy"):  # fmt: skip
        assert whole[unknown] is None, unknown


def test_a_table_has_the_means_of_its_columns(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("t,HR,SDNN,phase\n0,60,40,rest\n1,70,,rest\n2,80,60,go\n3,90,80,go\n")
    run("analyze", file)
    assert json.loads((tmp_path / "t_summary.json").read_text())["means"] == {
        "whole": {"HR": 75.0, "SDNN": 60.0},
        "rest": {"HR": 65.0, "SDNN": 40.0},
        "go": {"HR": 85.0, "SDNN": 70.0},
    }
