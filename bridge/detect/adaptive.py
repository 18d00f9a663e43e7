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

from bridge.detect.rhythm.candidate import Candidate, Peak
from bridge.detect.rhythm.probation import Detection
from bridge.detect.signal.description import Assess, SignalDescription, Verdict
from bridge.detect.signal.filter import Prefilter
from bridge.detect.signal.timebase import TimeBase
from bridge.errors import UserError
from bridge.events import Beat, Quality, SampleChunk

LATE_S = 0.1
"""A beat announced longer than this after its fiducial is not sounded: beyond some 0.1 s sound and
pulse are felt apart. The project's choice; no beat's F1 depends on it."""
LOOK_S = 0.5
"""The signal is described this often: a mere tone, or a finger gone, is known within 1 s."""


class Morphology(Protocol):
    """What beats look like in one kind of signal; knows the signal, and nothing of the tracker."""

    prefilter: Prefilter
    fs: float
    """Rate of the decimated signal, Hz."""
    neighbours_before: int
    neighbours: int
    """Filtered values before and after a candidate that it is compared with."""
    judged_after: int
    """Decimated samples after a candidate's index at which it is judged."""
    told_after: float
    """A beat is told no sooner than so many decimated samples after its fiducial."""
    settled_looks: int
    """While the beats are beyond doubt, the signal is described at every so-manieth look only."""

    def peaks(self, start: int, stop: int) -> list[Peak]:
        """Where a beat may be, at filtered indices start <= i < stop.

        ``neighbours_before`` filtered values exist before these, and ``neighbours`` after them.
        """

    def soonest_peak(self, start: int, stop: int) -> int:
        """No filtered index before this one, from ``start`` on, can turn out to be a peak.

        ``stop`` is the first whose value is not known yet: ``neighbours`` after ``start`` at most.
        """

    def candidate(self, peak: Peak) -> Candidate | None:
        """Look closer, at nothing beyond ``judged_after``; None if it cannot be a beat."""

    def description(self, index: int) -> SignalDescription:
        """What the last seconds up to ``index`` are like."""

    def assess(
        self, index: int, period_s: float, beats: int, sign: int, ending: bool = False
    ) -> Verdict:
        """What the signal says of what looks like the last ``beats`` up to ``index``.

        Where it ends there, fewer seconds must do.
        """

    def reset(self) -> None:
        """Forget what was learned of the signal."""


class BeatTracker(Protocol):
    """Decides which candidates are beats; knows nothing of the signal but what it is told."""

    @property
    def in_doubt(self) -> bool:
        """Whether it wants every description of the signal there is."""

    def reset(self) -> None:
        """Nothing is known."""

    def considers(self, sign: int, highest: float) -> bool:
        """Whether a peak of this sign and of at most this height is worth a closer look."""

    def judge(self, c: Candidate, assess: Assess) -> list[Detection]:
        """Decide on the next candidate; older ones may come with it, marked late."""

    def observe(self, signal: SignalDescription) -> list[Detection]:
        """Weigh what the last seconds are like."""

    def finish(self, assess: Assess) -> list[Detection]:
        """The signal has ended: what can still be said."""

    def quality(self, t: float) -> float:
        """The signal quality index up to t, 0-1."""


class AdaptiveDetector:
    """A beat detector that learns level, shape, polarity and rhythm by itself."""

    def __init__(self, rate_hz: float, morphology: Morphology, tracker: BeatTracker) -> None:
        if not rate_hz > 0:
            raise UserError(f"the sample rate must be above 0 Hz, not {rate_hz:g}")
        self._time_base = TimeBase(rate_hz)
        self._morphology = morphology
        self._prefilter = morphology.prefilter
        self._tracker = tracker
        self._between_looks = max(1, round(LOOK_S * morphology.fs))
        self._last_t = -float("inf")
        self._restart()

    def _restart(self) -> None:
        self._prefilter.clear()
        self._morphology.reset()
        self._tracker.reset()
        self._scanned = self._prefilter.before + self._morphology.neighbours_before
        self._pending: deque[Peak] = deque()
        self._due: deque[tuple[int, Detection]] = deque()
        self._next_look = self._between_looks
        self._looks = 0

    def forget(self) -> None:
        """Forget learned thresholds, shape, polarity and rhythm."""
        self._morphology.reset()
        self._tracker.reset()

    def push(self, chunk: SampleChunk) -> list[Beat | Quality]:
        """Take the next samples; return what became sure with them."""
        if not len(chunk.values):
            return []
        if self._time_base.follow(chunk):
            self._restart()
        events: list[Beat | Quality] = []
        for block in self._prefilter.blocks(chunk.values):
            if self._prefilter.take(block):
                self._advance(events)
        self._time_base.n += len(chunk.values)
        return events

    def quiet(self) -> int:
        """How many more samples are sure to bring nothing: until the next one at which one looks.

        A candidate is judged, and a beat told, so long after it that it is known ahead.
        """
        after = self._morphology.judged_after
        peak = self._morphology.soonest_peak(self._scanned, self._prefilter.filtered_end)
        soonest = min(self._next_look, peak + after)
        if self._pending:
            soonest = min(soonest, self._pending[0].index + after)
        if self._due:
            soonest = min(soonest, self._due[0][0])
        return self._prefilter.missing(soonest) - 1

    def flush(self) -> list[Beat | Quality]:
        """Judge what is left as if the signal stayed at its last value; all of it is late."""
        prefilter, morphology = self._prefilter, self._morphology
        end, after = prefilter.n, morphology.judged_after
        events: list[Beat | Quality] = []
        if end:
            sure_t = self._time_base.time(self._time_base.n - 1)
            rest = (after + morphology.neighbours + 1) * prefilter.step
            prefilter.take(np.full(rest, prefilter.decimated(end - 1, end)[0]))
            # Where less than half of what follows is known, what is found may be the end itself.
            self._scan(min(prefilter.filtered_end - morphology.neighbours, end - after // 2))
            found = [beat for _, beat in self._due]
            for peak in self._pending:
                found += self._judge(peak, end - 1)
            found += self._tracker.finish(partial(morphology.assess, end - 1, ending=True))
            self._emit([replace(beat, late=True) for beat in found], sure_t, events)
        self._time_base = TimeBase(self._time_base.rate_hz)
        self._restart()
        return events

    def _scan(self, stop: int) -> None:
        if stop > self._scanned:
            self._pending.extend(self._morphology.peaks(self._scanned, stop))
            self._scanned = stop

    def _judge(self, peak: Peak, now: int) -> list[Detection]:
        if not self._tracker.considers(peak.sign, peak.highest):
            return []
        candidate = self._morphology.candidate(peak)
        if candidate is None:
            return []
        return self._tracker.judge(candidate, partial(self._morphology.assess, now))

    def _advance(self, events: list[Beat | Quality]) -> None:
        """Do what is due up to the newest sample, each thing at its own sample."""
        pending, due = self._pending, self._due
        self._scan(self._prefilter.filtered_end - self._morphology.neighbours)
        newest = self._prefilter.n - 1
        after = self._morphology.judged_after
        while True:
            judge_at = pending[0].index + after if pending else newest + 1
            tell_at = due[0][0] if due else newest + 1
            now = min(judge_at, tell_at, self._next_look)
            if now > newest:
                return
            if now == tell_at:
                self._emit([due.popleft()[1]], self._sure_time(now), events)
            elif now == judge_at:
                self._tell(self._judge(pending.popleft(), now), now, events)
            else:
                self._look(events)

    def _look(self, events: list[Beat | Quality]) -> None:
        now = self._next_look
        self._next_look += self._between_looks
        self._looks += 1
        if self._tracker.in_doubt or self._looks % self._morphology.settled_looks == 0:
            self._tell(self._tracker.observe(self._morphology.description(now)), now, events)
        if self._looks % 2 == 0:
            value = self._tracker.quality(now / self._morphology.fs)
            events.append(Quality(t=self._sure_time(now), value=value))

    def _tell(self, found: list[Detection], now: int, events: list[Beat | Quality]) -> None:
        """Emit what was found, or keep the newest until it is due."""
        if found and not found[-1].late:
            due = math.ceil(found[-1].fiducial + self._morphology.told_after)
            if due > now:
                self._due.append((due, found[-1]))
                found = found[:-1]
        self._emit(found, self._sure_time(now), events)

    def _emit(self, found: list[Detection], sure_t: float, events: list[Beat | Quality]) -> None:
        for beat in found:
            t = self._time(beat.fiducial)
            if t <= self._last_t:
                continue
            self._last_t = t
            late = beat.late or sure_t - t > LATE_S + 1e-9
            events.append(Beat(t, sure_t, beat.strength, beat.quality, late))

    def _sure_time(self, index: int) -> float:
        """Time of the sample that completed a decimated one."""
        return self._time_base.time((index + 1) * self._prefilter.step - 1)

    def _time(self, index: float) -> float:
        """Time at the centre of the samples that were averaged into a decimated one."""
        step = self._prefilter.step
        return self._time_base.time(index * step + (step - 1) / 2)
