"""Styles on a MIDI port, in a process of its own: no other thread's work delays a note.

In the playing process a thread that wakes for a note waits until whatever computes lets Python go,
and on a busy machine that may itself be waiting for the processor. Here nothing else computes.
"""

import contextlib
import json
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from bridge.errors import BeatbridgeError, UserError
from bridge.events import Beat, Event, HrvSnapshot, Relearn, SampleChunk, Status
from bridge.sinks import Seat, Sink

READY_WITHIN_S = 60.0
ENDS_WITHIN_S = 20.0
"""A busy machine may take long: whoever kills the process leaves its notes sounding."""
_HEARD = (Beat, HrvSnapshot, Relearn, Status)
"""What a style goes by."""
Frame: TypeAlias = tuple[int, Event | None, float]
"""Which heart, what it says (None: it is over), and when that was (``time.perf_counter``, which all
processes of a machine share)."""


def open_styled(port: str, seats: Sequence[Seat]) -> list[Sink]:
    """Start the process; one sink a heart, on one port.

    Raises:
        UserError: no MIDI system, or no such port.
        BeatbridgeError: the process does not start.
    """
    playing = [(seat.playing, None if seat.alone else seat.channel) for seat in seats]
    process = StyledProcess((port, playing), len(seats), seats[0].notice)
    return [StyledSink(process, number) for number in range(len(seats))]


class StyledProcess:
    """The playing process's side: events go in, and what went wrong comes out. It never waits."""

    def __init__(self, config: Any, users: int, notice: Callable[[str], None]) -> None:
        """Start it, and wait until its port is open.

        Args:
            config: the port's name, and what each heart plays on which channel.
            users: how many sinks there are; the last to leave ends it.
            notice: shows a line to the user.

        Raises:
            UserError: there is no such port.
            BeatbridgeError: it does not start.
        """
        self.left_out = 0
        """Cells that came far too late and were not played, once it has ended."""
        self._users = users
        self._notice = notice
        self._failure = ""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bridge.sinks.midi.styled_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        self._frames: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        self._ready = threading.Event()
        self._answer: dict[str, Any] = {}
        self._reading = threading.Thread(target=self._read, name="styled-out", daemon=True)
        self._reading.start()
        self._writing = threading.Thread(
            target=self._write, args=(config,), name="styled-in", daemon=True
        )
        self._writing.start()
        self._ready.wait(READY_WITHIN_S)
        if "ready" not in self._answer:
            self._end()
            wrong = UserError if self._answer.get("user") else BeatbridgeError
            raise wrong(self._answer.get("error", "the process that plays styles did not start"))

    def say(self, frame: Frame) -> None:
        """Hand an event on; returns at once.

        Raises:
            BeatbridgeError: the port, or the process, is gone.
        """
        if self._failure:
            raise BeatbridgeError(self._failure)
        self._frames.put(frame)

    def leave(self, number: int) -> None:
        """One heart is over; with the last the process ends, and every note with it."""
        self._frames.put((number, None, 0.0))
        self._users -= 1
        if not self._users:
            self._end()

    def _end(self) -> None:
        self._frames.put(None)
        self._writing.join(ENDS_WITHIN_S)
        try:
            self._process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._writing.join()
        self._reading.join()
        self._out.close()

    def _write(self, config: Any) -> None:
        with contextlib.suppress(OSError):  # it is gone: its end says why
            pickle.dump(config, self._in)
            self._in.flush()
            while (frame := self._frames.get()) is not None:
                pickle.dump(frame, self._in)
                self._in.flush()
        with contextlib.suppress(OSError):
            self._in.close()

    def _read(self) -> None:
        for line in self._out:
            said = json.loads(line)
            if "notice" in said:
                self._notice(said["notice"])
            elif "left_out" in said:
                self.left_out = said["left_out"]
            elif self._ready.is_set():
                self._failure = said["error"]
            else:
                self._answer = said
                self._ready.set()
        self._failure = self._failure or "the process that plays styles has ended"
        self._ready.set()


class StyledSink:
    """One heart's seat at the process."""

    def __init__(self, process: StyledProcess, number: int) -> None:
        """Take the place of the heart with this number."""
        self._process, self._number = process, number

    @property
    def left_out(self) -> int:
        """Cells of all hearts that were not played, once the process has ended."""
        return self._process.left_out

    def samples(self, chunk: SampleChunk) -> None:
        """The raw signal is not played."""

    def event(self, event: Event, age_s: float) -> None:
        """Hand on what the style goes by.

        Raises:
            BeatbridgeError: the port is gone.
        """
        if isinstance(event, _HEARD):
            self._process.say((self._number, event, time.perf_counter() - age_s))

    def close(self) -> None:
        """End its notes."""
        self._process.leave(self._number)
