"""Beat -> when the next one is expected, for lights, look-ahead and clocks. Never a beat itself.

The last interval is as good a guess as anything simple: 10-50 ms off in the median at rest,
where means, medians and autoregression on 60 beats do no better (docs/benchmarks.md).
"""

from collections import deque
from statistics import median

from bridge.events import Beat, Next

MEDIAN_OF = 5
OUTLIER_SHARE = 0.2
"""A last interval further than this from the median of the last five is a premature beat or its
pause, and no guide: the median is. Chosen on the recordings of ``shared/data``; 0.15 and 0.3 differ
by less than 2 ms in the median."""
HIT_SHARE = 0.1
"""A guess within this share of the interval came true."""
GUESSES = 8
"""So many guesses make the confidence."""


class NextBeat:
    """Guesses from the intervals as they come, and keeps count of how its guesses turn out."""

    def __init__(self) -> None:
        self._ibis_s: deque[float] = deque(maxlen=MEDIAN_OF)
        self._hits: deque[bool] = deque(maxlen=GUESSES)
        self._guess_s: float | None = None

    def push(self, beat: Beat) -> Next | None:
        """Take a beat with its interval; None until there are three intervals without a gap."""
        if beat.ibi_ms is None:
            self._ibis_s.clear()
            self._guess_s = None
            return None
        interval_s = beat.ibi_ms / 1000.0
        if self._guess_s is not None:
            self._hits.append(abs(interval_s - self._guess_s) <= HIT_SHARE * interval_s)
        self._ibis_s.append(interval_s)
        middle_s = median(self._ibis_s)
        unusual = abs(interval_s - middle_s) > OUTLIER_SHARE * middle_s
        self._guess_s = middle_s if unusual else interval_s
        if len(self._ibis_s) < 3 or not self._hits:
            return None
        confidence = sum(self._hits) / GUESSES
        return Next(beat.t, beat.t + self._guess_s, self._guess_s, confidence)
