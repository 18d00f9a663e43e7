"""Plays a style while the heart beats, on an instrument, in a thread that does nothing else.

The event loop tells it what the heart says; the thread looks when a cell is due. Everything that
sounds is sent by the thread.
"""

import gc
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

from bridge.clips.causal import CellStage
from bridge.clips.clock import Clock, Follower, OwnClock
from bridge.clips.groove import Groove
from bridge.errors import BeatbridgeError
from bridge.events import Beat, Event, HrvSnapshot, Relearn, SampleChunk, State, Status
from bridge.sinks import Instrument
from bridge.sinks.hurry import hurry
from bridge.sinks.midi.controllers import resting

SLICE_S = 0.25
"""The thread sleeps no longer at a time: it may be stopped. Each waking costs a little time."""
FOLLOWS_S = 0.02
"""Nor that long where a clock may have moved."""
SOON_S = 0.002
"""Nor that where a heartbeat is to sound as soon as it is announced."""
SWITCH_S = 0.0005
"""How soon Python lets a waiting thread run while another computes. The usual 5 ms can be heard."""
_COLUMNS = {
    "HR": "bpm", "SDNN": "sdnn_ms", "RMSSD": "rmssd_ms", "VLF": "vlf_ms2", "LF": "lf_ms2",
    "HF": "hf_ms2", "LF_HF": "lf_hf",
}  # fmt: skip
_CONTROL, _ALL_NOTES_OFF = 0xB0, 123


class ClockIn(Protocol):
    """Where pulses come from."""

    def close(self) -> None:
        """Let go of it."""


Tell = Callable[[Callable[[], None]], None]
"""Takes what the playing thread is to do next, from any thread."""
Pulses = Callable[[Tell], ClockIn]
"""Opens what tells a clock of the time, in the playing thread."""


class StylePlayer:
    """A sink that plays one heart in one style on one instrument."""

    def __init__(
        self,
        instrument: Instrument,
        stage: CellStage,
        clock: Clock,
        *,
        follows_heart: bool = False,
        pulses: Pulses | None = None,
    ) -> None:
        """Begin to play; ``close`` ends every note.

        Args:
            instrument: taken over.
            stage: the style.
            clock: counts in seconds of ``time.perf_counter``.
            follows_heart: heartbeats are the clock's pulses.
            pulses: what tells the clock of the time, where it does not know it by itself.
        """
        self._instrument = instrument
        self._clock = clock
        self._follows_heart = follows_heart
        self._groove = Groove(stage, clock, instrument.send)
        self._heart: Mapping[str, float] = {}
        """Never changed, only put in the place of another: the thread needs no lock."""
        self._told: deque[Callable[[], None]] = deque()
        """What the thread is to do next."""
        follows = not isinstance(clock, OwnClock)
        self._slice_s = SOON_S if stage.plays_beats else FOLLOWS_S if follows else SLICE_S
        self._stop = threading.Event()
        self._failure: BeatbridgeError | None = None
        gc.freeze()  # what was loaded by now need not be looked through again, which takes long
        self._usual_switch_s = sys.getswitchinterval()
        sys.setswitchinterval(min(SWITCH_S, self._usual_switch_s))
        self._pulses = pulses(self._told.append) if pulses is not None else None
        self._thread = threading.Thread(target=self._run, name="groove", daemon=True)
        self._thread.start()

    @property
    def left_out(self) -> int:
        """Cells that came more than a cell too late, and were not played."""
        return self._groove.left_out

    def samples(self, chunk: SampleChunk) -> None:
        """The raw signal is not played."""

    def event(self, event: Event, age_s: float) -> None:
        """Take note of what the heart says.

        Raises:
            BeatbridgeError: the instrument is gone.
        """
        if self._failure is not None:
            raise self._failure
        if isinstance(event, HrvSnapshot):
            values = {column: getattr(event, field) for column, field in _COLUMNS.items()}
            self._heart = {column: value for column, value in values.items() if value is not None}
        elif isinstance(event, Status) and event.state is State.LOST:
            self._heart = {}
        elif isinstance(event, Beat) and not event.late:
            at = time.perf_counter() - age_s
            ibi_s = None if event.ibi_ms is None else event.ibi_ms / 1000.0
            self._told.append(lambda: self._beat(at, ibi_s))
        elif isinstance(event, Relearn):
            self._told.append(self._groove.stage.forget)

    def close(self) -> None:
        """End every note, put controllers back, and let go of the instrument."""
        if self._pulses is not None:
            self._pulses.close()
        self._stop.set()
        self._thread.join()
        sys.setswitchinterval(self._usual_switch_s)
        gc.unfreeze()
        try:
            if self._failure is None:
                self._rest()
        finally:
            self._instrument.close()

    def _run(self) -> None:
        hurry()
        try:
            while not self._stop.is_set():
                while self._told:
                    self._told.popleft()()
                wake = self._groove.advance(time.perf_counter(), self._heart)
                time.sleep(max(0.0, min(wake - time.perf_counter(), self._slice_s)))
        except BeatbridgeError as error:
            self._failure = error  # told at the next event

    def _rest(self) -> None:
        self._groove.silence()
        channels = {channel for channel, _ in self._groove.moved} | self._groove.played
        for channel, controller in sorted(self._groove.moved):
            self._instrument.send(bytes((_CONTROL | channel, controller, resting(controller))))
        for channel in sorted(channels):
            self._instrument.send(bytes((_CONTROL | channel, _ALL_NOTES_OFF, 0)))

    def _beat(self, at: float, ibi_s: float | None) -> None:
        if self._follows_heart and isinstance(self._clock, Follower):
            self._clock.pulse(at)
        self._groove.beat(time.perf_counter(), at, ibi_s, self._heart)
