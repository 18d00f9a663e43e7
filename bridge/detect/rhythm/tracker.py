"""Which candidates are beats: acquires a heart's rhythm in them, then follows it causally."""

from collections import deque
from dataclasses import replace

from bridge.detect.rhythm.acceptance import LONGEST_PAUSE_S, blend, interpolate
from bridge.detect.rhythm.acquisition import (
    FASTEST_S,
    Recent,
    best_chain,
    periodic_chain,
)
from bridge.detect.rhythm.bigeminy import bigeminy_chain
from bridge.detect.rhythm.candidate import Candidate
from bridge.detect.rhythm.followed import LOCK_EVIDENCE, FollowedRhythm
from bridge.detect.rhythm.likeness import Likeness
from bridge.detect.rhythm.polarity import Polarity
from bridge.detect.rhythm.probation import Detection, LostRhythm, Probation
from bridge.detect.signal.description import Assess, SignalDescription, Verdict
from bridge.detect.signal.noise import NOISE_FLOOR, noisiness_of
from bridge.detect.signal.periodicity import Periodicity

TELL_EVIDENCE = 3.5
"""Evidence at which the beats of a new rhythm are told: noise has ``LOCK_EVIDENCE`` by chance every
few minutes. One that was lost a short while ago is told at that. Chosen on shared/data and
``simulate.not_a_heart``. F1 within 0.1: 1.75 to 3.5."""
CLEAR_EVIDENCE = 2.0
CLEAR_BEATS = 3
"""Where the signal is clear, so much evidence of so many beats is told at once: 1.6-2.4 move the
first beat of four in five recordings by 0.5 s, and noise has the same."""
KEPT = 80
"""Candidates of either sign that are looked back at: some ten seconds of noise."""
PAUSE_INTERVALS = 3.2
"""A slow rhythm is not lost before so many expected intervals. F1 within 0.1: 1.6 to 6.4."""

PERIOD_STRENGTH = 0.5
MOST_OVERTONES = 1.0
PERIOD_EXCESS = 0.12
"""A period is believed where it repeats at least so well (0-1), is not mostly overtones (power to
that of the fundamental), and has done better than ``PERIOD_STRENGTH`` by so much, summed over the
half seconds. Chosen on shared/data. F1 within 0.1: 0.5 to 0.575; 0.5 to 2; 0.06 to 0.24."""
CHAIN_EVIDENCE = 1.1
CHAIN_EVIDENCE_AGAIN = 0.7
"""How well a chain of that period must stand out, see ``periodic_chain``; the rhythm lost lately:
less. Chosen on shared/data. F1 within 0.1: 0.55 to 1.26; 0.35 to 1.4."""
PERIOD_EVIDENCE = 0.3
PERIOD_EVIDENCE_AGAIN = 0.6
"""Evidence that such a rhythm starts with. F1 within 0.1: 0.3 to 0.6; 0.3 to 1.2."""
CHANCE_STRENGTH = 0.42
CHANCE_STRENGTH_AT_FIRST = 0.5
"""How well noise may repeat by chance (0-1): a period stronger than this is evidence for a heart.
Chosen on ``simulate.not_a_heart``. F1 within 0.1: 0.294 to 0.42; 0.25 to 0.5."""
PERIOD_WEIGHT = 3.0
"""Evidence that each 1 of strength beyond that brings, twice a second. Chosen on shared/data. F1
within 0.1: 3 to 3.45."""
TONES_TO_LOSE = 2
"""Looks in a row that must show a mere tone to end a rhythm: 1 s."""
NOISE_DOUBT = 0.5
"""Evidence that each half second of signal that is mostly noise takes from the rhythm. Chosen on
shared/data. F1 within 0.1: 0.25 to 1."""

ACCELERATED = 0.7
ACCELERATED_BEATS = 4
ACCELERATED_HEIGHT = 0.5
"""Between the expected beats, at least so many that come after less than this part of the expected
interval, and are at least so high, show that the rate has jumped. Chosen on simulated jumps of
rate. F1 within 0.1: 0.35 to 0.98; 2 to 8; 0.25 to 1."""
SILENCE_QUALITY = ((1.5, 1.0), (3.0, 0.0))
"""What is left of the quality index after so many expected intervals without a beat."""


class Tracker:
    """Acquires a rhythm from candidates, then accepts or rejects each as it comes."""

    def __init__(
        self, complex_s: float = 0.0, remembered: int = 0, clear_evidence: float = CLEAR_EVIDENCE
    ) -> None:
        """How beats of one kind of signal are.

        Args:
            complex_s: candidates so near to a beat are parts of it.
            remembered: recent beats that a new one may be like, beside the template.
            clear_evidence: what beats are told at once with, where the signal is clear.
        """
        self._complex_s = complex_s
        self._remembered = remembered
        self._clear_evidence = clear_evidence
        self.reset()

    def reset(self) -> None:
        """Nothing is known."""
        self.noisiness = 1.0
        """0 in a clean signal, 1 in a noisy one and wherever the signal cannot tell."""
        self._polarity = Polarity()
        self._of_sign: dict[int, Recent] = {1: deque(maxlen=KEPT), -1: deque(maxlen=KEPT)}
        self._lost = LostRhythm()
        self._likeness = Likeness()
        self._unlock()

    def _lose(self) -> None:
        """The rhythm is lost; remember it for a while."""
        if self._rhythm is not None and self._rhythm.probation is None:
            template = self._rhythm.template
            self._lost.remember(template.last.t, template.intervals)
        self._unlock()

    def _unlock(self) -> None:
        self._rhythm: FollowedRhythm | None = None
        self._tones = 0
        self._periodic = 0.0

    @property
    def sign(self) -> int:
        """1 where beats point up in the signal as it came, -1 where they point down."""
        return self._polarity.sign

    @property
    def locked(self) -> bool:
        """Whether a rhythm is being followed."""
        return self._rhythm is not None

    @property
    def in_doubt(self) -> bool:
        """Whether the beats alone do not say clearly that this is a heart."""
        return self._rhythm is None or self._rhythm.evidence < LOCK_EVIDENCE

    @property
    def _recent(self) -> Recent:
        return self._of_sign[self.sign]

    def considers(self, sign: int, highest: float) -> bool:
        """Whether a peak of this sign and of at most this height is worth a closer look."""
        if self._rhythm is None:
            return True
        return sign == self.sign and highest > self._rhythm.least_height

    def judge(self, c: Candidate, assess: Assess) -> list[Detection]:
        """Decide on the next candidate; older ones may come with it, marked late.

        ``assess`` is asked before a rhythm is believed.
        """
        self._of_sign[c.sign].append(c)
        rhythm = self._rhythm
        if rhythm is None and (found := self._recognise(c.sign, assess)):
            return found
        if c.sign != self.sign:
            return []
        if rhythm is None:
            return self._acquire(assess, LOCK_EVIDENCE)
        template = rhythm.template
        longest = blend(LONGEST_PAUSE_S, self.noisiness)
        if c.t - template.last.t > max(longest, PAUSE_INTERVALS * template.interval):
            self._lose()
            return self._acquire(assess, LOCK_EVIDENCE)
        found = rhythm.judge(c, self._recent, self.noisiness)
        if rhythm.evidence < 0 and template.last is c:
            self._lose()
        elif rhythm.probation is not None:
            # Not told to anybody yet: the beats themselves may say it sooner.
            found = self._recognise(c.sign, assess)
            return found or self._acquire(assess, rhythm.probation.enough)
        return found if template.last is c else found + self._accelerate(rhythm, c, assess)

    def finish(self, assess: Assess) -> list[Detection]:
        """The signal has ended: the rhythm that its last beats show, if none was found before."""
        if self._rhythm is not None and self._rhythm.probation is not None:
            self._unlock()
        if self.locked or not self._recent:
            return []
        return self._acquire(assess, LOCK_EVIDENCE, tell=LOCK_EVIDENCE)

    def observe(self, signal: SignalDescription) -> list[Detection]:
        """Weigh what the last seconds are like; called about twice a second while in doubt."""
        if signal.noise_floor is not None and self._rhythm is not None:
            share = signal.noise_floor / self._rhythm.template.level
            self.noisiness = noisiness_of(share)
            if share > NOISE_FLOOR:
                self._rhythm.evidence -= NOISE_DOUBT
                if self._rhythm.evidence < 0:
                    self._lose()
        if signal.uprightness is not None:
            before = self.sign
            if self._polarity.weigh(signal.uprightness, self.locked) != before:
                self._lose()
        self._likeness.observe(self.sign, signal)
        if self._rhythm is not None:
            self._rhythm.likeness = self._likeness.of(self._rhythm.template.interval)
        if signal.periodicity is None or len(self._recent) < 3:
            return []
        return self._weigh_period(signal.t, signal.periodicity)

    def quality(self, t: float) -> float:
        """The signal quality index up to t, 0-1."""
        rhythm = self._rhythm
        if rhythm is None or rhythm.probation is not None:
            return 0.0
        silence = (t - rhythm.template.last.t) / max(rhythm.template.interval, FASTEST_S)
        left = interpolate(silence, SILENCE_QUALITY)
        return max(0.0, min(1.0, rhythm.fit * rhythm.likeness * left))

    def _weigh_period(self, t: float, found: Periodicity) -> list[Detection]:
        if found.is_tone:
            self._tones += 1
            if self._tones >= TONES_TO_LOSE and self.locked:
                self._lose()
                self._tones = TONES_TO_LOSE
            return []
        self._tones = 0
        if self._rhythm is not None:
            return self._weigh_period_of(self._rhythm, found)
        self._periodic = max(0.0, self._periodic + found.strength - PERIOD_STRENGTH)
        if (
            self._periodic < PERIOD_EXCESS
            or found.strength < PERIOD_STRENGTH
            or found.overtones > MOST_OVERTONES
        ):
            return []
        again = self._lost.resembles(t, found.period_s)
        enough = CHAIN_EVIDENCE_AGAIN if again else CHAIN_EVIDENCE
        if chain := periodic_chain(self._recent, t, found, enough):
            rhythm = self._follow(chain, PERIOD_EVIDENCE_AGAIN if again else PERIOD_EVIDENCE)
            rhythm.probation = Probation(rhythm.acquired, LOCK_EVIDENCE if again else TELL_EVIDENCE)
        return []

    def _weigh_period_of(self, rhythm: FollowedRhythm, found: Periodicity) -> list[Detection]:
        chance, most = CHANCE_STRENGTH, LOCK_EVIDENCE
        if rhythm.probation is not None:
            chance, most = CHANCE_STRENGTH_AT_FIRST, rhythm.probation.enough
        if rhythm.evidence < most:
            weight = PERIOD_WEIGHT * (found.strength - chance)
            rhythm.evidence = min(most + 0.1, rhythm.evidence + weight)
            if rhythm.evidence < 0:
                self._lose()
                return []
        return rhythm.tell([])

    def _recognise(self, sign: int, assess: Assess) -> list[Detection]:
        """Tell the chain that ends in the newest candidate at once, if the signal is clear.

        Whichever way up it is.
        """
        recent = self._of_sign[sign]
        enough = self._clear_evidence
        chain, total = best_chain(recent, max(LOCK_EVIDENCE, enough), self._complex_s)
        if not chain:
            chain, total = best_chain(recent, enough, self._complex_s, CLEAR_BEATS)
        if not chain or self._assessed(chain, assess) is not Verdict.CLEAR:
            return []
        self._polarity.decide(sign)
        found = self._follow(chain, total).acquired
        return [*found[:-1], replace(found[-1], late=False)]

    def _assessed(self, chain: list[Candidate], assess: Assess) -> Verdict:
        return assess(_interval(chain), len(chain), chain[-1].sign)

    def _acquire(self, assess: Assess, lock: float, tell: float = TELL_EVIDENCE) -> list[Detection]:
        """Follow the chain that ends in the newest candidate if its evidence is ``lock``.

        It is told at once where that is ``tell``, or where the rhythm is known.
        """
        chain, total = best_chain(self._recent, lock, self._complex_s)
        if not chain and self._complex_s:
            chain, total = bigeminy_chain(self._recent, self._complex_s)
        if not chain or self._assessed(chain, assess) is Verdict.NOISE:
            return []
        rhythm = self._follow(chain, total)
        found = rhythm.acquired
        if total < tell and not self._lost.resembles(chain[-1].t, chain[-1].t - chain[-2].t):
            rhythm.probation = Probation(found, tell)
            return []
        return [*found[:-1], replace(found[-1], late=False)]

    def _follow(self, chain: list[Candidate], evidence: float) -> FollowedRhythm:
        likeness = self._likeness.of(_interval(chain))
        self._rhythm = FollowedRhythm(chain, evidence, self._complex_s, self._remembered, likeness)
        return self._rhythm

    def _accelerate(self, rhythm: FollowedRhythm, c: Candidate, assess: Assess) -> list[Detection]:
        """A heart that is suddenly much faster: what was passed over is a rhythm of its own."""
        template = rhythm.template
        if c.height < ACCELERATED_HEIGHT * template.level:
            return []
        chain, total = best_chain(self._recent, TELL_EVIDENCE, self._complex_s)
        if len(chain) < ACCELERATED_BEATS:
            return []
        if _interval(chain) > ACCELERATED * template.interval:
            return []
        if self._assessed(chain, assess) is Verdict.NOISE:
            return []
        last_t = template.last.t
        found = self._follow(chain, total).acquired
        new = [beat for beat, c in zip(found, chain, strict=True) if c.t > last_t]
        return [*new[:-1], replace(new[-1], late=False)]


def _interval(chain: list[Candidate]) -> float:
    """The mean one, s."""
    return (chain[-1].t - chain[0].t) / (len(chain) - 1)
