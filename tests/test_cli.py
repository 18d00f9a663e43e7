"""The command as its user meets it: real processes, exit codes, one-line errors, Ctrl-C."""

import json
import re
import signal
import socket
import subprocess
import sys
from importlib import metadata

import pytest

COMMAND = [sys.executable, "-m", "bridge"]


def run(*arguments, **options):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
        **options,
    )


def test_what_each_worker_of_a_batch_imports_again_is_light():
    (command,) = metadata.entry_points(group="console_scripts", name="beatbridge")
    done = subprocess.run(
        [
            sys.executable, "-c",
            f"import sys, {command.module} as m; print('typer' in sys.modules, m.{command.attr})",
        ],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.startswith("False <function main"), done.stderr


@pytest.mark.slow
def test_demo_hears_all_it_sends(tmp_path):
    done = run("demo", "--seconds", "6", "--out", tmp_path / "demo")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "demo" / "arc_drums.mid").read_bytes().startswith(b"MThd")
    assert "Everything that was sent was heard." in done.stdout
    ending = done.stdout.splitlines()[-3:]
    assert [line.split(":")[0] for line in ending] == ["A sensor", "Live", "Your file"]
    assert re.search(r"beat 3 +\d+ ms", done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["live", "--source", "midi:1"], "should start with one of"),
        (["live", "--source", "serial:/dev/nothing"], "/dev/nothing: is not there"),
        (["live", "--source", "sim", "--target", "here"], "should be HOST:PORT"),
        (["live", "--source", "sim", "--root", "a b"], "should be an OSC address"),
        (["live", "--source", "sim", "--profile", "nothing"], "neither a file nor one of"),
        (["live", "--source", "csv:nothing.csv"], "nothing.csv"),
        (["profiles", "nothing"], "neither a file nor one of"),
        (["live"], "Name one --source SOURCE, or several with --heart NAME=SOURCE"),
        (["live", "--sorce", "sim"], "beatbridge live: No such option: --sorce"),
        (["live", "--source", "sim", "--speed", "-1"], "Invalid value for '--speed'"),
        (["live", "--source", "sim", "--link", "follow"], "name one with --style"),
        (["live", "--source", "sim", "--link", "both"], "should be lead or follow"),
        (["live", "--source", "sim", "--clock", "link"], "write --link follow"),
        (
            ["live", "--source", "sim", "--link", "follow", "--clock", "heart"],
            "--link follow and --clock heart",
        ),
        (["live", "--source", "sim", "--style", "default"], "add --midi PORT or --sound"),
        (
            ["live", "--source", "sim", "--style", "default", "--style", "euclid", "--sound"],
            "2 styles for 1 heart",
        ),
        (
            [
                "live",
                "--heart",
                "a=sim",
                "--heart",
                "b=sim",
                "--style",
                "default",
                "--sound",
                "--what",
                "drums,notes",
            ],
            "of several hearts each plays its drums",
        ),
        (
            [
                "live",
                "--heart",
                "a=sim",
                "--heart",
                "b=sim",
                "--style",
                "default",
                "--sound",
                "--what",
                "notes",
                "--what",
                "drums",
            ],
            "of several hearts each plays its drums",
        ),
        (
            ["live", "--source", "sim", "--heart", "b=sim"],
            "several hearts all have names, as in --heart NAME=sim --heart b=sim",
        ),
        (["dance"], "beatbridge: No such command 'dance'"),
        (["live", "--source", "sim", "--duration", "nan"], "nan is not a number"),
        (["live", "--source", "sim", "--speed", "nan"], "nan is not a number"),
        (["demo", "--seconds", "nan"], "nan is not a number"),
        (["live", "--source", "serial:/dev/null"], "/dev/null: is no serial port"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(arguments, says):
    done = run(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C reaches a Windows console otherwise")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_is_clean(how):
    with subprocess.Popen(
        [*COMMAND, "live", "--source", "sim?bpm=150", "--target", "127.0.0.1:9"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "beat 2" in line:
                break
        process.send_signal(how)
        rest, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert errors == ""
    assert re.search(r"\d+ beats in [\d.]+ s .* last status: live", rest)


@pytest.mark.slow
def test_live_replays_what_it_recorded(tmp_path):
    recording = tmp_path / "session.csv"
    live = ["live", "--speed", "0", "--target", "127.0.0.1:9", "--source"]
    first = run(*live, "sim?rate=100", "--duration", "30", "--record", recording)
    assert first.returncode == 0, first.stderr
    again = run(*live, f"csv:{recording}?kind=ppg")
    assert again.returncode == 0, again.stderr

    def beats(done):
        return re.findall(r"^ +([\d.]+) s +beat (\d+)", done.stdout, re.MULTILINE)

    assert len(beats(first)) > 30
    assert [number for _, number in beats(again)] == [number for _, number in beats(first)]
    for (t, _), (u, _) in zip(beats(first), beats(again), strict=True):
        assert float(u) == pytest.approx(float(t), abs=0.001)
    refused = run(*live, "sim", "--duration", "1", "--record", recording)
    assert refused.returncode == 2
    assert "exists already" in refused.stderr


@pytest.mark.slow
def test_a_start_that_fails_leaves_no_recording_behind(tmp_path):
    recording = tmp_path / "s.csv"
    for source in ("serial:/dev/nothing", "csv:nothing.csv", "serial:X?kind=foo"):
        done = run("live", "--source", source, "--record", recording)
        assert done.returncode == 2
        assert not recording.exists()


def test_contract_as_json_is_the_table():
    from bridge.osc.contract import MESSAGES

    rows = json.loads(run("contract", "--format", "json").stdout)["messages"]
    assert [row["address"] for row in rows] == [message.address() for message in MESSAGES]
    table = run("contract").stdout
    assert all(message.address() in table for message in MESSAGES)


@pytest.mark.slow
def test_profiles_prints_one_to_start_from(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text(run("profiles", "calm").stdout, encoding="utf-8")
    target = "127.0.0.1:9"
    done = run("live", "--source", "sim", "--profile", mine, "--target", target,
               "--speed", "0", "--duration", "3")  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_devices_lists_ports_even_where_there_are_none():
    done = run("devices")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Serial ports:")
    assert "MIDI outputs:" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [[], ["device"]])
def test_without_a_command_there_is_help(arguments):
    done = run(*arguments)
    assert done.returncode in (0, 2)
    assert "Usage: " in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a pipe breaks otherwise on Windows")
def test_a_reader_that_goes_ends_the_demo_quietly(tmp_path):
    with subprocess.Popen(
        [*COMMAND, "demo", "--out", str(tmp_path), "--seconds", "30"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if "beat 1" in line:
                break
        process.stdout.close()
        assert process.stderr.read() == ""
        process.wait(timeout=60)


def test_two_targets_hear_the_same():
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as a,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as b,
    ):
        targets = []
        for receiver in (a, b):
            receiver.bind(("127.0.0.1", 0))
            receiver.settimeout(60.0)
            targets += ["--target", f"127.0.0.1:{receiver.getsockname()[1]}"]
        live = ["live", "--source", "sim", "--duration", "1", "--speed", "0"]
        done = run(*live, *targets, "--root", "/heart/alice")
        assert done.returncode == 0, done.stderr
        assert a.recv(2048) == b.recv(2048)
        assert a.recv(2048).startswith(b"/heart/alice/status\0")


@pytest.mark.slow
def test_help_does_not_import_what_is_heavy():
    heavy = "scipy matplotlib mido rtmidi pretty_midi symusic serial"
    code = (
        "import sys, bridge.cli; bridge.cli.make_app(); "
        f"print([name for name in '{heavy}'.split() if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
