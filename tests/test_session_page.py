"""Pages to explore: what is in the file, without a browser. One opens them in ``integration``."""

import json
import re
import sys
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.clips.style_file import load_style
from bridge.events import Label, Marker
from bridge.offline import page as pages
from bridge.offline.batch import render_batch
from bridge.offline.files import plan
from bridge.offline.options import Options
from bridge.offline.page.pack import run_of
from bridge.resources import example
from tests.clipcheck import read_tracks
from tests.test_render_cli import beatbridge

pytest.importorskip("plotly")

NEWEST = 8_000_000
"""Bytes that a page of 24 minutes may have, plotly.js in it."""


def made(path, folder, **more):
    changes = {"what": ("drums", "notes"), "page": True, "marks": (Marker(30.0, "later"),)}
    options = Options(load_style("default"), **changes | more)
    (outcome,) = render_batch(plan([path], folder), options, 1, lambda _: None)
    assert outcome.error is None
    return next(file for file in outcome.files if file.suffix == ".html")


def data_of(page):
    text = page.read_text(encoding="utf-8")
    return json.loads(re.search(r'id="data">(.*?)</script>', text)[1])


def decoded(run, begin=0.0):
    steps = np.frombuffer(b64decode(run["values"]), "<i2").astype(float)
    values = np.where(steps == -32768, np.nan, run["low"] + (steps + 32767) * run["unit"])
    if "times" in run:
        return begin + np.frombuffer(b64decode(run["times"]), "<f4"), values
    return run["start"] + np.arange(len(values)) * run["step"], values


@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1, max_size=50),
    st.booleans(),
)
def test_values_are_kept_to_a_65534th_of_their_range(values, even):
    values = np.array(values)
    t = 7.0 + np.arange(len(values)) / 500 if even else 7.0 + np.cumsum(np.arange(len(values)) + 1)
    times, kept = decoded(run_of(t, values, 7.0), 7.0)
    known = values[np.isfinite(values)]
    step = np.ptp(known) / 65534 if len(known) else 0.0
    assert np.array_equal(np.isnan(kept), np.isnan(values))
    assert np.allclose(kept, values, rtol=1e-12, atol=0.5001 * step, equal_nan=True)
    assert np.allclose(times, t, atol=1e-4)


@given(st.lists(st.integers(-40_000, 25_000), min_size=1, max_size=50))
def test_a_converters_numbers_are_kept_as_they_are(values):
    _, kept = decoded(run_of(np.arange(len(values)) / 10, np.array(values, float), 0.0))
    assert kept.tolist() == values


def test_it_holds_every_sample_beat_and_note(tmp_path):
    data = data_of(made(example("pulse.csv"), tmp_path))
    rows = {row["name"]: row for row in data["rows"]}
    samples = np.genfromtxt(example("pulse.csv"), delimiter=",", skip_header=1, usecols=(0, 1))
    samples = samples[np.isfinite(samples[:, 1])]
    t, values = decoded(rows["signal"]["lines"][0]["runs"][0])
    assert np.array_equal(values, samples[:, 1])
    assert np.allclose(t, samples[:, 0], atol=1e-6)
    marked = sum(len(mark["t"]) for mark in rows["signal"]["marks"])
    assert marked > 50
    assert {mark["name"] for mark in rows["intervals"]["marks"]} <= {
        "interval", *(label.value for label in Label),
    }  # fmt: skip
    assert {"drums", "drums, lanes"} <= rows.keys()
    assert [phase["name"] for phase in data["phases"]] == ["start", "later"]


def test_every_lane_has_the_name_of_its_measure(tmp_path):
    data = data_of(made(example("arc.csv"), tmp_path, what=("cc",)))
    (lanes,) = (row["lines"] for row in data["rows"] if row["name"] == "cc, lanes")
    measures = ("HR", "SDNN", "RMSSD", "VLF", "LF", "HF", "LF_HF")
    assert [lane["name"] for lane in lanes] == [f"{measure} CC 1" for measure in measures]


def test_it_holds_every_note(tmp_path):
    data = data_of(made(example("arc.csv"), tmp_path))
    rolls = {roll["name"]: roll for row in data["rows"] for roll in row.get("rolls", ())}
    for kind in ("drums", "notes"):
        for name, track in read_tracks(tmp_path / f"arc_{kind}.mid").items():
            if not track.notes:
                continue
            roll = rolls[name.replace("_", " ")]
            keys, velocities = (
                np.frombuffer(b64decode(roll[k]), "u1") for k in ("keys", "velocities")
            )
            begins, ends = (np.frombuffer(b64decode(roll[k]), "<f4") for k in ("begins", "ends"))
            ticks = [(start, start + length) for start, length, _, _ in track.notes]
            assert list(zip(keys, velocities, strict=True)) == [n[2:4] for n in track.notes]
            assert np.allclose(np.array(ticks) / 600, np.column_stack((begins, ends)), atol=1e-3)


def test_the_phases_of_a_split_session_lie_where_they_were(tmp_path):
    whole = data_of(made(example("arc.csv"), tmp_path / "a", marks=()))
    parts = data_of(made(example("arc.csv"), tmp_path / "b", marks=(), split=True))

    def begins(data):
        (roll,) = next(row for row in data["rows"] if row["name"] == "drums")["rolls"]
        return np.frombuffer(b64decode(roll["begins"]), "<f4")

    assert begins(parts).max() == pytest.approx(begins(whole).max(), abs=2.0)
    assert len(begins(parts)) == pytest.approx(len(begins(whole)), rel=0.05)


def test_a_clock_that_began_elsewhere_is_shown_from_the_first_beat(tmp_path):
    beats = 1.7e9 + 0.8 * np.arange(60)
    (tmp_path / "beats.csv").write_text("beat_time\n" + "".join(f"{t:.3f}\n" for t in beats))
    data = data_of(made(tmp_path / "beats.csv", tmp_path, what=("drums",), marks=()))
    assert data["zero"] == data["begin"] == 1.7e9
    rows = {row["name"]: row for row in data["rows"]}
    (roll,) = rows["drums"]["rolls"]
    assert 0.0 <= np.frombuffer(b64decode(roll["begins"]), "<f4").max() < 48.0
    assert len(rows["drums"]["pitch_names"]) == len(rows["drums"]["pitches"]) == 16


def test_the_same_bytes_for_the_same_session(tmp_path):
    first, second = (made(example("arc.csv"), tmp_path / name) for name in "ab")
    assert first.read_bytes() == second.read_bytes()


def test_a_page_of_another_session_is_kept(tmp_path):
    made(example("arc.csv"), tmp_path)
    (tmp_path / "sub").mkdir()
    other = tmp_path / "sub" / "arc.csv"
    other.write_bytes(example("arc.csv").read_bytes())
    options = Options(load_style("default"), what=("drums",), page=True)
    (outcome,) = render_batch(plan([other], tmp_path), options, 1, lambda _: None)
    assert "it is kept" in outcome.error


@pytest.mark.slow
def test_without_plotly_nothing_is_begun(tmp_path, monkeypatch):
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    # A finder before all others that knows of no plotly, as where it is not installed.
    (blocked / "sitecustomize.py").write_text(
        "import importlib.util as u\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'plotly' else find(name, *more)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(blocked))
    for command in ("render", "analyze"):
        done = beatbridge(command, example("arc.csv"), "--page", "--out", tmp_path / "o")
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert "--page needs plotly: uv sync --extra page" in done.stderr
        assert not (tmp_path / "o").exists()


@pytest.mark.slow
def test_analyze_writes_a_page_too(tmp_path):
    done = beatbridge("analyze", example("pulse.csv"), "--page", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    names = [row["name"] for row in data_of(tmp_path / "pulse_analysis.html")["rows"]]
    assert names[:3] == ["signal", "intervals", "heart rate"]
    again = beatbridge("analyze", example("pulse.csv"), "--page", "--out", tmp_path)
    assert again.returncode == 0, again.stderr


@pytest.mark.slow
def test_24_minutes_at_500_hz_are_below_8_mb(shared_data, tmp_path):
    page = made(
        shared_data / "ecg" / "embodied_005.csv", tmp_path,
        what=("drums", "notes", "cc"), kind="ecg", rate_hz=500.0,
    )  # fmt: skip
    assert page.stat().st_size < NEWEST
    (run,) = data_of(page)["rows"][0]["lines"][0]["runs"]
    recorded = np.loadtxt(shared_data / "ecg" / "embodied_005.csv")
    assert np.array_equal(decoded(run)[1], recorded)


def test_importing_the_page_does_not_import_plotly():
    import subprocess

    code = "import sys, bridge.offline.render, bridge.offline.page; print('plotly' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert Path(pages.__file__).with_name("page.js").is_file()
