"""The levels of signal peaks and noise peaks, and the threshold between them.

After Pan and Tompkins (1985), with medians instead of running means, so that one artefact does not
move them.
"""

from collections import deque
from collections.abc import Sequence

SIGNAL_PEAKS = 8
NOISE_PEAKS = 12
"""The levels are the medians of the last so many: fewer follow a change sooner, more are not
misled. 4, 8 and 16 beats stay within 0.7 points on CPSC2019."""
THRESHOLD_IN_CLEAN = 0.2
THRESHOLD_IN_NOISE = 0.5
CLEAN = 0.03
RISES = 2.0
"""Where between noise and signal (0-1) the threshold lies: the first where the noise's share is the
third, higher by so much for each part of it, up to the second. Lower finds small and wide
complexes, higher keeps muscle noise out: 0.5 throughout costs 18 points on MIT-BIH 208 and 2 on
CPSC2019 repeated, 0.2 throughout 6 of predictivity in noise stress."""
MOST_NOISE = 0.7
"""The noise level counts as no more than this part of the signal level: beats are not shut out for
good. F1 within 0.1: 0.35 to 1.4."""
TALLEST = 2.0
"""A beat counts as no more than so many levels: an artefact. F1 within 0.1: 1 to 4."""
SINKS_AFTER_S = 1.0
SINKS_A_SECOND = 0.35
SINKS_TO = 0.3
"""Without a beat for the first, s, the threshold sinks by the second part a second, to the third
part, but not below what a clean signal asks: a smaller beat, an electrode that moved. Later
loses beats (1.5 s: -1 on CPSC2019)."""


class PeakLevels:
    """What beats and what noise are as high as."""

    def __init__(self, heights: Sequence[float]) -> None:
        """Start from the heights of all candidates of the first seconds, at least one.

        The signal level is the geometric mean of the two highest: one of them may be an artefact,
        or the second no beat (chosen on CPSC2019; the highest alone: -2 points).
        """
        ranked = sorted(heights, reverse=True)
        level = (ranked[0] * ranked[min(1, len(ranked) - 1)]) ** 0.5
        low = [height for height in ranked if height < 0.5 * level]
        self._signal = deque([level], maxlen=SIGNAL_PEAKS)
        self._noise = deque([_median(low) if low else 0.0], maxlen=NOISE_PEAKS)

    @property
    def signal(self) -> float:
        """Height of a usual beat."""
        return _median(self._signal)

    @property
    def noise_share(self) -> float:
        """Height of a usual noise peak as a part of that."""
        return _median(self._noise) / self.signal

    def threshold(self, silence_s: float) -> float:
        """Height from which a candidate is a beat, so long after the last one."""
        signal = self.signal
        noise = min(_median(self._noise), MOST_NOISE * signal)
        rises = RISES * (noise / signal - CLEAN)
        part = min(THRESHOLD_IN_NOISE, THRESHOLD_IN_CLEAN + max(0.0, rises))
        sunk = 1.0 - SINKS_A_SECOND * max(0.0, silence_s - SINKS_AFTER_S)
        sunk_to = (noise + part * (signal - noise)) * max(SINKS_TO, sunk)
        return max(sunk_to, THRESHOLD_IN_CLEAN * signal)

    def beat(self, height: float) -> None:
        """One more beat."""
        self._signal.append(min(height, TALLEST * self.signal))

    def correct(self, height: float) -> None:
        """The last beat was higher than it seemed."""
        self._signal.pop()
        most = TALLEST * self.signal if self._signal else height
        self._signal.append(min(height, most))

    def noise(self, height: float) -> None:
        """One more candidate that is no beat."""
        self._noise.append(height)


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
