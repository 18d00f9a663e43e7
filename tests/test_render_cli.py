"""``beatbridge render`` and ``play`` as processes: what they print, write and return."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bridge.resources import example
from tests.clipcheck import read_tracks


def beatbridge(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bridge", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_folder_with_one_bad_file(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(
        "t,HR\n" + "".join(f"{k / 10},{60 + k}\n" for k in range(32))
    )
    (tmp_path / "bad.csv").write_text("1,2\n3,4\n")
    done = beatbridge("render", tmp_path, "--out", tmp_path / "clips")
    assert done.returncode == 2
    assert done.stdout.splitlines()[0].startswith(
        "good.csv: 3.2 s, 60-91 bpm, 20 notes in 2 bars of 2/4 ->"
    )
    clips = f"{tmp_path / 'clips'}{os.sep}"
    assert done.stdout.splitlines()[-1] == f"wrote 1 file from 1 session to {clips}, 1 skipped"
    (error,) = done.stderr.splitlines()
    assert error.startswith(f"beatbridge: {tmp_path / 'bad.csv'}: 2 columns and no header")
    assert read_tracks(tmp_path / "clips" / "good_drums.mid")["HR_Drums"].end == 2 * 960


def test_kinds_of_clips_add_up_however_they_are_given(tmp_path: Path) -> None:
    """``--what drums --what notes`` once made the notes alone, without a word."""
    done = beatbridge(
        "render", example("arc.csv"), "--out", tmp_path, "--what", "cc", "--what", "notes,cc",
        "--what", "drums",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    clips = sorted(path.name for path in tmp_path.glob("*.mid"))
    assert clips == ["arc_cc.mid", "arc_drums.mid", "arc_notes.mid"]


def test_options_override_the_style(tmp_path: Path) -> None:
    done = beatbridge(
        "render", example("arc.csv"), "--out", tmp_path, "--tempo", "75.5", "--time-signature",
        "12/16", "--follow", "clock", "--set", "drums.notes=gm", "--set", "drums.velocity=[10, 20]",
        "--what", "cc,drums",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in tmp_path.glob("[!.]*")) == ["arc_cc.mid", "arc_drums.mid"]
    drums = read_tracks(tmp_path / "arc_drums.mid")["HR_Drums"]
    assert {velocity for *_, velocity in drums.notes} <= set(range(10, 21))
    assert {pitch for _, _, pitch, _ in drums.notes} <= {
        36,
        42,
        38,
        46,
        37,
        39,
        45,
        44,
        50,
        51,
        54,
        56,
    }
    assert drums.end % 720 == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--what", "drums,flute"], "--what flute"),
        (["--what", ","], "name at least one"),
        (["--tempo", "5"], "beatbridge: --tempo = 5"),
        (["--time-signature", "16"], "beatbridge: --time-signature '16'"),
        (["--time-signature", "4/3"], "beatbridge: --time-signature '4/3'"),
        (["--style", "disco"], "no style 'disco'"),
        (["--set", "drums.kick=1"], "unknown key 'drums.kick'"),
        (["--scope", "world"], "world"),
        (["--rate", "-5"], "above 0"),
        (["--tempo-map", "--tempo", "80"], "leave --tempo out"),
        (["--tempo-map"], "no beats to take a tempo from"),
    ],
)
def test_a_wrong_call_is_two_and_one_line(tmp_path: Path, arguments: list[str], why: str) -> None:
    done = beatbridge("render", example("arc.csv"), "--out", tmp_path, *arguments)
    assert done.returncode == 2
    assert why in done.stderr
    assert not list(tmp_path.iterdir())


def test_bars_are_those_that_live_shows(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("t,HR\n" + "".join(f"{k / 10},{60 + k}\n" for k in range(35)))
    done = beatbridge("render", tmp_path, "--time-signature", "7/8", "--what", "Drums")
    assert (done.returncode, done.stderr) == (0, "")
    assert " notes in 3 bars of 7/16 -> " in done.stdout  # five patterns of seven cells
    assert read_tracks(tmp_path / "s_drums.mid")["HR_Drums"].end == 3 * 7 * 120


@pytest.mark.slow
def test_one_wild_value_moves_nobodys_zones(tmp_path: Path) -> None:
    for name, wild in (("a", "61"), ("b", "1e9")):
        rows = "".join(f"{k / 10},{60 + k % 40}\n" for k in range(1, 64))
        (tmp_path / f"{name}.csv").write_text(f"t,HR\n0,{wild}\n{rows}")
    done = beatbridge("render", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "  1 HR value outside 20-300 bpm: left out" in done.stdout.splitlines()
    a, b = (read_tracks(tmp_path / f"{name}_drums.mid")["HR_Drums"].notes for name in "ab")
    assert a == b
    done = beatbridge("analyze", tmp_path / "b.csv")
    assert "taken as it stands; 1 HR value outside 20-300 bpm: left out" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", ["render", "analyze"])
def test_errors_name_what_this_command_has(tmp_path: Path, command: str) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_text("".join(f"{500 + k % 90}\n" for k in range(900)))
    done = beatbridge(command, raw)
    assert done.returncode == 2
    assert "their rate is needed: say --rate 100" in done.stderr
    done = beatbridge("live", "--source", f"csv:{raw}", "--target", "127.0.0.1:9")
    assert done.returncode == 2
    assert f"their rate is needed: write csv:{raw}?rate=100" in done.stderr
    assert "--rate" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", ["render", "analyze"])
def test_where_results_go_is_a_folder_and_told(tmp_path: Path, command: str) -> None:
    assert "(beside each" in beatbridge(command, "--help").stdout
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        done = beatbridge(command, example("arc.csv"), "--out", out)
        assert done.returncode == 2
        assert f"{tmp_path / 'file'} is a file; name a folder" in done.stderr
    done = beatbridge(command, example("arc.csv"), "--out", "")
    assert done.returncode == 2
    assert "'--out': name a folder" in done.stderr


@pytest.mark.slow
def test_a_missing_path_does_not_stop_the_others(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        rows = "".join(f"{k / 10},{60 + k}\n" for k in range(32))
        (tmp_path / folder / "s.csv").write_text("t,HR\n" + rows)
    done = beatbridge("render", tmp_path / "none", tmp_path, "--out", tmp_path / "o", "--plot")
    assert done.returncode == 2
    assert done.stderr == f"beatbridge: {tmp_path / 'none'}: there is no such file or folder\n"
    lines = [line for line in done.stdout.splitlines() if not line.startswith("  ")]
    a, b, total, page = lines
    assert a.startswith("a/s.csv: ")
    assert b.startswith("b/s.csv: ")
    assert total == f"wrote 4 files from 2 sessions to {tmp_path / 'o'}{os.sep}, 1 skipped"
    assert page == f"all pictures: {tmp_path / 'o' / 'index.html'}"


def test_styles_are_described_with_their_promise() -> None:
    done = beatbridge("styles")
    assert done.returncode == 0
    *lines, hint = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines[::2]] == [
        "ambient",
        "default",
        "euclid",
        "heartbeat",
    ]
    assert lines[3] == "  always: 1 to 16 hits a bar, more with HR; louder with HR"
    assert "> mine.toml" in hint


@pytest.mark.slow
def test_a_style_to_start_from(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(beatbridge("styles", "euclid").stdout, encoding="utf-8")
    for name, style in (("theirs", "euclid"), ("own", str(mine))):
        done = beatbridge("render", example("arc.csv"), "--out", tmp_path / name, "--style", style)
        assert done.returncode == 0, done.stderr
    theirs, own = (
        read_tracks(tmp_path / name / "arc_drums.mid")["HR_Drums"] for name in ("theirs", "own")
    )
    assert (theirs.notes, theirs.lanes) == (own.notes, own.lanes)
    unknown = beatbridge("styles", "disco")
    assert unknown.returncode == 2
    assert "there are ambient, default, euclid, heartbeat" in unknown.stderr


@pytest.mark.slow
def test_a_second_style_does_not_write_over_the_first(tmp_path: Path) -> None:
    def render(*args: str) -> subprocess.CompletedProcess[str]:
        return beatbridge("render", example("arc.csv"), "--out", tmp_path, *args)

    assert render("--style", "euclid").returncode == 0
    first = (tmp_path / "arc_drums.mid").read_bytes()
    second = render("--style", "ambient")
    assert second.returncode == 2
    assert "arc_drums.mid is the clip in the style euclid: it is kept" in second.stderr
    assert render().returncode == 2
    assert (tmp_path / "arc_drums.mid").read_bytes() == first
    assert render("--style", "euclid", "--tempo", "90").returncode == 0
    assert (tmp_path / "arc_drums.mid").read_bytes() != first


@pytest.mark.slow
def test_a_file_that_flattens_another_is_named(tmp_path: Path) -> None:
    rows = np.arange(600)
    for name, top in (("calm", 20.0), ("noisy", 900.0)):
        sdnn = 10.0 + (top - 10.0) * rows / 599
        table = np.column_stack([rows / 10, 60 + rows / 20, sdnn, sdnn])
        np.savetxt(tmp_path / f"{name}.csv", table, delimiter=",", header="t,HR,SDNN,RMSSD",
                   comments="", fmt="%.3f")  # fmt: skip
    together = beatbridge("render", tmp_path, "--out", tmp_path / "o").stdout
    assert (
        "  SDNN keeps to 0-1 of 0-127, because the batch goes from 10 (calm) to 900 (noisy): "
        "--scope file spans each file by itself\n"
    ) in together
    assert "HR keeps" not in together
    assert together.count("keeps to") == 2
    apart = beatbridge("render", tmp_path, "--out", tmp_path / "o", "--scope", "file").stdout
    assert "keeps to" not in apart


@pytest.mark.slow
def test_a_session_over_the_ranges_of_another(tmp_path: Path) -> None:
    arc, pulse = example("arc.csv"), example("pulse.csv")
    for name, more in (
        ("own", ()),
        ("arc", ("--scale-from", arc)),
        ("self", ("--scale-from", pulse)),
    ):
        done = beatbridge("render", pulse, "--out", tmp_path / name, *more)
        assert done.returncode == 0, done.stderr
    own, of_arc, of_self = (
        read_tracks(tmp_path / name / "pulse_drums.mid")["HR_Drums"].notes
        for name in ("own", "arc", "self")
    )
    assert own == of_self
    assert max(note[2] for note in own) == 51  # its own highest rate fills the bar
    assert max(note[2] for note in of_arc) < 51
    missing = beatbridge("render", pulse, "--scale-from", tmp_path / "none")
    assert missing.returncode == 2
    assert "there is no such file or folder" in missing.stderr


def test_bundled_sessions_play_whole(tmp_path: Path) -> None:
    done = beatbridge(
        "render", example("arc.csv"), example("pulse.csv"), "--out", tmp_path,
        "--what", "drums,notes,cc", "--split", "marker",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    names = {path.name for path in tmp_path.iterdir()}
    assert {"arc_rest_drums.mid", "arc_effort_notes.mid", "arc_recovery_cc.mid"} <= names
    assert {"pulse_breathe-in_drums.mid", "pulse_breathe-out_drums.mid"} <= names


@pytest.mark.slow
def test_what_analyze_writes_is_rendered_like_the_recording(tmp_path: Path) -> None:
    assert beatbridge("analyze", example("pulse.csv"), "--out", tmp_path).returncode == 0
    direct = beatbridge(
        "render", example("pulse.csv"), "--style", "heartbeat", "--out", tmp_path / "a"
    )
    assert direct.returncode == 0
    done = beatbridge(
        "render", tmp_path / "pulse_beats.csv", "--style", "heartbeat", "--out", tmp_path / "b"
    )
    assert done.returncode == 0, done.stderr

    def kicks(path: Path) -> list[int]:
        return [t for t, _, p, _ in read_tracks(path)["HR_Drums"].notes if p == 36]

    assert kicks(tmp_path / "a" / "pulse_drums.mid") == kicks(
        tmp_path / "b" / "pulse_beats_drums.mid"
    )
    assert beatbridge("render", tmp_path / "pulse_hrv.csv", "--out", tmp_path / "b").returncode == 0
    assert read_tracks(tmp_path / "b" / "pulse_hrv_drums.mid")["HR_Drums"].end == 38 * 960


@pytest.mark.slow
def test_bundled_sessions_are_what_their_script_makes() -> None:
    import importlib.util

    script = example("arc.csv").with_name("make_sessions.py")
    spec = importlib.util.spec_from_file_location("make_sessions", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = np.genfromtxt(module.make_arc().splitlines(), delimiter=",", skip_header=1)[:, :8]
    kept = np.genfromtxt(example("arc.csv"), delimiter=",", skip_header=1)[:, :8]
    assert np.allclose(made, kept, atol=0.011)  # to the last digit that is written
    assert module.make_pulse() == example("pulse.csv").read_text(encoding="utf-8")


@pytest.mark.slow
def test_pictures_and_their_index(tmp_path: Path) -> None:
    (tmp_path / "bad & ugly.csv").write_text("1,2\n3,4\n")
    done = beatbridge(
        "render", example("arc.csv"), tmp_path / "bad & ugly.csv", "--out", tmp_path / "o", "--plot"
    )
    assert done.returncode == 2
    page = (tmp_path / "o" / "index.html").read_text(encoding="utf-8")
    assert 'src="arc_clip.png"' in page
    assert 'href="arc_drums.mid"' in page
    assert "bad &amp; ugly.csv" in page
    assert (tmp_path / "o" / "arc_clip.png").read_bytes().startswith(b"\x89PNG")


def test_play_wants_a_clip(tmp_path: Path) -> None:
    done = beatbridge("play", example("arc.csv"), "--wav", tmp_path / "x.wav")
    assert done.returncode == 2
    assert "not a MIDI file" in done.stderr


def test_a_style_that_finds_nothing_to_play_writes_nothing_and_says_why(tmp_path: Path) -> None:
    """A table has no beats, and the style plays nothing else."""
    done = beatbridge("render", example("arc.csv"), "--style", "heartbeat", "--out", tmp_path)
    assert done.returncode == 2
    assert "arc.csv: no drums clip: " in done.stderr
    assert "beats" in done.stderr
    assert list(tmp_path.iterdir()) == []
