"""Which candidates are beats: finds a heart's rhythm in them, then holds on to it causally."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from math import log
from typing import TypeAlias

from bridge.detect.rhythm.acceptance import (
    LONGEST_PAUSE_S,
    MISSING,
    STRANGER,
    between,
    mix,
    needed,
    score,
)
from bridge.detect.rhythm.acquisition import (
    FASTEST_S,
    Recent,
    best_chain,
    clear,
    comb,
    kinds_in_turn,
)
from bridge.detect.rhythm.candidate import Candidate, evidence
from bridge.detect.rhythm.periodicity import Periodicity
from bridge.detect.rhythm.probation import Found, Memory, Trial
from bridge.detect.rhythm.recent_beats import PRECISELY, Company
from bridge.detect.rhythm.template import Usual

ENOUGH = 2.4
"""Evidence at which a rhythm is followed: two excellent intervals, or several fair ones."""
SURE = 3.5
"""Evidence at which its beats are told: noise has ``ENOUGH`` by chance every few minutes. One that
was lost a short while ago is told at ``ENOUGH``."""
MOST = 4.0
"""Evidence beyond this is not saved up: some five bad beats end the best rhythm."""
SLACK = 0.6
"""How much may stand out between the beats of a known rhythm, see ``evidence``."""

LEAST_STRENGTH = 0.5
MOST_OVERTONES = 1.0
LEAST_RHYTHMIC = 0.12
"""A period is believed where it repeats at least so well, is not mostly overtones, and has done
better than ``LEAST_STRENGTH`` by so much, summed over the half seconds."""
COMB_ENOUGH = 1.1
COMB_AGAIN = 0.7
"""How well a chain of that period must stand out, see ``comb``; the rhythm lost lately: less."""
PROBATION = 0.3
PROBATION_AGAIN = 0.6
"""Evidence that such a rhythm starts with."""
USUAL = 0.42
USUAL_AT_FIRST = 0.5
"""How well noise may repeat by chance: a period stronger than this is evidence for a heart."""
WEIGHT_OF_PERIOD = 3.0

QUICK = 0.7
QUICK_BEATS = 4
QUICK_HEIGHT = 0.5
"""Between the expected beats, at least so many that come after less than this part of the usual
interval, and are at least so high, show that it has changed."""
FITTING = 1.0
"""A beat of this evidence is so much like the usual one that it need not be like any other."""
LEAST_HEIGHT = 0.08
"""No beat is smaller than this, relative to the usual one."""

Hum: TypeAlias = Callable[[float, int], bool]


class Tracker:
    """Learns a rhythm from candidates, then accepts or rejects each as it comes."""

    def __init__(self, complex_s: float = 0.0, company: int = 0) -> None:
        """How beats of one kind of signal are.

        Args:
            complex_s: candidates so near to a beat are parts of it.
            company: beats that a new one may be like, beside the usual one.
        """
        self._complex_s = complex_s
        self._company = Company(company)
        self.reset()

    def reset(self) -> None:
        """Nothing is known."""
        self.sign = 1
        self.noisiness = 1.0
        """0 in a clean signal, 1 in a noisy one; said by the morphology, where it can tell."""
        self._of_sign: dict[int, Recent] = {1: deque(maxlen=80), -1: deque(maxlen=80)}
        self._recent = self._of_sign[1]
        self._memory = Memory()
        self._unlock()

    def turn(self, sign: int) -> None:
        """From now on the beats are the candidates of this sign."""
        if sign != self.sign:
            self.sign = sign
            self._recent = self._of_sign[sign]
            self._lose()

    def _lose(self) -> None:
        """The rhythm is lost; remember it for a while."""
        if self._usual is not None and self._trial is None:
            self._memory.lose(self._usual.last.t, self._usual.intervals)
        self._unlock()

    def _unlock(self) -> None:
        self._usual: Usual | None = None
        self._passed: list[tuple[float, Candidate]] = []
        self._good = 0.0
        self.evidence = 0.0
        self._trial: Trial | None = None
        self._company.leave()
        self._hums = 0
        self._rhythmic = 0.0

    @property
    def locked(self) -> bool:
        """Whether a rhythm is being followed."""
        return self._usual is not None

    def judge(self, c: Candidate, hum: Hum) -> list[Found]:
        """Decide on the next candidate; older ones may come with it, marked late.

        ``hum`` says whether so many beats of a period in s, up to now, may be one; asked before a
        rhythm is believed.
        """
        self._of_sign[c.sign].append(c)
        if c.sign != self.sign:
            return []
        usual = self._usual
        if usual is None:
            return self._seek(hum, ENOUGH)
        if c.t - usual.last.t > max(mix(LONGEST_PAUSE_S, self.noisiness), 3.2 * usual.interval):
            self._lose()
            return self._seek(hum, ENOUGH)
        found = self._hold(usual, c)
        if self._trial is not None:
            # Not told to anybody yet: the beats themselves may say it sooner.
            return self._seek(hum, self._trial.enough)
        return found if usual.last is c else found + self._quicken(usual, c, hum)

    def finish(self, hum: Hum) -> list[Found]:
        """The signal has ended: the rhythm that its last beats show, if none was found before."""
        if self._trial is not None:
            self._unlock()
        if self.locked or not self._recent:
            return []
        return self._seek(hum, ENOUGH, sure=ENOUGH)

    @property
    def level(self) -> float:
        """Height of a usual beat; 0 while no rhythm is followed."""
        return self._usual.level if self._usual is not None else 0.0

    @property
    def least_height(self) -> float:
        """No candidate below this can be a beat; 0 while no rhythm is followed."""
        return LEAST_HEIGHT * self.level

    @property
    def in_doubt(self) -> bool:
        """Whether the beats alone do not say clearly that this is a heart."""
        return self.evidence < ENOUGH

    def listen(self, t: float, found: Periodicity) -> list[Found]:
        """Weigh how periodic the signal up to t is; called about twice a second while in doubt."""
        if len(self._recent) < 3:
            return []
        if found.is_hum:
            self._hums += 1
            if self._hums >= 2 and self.locked:
                self._lose()
                self._hums = 2
            return []
        self._hums = 0
        if self.locked:
            usual, most = (
                (USUAL, ENOUGH) if self._trial is None else (USUAL_AT_FIRST, self._trial.enough)
            )
            if self.evidence < most:
                weight = WEIGHT_OF_PERIOD * (found.strength - usual)
                self.evidence = min(most + 0.1, self.evidence + weight)
                if self.evidence < 0:
                    self._lose()
            return self._tell([])
        self._rhythmic = max(0.0, self._rhythmic + found.strength - LEAST_STRENGTH)
        if (
            self._rhythmic < LEAST_RHYTHMIC
            or found.strength < LEAST_STRENGTH
            or found.overtones > MOST_OVERTONES
        ):
            return []
        again = self._memory.knows(t, found.period_s)
        chain = comb(self._recent, t, found, COMB_AGAIN if again else COMB_ENOUGH)
        if not chain:
            return []
        found_late = self._lock(chain, PROBATION_AGAIN if again else PROBATION)
        self._trial = Trial(found_late, ENOUGH if again else SURE)
        return []

    def doubt(self, weight: float) -> None:
        """Weigh what speaks against a heart beside the beats themselves."""
        self.evidence -= weight
        if self.locked and self.evidence < 0:
            self._lose()

    def quality(self, t: float) -> float:
        """0-1, of the signal up to t."""
        usual = self._usual
        if usual is None or self._trial is not None:
            return 0.0
        silence = (t - usual.last.t) / max(usual.interval, FASTEST_S)
        return max(0.0, min(1.0, self._good * between(silence, ((1.5, 1.0), (3.0, 0.0)))))

    def _seek(self, hum: Hum, least: float, sure: float = SURE) -> list[Found]:
        """Follow the chain that ends in the newest candidate if its evidence is ``least``.

        It is told at once where that is ``sure``, or where the rhythm is known.
        """
        chain, total = best_chain(self._recent, least, self._complex_s)
        if not chain and self._complex_s:
            chain, total = kinds_in_turn(self._recent, self._complex_s)
        if not chain or hum((chain[-1].t - chain[0].t) / (len(chain) - 1), len(chain)):
            return []
        found = self._lock(chain, total)
        if total < sure and not self._memory.knows(chain[-1].t, chain[-1].t - chain[-2].t):
            self._trial = Trial(found, sure)
            return []
        return [*found[:-1], replace(found[-1], late=False)]

    def _lock(self, chain: list[Candidate], evidence_so_far: float) -> list[Found]:
        """From now on follow the rhythm of a chain. Returns its beats, all late."""
        self._usual = usual = Usual(chain)
        self._company.leave()
        for before, beat in pairwise(chain):
            self._company.add(beat, beat.t - before.t)
        self._trial = None
        self.evidence = min(MOST, evidence_so_far)
        self._good = min(1.0, evidence_so_far / ENOUGH)
        self._passed = []
        return [
            Found(usual.place(c), min(1.0, 0.5 * c.height / usual.level), self._good, late=True)
            for c in chain
        ]

    def _tell(self, found: list[Found]) -> list[Found]:
        """Hold back what was found while its rhythm is on trial."""
        if self._trial is None:
            return found
        told = self._trial.verdict(found, self.evidence)
        if told:
            self._trial = None
        return told

    def _hold(self, usual: Usual, c: Candidate) -> list[Found]:
        """Accept or reject a candidate of the rhythm that is followed."""
        gap = c.t - usual.last.t
        if gap < FASTEST_S or c.height < self.least_height:
            return []
        relative = gap / usual.interval
        level = usual.level
        if relative < 0.7 and self.noisiness > 0.5:
            level = max(level, 0.9 * usual.last.height)
        alike = usual.alike(c)
        if alike < PRECISELY:
            alike = max(alike, self._company.likest(c) - STRANGER * self.noisiness)
        reached = score(c.height / level, alike, self.noisiness)
        if reached < needed(relative, gap, self.noisiness):
            self._passed.append((reached, c))
            return []
        found = self._look_back(usual, c) if relative > 1.55 else []
        found.append(self._accept(usual, c, late=False))
        found = self._tell(found)
        if self.evidence < 0:
            self._lose()
        return found

    def _quicken(self, usual: Usual, c: Candidate, hum: Hum) -> list[Found]:
        """A heart that is suddenly much faster: what was passed over is a rhythm of its own."""
        if not self.locked or c.height < QUICK_HEIGHT * usual.level:
            return []
        chain, total = best_chain(self._recent, SURE, self._complex_s)
        if len(chain) < QUICK_BEATS:
            return []
        interval = (chain[-1].t - chain[0].t) / (len(chain) - 1)
        if interval > QUICK * usual.interval or hum(interval, len(chain)):
            return []
        found = self._lock(chain, total)
        new = [beat for beat, c in zip(found, chain, strict=True) if c.t > usual.last.t]
        return [*new[:-1], replace(new[-1], late=False)]

    def _look_back(self, usual: Usual, c: Candidate) -> list[Found]:
        """The beat that seems to be missing between the last one and this one."""
        best: Candidate | None = None
        best_score = mix(MISSING, self.noisiness)
        for reached, p in self._passed:
            before = (p.t - usual.last.t) / usual.interval
            after = (c.t - p.t) / usual.interval
            if before > 0.6 and after > 0.6 and reached > best_score:
                best, best_score = p, reached
        return [] if best is None else [self._accept(usual, best, late=True)]

    def _accept(self, usual: Usual, c: Candidate, late: bool) -> Found:
        gap = c.t - usual.last.t
        bare = clear(self._recent, usual.last, c, 0.5 * (c.height + usual.level), self._complex_s)
        weight = evidence(
            usual.alike(c),
            bare,
            abs(log(gap / usual.interval)),
            abs(log(c.height / usual.level)),
            SLACK,
        )
        if weight < FITTING:
            weight = self._company.speaks(c, gap, bare, SLACK, least=weight)
        self._company.add(c, gap)
        self.evidence = min(MOST, self.evidence + weight)
        fit = max(0.0, min(1.0, 0.5 + 0.5 * weight))
        self._good += 0.3 * (fit - self._good)
        strength = min(1.0, 0.5 * c.height / usual.level)
        usual.take(c)
        self._passed = [(s, p) for s, p in self._passed if p.t > c.t]
        return Found(usual.place(c), strength, fit, late)
