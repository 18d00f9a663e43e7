"""A simulated heart: pulse wave or ECG, with every beat's time exactly known.

The same settings give the same samples, however they are asked for.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.errors import UserError
from bridge.events import SampleChunk

Floats = NDArray[np.float64]

_BLOCK_S = 1.0

# Bumps of one beat: (height, centre in s after the beat, width in s) at 60 beats a minute. Times
# stretch with the root of the interval, as Bazett's formula has it for the T wave.
_PULSE = ((1.0, 0.075, 0.075), (0.42, 0.26, 0.085), (0.16, 0.43, 0.10))
_ECG_FIXED = ((-0.12, -0.028, 0.010), (1.0, 0.0, 0.011), (-0.2, 0.030, 0.011))
_ECG_STRETCHED = ((0.12, -0.17, 0.025), (0.26, 0.28, 0.050))


@dataclass(frozen=True, slots=True)
class Heart:
    """What is simulated. Heights are relative to ``amplitude``, in whatever units it is given."""

    kind: str = "ppg"
    """``ppg`` or ``ecg``."""
    rate_hz: float = 100.0
    bpm: float | Callable[[float], float] = 72.0
    """Beats a minute, or a function of time in s that gives them."""
    hrv_ms: float = 35.0
    """About the standard deviation of the intervals, from breathing, slower waves and noise."""
    breaths_per_minute: float = 15.0
    amplitude: float = 200.0
    """Height of a pulse, or of the R wave; negative turns the signal upside down."""
    offset: float = 512.0
    noise_db: float | None = 30.0
    """Signal to white noise, as powers, dB; None for no noise."""
    drift: float = 0.2
    """Slow baseline drift, parts of the amplitude."""
    breathing: float = 0.1
    """How far breathing modulates the height, parts of it."""
    seed: int = 1


class HeartSimulator:
    """Makes the signal of one heart, as long as one likes."""

    def __init__(self, heart: Heart) -> None:
        if heart.kind not in ("ppg", "ecg"):
            raise UserError(f"a simulated heart is of kind ppg or ecg, not {heart.kind!r}")
        if not heart.rate_hz > 0:
            raise UserError(f"the sample rate must be above 0 Hz, not {heart.rate_hz:g}")
        self.heart = heart
        self._beat_noise = np.random.default_rng([heart.seed, 1])
        self._sample_noise = np.random.default_rng([heart.seed, 2])
        self._block = max(1, round(_BLOCK_S * heart.rate_hz))
        self._made = 0
        self._taken = 0
        self._ready = np.empty(0)
        self._nominal: list[tuple[float, float]] = []
        self._next_t = 0.4
        self._fiducials: list[float] = []
        self._exact = 0
        signal_rms = 0.33 if heart.kind == "ppg" else 0.16
        self._noise = 0.0 if heart.noise_db is None else signal_rms * 10 ** (-heart.noise_db / 20)

    def take(self, n: int) -> SampleChunk:
        """The next n samples."""
        while len(self._ready) < n:
            self._ready = np.concatenate([self._ready, self._make_block()])
        values, self._ready = self._ready[:n], self._ready[n:]
        chunk = SampleChunk(self._taken / self.heart.rate_hz, self.heart.rate_hz, values)
        self._taken += n
        return chunk

    def beats_t(self) -> Floats:
        """True fiducials of all beats within the samples taken so far, s."""
        end = self._taken / self.heart.rate_hz
        times = np.array(self._fiducials)
        return times[times < end]

    def _make_block(self) -> Floats:
        heart = self.heart
        t = (self._made + np.arange(self._block)) / heart.rate_hz
        self._made += self._block
        end = self._made / heart.rate_hz
        self._prepare_beats(end + 1.5)
        signal = np.zeros(self._block)
        for beat_t, interval in self._nominal:
            if t[0] - 2.0 < beat_t < end + 1.0:
                signal += self._beat(t, beat_t, interval, 0)
        breath = 2 * math.pi * heart.breaths_per_minute / 60
        signal *= 1 + heart.breathing * np.sin(breath * t)
        signal += heart.drift * (0.6 * np.sin(0.7 * breath * t / 2.1) + 0.4 * np.sin(0.31 * t))
        signal += self._noise * self._sample_noise.standard_normal(self._block)
        return heart.offset + heart.amplitude * signal

    def _prepare_beats(self, until: float) -> None:
        heart = self.heart
        breath = heart.breaths_per_minute / 60
        while self._next_t < until + 2.0:
            t = self._next_t
            bpm = heart.bpm(t) if callable(heart.bpm) else heart.bpm
            if not 10 <= bpm <= 300:
                raise UserError(f"a simulated heart beats 10 to 300 times a minute, not {bpm:g}")
            usual = 60 / bpm
            # Waves of amplitude a have a standard deviation of a / sqrt(2).
            wave = math.sin(2 * math.pi * breath * t) + 0.6 * math.sin(2 * math.pi * 0.095 * t + 1)
            change = (
                heart.hrv_ms
                / 1000
                * usual
                * (wave + 0.55 * float(self._beat_noise.standard_normal()))
            )
            interval = max(0.2, usual + max(-0.3 * usual, min(0.4 * usual, change)))
            self._nominal.append((t, interval))
            self._next_t += interval
        # A beat's exact time needs its neighbours, two on either side.
        while self._exact < len(self._nominal) - 2:
            self._fiducials.append(self._fiducial(self._exact))
            self._exact += 1
        old = max(0, self._exact - 16)
        del self._nominal[:old]
        self._exact -= old

    def _bumps(self, interval: float) -> list[tuple[float, float, float]]:
        stretch = math.sqrt(min(interval, 1.5))
        if self.heart.kind == "ppg":
            return [(h, c * stretch, w * stretch) for h, c, w in _PULSE]
        return [*_ECG_FIXED, *((h, c * stretch, w * stretch) for h, c, w in _ECG_STRETCHED)]

    def _beat(self, t: Floats, beat_t: float, interval: float, order: int) -> Floats:
        """One beat's part of the signal at t, or its derivative of that order (0 to 3)."""
        total = np.zeros(len(t))
        for height, centre, width in self._bumps(interval):
            z = (t - beat_t - centre) / width
            bell = height * np.exp(-0.5 * z * z) / width**order
            # Hermite polynomials: the derivatives of a bell curve.
            factor = (1.0, -z, z * z - 1, 3 * z - z * z * z)[order]
            total += bell * factor
        return total

    def _fiducial(self, index: int) -> float:
        """Steepest point of the upstroke, or top of the R wave, of the clean signal: Newton."""
        order = 2 if self.heart.kind == "ppg" else 1
        around = self._nominal[max(0, index - 2) : index + 3]
        t = np.array([self._nominal[index][0]])
        for _ in range(20):
            value = sum((self._beat(t, b, i, order)[0] for b, i in around), 0.0)
            slope = sum((self._beat(t, b, i, order + 1)[0] for b, i in around), 0.0)
            move = float(-value / slope)
            t = t + max(-0.01, min(0.01, move))
            if abs(move) < 1e-9:
                break
        return float(t[0])


def simulate(heart: Heart, duration_s: float) -> tuple[SampleChunk, Floats]:
    """A whole signal from t = 0, and the true time of each beat in it, s."""
    simulator = HeartSimulator(heart)
    chunk = simulator.take(round(duration_s * heart.rate_hz))
    return chunk, simulator.beats_t()
