"""``beatbridge analyze`` as a process, on real files."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bridge.recordings.read import read_recording
from bridge.simulate.heart import Heart, HeartSimulator

RESULTS = ["finger_beats.csv", "finger_breath.csv", "finger_hrv.csv", "finger_summary.json"]


def analyze(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bridge", "analyze", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def ppg(tmp_path: Path) -> Path:
    file = tmp_path / "finger.csv"
    values = HeartSimulator(Heart(rate_hz=100.0)).take(7000).values
    file.write_text("\n".join(f"{value:.2f}" for value in values) + "\n", encoding="utf-8")
    return file


@pytest.mark.slow
def test_a_signal_becomes_two_tables_that_read_back(ppg: Path) -> None:
    done = analyze(ppg, "--rate", 100)
    assert done.returncode == 0, done.stderr
    assert "finger.csv: ppg, " in done.stdout
    assert " normal, 0 ectopic, 0 missed, 0 extra, 0 long-or-short" in done.stdout
    beats = read_recording(ppg.with_name("finger_beats.csv"))
    assert beats.beats_t is not None
    assert len(beats.beats_t) == pytest.approx(70 * 1.2, abs=4)
    table = read_recording(ppg.with_name("finger_hrv.csv"))
    assert len(table.columns["t"]) == 700
    assert np.nanmean(table.columns["HR"]) == pytest.approx(72.0, abs=2.0)
    assert np.isnan(table.columns["SDNN"][:300]).all()
    assert np.isfinite(table.columns["SDNN"][-1])


@pytest.mark.slow
def test_bad_input_does_not_stop_the_others(tmp_path: Path, ppg: Path) -> None:
    idle = tmp_path / "idle.csv"
    idle.write_text("512\n513\n" * 1500, encoding="utf-8")
    out = tmp_path / "out"
    done = analyze(tmp_path / "nothing.csv", idle, ppg, "--rate", 100, "--out", out)
    assert done.returncode == 2
    assert sorted(path.name for path in out.glob("[!.]*")) == RESULTS
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["beatbridge"] * 2
    assert "nothing.csv: there is no such file" in done.stderr
    assert "idle.csv: no heartbeat was found in 30 s" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_who_takes_a_file_never_shows(tmp_path: Path, ppg: Path) -> None:
    for name in ("a", "b", "d"):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{name}.csv").write_bytes(ppg.read_bytes())
    (tmp_path / "in" / "c.csv").write_text("512\n513\n" * 1500, encoding="utf-8")
    told = []
    for workers in (1, 2):
        out = tmp_path / f"out{workers}"
        done = analyze(tmp_path / "in", "--rate", 100, "--out", out, "--jobs", workers)
        assert done.returncode == 2
        assert "no heartbeat was found" in done.stderr
        told.append((done.stdout.replace(str(out), ""), done.stderr))
    assert told[0] == told[1]
    files = sorted(path.name for path in (tmp_path / "out1").iterdir())
    assert len(files) > 3 * len(RESULTS)
    for name in files:
        one, two = (tmp_path / out / name for out in ("out1", "out2"))
        assert one.read_bytes() == two.read_bytes(), name


@pytest.mark.slow
def test_a_folder_is_analyzed_once_however_often(tmp_path: Path, ppg: Path) -> None:
    for _ in range(2):
        done = analyze(tmp_path, "--rate", 100, "--step", 1)
        assert done.returncode == 0, done.stderr
        assert [done.stdout.splitlines()[-1]] == [
            f"wrote 4 files from 1 session to {tmp_path}{os.sep}"
        ]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["finger.csv", *RESULTS]


@pytest.mark.slow
def test_what_another_program_wrote_is_kept(ppg: Path) -> None:
    theirs = ppg.with_name("finger_beats.csv")
    theirs.write_text("my own beats\n", encoding="utf-8")
    done = analyze(ppg, "--rate", 100)
    assert done.returncode == 2
    assert "finger_beats.csv was made by another program" in done.stderr
    assert theirs.read_text(encoding="utf-8") == "my own beats\n"
    assert not ppg.with_name("finger_hrv.csv").exists()


@pytest.mark.slow
def test_another_recordings_results_are_kept(tmp_path: Path) -> None:
    for folder, interval in (("a", 0.8), ("b", 0.7)):
        (tmp_path / folder).mkdir()
        beats = "".join(f"{interval * i:.3f}\n" for i in range(200))
        (tmp_path / folder / "s.csv").write_text("beat_time\n" + beats)
        (tmp_path / folder / "t.csv").write_text(f"t,HR\n0,{60 / interval:.1f}\n1,70\n")
    same = tmp_path / "same"
    assert analyze(tmp_path / "a", "--out", same, "--plot").returncode == 0
    before = {path: path.read_bytes() for path in same.glob("[!.]*")}
    assert len(before) == 7
    for arguments in ((), ("--plot",)):
        done = analyze(tmp_path / "b", "--out", same, *arguments)
        assert done.returncode == 2
        beats_line, table_line = done.stderr.splitlines()
        assert "s_beats.csv is of a/s.csv: it is kept; give another --out" in beats_line
        assert "t_hrv.csv was made by another program or of another" in table_line
        assert {path: path.read_bytes() for path in same.glob("[!.]*")} == before
    (same / "s_beats.csv").unlink()
    assert analyze(tmp_path / "b" / "s.csv", "--out", same).returncode == 2
    (same / "s_beats.csv").write_bytes(before[same / "s_beats.csv"])
    again = analyze(tmp_path / "a", "--out", same, "--plot", "--step", 1)  # one's own is not
    assert again.returncode == 0, again.stderr
    assert (same / "s_hrv.csv").read_bytes() != before[same / "s_hrv.csv"]


def test_subfolders_are_searched_and_same_names_told_apart(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "s.csv").write_text("t,HR\n0,60\n1,61\n")
    done = analyze(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    *lines, last = done.stdout.splitlines()
    assert [line.split(": ")[0] for line in lines] == ["a/s.csv", "b/s.csv"]
    assert last == "wrote 4 files from 2 sessions, each beside its own"


@pytest.mark.slow
def test_the_spectrum_may_be_made_either_way(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    beats_t = np.cumsum(0.8 + 0.04 * np.sin(np.arange(250) * 1.3) + random.normal(0, 0.005, 250))
    strap = tmp_path / "strap.csv"
    strap.write_text("beat_time\n" + "\n".join(f"{t:.4f}" for t in beats_t), encoding="utf-8")
    powers = {}
    for spectrum in ("lomb", "fft"):
        done = analyze(strap, "--spectrum", spectrum, "--step", 1, "--out", tmp_path / spectrum)
        assert done.returncode == 0, done.stderr
        columns = read_recording(tmp_path / spectrum / "strap_hrv.csv").columns
        powers[spectrum] = columns["HF"][-1]
    # An amplitude of 40 ms is 800 ms^2; the spline between the beats costs the FFT a little.
    assert powers["lomb"] == pytest.approx(800.0, rel=0.1)
    assert powers["fft"] == pytest.approx(800.0, rel=0.2)
    assert powers["fft"] != powers["lomb"]


@pytest.mark.slow
def test_windows_can_be_chosen(tmp_path: Path, ppg: Path) -> None:
    done = analyze(ppg, "--rate", 100, "--windows", "10/20/60", "--centred", "--step", 1)
    assert done.returncode == 0, done.stderr
    table = read_recording(ppg.with_name("finger_hrv.csv")).columns
    assert np.isfinite(table["SDNN"][2:68]).all()  # half of 20 s is there
    assert np.isfinite(table["HF"][35])
    wrong = analyze(ppg, "--rate", 100, "--windows", "60")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("beatbridge: --windows 60: write seconds")


@pytest.mark.slow
@pytest.mark.parametrize("step", ["0", "1e-09", "nan", "inf"])
def test_a_step_of_nothing_is_refused(ppg: Path, step: str) -> None:
    done = analyze(ppg, "--rate", 100, "--step", step)
    assert done.returncode == 2
    assert done.stderr == f"beatbridge: --step {step}: rows lie 0.01 to 3600 seconds apart\n"


@pytest.mark.slow
def test_the_picture_of_a_signal_with_phases_is_a_picture(tmp_path: Path, ppg: Path) -> None:
    from matplotlib.image import imread

    beats = tmp_path / "strap.csv"
    beats.write_text("beat_time\n" + "\n".join(f"{0.8 * i:.3f}" for i in range(200)) + "\n")
    done = analyze(ppg, beats, "--rate", 100, "--plot", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    for name in ("finger", "strap"):
        pixels = imread(tmp_path / "out" / f"{name}_analysis.png")
        assert pixels.shape[1] == 1800
        assert pixels[..., :3].std() > 0.05
