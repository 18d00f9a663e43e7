"""A recorded session played as if it were live: ``csv:FILE``. The readers do the reading."""

from collections.abc import Callable, Iterator
from heapq import merge
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.detect import DETECTORS
from bridge.errors import UserError
from bridge.events import Beat, BodyChunk, Marker, SampleChunk
from bridge.sources import Item, Notice, pace
from bridge.sources.spec import SourceEntry, SourceSpec
from bridge.steps import median_step


class ReplaySource:
    """Replays a signal or beat times; markers come along."""

    def __init__(
        self, path: Path, rate_hz: float | None = None, kind: str = "auto", speed: float = 1.0
    ) -> None:
        self.path = path
        self._rate_hz = rate_hz
        self._kind = "ppg" if kind == "ema" else kind
        self._speed = speed
        self.realtime = speed == 1.0

    async def run(self, emit: Callable[[Item], None]) -> None:
        """Emit the whole recording, then return.

        Raises:
            UserError: the file cannot be read, or holds a table, which has no beats to play.
        """
        from bridge.recordings.read import read_recording
        from bridge.recordings.signals import NeedsRateError

        try:
            recording = read_recording(self.path, kind=self._kind, rate_hz=self._rate_hz)
        except NeedsRateError as error:
            raise UserError(
                f"{error}: write csv:{self.path}?rate=100 for 100 a second "
                "(or ?kind=beats if these are intervals)"
            ) from None
        items: Iterator[SampleChunk | Beat | Marker | BodyChunk]
        if recording.chunks:
            # From the file's first row, whether or not it held a reading.
            first = 0.0
            length = recording.chunks[-1].end
            rate = f"{recording.chunks[0].rate_hz:g} samples a second"
            # Cut here already, so that a marker comes between the samples around it.
            items = (p for c in recording.chunks for p in pace.cut(c, pace.FAST_CHUNK_SECONDS))
        elif recording.beats_t is not None:
            # There may be days before the first beat, as in files that count from midnight.
            first = float(np.floor(recording.beats_t[0])) if len(recording.beats_t) else 0.0
            length = float(recording.beats_t[-1]) - first if len(recording.beats_t) else 0.0
            rate = f"{len(recording.beats_t)} beats"
            items = (Beat(t - first, t - first) for t in recording.beats_t.tolist())
        else:
            raise UserError(
                f"{self.path}: a table of rates has no beats to play; "
                "beatbridge render makes clips of it"
            )
        emit(Notice("; ".join([f"{self.path}: {length:.0f} s, {rate}", *recording.remarks])))
        markers = (Marker(m.t - first, m.text) for m in recording.markers)
        body = (_body_chunks(name, column, first) for name, column in recording.body.items())
        together = merge(items, markers, *body, key=lambda item: item.t)
        await pace.emit_in_time(together, emit, self._speed)

    def summary(self) -> list[str]:
        """Nothing is lost from a file."""
        return []


def _body_chunks(name: str, column: NDArray[np.float64], first: float) -> Iterator[BodyChunk]:
    """Another column as it was recorded, value by value."""
    rate_hz = 1.0 / median_step(column[:, 0]) if len(column) > 1 else 1.0
    for t, value in column.tolist():
        yield BodyChunk(t - first, name, rate_hz, np.array([value]))


def _open(spec: SourceSpec, speed: float) -> ReplaySource:
    if not spec.target:
        raise UserError(f"source {spec.text}: name a file, as in csv:session.csv")
    return ReplaySource(
        Path(spec.target),
        rate_hz=spec.number("rate", None, 1.0, 20_000.0),
        kind=spec.choice("kind", (*DETECTORS, "beats")),
        speed=speed,
    )


ENTRY = SourceEntry(_open, frozenset({"rate", "kind"}))
