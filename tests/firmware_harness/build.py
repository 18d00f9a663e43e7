"""Builds the sketches, the simulated board and the headers' shared library, once a test run."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

HARNESS = Path(__file__).resolve().parent
FIRMWARE = HARNESS.parents[1] / "firmware"
SKETCHES = ("pulse_stream", "heart_note", "pulse_lines", "max30102_lines")


def _done(*command: str | Path) -> tuple[int, str]:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=300, check=False
    )
    return done.returncode, done.stdout + done.stderr


def run(*command: str | Path) -> str:
    code, output = _done(*command)
    if "No such file" in output and ("simavr" in output or "Arduino.h" in output):
        missing = f"simavr or the Arduino core is not installed: {output.splitlines()[0]}"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    assert code == 0, output
    return output


def _make(out: Path, need: Callable[[str], str], only: str, variables: dict[str, str]) -> list[str]:
    need("avr-g++")
    settings = [f"{name}={value}" for name, value in variables.items()]
    targets = [str(out / only)] if only else []
    return [need("make"), "-C", str(FIRMWARE), f"OUT={out}", *settings, *targets]


def sketches(out: Path, need: Callable[[str], str], only: str = "", **variables: str) -> str:
    """Build every sketch for every board into ``out``, or one; return what the build printed."""
    return run(*_make(out, need, only, variables))


def refused(out: Path, need: Callable[[str], str], only: str, **variables: str) -> str:
    """The same where the build must fail."""
    code, output = _done(*_make(out, need, only, variables))
    assert code != 0, output
    return output


def reuse_cores(built: Path, out: Path) -> Path:
    """Take the Arduino core from another build, which spares most of the time; return ``out``."""
    for board in (folder for folder in built.iterdir() if folder.is_dir()):
        shutil.copytree(board, out / board.name, ignore=shutil.ignore_patterns("*.elf", "*.hex"))
    return out


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
        HARNESS / "max30102.c", "-lsimavr", "-lutil")  # fmt: skip
    return program


def headers(out: Path, need: Callable[[str], str]) -> ctypes.CDLL:
    """Build the sketches' headers for this computer."""
    library = out / "headers.so"
    run(need("g++"), "-O2", "-std=c++11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
        "-DF_CPU=16000000L", "-o", library, HARNESS / "host.cpp")  # fmt: skip
    return ctypes.CDLL(str(library))


LEAST_RISE, REFRACTORY_MS, VELOCITY = 12, 250, 90
"""As in heart_note's ``settings.h``."""


class HeartNote:
    """heart_note's headers on this computer, fed with readings at 1 kHz."""

    def __init__(self, headers: ctypes.CDLL) -> None:
        self._headers = headers

    def hear(
        self, readings: NDArray[np.uint16], refractory_ms: int = REFRACTORY_MS
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int_]]:
        """Indices of the beats, those of the notes, and the notes' velocities."""
        values = np.ascontiguousarray(readings, np.uint16)
        beats, velocities = np.zeros((2, len(values)), np.uint8)
        self._headers.find_beats(
            LEAST_RISE, refractory_ms, VELOCITY,
            values.ctypes.data_as(ctypes.c_void_p), len(values),
            beats.ctypes.data_as(ctypes.c_void_p), velocities.ctypes.data_as(ctypes.c_void_p),
        )  # fmt: skip
        notes = np.flatnonzero(velocities)
        return np.flatnonzero(beats), notes, velocities[notes].astype(int)

    def notes_s(self, readings: NDArray[np.uint16]) -> NDArray[np.float64]:
        """Times of the notes, s."""
        return self.hear(readings)[1] / 1000


CORES = {
    "Uno R4": ("ARDUINO_ARCH_RENESAS", "SHIM_CORE_API"),
    "Nano Every": ("__AVR__", "ARDUINO_ARCH_MEGAAVR", "SHIM_CORE_API"),
    "ESP32": ("ARDUINO_ARCH_ESP32", "ESP32", "SHIM_A0=36"),
    "RP2040": ("ARDUINO_ARCH_RP2040", "SHIM_A0=26"),
    "SAMD": ("ARDUINO_ARCH_SAMD", "SHIM_CORE_API"),
    "Teensy": ("TEENSYDUINO=159", "CORE_TEENSY"),
    "ESP8266": ("ARDUINO_ARCH_ESP8266", "ESP8266", "SHIM_A0=17"),
}
"""Cores that are not here, each by the macros that say which it is; ``shim`` stands for its API."""


def shimmed(out: Path, need: Callable[[str], str], sketch: Path, core: str) -> Path:
    """Build a portable sketch for this computer as that core would be told to."""
    program = out / "sketch"
    macros = [f"-D{macro}" for macro in CORES[core]]
    run(need("g++"), "-O1", "-std=c++11", "-Wall", "-Wextra", "-Werror", *macros,
        f"-I{HARNESS / 'shim'}", f'-DSKETCH="{sketch}"', "-o", program,
        HARNESS / "shim" / "main.cpp")  # fmt: skip
    return program
