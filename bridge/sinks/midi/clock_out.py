"""``--clock-out``: MIDI clock from the heart, in a thread of its own, by absolute due times.

The event loop may be busy for milliseconds with a spectrum; a clock may not.
"""

import contextlib
import threading
from collections.abc import Callable, Sequence
from time import perf_counter

from bridge.errors import BeatbridgeError
from bridge.events import Beat, Event, SampleChunk
from bridge.mapping.pulses import PulseTrain
from bridge.sinks import Instrument, Seat, Sink
from bridge.sinks.midi.port import open_port

_CLOCK, _START, _STOP = b"\xf8", b"\xfa", b"\xfc"
_STALL_S = 0.03
"""Later than this (a pulse at 83 a minute) the train is moved on: a burst is worse than a pause."""


def open_sinks(argument: str, seats: Sequence[Seat]) -> list[Sink]:
    """One clock; the first heart leads it.

    Raises:
        UserError: no MIDI system, or no such port.
    """
    clock = ClockOut(open_port(argument), seats[0].notice)
    return [ClockSink(clock if seat is seats[0] else None) for seat in seats]


class ClockOut:
    """A thread that sends the pulses of a train."""

    def __init__(self, port: Instrument, notice: Callable[[str], None] = print) -> None:
        """Take over the port; ``close`` gives it back."""
        self._port = port
        self._notice = notice
        self._train = PulseTrain()
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="clock-out", daemon=True)
        self._thread.start()

    def rate(self, bpm: float) -> None:
        """The heart's rate, now."""
        with self._lock:
            self._train.rate(perf_counter(), bpm)
        self._news.set()

    def close(self) -> None:
        """Stop, and let go of the port."""
        self._ending = True
        self._news.set()
        self._thread.join()
        with contextlib.suppress(BeatbridgeError):
            self._port.send(_STOP)
        self._port.close()

    def _run(self) -> None:
        self._news.wait()
        try:
            if not self._ending:
                self._port.send(_START)
            while not self._ending:
                self._next()
        except BeatbridgeError as error:
            self._notice(f"--clock-out: {error}; the clock has ended, the heart plays on")

    def _next(self) -> None:
        with self._lock:
            due = self._train.due
        assert due is not None
        self._news.clear()
        if not self._ending and (wait := due - perf_counter()) > 0.0:
            self._news.wait(wait)  # news of the rate: the next interval hears of it, not this one
            return
        self._port.send(_CLOCK)
        with self._lock:
            late = perf_counter() - self._train.pulse()
            if late > _STALL_S:
                self._train.stall(late)


class ClockSink:
    """Tells the clock the rate of the heart that leads; a lost heart leaves it as it is."""

    def __init__(self, clock: ClockOut | None) -> None:
        self._clock = clock

    def samples(self, chunk: SampleChunk) -> None:
        """The raw signal has no tempo."""

    def event(self, event: Event, age_s: float) -> None:
        """Hand on the smoothed rate of a beat."""
        if self._clock is not None and isinstance(event, Beat) and event.bpm is not None:
            self._clock.rate(event.bpm)

    def close(self) -> None:
        """Stop the clock."""
        if self._clock is not None:
            self._clock.close()
