"""A stream of the Lab Streaming Layer: ``lsl:NAME``. A signal, or intervals where it has no rate.

Its samples carry the time at which they were taken, so that ages are true on any network.
"""

import asyncio
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bridge.errors import BeatbridgeError, UserError
from bridge.events import BodyChunk, Contact, Link, SampleChunk
from bridge.sources import Item, Notice
from bridge.sources.intervals import RrClock
from bridge.sources.serial.columns import body_name
from bridge.sources.serial.placing import Reading
from bridge.sources.serial.sampling import Sampler
from bridge.sources.serial.search import likelihood
from bridge.sources.spec import SourceEntry, SourceSpec
from bridge.sources.telling import BEATS, Teller

LOOK_S = 2.0
PULL_S = 0.1
MOST = 4096
LOST_S = 3.0
"""Without a sample for so long from a stream with a rate, it is looked for again."""
SECONDS_BELOW = 10.0
"""Intervals are in s below this, in ms above; streams of both kinds are about."""


def pylsl() -> Any:
    """The module, which is an extra.

    Raises:
        BeatbridgeError: it is not installed.
    """
    try:
        import pylsl as module
    except (ImportError, RuntimeError):
        raise BeatbridgeError(
            'the Lab Streaming Layer needs pylsl: uv sync --extra lsl, or pip install ".[lsl]"'
        ) from None
    return module


def streams(seconds: float = 1.0) -> list[tuple[str, str]]:
    """Streams of numbers in reach: name and type of each.

    Raises:
        BeatbridgeError: pylsl is not installed.
    """
    module = pylsl()
    found = module.resolve_streams(seconds)
    numbers = (info for info in found if info.channel_format() != module.cf_string)
    return sorted({(str(info.name()), str(info.type())) for info in numbers})


def pick(labels: list[str], wanted: str | None) -> int:
    """The channel that a person means by label or place from 1, or the likeliest heart.

    Raises:
        UserError: there is no such channel.
    """
    if wanted is None:
        return min(range(len(labels)), key=lambda index: (likelihood(labels[index]), index))
    for index, label in enumerate(labels):
        if wanted.lower() == label.lower() or wanted == str(index + 1):
            return index
    raise UserError(f"column={wanted}: there is none; the channels are {', '.join(labels)}")


class LslSource:
    """Hears one stream, and looks for it again when it is lost."""

    realtime = True

    def __init__(self, name: str, column: str | None = None, beats: str = "true") -> None:
        """Nothing is opened before ``run``.

        Args:
            name: of the stream, or its type.
            column: channel, by label or by place from 1.
            beats: ``true`` after a constant delay, or ``predicted``; for streams of intervals.
        """
        self._name, self._column, self._beats = name, column, beats
        self._sampler = Sampler()
        self._clock = RrClock()
        self._losses = 0
        self._emit: Callable[[Item], None] = lambda item: None
        self._teller = Teller(lambda beat: None, self._clock)

    async def run(self, emit: Callable[[Item], None]) -> None:
        """Look for the stream and hand on what it sends, for ever.

        Raises:
            BeatbridgeError: pylsl is not installed.
            UserError: the stream has no such channel.
        """
        self._emit = emit
        self._teller = Teller(emit, self._clock, self._beats)
        module = pylsl()
        said = False
        try:
            while True:
                info = await asyncio.to_thread(self._find, module)
                if info is None:
                    if not said:
                        emit(Notice(f"no stream {self._name} in reach yet; looking on"))
                        said = True
                    continue
                said = False
                await self._listen(module, info)
                self._losses += 1
                emit(Contact(self._sampler.now, Link.RECONNECTING))
                emit(Notice(f"lost the stream {self._name}; looking for it"))
        finally:
            self._teller.stop()

    def summary(self) -> list[str]:
        """How often the stream was lost."""
        times = "once" if self._losses == 1 else f"{self._losses} times"
        return [f"lsl:{self._name}: lost {times}"] * bool(self._losses)

    def _find(self, module: Any) -> Any:
        for info in module.resolve_streams(LOOK_S):
            if self._name.lower() in (info.name().lower(), info.type().lower()):
                return info
        return None

    async def _listen(self, module: Any, info: Any) -> None:
        inlet = module.StreamInlet(info, max_buflen=10, recover=False)
        try:
            full = await asyncio.to_thread(inlet.info, 5.0)
            if full.channel_format() == module.cf_string:
                raise UserError(f"lsl:{self._name} sends text, no numbers")
            labels = full.get_channel_labels() or []
            labels = [label or str(i + 1) for i, label in enumerate(labels)]
            labels = labels or [str(i + 1) for i in range(full.channel_count())]
            heart = pick(labels, self._column)
            rate_hz = full.nominal_srate()
            what = f"{rate_hz:g} samples a second" if rate_hz else "intervals"
            self._emit(Notice(f"stream {full.name()} ({full.type()}): {what}, {labels[heart]}"))
            self._emit(Contact(self._sampler.now, Link.CONNECTED))
            if self._losses:
                self._sampler.reconnected()
                self._clock.gap()
            if rate_hz:
                self._sampler.set_rate(rate_hz)
            silent = 0.0
            while not rate_hz or silent < LOST_S:
                rows, stamps = await asyncio.to_thread(inlet.pull_chunk, PULL_S, MOST)
                silent = 0.0 if stamps else silent + PULL_S
                if stamps:
                    offset = await asyncio.to_thread(inlet.time_correction, 2.0)
                    behind = module.local_clock() - offset
                    self._take(rows, stamps, behind, labels, heart, bool(rate_hz))
        except (module.LostError, module.TimeoutError):
            return
        finally:
            inlet.close_stream()

    def _take(
        self,
        rows: list[list[float]],
        stamps: list[float],
        now: float,
        labels: list[str],
        heart: int,
        even: bool,
    ) -> None:
        """Hand on what came; ``now`` is this moment on the stamps' clock."""
        if not even:
            ahead = asyncio.get_running_loop().time() - now
            for row, stamp in zip(rows, stamps, strict=True):
                if math.isfinite(row[heart]):
                    rr = row[heart] if row[heart] < SECONDS_BELOW else row[heart] / 1000.0
                    self._teller.take(self._clock.push([rr], stamp + ahead))
            return
        others = [index for index in range(len(labels)) if index != heart]
        readings: list[Reading] = [(row[heart], *(row[i] for i in others)) for row in rows]
        runs = self._sampler.add(readings, now, stamps=stamps)
        for run in runs:
            known_t = run.end + max(0.0, now - stamps[-1]) if run is runs[-1] else run.end
            for t, values in run.column(0):
                self._emit(SampleChunk(t, run.rate_hz, np.asarray(values, float), known_t))
            for place, index in enumerate(others, start=1):
                for t, values in run.column(place):
                    name = body_name(labels[index])
                    self._emit(BodyChunk(t, name, run.rate_hz, np.asarray(values, float), known_t))


def _open(spec: SourceSpec, speed: float) -> LslSource:
    if not spec.target:
        raise UserError(f"source {spec.text}: name a stream or its type, as in lsl:ECG")
    if speed != 1.0:
        raise UserError("--speed is for recordings and the simulator; a stream has its own time")
    pylsl()
    return LslSource(spec.target, spec.options.get("column"), spec.choice("beats", BEATS))


ENTRY = SourceEntry(_open, frozenset({"column", "kind", "beats"}))
