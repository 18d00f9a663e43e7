"""Builds the sketches, the simulated board and the headers' shared library, once a test run."""

import ctypes
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

HARNESS = Path(__file__).resolve().parent
FIRMWARE = HARNESS.parents[1] / "firmware"


def run(*command: str | Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=300, check=False
    )
    output = done.stdout + done.stderr
    if "No such file" in output and ("simavr" in output or "Arduino.h" in output):
        missing = f"simavr or the Arduino core is not installed: {output.splitlines()[0]}"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    assert done.returncode == 0, output
    return output


def sketches(out: Path, need: Callable[[str], str], only: str = "", **variables: str) -> str:
    """Build every sketch for every board into ``out``, or one; return what the build printed."""
    need("avr-g++")
    settings = [f"{name}={value}" for name, value in variables.items()]
    return run(
        need("make"), "-C", FIRMWARE, f"OUT={out}", *settings, *([out / only] if only else [])
    )


def as_the_ide_does(out: Path, need: Callable[[str], str], sketch: str) -> str:
    """Build one sketch for the Uno with the Arduino IDE's own builder; return what it printed."""
    (out / "tools").mkdir()
    (out / "build").mkdir()
    ctags = need("arduino-ctags")
    return run(
        need("arduino-builder"), "-hardware", "/usr/share/arduino/hardware", "-hardware",
        "/usr/share/arduino-builder", "-tools", out / "tools", "-fqbn", "arduino:avr:uno",
        "-ide-version", "10819", "-build-path", out / "build", "-warnings", "none",
        "-prefs=build.extra_flags=-DDECIMAL_DIG=__DECIMAL_DIG__",
        f"-prefs=compiler.path={Path(need('avr-g++')).parent}/",
        f"-prefs=tools.ctags.cmd.path={ctags}",
        FIRMWARE / sketch / f"{sketch}.ino",
    )  # fmt: skip


def board(out: Path, need: Callable[[str], str]) -> Path:
    """Build the simulated Uno."""
    program = out / "board"
    run(need("cc"), "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, HARNESS / "board.c",
        "-lsimavr", "-lutil")  # fmt: skip
    return program


def headers(out: Path, need: Callable[[str], str]) -> ctypes.CDLL:
    """Build the sketches' headers for this computer."""
    library = out / "headers.so"
    run(need("g++"), "-O2", "-std=c++11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
        "-o", library, HARNESS / "host.cpp")  # fmt: skip
    return ctypes.CDLL(str(library))
