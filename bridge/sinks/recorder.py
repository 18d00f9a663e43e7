"""Writes a session to a CSV that replays and renders: ``t,value,event,detail``.

A row is a sample (``t,value``) or an event (``t,,beat,0.93``; another column of the sensor is
``t,,body,gsr 1402.5``). Rows reach the disk within a
second, so that a crash on stage costs no more than that.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from bridge.conductance import is_part
from bridge.errors import BeatbridgeError, UserError
from bridge.events import Beat, Body, Event, Marker, SampleChunk, Status
from bridge.printable import printable
from bridge.sinks import Seat, Sink

HEADER = "t,value,event,detail"
FLUSH_SECONDS = 1.0


def open_sinks(argument: str, seats: Sequence[Seat]) -> list[Sink]:
    """A recorder a heart; several hearts write ``FILE-NAME.csv`` each.

    Raises:
        UserError: a file exists already, or has no folder to be in.
    """
    path = Path(argument)
    return [
        Recorder(path if seat.alone else path.with_name(f"{path.stem}-{seat.name}{path.suffix}"))
        for seat in seats
    ]


class Recorder:
    """Records raw samples, beats, markers and changes of state as they come."""

    def __init__(self, path: Path) -> None:
        """Take note of the path; the file is there from the first row on.

        Raises:
            UserError: it exists already (nothing is overwritten), or has no folder to be in.
        """
        self.path = path
        self._file: TextIO | None = None
        self._flushed = time.monotonic()
        if path.exists():
            raise UserError(f"{path} exists already; name a new file to record to")
        if not path.parent.is_dir():
            raise UserError(f"{path}: there is no folder {path.parent} to record in")

    def samples(self, chunk: SampleChunk) -> None:
        """Write a row a sample; times with microseconds, values with all their digits."""
        period = 1.0 / chunk.rate_hz
        self._write(
            "".join(
                f"{chunk.t + index * period:.6f},{value!r},,\n"
                for index, value in enumerate(chunk.values.tolist())
            )
        )

    def event(self, event: Event, age_s: float) -> None:
        """Write beats, markers, changes of state and other columns; the rest can be found again."""
        if isinstance(event, Beat) and event.predicted:
            return  # the true one comes later
        if isinstance(event, Beat):
            self._row(event.t, "late beat" if event.late else "beat", f"{event.strength:.3f}")
        elif isinstance(event, Marker):
            self._row(event.t, "marker", event.text)
        elif isinstance(event, Status):
            self._row(event.t, "status", event.state.value)
        elif isinstance(event, Body) and not is_part(event.name):
            self._row(event.t, "body", f"{event.name} {event.value!r}")

    def close(self) -> None:
        """Write what is left.

        Raises:
            BeatbridgeError: the disk is full.
        """
        if self._file is not None:
            file, self._file = self._file, None
            try:
                file.close()
            except OSError as error:
                raise self._failed(error) from None

    def _row(self, t: float, event: str, detail: str) -> None:
        detail = printable(detail)
        if "," in detail or '"' in detail:
            detail = '"' + detail.replace('"', '""') + '"'
        self._write(f"{t:.6f},,{event},{detail}\n")

    def _write(self, text: str) -> None:
        try:
            if self._file is None:
                self._file = self.path.open("x", encoding="utf-8", newline="\n")
                self._file.write(HEADER + "\n")
            self._file.write(text)
            now = time.monotonic()
            if now - self._flushed > FLUSH_SECONDS:
                self._file.flush()
                self._flushed = now
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> BeatbridgeError:
        return BeatbridgeError(f"recording to {self.path}: {error.strerror or error}")
