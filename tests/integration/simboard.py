"""A simulated Uno that can be plugged in and out, and the real ``beatbridge live`` beside it."""

import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pythonosc.osc_message import OscMessage

RECEIVE_BUFFER = 1 << 23
CLOCK_HZ = 16e6
"""Of the processor: what its log counts."""


class SimBoard:
    """Runs one sketch with a recording on pin A0 until told otherwise."""

    def __init__(self, program: Path, elf: Path, folder: Path) -> None:
        self._command = [str(program), str(elf)]
        self._folder = folder
        self.port = folder / "ttyACM0"
        self.log = folder / "cycles"
        self._process: subprocess.Popen[bytes] | None = None

    def plug_in(self, analog: NDArray[np.uint16], *options: object) -> None:
        """Start the board; returns once its port is there."""
        file = self._folder / "analog.txt"
        file.write_text("\n".join(map(str, analog.tolist())), encoding="utf-8")
        self._process = subprocess.Popen(
            [*self._command, "--link", self.port, "--analog", file, *map(str, options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        assert b"plugged in\n" in iter(self._process.stdout.readline, b"")

    def wait(self, timeout: float = 120.0) -> None:
        """Until its samples are over, and it has unplugged itself."""
        assert self._process is not None
        self._process.communicate(timeout=timeout)
        ended, self._process = self._process.returncode, None
        assert ended == 0

    def pull_out(self) -> None:
        """Pull the cable, whatever was going on."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
        self.port.unlink(missing_ok=True)


@dataclass
class Heard:
    """What a receiver on this machine got."""

    beats: list[int] = field(default_factory=list)
    ibis_ms: dict[int, float] = field(default_factory=dict)
    quality: list[float] = field(default_factory=list)
    status: list[str] = field(default_factory=list)


class Bridge:
    """The real command, its lines and the OSC that it sends."""

    def __init__(self, source: str, *options: object) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        target = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "bridge", "live", "--source", source, "--target", target,
             *map(str, options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )  # fmt: skip
        self.lines: list[str] = []

    def until(self, text: str) -> str:
        """Read its lines up to the one that holds ``text``, and return that."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))
            if text in line:
                return line
        raise AssertionError(f"no line says {text!r}:\n" + "\n".join(self.lines))

    def finish(self, timeout: float = 120.0) -> Heard:
        """Wait for its end; return what was received."""
        rest, _ = self._process.communicate(timeout=timeout)
        self.lines += rest.splitlines()
        assert self._process.returncode == 0, "\n".join(self.lines)
        heard = self.heard()
        self._socket.close()
        return heard

    def interrupt(self) -> None:
        """Ctrl-C."""
        self._process.terminate()

    def kill(self) -> None:
        """End it, if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()
        self._socket.close()

    def heard(self) -> Heard:
        """What was received since the last call."""
        heard = Heard()
        while True:
            try:
                message = OscMessage(self._socket.recv(2048))
            except BlockingIOError:
                return heard
            match message.address:
                case "/heart/beat":
                    heard.beats.append(message.params[0])
                case "/heart/ibi":
                    heard.ibis_ms[heard.beats[-1]] = message.params[0]
                case "/heart/quality":
                    heard.quality.append(message.params[0])
                case "/heart/status":
                    heard.status.append(message.params[0])
