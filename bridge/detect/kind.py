"""Tells an ECG from a pulse wave, and detects with whichever it is."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from bridge.detect.adaptive import AdaptiveDetector
from bridge.detect.ecg import ecg_detector
from bridge.detect.front import step_for
from bridge.detect.gaps import Run
from bridge.detect.pulse import pulse_detector
from bridge.events import Beat, Quality, SampleChunk

LOOK_S = 0.25
"""The question is asked anew this often, at fixed samples, until there is an answer."""
LEAST_S = 3.0
"""Signal needed for an answer."""
WINDOW_S = 4.0
"""Signal that the answer looks at."""
PEAKY = 0.75
"""Above this share of its slope's energy in a tenth of the time, a signal is an ECG."""


def peakiness(values: NDArray[np.float64], rate_hz: float) -> float:
    """Share (0-1) of the energy of the signal's slope, over 40 ms, in its steepest tenth.

    A QRS complex packs nearly all of an ECG's slope into 80 ms of each beat; a pulse wave rises
    for 100-300 ms and falls the rest of the time.
    """
    step = step_for(rate_hz, 100.0)
    whole = len(values) // step
    means = values[: whole * step].reshape(whole, step).mean(axis=1)
    lag = max(1, round(0.04 * rate_hz / step))
    energy = np.sort((means[lag:] - means[:-lag]) ** 2)[::-1]
    total = float(energy.sum())
    return float(energy[: max(1, len(energy) // 10)].sum()) / total if total > 0 else 0.0


class AutoDetector:
    """Runs both detectors until one finds a heart, then keeps the one that fits the signal.

    The beats of the time before are handed over late.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._run = Run(rate_hz)
        self._grain = max(1, round(LOOK_S * rate_hz))
        self._ask()

    def _ask(self) -> None:
        self.kind: str | None = None
        """``ecg`` or ``ppg`` once known."""
        self._rivals: dict[str, AdaptiveDetector] = {
            "ppg": pulse_detector(self._rate_hz),
            "ecg": ecg_detector(self._rate_hz),
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
        if self._run.follow(chunk):
            self._run.n = 0
            if self.kind is None:
                self._ask()
        events: list[Beat | Quality] = []
        done = 0
        while done < len(chunk.values):
            if self.kind is not None:
                rest = SampleChunk(
                    chunk.t + done / chunk.rate_hz, chunk.rate_hz, chunk.values[done:]
                )
                events += self._rivals[self.kind].push(rest)
                self._run.n += len(rest.values)
                break
            part = chunk.values[done : done + self._grain - self._run.n % self._grain]
            self._compare(SampleChunk(chunk.t + done / chunk.rate_hz, chunk.rate_hz, part), events)
            done += len(part)
        return events

    def _compare(self, part: SampleChunk, events: list[Beat | Quality]) -> None:
        self._window.extend(part.values.tolist())
        for name, detector in self._rivals.items():
            for event in detector.push(part):
                if isinstance(event, Beat):
                    self._held[name].append(event)
                elif name == "ppg":
                    events.append(Quality(event.t, 0.0))
        self._run.n += len(part.values)
        if self._run.n % self._grain == 0 and any(self._held.values()):
            self._decide(events)

    def _decide(self, events: list[Beat | Quality]) -> None:
        if len(self._window) < LEAST_S * self._rate_hz:
            return
        peaky = peakiness(np.array(self._window), self._rate_hz)
        kind = "ecg" if peaky > PEAKY else "ppg"
        if not self._held[kind]:
            return
        self.kind = kind
        sure_t = self._run.time(self._run.n - 1)
        events += [Beat(b.t, sure_t, b.strength, b.quality, late=True) for b in self._held[kind]]
        self._rivals = {kind: self._rivals[kind]}
        self._held = {"ppg": [], "ecg": []}
        self._window.clear()

    def flush(self) -> list[Beat | Quality]:
        """The signal has ended."""
        return []
