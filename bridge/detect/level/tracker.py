"""Which candidates are beats, by their height: told where they repeat in a signal that is sparse.

Knows no rhythm, and so loses none: fibrillation, bigeminy, beats between bursts of noise.
"""

from collections import deque
from dataclasses import replace

from bridge.detect.level.levels import PeakLevels
from bridge.detect.level.repetition import MOST, WITH_JUMPS, WITHOUT_JUMPS, Repetition
from bridge.detect.rhythm.acceptance import T_WAVE_S, interpolate
from bridge.detect.rhythm.candidate import Candidate
from bridge.detect.rhythm.probation import Detection
from bridge.detect.signal.description import Assess, SignalDescription

REFRACTORY_S = 0.28
"""No beat follows another sooner, s: 214 a minute. Less doubles beats in noise (0.24: -0.2 to -1
points on CPSC2019), more loses early ones."""
ON_T = 0.5
"""Within ``T_WAVE_S`` of a beat a candidate is one if it is so high as that (Pan and Tompkins 1985
ask half its slope)."""
SAME_COMPLEX_S = 0.10
"""Candidates nearer together than this, s, are one complex, and the highest of them counts."""
TALLER = 2.0
"""... and one that is so many times as high as the beat that it follows too soon is the beat: that
was a P wave."""
EARLY_START_S = 1.0
START_S = 1.5
LOOKED_BACK_S = 2.0
"""The levels are first set after the first, s, from candidates of the last so many seconds, and
anew after the second if no beat was told by then: sooner they are less sure, later beats are told
later (1.2-1.6 s is best on CPSC2019 as 10 s, where they are set once)."""
LONGEST_SILENCE_S = 4.0
"""Without a beat for so long, s, the levels are set anew: the electrode came off."""
HELD_S = 4.0
"""Beats held back are told late if they are not older, s."""

SPARSE = 4.0
STILL_SPARSE = 3.5
"""Kurtosis of the envelope from which beats are told, and go on being told: white noise and hum
have 2-3, ECGs in noise 4-10, clean ones 8-20. Asked of 3 s; 1 % of windows of noise reach 4."""
VERY_SPARSE = 15.0
VERY_SPARSE_TELL = 1.5
"""Above the first, as in a tenth of ECGs and two thirds of knocks on the cable, evidence of at
least the second is asked: three like beats instead of two."""
LEAST_RATE_HZ = 90.0
"""At fewer samples a second every complex looks alike, and heights alone tell nothing."""
MOST_NOISE_SHARE = 0.36
"""Nor are they where noise peaks are higher than this part of them: in 90 % of CPSC2019 lower, in
noise, tremor and hum 0.5 and more."""
STILL_TELL = 0.1
"""They go on being told down to this."""
FORGIVEN = 1
"""... and so many in a row at less, where the rate shows what is a knock: an ectopic beat after an
artefact. CPSC2019: none -0.9 points announced, 3 +0.2 and twice the knocks (18 in ten minutes)."""

SILENCE_QUALITY = ((1.5, 1.0), (3.0, 0.0))
"""What is left of the quality index after so many seconds without a beat."""
USUAL_STRENGTH = 0.5
POLARITY_SHARE = 0.2
"""Share of the newest beat in the running polarity. F1 within 0.1: USUAL_STRENGTH 0.25 to 1;
POLARITY_SHARE 0.1 to 0.4."""


class LevelTracker:
    """Takes for a beat what reaches the threshold; tells it while the beats repeat."""

    in_doubt = True

    def __init__(self, fs: float) -> None:
        """``fs`` is the rate of the decimated signal, Hz."""
        self._fs = fs
        self.reset()

    def reset(self) -> None:
        """Nothing is known."""
        self._early: deque[Candidate] = deque(maxlen=40)
        self._sparseness = 0.0
        self._polarity = 0.0
        self._may_start_anew = True
        self._unset()

    def _unset(self) -> None:
        """The levels are not known."""
        self._levels: PeakLevels | None = None
        self._repetition = Repetition()
        self._last: Candidate | None = None
        self._passed: Candidate | None = None
        self._held: list[Detection] = []
        self._telling = False
        self._unlike = 0

    def considers(self, sign: int, highest: float) -> bool:
        """All of them: the low ones are the noise."""
        return True

    def observe(self, signal: SignalDescription) -> list[Detection]:
        """Note how sparse the signal is; set the levels where they are not known yet."""
        self._sparseness = signal.sparseness or 0.0
        if self._last is not None and signal.t - self._last.t > LONGEST_SILENCE_S:
            self._unset()
        if self._may_start_anew and signal.t >= START_S:
            self._may_start_anew = False
            if not self._telling:
                self._unset()
        recent = [c for c in self._early if c.t > signal.t - LOOKED_BACK_S]
        if self._levels is not None or signal.t < EARLY_START_S or len(recent) < 2:
            return []
        self._levels = PeakLevels([c.height for c in recent])
        return [beat for c in recent for beat in self._judge(self._levels, c, late=True)]

    def judge(self, c: Candidate, assess: Assess) -> list[Detection]:
        """Decide on the next candidate; older ones may come with it, marked late."""
        self._early.append(c)
        return [] if self._levels is None else self._judge(self._levels, c, late=False)

    def finish(self, assess: Assess) -> list[Detection]:
        """Nothing is pending that could still be told."""
        return []

    def quality(self, t: float) -> float:
        """The signal quality index up to t, 0-1."""
        if not self._telling or self._last is None or self._levels is None:
            return 0.0
        return self._fit(self._levels) * interpolate(t - self._last.t, SILENCE_QUALITY)

    def _fit(self, levels: PeakLevels) -> float:
        return self._repetition.evidence / MOST * max(0.0, 1.0 - levels.noise_share)

    def _judge(self, levels: PeakLevels, c: Candidate, late: bool) -> list[Detection]:
        last = self._last
        gap = None if last is None else c.t - last.t
        if last is not None and gap is not None and gap < REFRACTORY_S:
            if c.height > last.height * (1.0 if gap < SAME_COMPLEX_S else TALLER):
                levels.correct(c.height)
                self._repetition.correct(c)
                self._last = c
                if self._held:
                    self._held[-1] = self._detection(levels, c, late=True)
            elif gap > SAME_COMPLEX_S:
                self._pass(levels, c)
            return []
        on_t = last is not None and gap is not None and gap < T_WAVE_S
        lowest = ON_T * last.height if on_t and last is not None else 0.0
        if c.height < max(lowest, levels.threshold(gap or 0.0)):
            self._pass(levels, c)
            return []
        if self._passed is not None and c.t - self._passed.t >= SAME_COMPLEX_S:
            levels.noise(self._passed.height)
        self._passed = None
        self._repetition.add(c, gap, levels.noise_share)
        levels.beat(c.height)
        self._last = c
        self._polarity += POLARITY_SHARE * (c.polarity - self._polarity)
        return self._tell(levels, c, late)

    def _pass(self, levels: PeakLevels, c: Candidate) -> None:
        """No beat: noise, unless something higher follows within the same complex."""
        passed = self._passed
        if passed is not None and c.t - passed.t >= SAME_COMPLEX_S:
            levels.noise(passed.height)
            passed = None
        if passed is None or c.height > passed.height:
            self._passed = c

    def _tell(self, levels: PeakLevels, c: Candidate, late: bool) -> list[Detection]:
        beat = self._detection(levels, c, late)
        evidence = self._repetition.evidence
        if self._telling:
            self._unlike = 0 if evidence >= STILL_TELL else self._unlike + 1
            forgiven = 0 if c.jump is None else FORGIVEN
            self._telling = self._unlike <= forgiven and self._sparseness > STILL_SPARSE
        else:
            enough = (WITHOUT_JUMPS if c.jump is None else WITH_JUMPS).tell
            if c.jump is None and self._sparseness > VERY_SPARSE:
                enough = max(enough, VERY_SPARSE_TELL)
            sparse = self._sparseness > SPARSE and levels.noise_share < MOST_NOISE_SHARE
            self._unlike = 0
            self._telling = sparse and evidence >= enough and self._fs >= LEAST_RATE_HZ
        if not self._telling:
            since = beat.fiducial - HELD_S * self._fs
            self._held = [*(held for held in self._held if held.fiducial > since), beat]
            return []
        held, self._held = self._held, []
        return [*(replace(each, late=True) for each in held), beat]

    def _detection(self, levels: PeakLevels, c: Candidate, late: bool) -> Detection:
        down = self._polarity < 0.0 and c.fiducial_down is not None
        at = c.fiducial_down if down and c.fiducial_down is not None else c.fiducial
        strength = min(1.0, USUAL_STRENGTH * c.height / levels.signal)
        return Detection(at, strength, self._fit(levels), late)
