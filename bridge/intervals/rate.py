"""The heart rate as it is sent with each beat: smoothed, and never a beat behind."""

from collections import deque
from statistics import median

from bridge.events import Beat

WINDOW_SECONDS = 10.0


class SmoothedRate:
    """The median of the last ten seconds' intervals, so that one missed or extra beat is not heard.

    The rate of ``HrvSnapshot`` is the mean of intervals that were judged, two beats later.
    """

    def __init__(self) -> None:
        self._recent: deque[tuple[float, float]] = deque()

    def push(self, beat: Beat) -> float | None:
        """Take a beat with its interval; return beats a minute, None until there is an interval."""
        if beat.ibi_ms is None:
            self._recent.clear()
            return None
        self._recent.append((beat.t, beat.ibi_ms))
        while self._recent[0][0] < beat.t - WINDOW_SECONDS:
            self._recent.popleft()
        return self.value

    @property
    def value(self) -> float | None:
        """As of the last beat."""
        if not self._recent:
            return None
        return 60_000.0 / median(ibi_ms for _, ibi_ms in self._recent)
