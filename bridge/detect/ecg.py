"""Beats of an electrocardiogram: two detectors side by side, of which one speaks at a time.

A rhythm followed in the low band is precise while the signal is clean; beats found by their height
in the high band hold where rhythm or signal are not regular.
"""

from bridge.detect.adaptive import AdaptiveDetector
from bridge.detect.level.tracker import LevelTracker
from bridge.detect.qrs import HIGH, LOW, QrsMorphology
from bridge.detect.rhythm.tracker import Tracker
from bridge.events import Beat, Quality, SampleChunk

COMPLEX_S = 0.10
"""A QRS complex may have several maxima of energy, up to so far apart, s: wide ones last 0.12 s and
more."""
BEATS_REMEMBERED = 8
"""Beats in which each kind of a bigeminy or trigeminy occurs more than once."""
CLEAR_EVIDENCE = 2.9
"""Three beats in a clear signal are told at once with so much, of 3.3 at most: with 2.0 random
knocks make beats, 4 a minute instead of 2."""
TRUSTED = 0.85
"""How well the last beats of the followed rhythm fit it (0-1), from which it speaks, and below
which the heights do: lower gives away noise stress (0.8: -3 points), higher its record at 12 dB
(0.9: -1). Chosen on shared/data and kept records of noise stress."""
NEWEST_SHARE = 0.08
"""Share of the newest beat in that: a dozen beats back. More changes over sooner and too often
(0.3: -1 point on noise stress)."""
HANDOVER_S = 0.15
"""When the other begins to speak, a beat of the one before is still heard for so long, s: they tell
the same beat at different times, and it would be lost between them."""
SURE = 0.95
"""A beat found by height is told whoever speaks from this quality on, which only clean signals
reach: the rhythm would find it by looking back, late. Less (0.85) costs a point at 12 dB."""
LEAST_GAP_S = 0.25
"""No beat is told sooner after another, s, whoever found them."""


RHYTHM, HEIGHTS = 0, 1


class EcgDetector:
    """Tells the beats of the followed rhythm while that is trusted, else those found by height."""

    def __init__(self, rate_hz: float) -> None:
        low, high = QrsMorphology(rate_hz, LOW), QrsMorphology(rate_hz, HIGH)
        self._tracker = Tracker(COMPLEX_S, BEATS_REMEMBERED, CLEAR_EVIDENCE)
        self._rhythm = AdaptiveDetector(rate_hz, low, self._tracker)
        self._heights = AdaptiveDetector(rate_hz, high, LevelTracker(high.fs))
        self._last_t = -float("inf")
        self._trust = 0.0
        self._alive = False
        self._spoke = HEIGHTS
        self._changed_t = -float("inf")

    @property
    def noisiness(self) -> float:
        """0 where nothing is between the beats, 1 where much is; as last known, 1 before that."""
        return self._tracker.noisiness

    def forget(self) -> None:
        """Forget learned thresholds, shape, polarity and rhythm."""
        self._rhythm.forget()
        self._heights.forget()
        self._trust = 0.0

    def push(self, chunk: SampleChunk) -> list[Beat | Quality]:
        """Take the next samples; return what became sure with them."""
        return self._merge(self._rhythm.push(chunk), self._heights.push(chunk))

    def quiet(self) -> int:
        """How many more samples are sure to bring nothing."""
        return min(self._rhythm.quiet(), self._heights.quiet())

    def flush(self) -> list[Beat | Quality]:
        """The signal has ended: return what can still be said, all of it late."""
        found = self._rhythm.flush()
        by_height = self._heights.flush()
        if found and not by_height:
            self._trust = 1.0
        events = self._merge(found, by_height)
        self._trust = 0.0
        return events

    def _merge(
        self, rhythm: list[Beat | Quality], heights: list[Beat | Quality]
    ) -> list[Beat | Quality]:
        """In the order in which they became known, whatever came with which samples."""
        if not rhythm and not heights:
            return []
        known = [(when_known(e), RHYTHM, e) for e in rhythm] + [
            (when_known(e), HEIGHTS, e) for e in heights
        ]
        events: list[Beat | Quality] = []
        for known_t, path, event in sorted(known, key=lambda each: each[:2]):
            if isinstance(event, Quality):
                if path == RHYTHM:
                    self._alive = event.value > 0.0
                if path == self._speaks:
                    events.append(event)
                continue
            if path == RHYTHM:
                self._weigh(event)
            if self._speaks != self._spoke:
                self._spoke, self._changed_t = self._speaks, known_t
            heard = path == self._speaks or known_t <= self._changed_t + HANDOVER_S
            heard |= path == HEIGHTS and not event.late and event.quality >= SURE
            if heard and event.t > self._last_t + LEAST_GAP_S:
                self._last_t = event.t
                events.append(event)
        return events

    def _weigh(self, beat: Beat) -> None:
        """A beat of the rhythm: how far is that trusted now?"""
        before = self._trust if self._alive or not beat.late else beat.quality
        self._trust = before + NEWEST_SHARE * (beat.quality - before)
        self._alive = True

    @property
    def _speaks(self) -> int:
        trusted = self._alive and self._trust >= TRUSTED
        return RHYTHM if trusted else HEIGHTS


def when_known(event: Beat | Quality) -> float:
    """When it became known, s."""
    return event.sure_t if isinstance(event, Beat) else event.t
