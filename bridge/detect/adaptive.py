"""What the pulse-wave and the ECG detector share: candidates judged in order, beats out.

A morphology says what a beat looks like in its signal; the tracker decides which candidates are
beats. Every decision is taken at a fixed distance after its candidate, on nothing later.
"""

import math
from collections import deque
from dataclasses import replace
from functools import partial
from typing import Protocol

import numpy as np

from bridge.detect.rhythm.candidate import Candidate
from bridge.detect.rhythm.probation import Found
from bridge.detect.rhythm.tracker import Tracker
from bridge.detect.signal.filter import Front
from bridge.detect.signal.timebase import Run
from bridge.errors import UserError
from bridge.events import Beat, Quality, SampleChunk

LATE_S = 0.1
"""A beat announced longer than this after its fiducial is not sounded."""


class Morphology(Protocol):
    """How beats look in one kind of signal; works on the decimated signal of its front."""

    front: Front
    fs: float
    """Rate of the decimated signal, Hz."""
    rim_before: int
    rim: int
    """Filtered values before and after a candidate that it is compared with."""
    ahead: int
    """Decimated samples after a candidate's index at which it is judged."""
    hold: float
    """A beat is told no sooner than so many decimated samples after its fiducial."""
    tracker: Tracker

    def peaks(self, start: int, stop: int) -> list[tuple[int, float]]:
        """Candidates (index, height) at filtered indices start <= i < stop.

        ``rim_before`` filtered values exist before these, and ``rim`` after them.
        """

    def describe(self, index: int, height: float) -> Candidate | None:
        """Look closer, at nothing beyond ``index + ahead``; None if it cannot be a beat."""

    def watch(self, index: int) -> list[Found]:
        """Twice a second: look at the whole of the last seconds up to ``index``."""

    def hum(self, index: int, period_s: float, beats: int, ending: bool = False) -> bool:
        """Whether what looks like the last ``beats`` up to ``index`` may be a hum of that period.

        Or the signal is too short to say; where it ends there, fewer seconds must do.
        """

    def reset(self) -> None:
        """Forget what was learned of the signal."""


class AdaptiveDetector:
    """A beat detector that learns level, shape, polarity and rhythm by itself."""

    def __init__(self, rate_hz: float, morphology: Morphology) -> None:
        if not rate_hz > 0:
            raise UserError(f"the sample rate must be above 0 Hz, not {rate_hz:g}")
        self._run = Run(rate_hz)
        self._form = morphology
        self._front = morphology.front
        self._tracker = morphology.tracker
        self._half_second = max(1, round(0.5 * morphology.fs))
        self._last_t = -float("inf")
        self._restart()

    def _restart(self) -> None:
        self._front.clear()
        self._form.reset()
        self._tracker.reset()
        self._scanned = self._front.before + self._form.rim_before
        self._pending: deque[tuple[int, float]] = deque()
        self._due: deque[tuple[int, Found]] = deque()
        self._next_tick = self._half_second
        self._ticks = 0

    def forget(self) -> None:
        """Forget learned thresholds, shape, polarity and rhythm."""
        self._form.reset()
        self._tracker.reset()

    @property
    def noisiness(self) -> float:
        """0 where nothing is between the beats, 1 where much is; as last known, 1 before that."""
        return self._tracker.noisiness

    def push(self, chunk: SampleChunk) -> list[Beat | Quality]:
        """Take the next samples; return what became sure with them."""
        if not len(chunk.values):
            return []
        if self._run.follow(chunk):
            self._restart()
        events: list[Beat | Quality] = []
        for block in self._front.blocks(chunk.values):
            if self._front.take(block):
                self._advance(events)
        self._run.n += len(chunk.values)
        return events

    def flush(self) -> list[Beat | Quality]:
        """Judge what is left as if the signal stayed at its last value; all of it is late."""
        front, form = self._front, self._form
        end = front.n
        events: list[Beat | Quality] = []
        if end:
            sure_t = self._run.time(self._run.n - 1)
            reach = form.ahead + form.rim
            front.take(np.full((reach + 1) * front.step, front.x(end - 1, end)[0]))
            # Where less than half of what follows is known, what is found may be the end itself.
            self._scan(min(front.filtered_end - form.rim, end - form.ahead // 2))
            found = [beat for _, beat in self._due]
            for index, height in self._pending:
                found += self._judge(index, height, end - 1)
            found += self._tracker.finish(partial(form.hum, end - 1, ending=True))
            self._emit([replace(beat, late=True) for beat in found], sure_t, events)
        self._run = Run(self._run.rate_hz)
        self._restart()
        return events

    def _scan(self, stop: int) -> None:
        if stop > self._scanned:
            self._pending.extend(self._form.peaks(self._scanned, stop))
            self._scanned = stop

    def _judge(self, index: int, height: float, now: int) -> list[Found]:
        candidate = self._form.describe(index, height)
        if candidate is None:
            return []
        return self._tracker.judge(candidate, partial(self._form.hum, now))

    def _advance(self, events: list[Beat | Quality]) -> None:
        """Do what is due up to the newest sample, each thing at its own sample."""
        front, pending, due = self._front, self._pending, self._due
        self._scan(front.filtered_end - self._form.rim)
        newest = front.n - 1
        ahead = self._form.ahead
        while True:
            judge_at = pending[0][0] + ahead if pending else newest + 1
            tell_at = due[0][0] if due else newest + 1
            now = min(judge_at, tell_at, self._next_tick)
            if now > newest:
                return
            if now == tell_at:
                self._emit([due.popleft()[1]], self._sure_time(now), events)
            elif now == judge_at:
                index, height = pending.popleft()
                self._tell(self._judge(index, height, now), now, events)
            else:
                self._tick(events)

    def _tell(self, found: list[Found], now: int, events: list[Beat | Quality]) -> None:
        """Emit what was found, or keep the newest until it is due."""
        if found and not found[-1].late:
            due = math.ceil(found[-1].at + self._form.hold)
            if due > now:
                self._due.append((due, found[-1]))
                found = found[:-1]
        self._emit(found, self._sure_time(now), events)

    def _tick(self, events: list[Beat | Quality]) -> None:
        now = self._next_tick
        self._next_tick += self._half_second
        self._ticks += 1
        t = now / self._form.fs
        self._tell(self._form.watch(now), now, events)
        if self._ticks % 2 == 0:
            events.append(Quality(t=self._sure_time(now), value=self._tracker.quality(t)))

    def _emit(self, found: list[Found], sure_t: float, events: list[Beat | Quality]) -> None:
        for beat in found:
            t = self._time(beat.at)
            if t <= self._last_t:
                continue
            self._last_t = t
            late = beat.late or sure_t - t > LATE_S + 1e-9
            events.append(Beat(t, sure_t, beat.strength, beat.quality, late))

    def _sure_time(self, index: int) -> float:
        """Time of the sample that completed a decimated one."""
        return self._run.time((index + 1) * self._front.step - 1)

    def _time(self, index: float) -> float:
        """Time at the centre of the samples that were averaged into a decimated one."""
        step = self._front.step
        return self._run.time(index * step + (step - 1) / 2)
