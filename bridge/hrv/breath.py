"""Beat -> Breath, live: the breath that the heart shows, as a curve that runs on between the beats.

The heart quickens as one breathes in (respiratory sinus arrhythmia), and a beat's height swings
with the breath as well. Both are followed as waves; the curve is an oscillator held to them.
"""

import cmath
import math
from collections import deque
from statistics import median

import numpy as np

from bridge.events import Beat, Breath
from bridge.hrv.swing import Floats, Swing, Swings

RATES_HZ = (0.06, 0.6)
"""3.6 to 36 breaths a minute."""
FREQUENCIES = 56
"""Points between them, 4 % apart: finer than the line of a wave that fades within 12 s."""
POINTS_HZ = 20
"""Points of the curve a second."""
LOWEST_BEATS, LOWEST_S = 10, 10.0
"""Intervals, and the time they span, before anything is said."""
CYCLES = 1.5
"""A wave must have swung so often within the window to be seen."""
NYQUIST = 0.45
"""Parts of the heart rate that a breath can be fast: beats are the samples of it."""

TAKEN, KEPT = 0.55, 0.35
"""Share of the variance that a wave must explain to be taken for the breath, and to be kept.
Chosen with ``MEMORY_S``: 0.45 and 0.3 speak for 87 % of the time instead of 78, and are right in 85
instead of 90."""
TRUE, STILL_TRUE = 0.5, 0.35
"""The same for what tells the phase. Without it the rate alone is told: a beat's height may swing
up or down with the breath, which depends on where the electrodes are."""
SLOW_HZ, SLOW_WEIGHT = 0.12, 0.75
"""Waves slower than this count for less: blood pressure swings the heart at 0.1 Hz too."""
STRAY = 0.5
"""Spread, as a logarithm, in which the next rate is looked for around the last."""

USUAL_OF = 11
PLAUSIBLE = (0.7, 1.4)
"""Intervals that a breath can make, in parts of the running median: a premature beat is none."""

LINK_MEMORY = 0.995
"""What a beat leaves of the learned phase between height and rate: some two hundred beats count.
Waves fitted within seconds of each other are alike, and with fifty, chance is steady too."""
LINKED = 0.6
"""How steady (0-1) that phase must be for the height to help in telling where the breath is."""
LEARNED = 0.1
"""How much of it must have been seen: about a minute of a breath that both show."""

SETTLE_S = 0.7
"""Time constant with which the curve is drawn to where the waves say it should be."""
SPEEDS = (0.1, 2.5)
"""How slowly and how fast the curve may then run, in parts of the breath's speed: never back."""
RATE_SETTLE = 0.3
"""Part of the way to a new rate that is gone with each beat."""
SILENCE_S = 4.0
"""Without a beat for longer than this nothing is known of the breath."""


class Breathing:
    """Follows the breath of one heart from its beats; any chunking gives the same points."""

    def __init__(self) -> None:
        self._grid_hz = np.geomspace(*RATES_HZ, FREQUENCIES)
        self._step = math.log(self._grid_hz[1] / self._grid_hz[0])
        self._weight = np.where(self._grid_hz < SLOW_HZ, SLOW_WEIGHT, 1.0)
        self._rate, self._height = Swings(self._grid_hz), Swings(self._grid_hz)
        self._recent: deque[float] = deque(maxlen=USUAL_OF)
        self._link, self._linked = 0j, 0.0
        self._breath_hz: float | None = None
        self._true = False
        self._angle = self._behind = self._t = 0.0
        self._beat_t = -math.inf
        self._points = 0

    def push(self, beat: Beat) -> list[Breath]:
        """Take the next beat, with its interval; return the points up to when it was known."""
        points = self.until(beat.sure_t)
        now = max(beat.sure_t, self._t)
        self._run_to(now)
        self._beat_t = beat.t
        self._height.add(beat.t, beat.strength)
        if beat.ibi_ms is not None:
            usual = median(self._recent) if self._recent else beat.ibi_ms
            self._recent.append(beat.ibi_ms)
            if PLAUSIBLE[0] < beat.ibi_ms / usual < PLAUSIBLE[1]:
                # A rate belongs to the middle of its interval.
                self._rate.add(beat.t - beat.ibi_ms / 2000.0, 1000.0 / beat.ibi_ms)
        for swings in (self._rate, self._height):
            swings.leave(now)
        self._look(now)
        return points

    def until(self, t: float) -> list[Breath]:
        """Return the points of the curve that are due up to ``t``, s."""
        points = []
        while self._breath_hz is not None and (due := self._points / POINTS_HZ) <= t:
            if due - self._beat_t > SILENCE_S:
                self._breath_hz = None
                break
            self._run_to(due)
            level = 0.5 + 0.5 * math.cos(self._angle) if self._true else None
            rate = None if self._points % POINTS_HZ else 60.0 * self._breath_hz
            if level is not None or rate is not None:
                points.append(Breath(due, level, rate))
            self._points += 1
        if self._breath_hz is None:  # what passes unknown is not made up for
            self._points = max(self._points, math.floor(t * POINTS_HZ))
            self._points += self._points / POINTS_HZ <= t
        return points

    def _look(self, now: float) -> None:
        """Look for the breath in what is known now, and draw the curve to it."""
        found = None
        if len(self._rate) >= LOWEST_BEATS and self._rate.span_s >= LOWEST_S:
            rate, height = self._rate.fit(now), self._height.fit(now)
            found = self._wave(rate, height)
        if found is None:
            self._breath_hz = None
            self._true = False
            return
        at, breath_hz = found
        target, known = self._phase(rate, height, at)
        self._true = known >= (STILL_TRUE if self._true else TRUE)
        if self._breath_hz is None:
            self._breath_hz, self._angle, self._behind, self._t = breath_hz, target, 0.0, now
            return
        self._breath_hz += RATE_SETTLE * (breath_hz - self._breath_hz)
        self._behind = math.remainder(target - self._angle, 2.0 * math.pi)

    def _wave(self, rate: Swing, height: Swing) -> tuple[int, float] | None:
        """Index and frequency, Hz, of the wave that is the breath."""
        heard = np.maximum(np.maximum(rate.share, height.share), 0.75 * (rate.share + height.share))
        score: Floats = np.minimum(heard, 1.0) * self._weight
        top_hz = NYQUIST * 1000.0 / median(self._recent)
        seen = (self._grid_hz <= top_hz) & (self._grid_hz * self._rate.span_s >= CYCLES)
        score = np.where(seen, score, 0.0)
        least = TAKEN
        if self._breath_hz is not None:
            least = KEPT
            score *= np.exp(-0.5 * (np.log(self._grid_hz / self._breath_hz) / STRAY) ** 2)
        at = int(np.argmax(score))
        if not 0 < at < len(score) - 1 or score[at] < least:
            return None
        left, here, right = score[at - 1 : at + 2].tolist()
        bend = left - 2.0 * here + right
        off = 0.5 * (left - right) / bend if bend < 0.0 else 0.0  # the parabola through the three
        return at, float(self._grid_hz[at]) * math.exp(self._step * max(-0.5, min(0.5, off)))

    def _phase(self, rate: Swing, height: Swing, at: int) -> tuple[float, float]:
        """Where in its cycle the breath is, and how far that is known (0-1).

        The crest of the rate is taken for the end of breathing in. The height helps once its phase
        to the rate has been learned.
        """
        by_rate, by_height = complex(rate.turn[at]), complex(height.turn[at])
        of_rate, of_height = float(rate.share[at]), float(height.share[at])
        both = math.sqrt(of_rate * of_height)
        self._link = LINK_MEMORY * self._link + (1.0 - LINK_MEMORY) * both * (
            by_height * by_rate.conjugate()
        )
        self._linked = LINK_MEMORY * self._linked + (1.0 - LINK_MEMORY) * both
        steady = abs(self._link) / self._linked if self._linked > LEARNED else 0.0
        turn = of_rate * by_rate
        known = of_rate
        if steady > LINKED:
            turned = by_height * (self._link / abs(self._link)).conjugate()
            turn += steady * of_height * turned
            known = max(known, steady * of_height)
        return cmath.phase(turn), known

    def _run_to(self, t: float) -> None:
        """Let the curve run on to ``t``, s, and towards where it should be."""
        passed = t - self._t
        if passed <= 0.0 or self._breath_hz is None:
            self._t = max(t, self._t)
            return
        own = 2.0 * math.pi * self._breath_hz * passed
        drawn = self._behind * (1.0 - math.exp(-passed / SETTLE_S))
        drawn = max((SPEEDS[0] - 1.0) * own, min((SPEEDS[1] - 1.0) * own, drawn))
        self._behind -= drawn
        self._angle += own + drawn
        self._t = t
