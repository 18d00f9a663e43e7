"""SampleChunk or ready-made Beat -> Beat, Quality and Gap: the first stage, live and offline alike.

A session played live and the same session rendered go through this one, and so have the same beats.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from bridge.detect import make_detector
from bridge.detect.signal.holes import HoleFilling
from bridge.events import Beat, Quality, SampleChunk
from bridge.gaps import HIDES_A_BEAT_S, BeatGaps


@dataclass(frozen=True, slots=True)
class Gap:
    """Beats may have been lost after ``t``, s: no interval spans it."""

    t: float


Found: TypeAlias = Beat | Quality | Gap


class BeatFinder:
    """Finds the beats of one source, whatever it sends, and says where some may be missing."""

    def __init__(self, kind: str = "auto") -> None:
        """Begin empty; ``kind`` is the detector's, see ``make_detector``."""
        self._asked = kind
        self._detector: HoleFilling | None = None
        self._rate_hz = 0.0
        self._beat_gaps = BeatGaps()
        self._end: float | None = None
        self._missing_s = 0.0
        self._quality_t = 0.0

    @property
    def kind(self) -> str:
        """The detector's kind; of ``auto``, what the signal turned out to be once it has."""
        return (self._detector.kind if self._detector else None) or self._asked

    def push(self, item: SampleChunk | Beat) -> Iterator[Found]:
        """Take the next samples, or a beat from a source that sends beats.

        Raises:
            UserError: a rate that no detector takes.
        """
        if isinstance(item, Beat):
            if (lost_t := self._beat_gaps.push(item.t)) is not None:
                yield Gap(lost_t)
            yield item
            return
        if self._detector is None or item.rate_hz != self._rate_hz:
            yield from self.flush()
            self._detector = make_detector(self._asked, item.rate_hz)
            self._rate_hz = item.rate_hz
        hole = 0.0 if self._end is None else item.t - self._end
        if hole * item.rate_hz > 0.5:  # less is rounding
            self._missing_s += hole
        if self._end is not None and hole > HIDES_A_BEAT_S:
            yield Gap(self._end)
        self._end = item.end
        yield from self._told(self._detector.push(item))

    def quiet_s(self) -> float:
        """For how long, s of signal, what comes next is sure to bring nothing."""
        return self._detector.quiet() / self._rate_hz if self._detector else 0.0

    def flush(self) -> Iterator[Found]:
        """The signal has ended: give what can still be said."""
        if self._detector is not None:
            yield from self._told(self._detector.flush())

    def forget(self) -> None:
        """Forget learned thresholds."""
        if self._detector is not None:
            self._detector.forget()

    def _told(self, found: Iterable[Beat | Quality]) -> Iterator[Found]:
        for each in found:
            yield self._less_what_is_missing(each) if isinstance(each, Quality) else each

    def _less_what_is_missing(self, quality: Quality) -> Quality:
        """Samples that were lost on the way count against the signal, however good the rest is."""
        since = max(quality.t - self._quality_t, 1e-9)
        share = min(1.0, self._missing_s / since)
        self._quality_t, self._missing_s = quality.t, 0.0
        return Quality(quality.t, quality.value * (1.0 - share))
