"""A rhythm that is being followed: accepts or rejects candidates, and weighs how sure it still is.

Exists from the chain it was acquired by until it is lost.
"""

from itertools import pairwise
from math import log

from bridge.detect.rhythm.acceptance import (
    LONE_MATCH_COST,
    SEARCH_BACK,
    blend,
    score,
    threshold,
)
from bridge.detect.rhythm.acquisition import FASTEST_S, Recent, clearance
from bridge.detect.rhythm.candidate import Candidate, evidence, less_if_abrupt
from bridge.detect.rhythm.probation import Detection, Probation
from bridge.detect.rhythm.recent_beats import SAME_KIND, RecentBeats
from bridge.detect.rhythm.template import Template

LOCK_EVIDENCE = 2.4
"""Evidence at which a rhythm is followed: two excellent intervals, or several fair ones (each at
most 1.65, see ``evidence``). Chosen on shared/data. F1 within 0.1: 2.4 only."""
MOST_EVIDENCE = 4.0
"""Evidence beyond this is not saved up: some five bad beats end the best rhythm. More outlasts
artefacts, less forgets a lost finger sooner. Chosen on shared/data. F1 within 0.1: 4 only."""
TRACKING_SLACK = 0.6
"""How much may stand out (0-1) between the beats of a known rhythm, see ``evidence``. Chosen on
shared/data. F1 within 0.1: 0.6 to 0.69."""
FITTING = 1.0
"""A beat of this evidence is so much like the template that it need not be like any other. Chosen
on shared/data. F1 within 0.1: 0.5 to 2."""
LEAST_HEIGHT = 0.08
"""No beat is smaller than this part of the level: costs the smallest beats after a moved electrode,
saves looking at noise. Chosen on shared/data. F1 within 0.1: 0.04 to 0.16."""
EARLY = 0.7
EARLY_NOISINESS = 0.5
LAST_HEIGHT_SHARE = 0.9
"""In a noisy signal a candidate sooner than this part of the interval is also measured against so
much of the last beat's height: a dicrotic wave after a tall pulse. Chosen on shared/data. F1 within
0.1: EARLY 0.35 to 0.98; EARLY_NOISINESS 0.25 to 1; LAST_HEIGHT_SHARE 0.45 to 1.26."""
SEARCH_BACK_FROM = 1.55
SEARCH_BACK_LEAST = 0.6
"""After so many expected intervals a beat is missing (1.66 in Pan and Tompkins 1985), and is sought
no nearer than the second to the beats around it. Chosen on shared/data. F1 within 0.1:
SEARCH_BACK_FROM 1.55 only; SEARCH_BACK_LEAST 0.51 to 0.6."""
NEWEST_FIT_SHARE = 0.3
"""Share of the newest beat in the quality index: three beats back. Chosen so that quality falls
within 3 s of a loss. F1 within 0.1: 0.15 to 0.6."""
USUAL_STRENGTH = 0.5
"""Strength (0-1) of a beat as high as the level: leaves room for taller ones."""


class FollowedRhythm:
    """What is known of a rhythm, its evidence, and the beats that are still on probation."""

    def __init__(
        self,
        chain: list[Candidate],
        evidence_so_far: float,
        complex_s: float,
        remembered: int,
        likeness: float = 1.0,
    ) -> None:
        self.template = Template(chain)
        self.likeness = likeness
        """0-1, how far the signal looks like a heart's at all: part of every beat's quality."""
        self.evidence = min(MOST_EVIDENCE, evidence_so_far)
        """How sure it is that this is a heart; below 0 it is not."""
        self.fit = min(1.0, evidence_so_far / LOCK_EVIDENCE)
        """0-1, how well the last beats fit: the signal quality index at a beat."""
        self.probation: Probation | None = None
        self._complex_s = complex_s
        self._passed: list[tuple[float, Candidate]] = []
        self._beats = RecentBeats(remembered)
        for before, beat in pairwise(chain):
            self._beats.add(beat, beat.t - before.t)
        self.acquired = [self._detection(c, self.fit, late=True) for c in chain]
        """The beats of the chain, all late."""

    @property
    def least_height(self) -> float:
        """No candidate below this can be a beat."""
        return LEAST_HEIGHT * self.template.level

    def judge(self, c: Candidate, recent: Recent, noisiness: float) -> list[Detection]:
        """Accept or reject a candidate, the newest of ``recent``; a missed beat may come first."""
        template = self.template
        gap = c.t - template.last.t
        if gap < FASTEST_S or c.height < self.least_height:
            return []
        relative = gap / template.interval
        level = template.level
        if relative < EARLY and noisiness > EARLY_NOISINESS:
            level = max(level, LAST_HEIGHT_SHARE * template.last.height)
        match = template.match(c)
        if match < SAME_KIND:
            match = max(match, self._beats.best_match(c) - LONE_MATCH_COST * noisiness)
        reached = score(c.height / level, match, noisiness)
        if reached < threshold(relative, gap, noisiness):
            self._passed.append((reached, c))
            return []
        found = []
        if relative > SEARCH_BACK_FROM and (missed := self._search_back(c, noisiness)) is not None:
            found.append(self._accept(missed, recent, late=True))
        found.append(self._accept(c, recent, late=False))
        return self.tell(found)

    def tell(self, found: list[Detection]) -> list[Detection]:
        """Hold back what was found while the rhythm is on probation."""
        if self.probation is None:
            return found
        told = self.probation.review(found, self.evidence)
        if told:
            self.probation = None
        return told

    def _search_back(self, c: Candidate, noisiness: float) -> Candidate | None:
        """The beat that seems to be missing between the last one and this one."""
        best: Candidate | None = None
        best_score = blend(SEARCH_BACK, noisiness)
        for reached, p in self._passed:
            before = (p.t - self.template.last.t) / self.template.interval
            after = (c.t - p.t) / self.template.interval
            far = before > SEARCH_BACK_LEAST and after > SEARCH_BACK_LEAST
            if far and reached > best_score:
                best, best_score = p, reached
        return best

    def _accept(self, c: Candidate, recent: Recent, late: bool) -> Detection:
        template = self.template
        gap = c.t - template.last.t
        height = 0.5 * (c.height + template.level)
        clear = clearance(recent, template.last, c, height, self._complex_s)
        gap_change = abs(log(gap / template.interval))
        weight = evidence(
            template.match(c),
            clear,
            gap_change,
            abs(log(c.height / template.level)),
            TRACKING_SLACK,
        )
        if weight < FITTING:
            weight = self._beats.best_evidence(c, gap, clear, TRACKING_SLACK, least=weight)
        weight = less_if_abrupt(c, weight, gap_change)
        self._beats.add(c, gap)
        self.evidence = min(MOST_EVIDENCE, self.evidence + weight)
        fit = max(0.0, min(1.0, 0.5 + 0.5 * weight))
        self.fit += NEWEST_FIT_SHARE * (fit - self.fit)
        strength = min(1.0, USUAL_STRENGTH * c.height / template.level)
        template.learn(c)
        self._passed = [(s, p) for s, p in self._passed if p.t > c.t]
        return Detection(template.fiducial(c), strength, fit * self.likeness, late)

    def _detection(self, c: Candidate, quality: float, late: bool) -> Detection:
        strength = min(1.0, USUAL_STRENGTH * c.height / self.template.level)
        return Detection(self.template.fiducial(c), strength, quality * self.likeness, late)
