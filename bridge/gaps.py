"""What a hole is, in samples, between beats and in a table: decided here, for everybody.

Who finds a hole hands it on (a chunk's ``t``, an interval's ``after_gap``, a session's
``broken_t``); nobody further down looks for it again. Pure.
"""

from collections import deque
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from bridge.steps import median_step

Floats = NDArray[np.float64]

# ---- samples ---------------------------------------------------------------------------------

UNREST_SAMPLES = 0.75
UNREST_S = 0.005
"""A chunk further than both from the end of the one before begins a new run: a few milliseconds are
the unrest of a clock, or samples whose loss no detector needs to start anew for."""
BRIDGED_S = 0.06
"""A hole up to this long is bridged with a straight line before the detector. It is shorter than
the upstroke of a pulse (about 100 ms), so that a line across it can hide no beat."""
HIDES_A_BEAT_S = 0.25
"""A hole longer than this could hide a beat: no interval spans it. It is the interval of 240 beats
a minute, and above the 16 ms bursts and the 100 ms of scheduling that merely deliver late."""
RECONNECTED_S = 0.5
"""A port that was lost and opened again left out at least this much."""


def begins_a_run(off_s: float, rate_hz: float) -> bool:
    """Whether samples begin a new run that lie ``off_s`` from where the run before ended."""
    return abs(off_s) > max(UNREST_SAMPLES / rate_hz, UNREST_S)


# ---- rows of a file --------------------------------------------------------------------------

STEPS = 1.75
"""A step longer than so many median steps left rows out: one that is missing makes 2."""
ROUGH_SHARE, ROUGH_STEPS, ROUGH_S = 0.02, 10.0, 0.2
"""Where more than this share of the steps looks like holes, the clock is rough: only a step of so
many median steps and so many seconds is a hole then."""
LOG_ADRIFT_S = 3.0
"""A log's own clock and the sum of its intervals may differ by this much before beats were lost:
logs stamp whole seconds, when a packet of one or two seconds arrived."""


def long_steps(times: Floats) -> NDArray[np.bool_]:
    """Which steps between samples left some out.

    Args:
        times: s, rising, shape (n,), n > 1.

    Returns:
        Shape (n - 1,).
    """
    usual = median_step(times)
    steps = np.diff(times)
    long = steps > STEPS * usual
    if long.mean() > ROUGH_SHARE:
        long = steps > max(ROUGH_STEPS * usual, ROUGH_S)
    return np.asarray(long)


def holes_in_table(times: Floats, known: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Where a column of a table says nothing between two rows in which it is known.

    Rows may be missing or empty. What lasts no longer than an interval is no hole: no heart rate
    can change in it. Music bridges a hole of a table in a straight line, as the seed does.

    Args:
        times: of the rows, s, rising, shape (n,).
        known: shape (n,).

    Returns:
        Pairs of the last time known before and the first known after, s.
    """
    at = times[known]
    if len(at) < 2:
        return []
    least = max(STEPS * median_step(times), LONGEST_INTERVAL_S)
    return [(float(at[i]), float(at[i + 1])) for i in np.flatnonzero(np.diff(at) > least)]


# ---- beats -----------------------------------------------------------------------------------

LONGEST_INTERVAL_S = 2.5
"""A longer pause is a gap, not an interval: 24 a minute, below any rate the detectors follow."""
USUAL_OF = 11
"""Pauses that the running interval is taken from: the Lipponen stage's median has as many."""
LEAST_OF = 3
"""With fewer pauses than this only ``LONGEST_INTERVAL_S`` decides."""
USUAL_PAUSES = 2.2
"""Between ready-made beats, of which nobody knows whether the sensor was there, a pause of more
running intervals than this is a gap. One missed beat or a blocked one makes 2 and stays an
interval (the Lipponen stage calls it missed), and breathing moves it by a tenth; at 3 two are gone,
and a dropout cannot be told from a pause of the heart."""


class BeatGaps:
    """Tells gaps in a stream of ready-made beats by the running interval, as they come.

    Beats found in samples need none: there the samples say where the signal was lost, and a long
    pause with the signal there is the heart's own.
    """

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=USUAL_OF)
        self._last_t: float | None = None

    def push(self, t: float) -> float | None:
        """Take the next beat, at ``t`` s; return the one before, s, if beats were lost in between.

        The running interval is the upper quartile of the last pauses, lost or not: a premature
        beat's long pause counts beside its short one, and a heart that beats only half as fast
        when the sensor is back is believed after three beats.
        """
        before, self._last_t = self._last_t, t
        if before is None:
            return None
        pause = t - before
        longest = LONGEST_INTERVAL_S
        if len(self._recent) >= LEAST_OF:
            usual = sorted(self._recent)[3 * len(self._recent) // 4]
            longest = min(longest, USUAL_PAUSES * usual)
        if pause <= LONGEST_INTERVAL_S:
            self._recent.append(pause)
        return before if pause > longest else None


def gaps_between(beats_t: Iterable[float]) -> list[float]:
    """The beats of a whole stream, s, rising, after which some were lost."""
    gaps = BeatGaps()
    return [lost for t in beats_t if (lost := gaps.push(t)) is not None]
