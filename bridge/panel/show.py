"""What the pages see of one heart: a sink whose events become messages, its samples frames."""

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.events import (
    Battery,
    Beat,
    Breath,
    Contact,
    Event,
    Foretold,
    HrvSnapshot,
    Quality,
    SampleChunk,
    State,
    Status,
)

POINTS_HZ = 250.0
"""A screen shows no more: 6 s are 1500 points on some 1000 columns."""
BREATH_KEPT_S = 3.0
"""Its rate is told once a second while it is known."""
MOST_POINTS, MOST_CHUNKS = 1500, 2048
"""Of a frame, and of what waits for it: what was not asked for in time (a replay at full speed) is
not kept."""


class ShowSink:
    """Tells the panel of one heart; ``frame`` is asked for thirty times a second."""

    def __init__(self, heart: int, tell: Any) -> None:
        """Take note of the heart's number, and of whom to tell: a function of one message."""
        self._heart = heart
        self._tell = tell
        self._waiting: deque[SampleChunk] = deque(maxlen=MOST_CHUNKS)
        self.t = 0.0
        """Newest signal time, s."""
        self.state = State.SEARCHING
        self.link: str | None = None
        self.battery: int | None = None
        self.foretold = False
        """Whether its beats are predicted."""
        self.changed = False
        """State, link or battery are other than when last asked."""
        self._known: set[str] = set()
        self._breath_t = 0.0

    def samples(self, chunk: SampleChunk) -> None:
        """Keep the signal for the next frame; thinned there, for this is on a beat's way."""
        self._waiting.append(chunk)
        self.t = chunk.end

    def frame(self) -> list[Any] | None:
        """The signal since the last frame: time of the first point, step, values; or None.

        Up to a gap; what follows it is the next frame's. Times are the session's, s.
        """
        if not self._waiting:
            return None
        first = self._waiting.popleft()
        run, end = [first.values], first.end
        while self._waiting and abs(self._waiting[0].t - end) * first.rate_hz < 1.5:
            chunk = self._waiting.popleft()
            run.append(chunk.values)
            end = chunk.end
        values = np.concatenate(run)
        if not self._waiting:  # what does not fill a pair of points waits for what follows it
            rest = len(values) % (2 * _block(first.rate_hz))
            if rest and _block(first.rate_hz) > 1:
                kept = SampleChunk(end - rest / first.rate_hz, first.rate_hz, values[-rest:])
                self._waiting.append(kept)
                values = values[:-rest]
        points, step = thinned(values, first.rate_hz)
        if not points:
            return None
        begun = max(0, len(points) - MOST_POINTS)
        return [round(first.t + begun * step, 4), round(step, 6), points[begun:]]

    def event(self, event: Event, age_s: float) -> None:
        """Tell of one event."""
        heart = self._heart
        if isinstance(event, Beat):
            if not event.late:
                self._tell({
                    "k": "beat", "h": heart, "t": round(event.t, 4), "s": round(event.strength, 3),
                    "ibi": event.ibi_ms, "bpm": event.bpm,
                })  # fmt: skip
        elif isinstance(event, HrvSnapshot):
            values = {name: getattr(event, field) for name, field in MEASURES}
            if event.t - self._breath_t > BREATH_KEPT_S:
                values["breath"] = None
            self._measured(event.t, values)
        elif isinstance(event, Breath):
            if event.rate is not None:
                self._breath_t = event.t
                self._measured(event.t, {"breath": event.rate})
        elif isinstance(event, Quality):
            self._measured(event.t, {"quality": event.value})
        elif isinstance(event, Foretold):
            self.foretold, self.changed = True, True
        elif isinstance(event, Status):
            self.state, self.changed = event.state, True
            self._tell({"k": "status", "h": heart, "state": event.state.value})
        elif isinstance(event, Contact):
            self.link, self.changed = event.link.value, True
        elif isinstance(event, Battery):
            self.battery, self.changed = event.percent, True

    def _measured(self, t: float, values: dict[str, float | None]) -> None:
        """Tell what is known, and once of what is known no longer."""
        told = {k: v for k, v in values.items() if v is not None or k in self._known}
        self._known = {k for k in self._known | told.keys() if values.get(k, 0.0) is not None}
        if told:
            self._tell({"k": "hrv", "h": self._heart, "t": round(t, 3), "v": told})

    def close(self) -> None:
        """Nothing is held."""


MEASURES = (
    ("rmssd", "rmssd_ms"),
    ("sdnn", "sdnn_ms"),
    ("coherence", "coherence"),
)


def thinned(values: NDArray[np.float64], rate_hz: float) -> tuple[list[float], float]:
    """Samples at ``POINTS_HZ`` at the most, and their step in s.

    Of each block the lowest and the highest value are kept, in the order in which they came, so
    that no R peak is lost between two points.
    """
    block = _block(rate_hz)
    if block == 1:
        return [_short(value) for value in values.tolist()], 1.0 / rate_hz
    points: list[float] = []
    for start in range(0, len(values), 2 * block):
        part = values[start : start + 2 * block]
        low, high = int(part.argmin()), int(part.argmax())
        first, last = (low, high) if low <= high else (high, low)
        points += [_short(float(part[first])), _short(float(part[last]))]
    return points, block / rate_hz


def _block(rate_hz: float) -> int:
    """Samples that become one point."""
    return int(np.ceil(rate_hz / POINTS_HZ))


def _short(value: float) -> float:
    """As many digits as a screen can show."""
    return float(f"{value:.5g}")
