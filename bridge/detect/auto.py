"""Tells an ECG from a pulse wave, and detects with whichever it is."""

import math
from collections import deque
from dataclasses import replace

import numpy as np

from bridge.detect.detector import Detector
from bridge.detect.ecg import EcgDetector
from bridge.detect.ppg import pulse_detector
from bridge.detect.signal.filter import Floats, decimation_step
from bridge.detect.signal.timebase import TimeBase
from bridge.events import Beat, Quality, SampleChunk

LOOK_S = 0.25
"""The question is asked anew this often, s, at fixed samples, until there is an answer: seldomer
costs less time, and tells the first beats so much later."""
WINDOW_S = 8.0
"""Signal that the answer may look at, s; older beats are not handed over either. Range not
measured."""
BLUR_S = 0.08
"""About the length of a QRS complex, s (0.06-0.10 s); a pulse's upstroke takes longer. Range not
measured."""
AROUND_S = 0.12
"""What belongs to a beat, s on either side. Range not measured."""
BROAD = 0.57
BROAD_IN_CLEAN = 0.73
"""A beat that keeps a larger share of itself when blurred is a pulse wave's. A wide QRS complex
(paced, ventricular) keeps more, but leaves hardly any energy between the beats. Chosen on
shared/data and simulated wide complexes; range not measured."""
PATIENCE_S = 1.5
"""For so long, s, after a pulse wave was found, an ECG's beats may still turn up: it delays every
pulse's first beat. Chosen on shared/data; range not measured."""
LONG_PATIENCE_S = 10.0
"""... and for so long, s, where the pulses found are as sharp as an ECG's. Chosen on simulated
ectopic beats; range not measured."""
DOUBT_S = 20.0
"""Without a beat for so long, s, what the kind was is an open question again: another sensor may
have been plugged in."""


def breadth(values: Floats, rate_hz: float, beats: list[float]) -> float | None:
    """Share (about 0-1) of the average beat's variance that is left when it is blurred by 80 ms.

    A QRS complex loses most of itself, a pulse wave's upstroke hardly anything. ``beats`` are
    times since the first value, s; None where no beat lies well inside.
    """
    step = decimation_step(rate_hz, 100.0)
    fs = rate_hz / step
    whole = len(values) // step
    x = values[: whole * step].reshape(whole, step).mean(axis=1)
    blur = max(2, round(BLUR_S * fs))
    around = round(AROUND_S * fs)
    total = np.zeros(2 * (around + blur) + 1)
    cuts = 0
    for t in beats:
        first = round(t * fs) - around - blur
        if first >= 0 and first + len(total) <= whole:
            total += x[first : first + len(total)]
            cuts += 1
    if not cuts:
        return None
    blurred = np.convolve(total, np.ones(blur) / blur, "same")[blur:-blur]
    sharp = total[blur:-blur]
    variance = float(sharp.var())
    return float(blurred.var()) / variance if variance > 0 else None


class AutoDetector:
    """Runs both detectors until one finds a heart, then keeps the one that fits the signal.

    The beats of the time before are handed over late.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._time_base = TimeBase(rate_hz)
        self._grain = max(1, round(LOOK_S * rate_hz))
        self._coarse = self._grain * round(DOUBT_S / LOOK_S)
        self._last_t = -math.inf
        self._ask()

    def _ask(self) -> None:
        self.kind: str | None = None
        """``ecg`` or ``ppg`` once known."""
        self._ecg = EcgDetector(self._rate_hz)
        self._rivals: dict[str, Detector] = {
            "ppg": pulse_detector(self._rate_hz),
            "ecg": self._ecg,
        }
        self._held: dict[str, list[Beat]] = {"ppg": [], "ecg": []}
        self._window: deque[float] = deque(maxlen=max(2, round(WINDOW_S * self._rate_hz)))

    def forget(self) -> None:
        """Forget everything, the kind as well."""
        self._ask()

    def push(self, chunk: SampleChunk) -> list[Beat | Quality]:
        """Take the next samples; return what became sure with them."""
        if not len(chunk.values):
            return []
        if self._time_base.follow(chunk):
            self._time_base.n = 0
            if self.kind is None:
                self._ask()
        events: list[Beat | Quality] = []
        done = 0
        while done < len(chunk.values):
            grain = self._grain if self.kind is None else self._coarse
            part = SampleChunk(
                chunk.t + done / chunk.rate_hz,
                chunk.rate_hz,
                chunk.values[done : done + grain - self._time_base.n % grain],
            )
            done += len(part.values)
            if self.kind is None:
                self._compare(part, events)
            else:
                self._follow(self.kind, part, events)
        return events

    def _follow(self, kind: str, part: SampleChunk, events: list[Beat | Quality]) -> None:
        found = self._rivals[kind].push(part)
        events += found
        self._time_base.n += len(part.values)
        self._last_t = max((e.t for e in found if isinstance(e, Beat)), default=self._last_t)
        if self._time_base.n % self._coarse == 0:
            now = self._time_base.time(self._time_base.n)
            if now - self._last_t > DOUBT_S:
                self._ask()

    def _compare(self, part: SampleChunk, events: list[Beat | Quality]) -> None:
        self._window.extend(part.values.tolist())
        for name, detector in self._rivals.items():
            for event in detector.push(part):
                if isinstance(event, Beat):
                    self._held[name].append(event)
                elif name == "ppg":
                    events.append(Quality(event.t, 0.0))
        self._time_base.n += len(part.values)
        if self._time_base.n % self._grain == 0 and any(self._held.values()):
            self._decide(events, self._answer())

    def _decide(self, events: list[Beat | Quality], kind: str | None) -> None:
        if kind is None:
            return
        self.kind = kind
        sure_t = self._time_base.time(self._time_base.n - 1)
        for beat in self._held[kind]:
            if beat.t > max(self._last_t, sure_t - WINDOW_S):
                events.append(replace(beat, sure_t=sure_t, late=True))
                self._last_t = beat.t
        self._rivals = {kind: self._rivals[kind]}
        self._held = {"ppg": [], "ecg": []}
        self._window.clear()

    def _answer(self, ending: bool = False) -> str | None:
        end_t = self._time_base.time(self._time_base.n)
        start_t = end_t - len(self._window) / self._rate_hz
        pulses = [beat for beat in self._held["ppg"] if beat.t > end_t - WINDOW_S]
        recent = [b.t - start_t for b in self._held["ecg"] if b.t > end_t - WINDOW_S]
        if recent:
            broad = breadth(np.array(self._window), self._rate_hz, recent)
            if broad is not None:
                clean = self._ecg.noisiness < 1.0
                kind = "ppg" if broad > (BROAD_IN_CLEAN if clean else BROAD) else "ecg"
                return kind if kind == "ecg" or pulses else None
        if not pulses or ending:
            return "ppg" if pulses else None
        sharp = breadth(
            np.array(self._window),
            self._rate_hz,
            [b.t - start_t for b in pulses],
        )
        patience = PATIENCE_S if sharp is None or sharp > BROAD_IN_CLEAN else LONG_PATIENCE_S
        return "ppg" if pulses[0].sure_t < end_t - patience else None

    def flush(self) -> list[Beat | Quality]:
        """The signal has ended: which kind it was must be said now."""
        if self.kind is not None:
            return self._rivals[self.kind].flush()
        for name, detector in self._rivals.items():
            self._held[name] += [e for e in detector.flush() if isinstance(e, Beat)]
        events: list[Beat | Quality] = []
        if any(self._held.values()):
            self._decide(events, self._answer(ending=True))
        return events
