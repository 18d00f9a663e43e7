"""Tells an ECG from a pulse wave, and detects with whichever it is."""

import math
from collections import deque
from dataclasses import replace

import numpy as np

from bridge.detect.detector import Detector
from bridge.detect.ecg import EcgDetector, when_known
from bridge.detect.ppg import pulse_detector
from bridge.detect.signal.filter import Floats, decimation_step
from bridge.detect.signal.timebase import TimeBase
from bridge.events import Beat, Quality, SampleChunk

LOOK_S = 0.25
"""The question is asked at every beat that either finds, and so often, s, at fixed samples, in
between: only patience runs out there."""
WINDOW_S = 8.0
"""Signal that the answer may look at, s; older beats are not handed over either. "As often right"
is the range that ``bench_constants`` measured on 128 beginnings of shared/data's records, of 0.5 to
2 times the value. As often right: 4 to 16."""
BLUR_S = 0.08
"""About the length of a QRS complex, s (0.06-0.10 s); a pulse's upstroke takes longer. As often
right: 0.08 to 0.092."""
AROUND_S = 0.12
"""What belongs to a beat, s on either side. As often right: 0.102 to 0.138."""
BROAD = 0.57
BROAD_IN_CLEAN = 0.73
"""A beat that keeps a larger share of itself when blurred is a pulse wave's. A wide QRS complex
(paced, ventricular) keeps more, but leaves hardly any energy between the beats. Chosen on
shared/data and simulated wide complexes. As often right: BROAD 0.285 to 0.655; BROAD_IN_CLEAN 0.73
to 1.46."""
COLOUR_S = 3.0
QRS_HZ, QRS_WIDTH_HZ = 12.0, 4.0
PULSE_HZ, PULSE_WIDTH_HZ = 2.0, 0.8
"""The energy about the first frequency is compared with that about the second, for so many s."""
ECG_COLOUR_DB = -4.5
NEVER_ECG_DB = -9.0
"""Above the first it is an ECG however broad its beats, below the second only sharp beats make it
one. Pulse waves of shared/data have -13 to -5.4 dB, ECGs -7.7 to +9.7 (a quarter below -3.8:
large T waves, narrow complexes)."""
PULSE_COLOUR_DB = -5.0
BROAD_PULSE = 0.81
"""Below the first, and with beats of more than the second breadth, it is a pulse wave at once: half
of shared/data's have 0.90 and more, 98 % of what passes for pulses in ECGs has less than 0.80."""
PATIENCE_S = 1.5
"""For so long, s, after a pulse wave was found, an ECG's beats may still turn up: it delays every
pulse's first beat. Chosen on shared/data. As often right: 0.75 to 3."""
LONG_PATIENCE_S = 10.0
"""... and for so long, s, where the pulses found are as sharp as an ECG's. Chosen on simulated
ectopic beats. As often right: 5 to 20."""
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


def colour_db(values: Floats, rate_hz: float) -> float:
    """Energy where QRS complexes have most of it over that where pulse waves have it, dB."""
    step = decimation_step(rate_hz, 100.0)
    fs = rate_hz / step
    whole = len(values) // step
    x = values[len(values) - whole * step :].reshape(whole, step).mean(axis=1)
    if not len(x):
        return 0.0
    window = np.hanning(len(x))
    power = np.abs(np.fft.rfft((x - x.mean()) * window)) ** 2
    hz = np.fft.rfftfreq(len(x), 1.0 / fs)
    high = float((power * np.exp(-0.5 * ((hz - QRS_HZ) / QRS_WIDTH_HZ) ** 2)).sum())
    low = float((power * np.exp(-0.5 * ((hz - PULSE_HZ) / PULSE_WIDTH_HZ) ** 2)).sum())
    return 10.0 * math.log10(max(high, 1e-300) / max(low, 1e-300))


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
        self._tell(self._rivals[kind].push(part), events)
        self._time_base.n += len(part.values)
        if self._time_base.n % self._coarse == 0:
            now = self._time_base.time(self._time_base.n)
            if now - self._last_t > DOUBT_S:
                self._ask()

    def _tell(self, found: list[Beat | Quality], events: list[Beat | Quality]) -> None:
        events += found
        self._last_t = max((e.t for e in found if isinstance(e, Beat)), default=self._last_t)

    def _compare(self, part: SampleChunk, events: list[Beat | Quality]) -> None:
        """Ask at every beat, and where the grain is full; what comes after an answer is told."""
        self._window.extend(part.values.tolist())
        self._time_base.n += len(part.values)
        found = {name: detector.push(part) for name, detector in self._rivals.items()}
        known = [(when_known(e), name, i) for name in found for i, e in enumerate(found[name])]
        for now, name, i in sorted(known):
            event = found[name][i]
            if self.kind is not None:
                if name == self.kind:
                    self._tell([event], events)
            elif isinstance(event, Beat):
                self._held[name].append(event)
                self._decide(events, now, self._answer(now))
            elif name == "ppg":
                events.append(Quality(event.t, 0.0))
        full = self._time_base.n % self._grain == 0
        if full and self.kind is None and any(self._held.values()):
            now = self._time_base.time(self._time_base.n - 1)
            self._decide(events, now, self._answer(now))
        if self.kind is not None:
            self._window.clear()

    def _decide(self, events: list[Beat | Quality], now: float, kind: str | None) -> None:
        if kind is None:
            return
        self.kind = kind
        for beat in self._held[kind]:
            if beat.t > max(self._last_t, now - WINDOW_S):
                late = beat.late or beat.sure_t < now
                events.append(replace(beat, sure_t=now, late=late))
                self._last_t = beat.t
        self._rivals = {kind: self._rivals[kind]}
        self._held = {"ppg": [], "ecg": []}

    def _answer(self, now: float, ending: bool = False) -> str | None:
        """Which kind it is by what was known ``now``, at one of the samples of the last part."""
        end_t = self._time_base.time(self._time_base.n)
        start_t = end_t - len(self._window) / self._rate_hz
        after = max(0, round((end_t - now) * self._rate_hz) - 1)
        values = np.array(self._window)[: len(self._window) - after]
        pulses = [b.t for b in self._held["ppg"] if b.t > now - WINDOW_S]
        recent = [b.t for b in self._held["ecg"] if b.t > now - WINDOW_S]
        colour = colour_db(values[-round(COLOUR_S * self._rate_hz) :], self._rate_hz)
        if recent:
            broad = breadth(values, self._rate_hz, [t - start_t for t in recent])
            if broad is not None:
                most = BROAD if colour < NEVER_ECG_DB else BROAD_IN_CLEAN
                if broad <= most or colour > ECG_COLOUR_DB:
                    return "ecg"
                return "ppg" if pulses else None
        if not pulses or ending:
            return "ppg" if pulses else None
        sharp = breadth(values, self._rate_hz, [t - start_t for t in pulses])
        if sharp is not None and sharp > BROAD_PULSE and colour < PULSE_COLOUR_DB:
            return "ppg"
        patience = PATIENCE_S if sharp is None or sharp > BROAD_IN_CLEAN else LONG_PATIENCE_S
        return "ppg" if self._held["ppg"][0].sure_t < now - patience else None

    def quiet(self) -> int:
        """How many more samples are sure to bring nothing, nor the answer which kind it is."""
        least = min(rival.quiet() for rival in self._rivals.values())
        if self.kind is None:
            least = min(least, self._grain - self._time_base.n % self._grain - 1)
        return least

    def flush(self) -> list[Beat | Quality]:
        """The signal has ended: which kind it was must be said now."""
        if self.kind is not None:
            return self._rivals[self.kind].flush()
        for name, detector in self._rivals.items():
            self._held[name] += [e for e in detector.flush() if isinstance(e, Beat)]
        events: list[Beat | Quality] = []
        if any(self._held.values()):
            now = self._time_base.time(self._time_base.n - 1)
            self._decide(events, now, self._answer(now, ending=True))
        return events
