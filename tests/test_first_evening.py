"""What a first evening stumbles over: names, hints, folders, narrow windows, an empty port."""

import io
import os
import socket
import subprocess
import sys
from pathlib import Path

import mido
import numpy as np
import pytest
from rich.console import Console

from bridge.cli import braille
from bridge.cli.screen import Screen
from bridge.clips.clip import PPQ, Clip, Lane, Track, at_resolution, notes_of
from bridge.errors import UserError
from bridge.mapping import profile as profiles
from bridge.offline.files import find_recordings
from bridge.recordings.read import read_recording
from bridge.recordings.signals import NeedsRateError
from bridge.resources import example
from bridge.simulate.heart import Heart, simulate
from bridge.sinks.osc import OscSink
from tests.test_render_cli import beatbridge


def column(path: Path, rate_hz: float, seconds: float = 10.0) -> Path:
    values = simulate(Heart(kind="ecg", rate_hz=rate_hz, bpm=65.0, seed=3), seconds)[0].values
    path.write_text("".join(f"{value:.3f}\n" for value in values), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rest-500hz.csv", "a_500 Hz.csv", "500HZ.txt", "9-500.0Hz-b.csv"])
def test_the_rate_may_stand_in_the_name(tmp_path, name):
    recording = read_recording(column(tmp_path / name, 500.0))
    assert recording.chunks[0].rate_hz == 500.0
    assert recording.remarks == ("taken as 500 samples a second, as the file's name says",)
    assert read_recording(recording.path, rate_hz=250.0).chunks[0].rate_hz == 250.0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rest-5000hz.csv", "rest-40hz.csv"])
def test_a_name_at_which_no_heart_is_heard_is_not_believed(tmp_path, name):
    with pytest.raises(NeedsRateError, match="of its name no heart is heard"):
        read_recording(column(tmp_path / name, 500.0))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rest.csv", "hz.csv", "500.csv", "take500hzx.csv", "x500hz.csv"])
def test_a_name_without_a_rate_says_none(tmp_path, name):
    with pytest.raises(NeedsRateError, match=r"their rate is needed$"):
        read_recording(column(tmp_path / name, 500.0))


def test_times_are_believed_before_a_name(tmp_path):
    values = simulate(Heart(rate_hz=100.0), 10.0)[0].values
    path = tmp_path / "rest-250hz.csv"
    path.write_text("t,ppg\n" + "".join(f"{k / 100},{v:.2f}\n" for k, v in enumerate(values)))
    recording = read_recording(path)
    assert recording.chunks[0].rate_hz == pytest.approx(100.0)
    assert "its name 250: the times are taken" in recording.remarks[0]


def test_results_in_a_folder_of_their_own_are_one_session(tmp_path):
    for name in ("a_beats.csv", "a_hrv.csv", "a_breath.csv", "b_hrv.csv", "c_beats.csv"):
        (tmp_path / name).touch()
    for name in ("a_summary.json", "b_summary.json"):
        (tmp_path / name).touch()
    (tmp_path / "c_hrv.csv").touch()  # nobody's results: both are somebody's recordings
    found = [path.name for path in find_recordings([tmp_path])]
    assert found == ["a_beats.csv", "b_hrv.csv", "c_beats.csv", "c_hrv.csv"]


@pytest.mark.slow
def test_a_folder_that_analyze_filled_is_rendered_once(tmp_path):
    results = tmp_path / "results"
    assert beatbridge("analyze", example("pulse.csv"), "--out", results).returncode == 0
    done = beatbridge("render", results, "--out", tmp_path / "clips")
    assert (done.returncode, done.stderr) == (0, "")
    assert "wrote 1 file from 1 session" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", ["render", "analyze"])
def test_without_matplotlib_plot_ends_at_once(tmp_path, command):
    """One line that works in a checkout, before any file is read."""
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "import importlib.util as util; find = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'matplotlib' else find(name, *rest)\n"
        "from bridge.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, command, example("arc.csv"), "--plot", "--out", tmp_path],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == (
        'beatbridge: --plot needs matplotlib: uv sync --extra plot, or pip install ".[plot]"\n'
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["render", "analyze"])
def test_help_says_what_the_exit_codes_mean(command):
    said = " ".join(beatbridge(command, "--help").stdout.split())
    assert "Ends with 0 when every" in said
    assert "with 2 when some could not be" in said
    assert "with 1 when something could not be written" in said


def test_the_contract_breaks_no_word_in_a_narrow_window(monkeypatch):
    from bridge.cli import contract
    from bridge.osc.contract import MESSAGES

    out = io.StringIO()
    narrow = Console(file=out, width=90, force_terminal=True, no_color=True)
    monkeypatch.setattr("rich.console.Console", lambda: narrow)
    contract.contract(contract.Format.TABLE)
    shown = set(out.getvalue().split())
    for row in MESSAGES:
        assert row.address() in out.getvalue()
        assert set(row.meaning.replace("`", "").split()) <= shown


@pytest.mark.slow
@pytest.mark.parametrize("ppq", [24, 96, 480, 960])
def test_ticks_a_quarter_note(tmp_path, ppq):
    done = beatbridge(
        "render", example("arc.csv"), "--what", "drums,notes,cc", "--ppq", ppq, "--out", tmp_path
    )
    assert done.returncode == 0, done.stderr
    for file in tmp_path.glob("*.mid"):
        midi = mido.MidiFile(file)
        assert midi.ticks_per_beat == ppq
        ends = {sum(message.time for message in track) for track in midi.tracks}
        assert len(ends) == 1
        (end,) = ends
        assert end * 2 % ppq == 0, "whole bars of 2/4"
    assert beatbridge("render", example("arc.csv"), "--ppq", "100").returncode == 2


def test_coarse_ticks_lose_the_softer_of_two_and_no_last_value():
    ticks = np.array([0, 3, 480])
    notes = notes_of(ticks, 1, 36, np.array([50, 90, 60]))
    lane = Lane(11, np.array([0, 2, 480]), np.array([1, 2, 3]))
    clip = Clip(
        "c", (Track("t", 9, notes, (lane,)),), 4 * PPQ, (4, 4), np.array([0, 4]),
        np.array([500_000, 600_000]), ((480, "mark"),),
    )  # fmt: skip
    (track,) = at_resolution(clip, 24).tracks
    coarse = at_resolution(clip, 24)
    assert track.notes.tick.tolist() == [0, 24]
    assert track.notes.velocity.tolist() == [90, 60]
    assert track.notes.length.tolist() == [1, 1]
    assert (track.lanes[0].tick.tolist(), track.lanes[0].value.tolist()) == ([0, 24], [2, 3])
    assert (coarse.tempo_tick.tolist(), coarse.tempo_us.tolist()) == ([0], [600_000])
    assert (coarse.length, coarse.locators) == (96, ((24, "mark"),))


def test_a_wave_of_three_rows_is_a_joined_line():
    rising = [k / 11 for k in range(12)]
    rows = braille.curve(rising, 3)
    assert [len(row) for row in rows] == [6, 6, 6]
    assert [row.count("\u2800") for row in rows] == [3, 3, 4], "a third of the way in each"
    joined = [ord(row) - 0x2800 for row in braille.curve([0.0, 1.0], 3)]
    assert all((dots & 0x47).bit_count() + (dots & 0xB8).bit_count() >= 4 for dots in joined)
    assert braille.curve([], 3) == ["", "", ""]
    assert braille.curve([-5.0, 7.0], 1) == [chr(0x2800 + 0x40 + 0x04 + 0x02 + 0x10 + 0x08)]


def test_the_screen_shows_the_wave_and_who_listens():
    screen = Screen("test")
    heart = screen.heart()
    for k in range(300):
        heart.value("wave", k % 60 / 60)
    screen.listeners = lambda: "nobody listens on 127.0.0.1:7771"
    out = io.StringIO()
    screen.console = Console(file=out, width=80)
    screen.console.print(screen.panel())
    lines = out.getvalue().splitlines()
    drawn = [line for line in lines if any("\u2800" <= letter <= "\u28ff" for letter in line)]
    assert len(drawn) == 3
    assert "nobody listens on 127.0.0.1:7771" in lines[-1]


def sink_to(*ports: int) -> OscSink:
    return OscSink([("127.0.0.1", port) for port in ports], "/heart", profiles.load([]))


def test_a_shut_port_is_known_and_one_that_opens_hears_every_hello():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        port = ear.getsockname()[1]
    sink = sink_to(port)
    assert sink.listeners() == ""
    sink.hello()
    assert sink.listeners() == f"nobody listens on 127.0.0.1:{port}"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", port))
        ear.settimeout(60.0)
        for _ in range(2):
            sink.hello()
            assert b"/heart/hello" in ear.recv(2048)
            assert b"/heart/status" in ear.recv(2048)
        assert sink.listeners() == f"somebody listens on 127.0.0.1:{port}"
        sink.pings = 1
        assert sink.listeners() == "a device answers"
    sink.hello()
    assert sink.listeners() == f"nobody listens on 127.0.0.1:{port}"
    sink.close()


def test_a_plot_that_is_refused_names_no_package_of_an_index():
    from bridge.cli import options

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(options, "find_spec", lambda name: None)
        with pytest.raises(UserError, match=r'uv sync --extra plot, or pip install "\.\[plot\]"'):
            options.needs_matplotlib()


@pytest.mark.slow
def test_the_shell_completes_commands_and_options():
    def completed(words: str, at: int) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", "import sys; sys.argv = ['beatbridge']; "
             "from bridge.cli import main; main()"],
            env={**os.environ, "COMP_WORDS": words, "COMP_CWORD": str(at),
                 "_BEATBRIDGE_COMPLETE": "complete_bash"},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        return done.stdout.split()

    assert completed("beatbridge ren", 1) == ["render"]
    assert "--source" in completed("beatbridge live --so", 2)
