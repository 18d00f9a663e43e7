"""Short holes in the samples are bridged with a straight line, so that no detector starts anew.

A sample lost on the cable costs only itself; a longer gap is left for the detector to see.
"""

import numpy as np

from bridge.detect.detector import Detector
from bridge.events import Beat, Quality, SampleChunk
from bridge.gaps import BRIDGED_S


class HoleFilling:
    """A detector before which short holes are filled."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._end: float | None = None
        self._last = 0.0

    @property
    def kind(self) -> str | None:
        """``ecg`` or ``ppg`` once a detector that tells them apart has done so."""
        return getattr(self._detector, "kind", None)

    def push(self, chunk: SampleChunk) -> list[Beat | Quality]:
        """Fill the hole before this chunk, if it is a short one, and hand both on."""
        if not len(chunk.values):
            return self._detector.push(chunk)
        hole = 0.0 if self._end is None else chunk.t - self._end
        missing = round(hole * chunk.rate_hz)
        if missing >= 1 and hole <= BRIDGED_S:
            line = np.linspace(self._last, chunk.values[0], missing + 2)[1:-1]
            values = np.concatenate([line, chunk.values])
            chunk = SampleChunk(chunk.t - missing / chunk.rate_hz, chunk.rate_hz, values)
        self._end = chunk.end
        self._last = float(chunk.values[-1])
        return self._detector.push(chunk)

    def quiet(self) -> int:
        """How many more samples are sure to bring nothing."""
        return self._detector.quiet()

    def flush(self) -> list[Beat | Quality]:
        """The signal has ended."""
        return self._detector.flush()

    def forget(self) -> None:
        """Forget learned thresholds and levels."""
        self._detector.forget()
