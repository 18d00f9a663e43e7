"""One heart on the stage: a source, its pipeline, and the sinks that hear it, under a name.

The only place, with the driver, the sources and the sinks, where there is a clock.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import inf, isfinite
from time import perf_counter

from bridge.errors import BeatbridgeError
from bridge.events import Beat, BodyChunk, Event, Marker, Relearn, SampleChunk, State, Status
from bridge.live.backlog import Backlog
from bridge.pipeline import Pipeline
from bridge.sinks import Sink
from bridge.sinks.osc import OscSink
from bridge.sources import Item, Notice, Source, Unhurried

BOOT_SECONDS = 5.0
"""A board that starts up counts against no duration for this long."""
LAST_SECONDS = 2.0
"""Nor is the end of a duration cut off for this long, where a busy machine brings it late."""
SILENCE_SECONDS = 0.5
"""When nothing has come for this long, the pipeline is told that time went on."""
BETWEEN_BEATS_SECONDS = 0.05
"""How often it is told of the time where only beats come: the breath's curve runs on."""
RELEARN_SECONDS = 5.0
"""Asked more often, a heart would never be learned: that takes about 4 s."""
STOPPED_SECONDS = 2.0
"""Woken so much later than meant, the program itself stood still (Ctrl-Z, a closed lid)."""
DOUBLED_SECONDS = 0.02
"""A beat no later than this after the one before is that one again: no heart is so fast."""


@dataclass(slots=True)
class Summary:
    """What the playing of one heart amounts to."""

    name: str = ""
    seconds: float = 0.0
    """Of signal."""
    beats: int = 0
    """Sounded, one ``/heart/beat`` each."""
    late_beats: int = 0
    """Found by looking back, counted in the HRV only."""
    refused_beats: int = 0
    """From a source that sends beats: told twice, or dated before one that was told already."""
    messages: int = 0
    state: State = State.SEARCHING
    notes: list[str] = field(default_factory=list)
    """Losses and other things worth knowing."""


class Performer:
    """One heart of those that play."""

    def __init__(
        self,
        source: Source,
        pipeline: Pipeline,
        osc: OscSink,
        sinks: list[Sink],
        *,
        notice: Callable[[str], None],
        name: str = "",
        duration: float | None = None,
        needed: Sink | None = None,
    ) -> None:
        """Put the parts together; nothing is opened before ``run``.

        Args:
            source, pipeline: where items come from, and the stages.
            osc: the sink that says hello, under the root of this heart.
            sinks: the others.
            notice: shows a line to the user.
            name: what marks call it.
            duration: seconds of signal after which to end, or None for never.
            needed: the one of the sinks without which there is nothing to play for.
        """
        self.name = name
        self.osc = osc
        self.summary = Summary(name)
        self.playing = True
        """False once the sinks are closed."""
        self._source = source
        self._pipeline = pipeline
        self._sinks: list[Sink] = [osc, *sinks]
        self._notice = notice
        self._duration = duration
        if isinstance(source, Unhurried):
            source.quiet_s = pipeline.quiet_s
        self._arrival = perf_counter()
        self._behind_s = 0.0
        """How long after its last moment the newest item arrived, in signal time."""
        self._backlog = Backlog()
        self._last_beat_t = -inf
        self._quiet_s = SILENCE_SECONDS
        """What this source may leave unsaid before the pipeline is told of the time."""
        self._forgot = -inf
        self._done = asyncio.Event()
        self._needed = needed
        self._failure: BeatbridgeError | None = None
        """What the needed sink failed with."""

    async def run(self) -> Summary:
        """Play until the source ends, the duration is over or the task is cancelled (Ctrl-C).

        Raises:
            BeatbridgeError: the source failed, or the sink that is needed. The sinks are closed all
                the same.
        """
        works = (self._source.run(self._take), self._done.wait(), self._watch())
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        except asyncio.CancelledError:
            pass  # Ctrl-C: end as after the last sample
        except BeatbridgeError:
            if self.summary.state is State.LIVE:
                self._spread(Status(self.summary.seconds, State.LOST), self.summary.seconds)
            raise
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._close()
        if self._failure is not None:
            raise self._failure
        return self.summary

    def add(self, sink: Sink) -> None:
        """Let one more sink hear this heart, from now on."""
        self._sinks.append(sink)

    def drop(self, sink: Sink) -> None:
        """Let a sink hear it no longer, and close it.

        Raises:
            BeatbridgeError: it failed in closing; it hears no more all the same.
        """
        self._sinks = [other for other in self._sinks if other is not sink]
        sink.close()

    def mark(self, text: str) -> None:
        """Put a marker here, into what is kept of this heart."""
        passed = perf_counter() - self._arrival if self._source.realtime else 0.0
        marker = Marker(self.summary.seconds + self._behind_s + passed, text)
        self._spread(marker, marker.t)

    def forget(self) -> None:
        """Forget learned thresholds, levels and ranges; again only once there is something new."""
        if perf_counter() - self._forgot < RELEARN_SECONDS:
            return
        self._forgot = perf_counter()
        self._pipeline.forget()
        self._spread(Relearn(self.summary.seconds), self.summary.seconds)

    def _take(self, item: Item) -> None:
        """Take one item from the source; called in the loop, up to 1000 times a second."""
        if isinstance(item, Notice):
            self._notice(item.text)
            return
        if self._done.is_set() or (isinstance(item, Beat) and self._refuses(item)):
            return
        self._arrival = perf_counter()
        if self._duration is not None and item.t >= self._duration:
            self.summary.seconds = self._duration
            self._done.set()
        elif isinstance(item, SampleChunk):
            if self._duration is not None and item.end >= self._duration:
                left = round((self._duration - item.t) * item.rate_hz)
                item = replace(item, values=item.values[:left])
                self._done.set()
            self._hear(item)
        else:
            known_t = item.end if isinstance(item, BodyChunk) else item.t
            if isinstance(item, Beat):
                known_t = max(item.t, item.sure_t)
                self._behind_s = known_t - item.t
                self._quiet_s = BETWEEN_BEATS_SECONDS
            self.summary.seconds = max(self.summary.seconds, item.t)
            for event in self._pipeline.push(item):
                self._spread(event, known_t)

    def _refuses(self, beat: Beat) -> bool:
        """Whether a ready-made beat cannot be the next one; said the first time, and counted."""
        if beat.predicted:
            return False
        if isfinite(beat.t) and beat.t > self._last_beat_t + DOUBLED_SECONDS:
            self._last_beat_t = beat.t
            return False
        self.summary.refused_beats += 1
        if self.summary.refused_beats == 1:
            self._notice(
                f"a beat dated {beat.t:.3f} s came after the one at {self._last_beat_t:.3f} s: "
                "refused, as will be all that come twice or late"
            )
        return True

    def _hear(self, chunk: SampleChunk) -> None:
        end = chunk.end
        oldest = inf
        if self._source.realtime:
            oldest = self._backlog.oldest_s(perf_counter(), end - chunk.t)
        newest = end - 1.0 / chunk.rate_hz
        if chunk.arrival_t is not None:
            newest = max(newest, chunk.arrival_t)
            self._behind_s = max(0.0, chunk.arrival_t - end)
        for event in self._pipeline.push(chunk):
            if isinstance(event, Beat) and self._age(event, newest) > oldest:
                event = replace(event, late=True)
            self._spread(event, newest)
        for sink in self._sinks:
            try:
                sink.samples(chunk)
            except BeatbridgeError as error:
                self._let_go(sink, error)
        self.summary.seconds = end

    def _age(self, event: Event, newest: float) -> float:
        """How long ago an event was, s, where ``newest`` is the signal time known by now."""
        return newest - event.t + perf_counter() - self._arrival

    def _spread(self, event: Event, newest: float) -> None:
        """Hand an event to the sinks; ``newest`` is the signal time that is known by now."""
        if isinstance(event, Beat):
            if event.late:
                self.summary.late_beats += 1
            else:
                self.summary.beats += 1
        elif isinstance(event, Status):
            self.summary.state = event.state
        for sink in self._sinks:
            try:
                sink.event(event, self._age(event, newest))
            except BeatbridgeError as error:
                self._let_go(sink, error)

    def _let_go(self, sink: Sink, error: BeatbridgeError) -> None:
        """A sink that fails (a full disk) is let go with a word; the music goes on."""
        self._sinks = [other for other in self._sinks if other is not sink]
        with contextlib.suppress(BeatbridgeError):
            sink.close()
        self._miss(sink, error)
        self._notice(str(error))

    def _miss(self, sink: Sink, error: BeatbridgeError) -> None:
        self.summary.notes.append(str(error))
        if sink is self._needed:
            self._failure = error
            self._done.set()

    async def _watch(self) -> None:
        """Tell the pipeline of the time that passes without samples, and end on time."""
        while True:
            slept = perf_counter()
            await asyncio.sleep(self._quiet_s / 2)
            for trouble in self.osc.take_trouble():
                self._notice(trouble)
            if not self._source.realtime:
                continue
            if perf_counter() - slept > STOPPED_SECONDS:
                self._arrival = perf_counter()  # nobody was here to hear; that is no silence
            silent = perf_counter() - self._arrival
            if silent > self._quiet_s:
                now = self.summary.seconds + silent
                for event in self._pipeline.tick(now):
                    self._spread(event, now)
            waited = self.summary.seconds + silent
            patience = LAST_SECONDS if self.summary.seconds else BOOT_SECONDS
            if self._duration is not None and waited >= self._duration + patience:
                self._done.set()

    def _close(self) -> None:
        self.playing = False
        try:
            for event in self._pipeline.flush():
                self._spread(event, self.summary.seconds)
            self.summary.notes += self._source.summary()
        finally:
            for sink in self._sinks:
                try:
                    sink.close()
                except BeatbridgeError as error:
                    self._miss(sink, error)
        self.summary.messages = self.osc.sent.total()
        if self.summary.refused_beats:
            self.summary.notes.append(
                f"{self.summary.refused_beats} beats refused: they came twice, or late"
            )
        if self.osc.failed:
            self.summary.notes.append(f"{self.osc.failed} datagrams could not be sent")
