"""What careless hands and bad luck do to people's work: nothing of it is lost in silence."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.resources import example
from tests.test_render_cli import beatbridge

PULSE = example("pulse.csv")


def put(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def table(low: float, column: str = "HR") -> str:
    return f"t,{column}\n" + "".join(f"{k / 10},{low + k % 40}\n" for k in range(200))


def test_phases_whose_names_meet_are_all_kept(tmp_path: Path) -> None:
    """song, song, "song 2" and Song: four clips, on any file system."""
    header, *rows = PULSE.read_text(encoding="utf-8").splitlines()
    marks = {"5.000000": "song", "20.000000": "song", "35.000000": "song 2", "50.000000": "Song"}
    text = [header]
    for row in rows:
        t, value, *_ = row.split(",")
        text += [f"{t},,marker,{marks.get(t)}"] * (t in marks) + [row] * bool(value)
    session = put(tmp_path / "s.csv", "\n".join(text) + "\n")
    done = beatbridge("render", session, "--split", "marker")
    assert done.returncode == 0, done.stderr
    clips = sorted(path.name.lower() for path in tmp_path.glob("*.mid"))
    assert len(set(clips)) == 5  # and what comes before the first
    assert "wrote 5 files" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", ["render", "analyze"])
def test_recordings_of_one_name_from_two_projects_keep_apart(tmp_path: Path, command: str) -> None:
    """By folder and name they are the same; the second is refused, the first can be done again."""

    def session(project: str, interval: float) -> Path:
        beats = "".join(f"{interval * i:.3f}\n" for i in range(60))
        return put(tmp_path / project / "ecg" / "s.csv", "beat_time\n" + beats)

    session("p1", 0.8), session("p2", 0.7)
    out = tmp_path / "out"

    def done(project: str) -> subprocess.CompletedProcess[str]:
        return beatbridge(command, tmp_path / project / "ecg" / "s.csv", "--out", out)

    def results() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in out.iterdir()}

    assert done("p1").returncode == 0
    first = results()
    refused = done("p2")
    assert refused.returncode == 2
    assert f"is of {tmp_path / 'p1' / 'ecg' / 's.csv'}: it is kept" in refused.stderr
    assert results() == first
    session("p1", 0.9)  # its owner has mended it
    assert done("p1").returncode == 0
    assert results() != first
    shutil.rmtree(tmp_path / "p1")  # moved: who comes by its name is taken for it
    assert done("p2").returncode == 0


@pytest.mark.slow
def test_a_mangled_list_of_owners_is_made_anew(tmp_path: Path) -> None:
    session = put(tmp_path / "p" / "s.csv", table(60))
    for mangled in (b"{", b"[1]", b'{"s": 3}', b"[" * 100_000, b"\xff"):
        put(tmp_path / "out" / ".beatbridge.json", mangled)
        assert beatbridge("render", session, "--out", tmp_path / "out").returncode == 0
    assert str(session) in (tmp_path / "out" / ".beatbridge.json").read_text(encoding="utf-8")


BAD = {
    "a short row": b"hr;time (ms)\n61\n" + b"".join(b"%d;%d000\n" % (60, k) for k in range(50)),
    "not UTF-8": b"timer,hr\n\xfe0\n" + b"".join(b"%d0,5%d\n" % (k, k % 9) for k in range(50)),
    "a number beyond all": b"t,HR\n" + b"9" * 5000 + b",60\n1,61\n",
    "nothing": b"",
}


@pytest.mark.slow
@pytest.mark.parametrize("command", ["render", "analyze"])
def test_one_bad_file_does_not_end_a_batch(tmp_path: Path, command: str) -> None:
    for number, content in enumerate(BAD.values()):
        put(tmp_path / f"bad{number}.csv", content)
    put(tmp_path / "good.csv", table(60))
    done = beatbridge(command, tmp_path, "--out", tmp_path / "out")
    errors = done.stderr.splitlines()
    assert sorted(error.split(": ")[1] for error in errors) == [
        str(tmp_path / f"bad{number}.csv") for number in range(len(BAD))
    ]
    assert not any("fault of beatbridge" in error for error in errors)
    assert done.returncode == 2
    assert "good.csv: " in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", ["render", "analyze"])
def test_a_name_with_dollars_is_drawn_as_it_stands(tmp_path: Path, command: str) -> None:
    pytest.importorskip("matplotlib")
    session = put(tmp_path / "$1_$.csv", PULSE.read_bytes())
    done = beatbridge(command, session, "--plot", "--out", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    made = {"render": {"$1_$_drums.mid", "$1_$_clip.png"},
            "analyze": {"$1_$_beats.csv", "$1_$_hrv.csv", "$1_$_analysis.png"}}  # fmt: skip
    assert made[command] <= names


def limited() -> None:
    """A disk that is full after 3,000 bytes of a file."""
    import resource  # not on Windows

    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))


LIMITED = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
"""Compiled modules are files as well: cut short, they would break every later start."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_record_on_a_full_disk_ends_and_fails(tmp_path: Path) -> None:
    """At once, saying so: there is nothing else to play for."""
    file = tmp_path / "s.csv"
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "record", "--source", "sim", str(file),
         "--duration", "60"],
        capture_output=True, text=True, timeout=300, check=False, preexec_fn=limited,
        env=LIMITED,
    )  # fmt: skip
    assert done.returncode == 1
    (error,) = done.stderr.splitlines()
    assert error.startswith(f"beatbridge: recording to {file}: ")
    assert "beats" not in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_live_on_a_full_disk_plays_on(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "live", "--source", f"csv:{PULSE}?kind=ppg", "--speed",
         "0", "--record", str(tmp_path / "s.csv")],
        capture_output=True, text=True, timeout=300, check=False, preexec_fn=limited,
        env=LIMITED,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "recording to" in done.stdout
    assert " beats in 60.0 s" in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
@pytest.mark.parametrize("command", ["render", "analyze"])
def test_names_that_would_act_on_a_terminal_are_shown_harmless(
    tmp_path: Path, command: str
) -> None:
    put(tmp_path / "in" / "a\x1b[2J.csv", table(60))
    put(tmp_path / "in" / "b\x07\n.csv", "x\n")
    done = beatbridge(
        command, tmp_path / "in", tmp_path / "no\x1b]0;x\x07", "--out", tmp_path / "o"
    )
    assert "a?[2J.csv: " in done.stdout
    assert len(done.stderr.splitlines()) == 2
    assert "b??.csv" in done.stderr
    assert "no?]0;x?" in done.stderr
