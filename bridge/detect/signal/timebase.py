"""Where in time a run of samples is: notices gaps, and follows a source whose clock drifts."""

from bridge.events import SampleChunk
from bridge.gaps import begins_a_run

_ROUNDING_SAMPLES = 1e-3
"""Closer than this it is where it was expected, and the times stay exactly on the
grid: the rounding of sums of floats, whatever the recordings."""


class TimeBase:
    """Counts the samples since the last gap and gives each its time, whatever the chunking."""

    def __init__(self, rate_hz: float) -> None:
        self.rate_hz = rate_hz
        self.n = 0
        """Samples taken since the run began; whoever takes them counts them up."""
        self._anchor_t = 0.0
        self._anchor_n = 0
        self._end: float | None = None

    def follow(self, chunk: SampleChunk) -> bool:
        """Note where this chunk lies. True if a new run begins with it, after a gap."""
        gap = self._end is not None and begins_a_run(chunk.t - self._end, self.rate_hz)
        if self._end is None or gap:
            self.n = 0
            self._anchor(chunk.t)
        elif abs(chunk.t - self.time(self.n)) * self.rate_hz > _ROUNDING_SAMPLES:
            self._anchor(chunk.t)
        self._end = chunk.end
        return gap

    def time(self, index: float) -> float:
        """Time of a sample of this run, s; the index may fall between samples."""
        return self._anchor_t + (index - self._anchor_n) / self.rate_hz

    def _anchor(self, t: float) -> None:
        self._anchor_t = t
        self._anchor_n = self.n
