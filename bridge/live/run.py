"""The live driver: one asyncio loop from a source through the pipeline to the sinks.

The only place, with the sources and sinks themselves, where there is a clock.
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from bridge.errors import BeatbridgeError, UserError
from bridge.events import (
    Battery,
    Beat,
    BodyChunk,
    Contact,
    Event,
    Marker,
    Relearn,
    SampleChunk,
    State,
    Status,
)
from bridge.osc import contract
from bridge.osc.listen import listen
from bridge.pipeline import Pipeline
from bridge.sinks import Sink
from bridge.sinks.osc import OscSink
from bridge.sources import Item, Notice, Source

HELLO_SECONDS = 2.0
BOOT_SECONDS = 5.0
"""A board that starts up counts against no duration for this long."""
SILENCE_SECONDS = 0.5
"""When nothing has come for this long, the pipeline is told that time went on."""


@dataclass(slots=True)
class Summary:
    """What a run amounts to."""

    seconds: float = 0.0
    """Of signal."""
    beats: int = 0
    """Sounded, one ``/heart/beat`` each."""
    late_beats: int = 0
    """Found by looking back, counted in the HRV only."""
    messages: int = 0
    state: State = State.SEARCHING
    notes: list[str] = field(default_factory=list)
    """Losses and other things worth knowing."""


class LiveRun:
    """One run of source, pipeline and sinks."""

    def __init__(
        self,
        source: Source,
        pipeline: Pipeline,
        osc: OscSink,
        sinks: list[Sink],
        *,
        notice: Callable[[str], None],
        duration: float | None = None,
        listen_port: int | None = contract.LISTEN_PORT,
    ) -> None:
        """Put the parts together; nothing is opened before ``run``.

        Args:
            source: where items come from.
            pipeline: the stages.
            osc: the sink that says hello.
            sinks: the others.
            notice: shows a line to the user.
            duration: seconds of signal after which to end, or None for never.
            listen_port: UDP port for pings and marks, or None to hear none.
        """
        self._source = source
        self._pipeline = pipeline
        self._osc = osc
        self._sinks: list[Sink] = [osc, *sinks]
        self._notice = notice
        self._duration = duration
        self._listen_port = listen_port
        self._summary = Summary()
        self._arrival = perf_counter()
        self._done = asyncio.Event()

    async def run(self) -> Summary:
        """Play until the source ends, the duration is over or the task is cancelled (Ctrl-C).

        Raises:
            BeatbridgeError: the source failed. The sinks are closed all the same.
        """
        transport = None
        if self._listen_port is not None:
            try:
                transport = await listen(
                    self._listen_port,
                    {
                        "/bridge/ping": lambda _, sender: self._osc.hello(sender),
                        "/bridge/mark": lambda arguments, _: self._mark(str(arguments[0])),
                        "/bridge/relearn": lambda _, sender: self._relearn(),
                    },
                )
            except UserError as error:
                self._notice(str(error))
        _cancel_on_sigterm()
        works = (self._source.run(self._take), self._done.wait(), self._say_hello(), self._watch())
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        except asyncio.CancelledError:
            pass  # Ctrl-C: end as after the last sample
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if transport is not None:
                transport.close()
            self._close()
        return self._summary

    def _take(self, item: Item) -> None:
        """Take one item from the source; called in the loop, up to 1000 times a second."""
        if isinstance(item, Notice):
            self._notice(item.text)
            return
        if self._done.is_set() or isinstance(item, Contact | Battery | BodyChunk):
            return
        self._arrival = perf_counter()
        if self._duration is not None and item.t >= self._duration:
            self._summary.seconds = self._duration
            self._done.set()
        elif isinstance(item, SampleChunk):
            end = item.end
            if self._duration is not None and end >= self._duration:
                left = round((self._duration - item.t) * item.rate_hz)
                item = SampleChunk(item.t, item.rate_hz, item.values[:left])
                end = item.end
                self._done.set()
            self._hear(item, end)
        else:
            self._summary.seconds = max(self._summary.seconds, item.t)
            for event in (item,) if isinstance(item, Marker) else self._pipeline.push(item):
                self._spread(event, item.t)

    def _hear(self, chunk: SampleChunk, end: float) -> None:
        newest = end - 1.0 / chunk.rate_hz
        for event in self._pipeline.push(chunk):
            self._spread(event, newest)
        for sink in self._sinks:
            try:
                sink.samples(chunk)
            except BeatbridgeError as error:
                self._let_go(sink, error)
        self._summary.seconds = end

    def _spread(self, event: Event, newest: float) -> None:
        if isinstance(event, Beat):
            if event.late:
                self._summary.late_beats += 1
            else:
                self._summary.beats += 1
        elif isinstance(event, Status):
            self._summary.state = event.state
        for sink in self._sinks:
            try:
                sink.event(event, newest - event.t + perf_counter() - self._arrival)
            except BeatbridgeError as error:
                self._let_go(sink, error)

    def _let_go(self, sink: Sink, error: BeatbridgeError) -> None:
        """A sink that fails (a full disk) is let go with a word; the music goes on."""
        self._sinks = [other for other in self._sinks if other is not sink]
        with contextlib.suppress(BeatbridgeError):
            sink.close()
        self._summary.notes.append(str(error))
        self._notice(str(error))

    def _mark(self, text: str) -> None:
        passed = perf_counter() - self._arrival if self._source.realtime else 0.0
        marker = Marker(self._summary.seconds + passed, text)
        self._spread(marker, marker.t)
        self._notice(f"mark: {text}")

    def _relearn(self) -> None:
        self._pipeline.forget()
        self._spread(Relearn(self._summary.seconds), self._summary.seconds)

    async def _say_hello(self) -> None:
        while True:
            await asyncio.sleep(HELLO_SECONDS)
            self._osc.hello()

    async def _watch(self) -> None:
        """Tell the pipeline of the time that passes without samples, and end on time."""
        while True:
            await asyncio.sleep(SILENCE_SECONDS / 2)
            if not self._source.realtime:
                continue
            silent = perf_counter() - self._arrival
            if silent > SILENCE_SECONDS:
                now = self._summary.seconds + silent
                for event in self._pipeline.tick(now):
                    self._spread(event, now)
            waited = self._summary.seconds + silent
            patience = 0.0 if self._summary.seconds else BOOT_SECONDS
            if self._duration is not None and waited >= self._duration + patience:
                self._done.set()

    def _close(self) -> None:
        try:
            for event in self._pipeline.flush():
                self._spread(event, self._summary.seconds)
            self._summary.notes += self._source.summary()
        finally:
            for sink in self._sinks:
                try:
                    sink.close()
                except BeatbridgeError as error:
                    self._summary.notes.append(str(error))
        self._summary.messages = self._osc.sent.total()
        if self._osc.failed:
            self._summary.notes.append(f"{self._osc.failed} datagrams could not be sent")


def _cancel_on_sigterm() -> None:
    """End as on Ctrl-C when a process manager asks; Windows loops have no such handlers."""
    task = asyncio.current_task()
    if task is not None:
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
