"""The seed's plain detector (002): a reading well above its exponential moving average.

Simple enough for a microcontroller, kept as the baseline that the adaptive detectors are judged by.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.detect.signal.timebase import TimeBase
from bridge.errors import UserError
from bridge.events import Beat, Quality, SampleChunk


def moving_average(values: NDArray[np.float64], rate_hz: float, span_s: float) -> list[float]:
    """The average that ``EmaDetector`` holds readings against, one a reading, from the first on."""
    keep, weight, ema, found = kept_share(rate_hz, span_s), 0.0, 0.0, []
    for reading in values.tolist():
        weight = 1.0 + keep * weight
        ema += (reading - ema) / weight
        found.append(ema)
    return found


def kept_share(rate_hz: float, span_s: float) -> float:
    """What a reading keeps of its weight when the next one comes."""
    return 1.0 - 2.0 / (span_s * rate_hz + 1.0)


@dataclass(frozen=True, slots=True)
class EmaSettings:
    """What one tunes by hand; the defaults are those of the seed, at its 1 kHz and 10 bits."""

    span_s: float = 3.0
    """Span of the average, s: 3,000 readings at 1 kHz."""
    threshold: float = 60.0
    """How far above its average a reading must be, in the units of the readings."""
    refractory_s: float = 0.25
    """A beat this soon after the beat before is left out, s; 0 leaves out none."""


class EmaDetector:
    """Fires where ``reading > ema + threshold`` becomes true.

    The average is that of ``pandas.Series.ewm(span=n).mean()``: the weighted mean of all readings
    so far, the newest weighing 1 and each older one ``1 - a`` times the next newer. With
    ``n = span_s * rate_hz`` (a real number, not rounded) and ``a = 2 / (n + 1)``, for each
    reading x, in this order, all in double precision::

        weight = 1 + (1 - a) * weight        # before the first reading: weight = 0, ema = 0
        ema    = ema + (x - ema) / weight
        above  = x > ema + threshold         # strictly above; the reading is in its own average
        if above and not was_above:          # the rising edge; before the first reading: not above
            if no beat yet, or index - index_of_last_beat >= refractory:   # in readings
                beat at this reading
        was_above = above

    ``refractory`` is the smallest whole number of readings that last ``refractory_s`` or longer. A
    rising edge within it is left out for good: it neither fires later nor restarts the wait. The
    first reading equals its own average and so never fires. After a gap in the signal everything
    starts afresh. A beat's time is that of the reading that crossed, and so is its ``sure_t``.
    """

    def __init__(self, rate_hz: float, settings: EmaSettings | None = None) -> None:
        settings = settings or EmaSettings()
        if not rate_hz > 0:
            raise UserError(f"the sample rate must be above 0 Hz, not {rate_hz:g}")
        if settings.span_s * rate_hz < 1:
            raise UserError(f"the EMA's span must be one sample or more, not {settings.span_s:g} s")
        if settings.refractory_s < 0:
            raise UserError(f"the refractory must be 0 s or more, not {settings.refractory_s:g}")
        self._time_base = TimeBase(rate_hz)
        self._keep = kept_share(rate_hz, settings.span_s)
        self._threshold = settings.threshold
        # Nanoseconds of grace, so that 0.25 s at 1 kHz is 250 readings whatever the rounding.
        self._refractory = -int(-(settings.refractory_s * rate_hz - 1e-6) // 1)
        self.forget()

    def forget(self) -> None:
        """Start the average afresh with the next reading."""
        self._weight = 0.0
        self._ema = 0.0
        self._above = False
        self._last_beat: int | None = None

    def push(self, chunk: SampleChunk) -> list[Beat | Quality]:
        """Take the next readings; return the beats among them."""
        if self._time_base.follow(chunk):
            self.forget()
        keep, threshold = self._keep, self._threshold
        weight, ema, was_above = self._weight, self._ema, self._above
        beats: list[Beat | Quality] = []
        for index, reading in enumerate(chunk.values.tolist(), self._time_base.n):
            weight = 1.0 + keep * weight
            ema += (reading - ema) / weight
            above = reading > ema + threshold
            if above and not was_above:
                last = self._last_beat
                if last is None or index - last >= self._refractory:
                    self._last_beat = index
                    t = self._time_base.time(index)
                    beats.append(Beat(t=t, sure_t=t))
            was_above = above
        self._weight, self._ema, self._above = weight, ema, was_above
        self._time_base.n += len(chunk.values)
        return beats

    def quiet(self) -> int:
        """The next reading may cross."""
        return 0

    def flush(self) -> list[Beat | Quality]:
        """Nothing is ever pending."""
        return []
