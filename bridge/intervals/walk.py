"""The decision algorithm of Lipponen and Tarvainen (2019), figure 1: one walk, live and offline.

J. A. Lipponen and M. P. Tarvainen, "A robust algorithm for heart rate variability time series
artefact correction using novel beat classification", J Med Eng Technol 43(3):173-181.
"""

from bridge.events import Label

ALPHA = 5.2
"""Factor on the quartile deviation that makes the paper's thresholds Th1 (of ``|dRR|``) and Th2 (of
``|mRR|``); absolute values as NeuroKit2 reads it."""
THRESHOLD_WINDOW = 91
"""Differences behind a threshold. The paper takes 45 on either side, the live stage the last 91."""
MEDIAN_WINDOW = 11
"""Intervals in the running median that ``mRR`` is measured from."""
C1, C2 = 0.13, 0.17
"""Slope and offset of the two ectopic regions in the plane S11-S12."""
FAR = 3.0
"""Thresholds off the running median at which an interval is too long or too short."""


def is_ectopic(before: float, here: float, after: float) -> bool:
    """Whether three successive normalised differences swing out and back (S11-S12 plane).

    A premature beat makes a short interval, a long one and a return: negative, positive, negative.
    The middle difference is ``here``; the mirrored pattern counts as well.
    """
    if here > 1.0:
        return max(before, after) < -C1 * here - C2
    return here < -1.0 and min(before, after) > -C1 * here + C2


def is_long(here: float, next1: float, next2: float) -> bool:
    """Whether an interval lengthens by more than normal and then falls back (S21-S22 plane)."""
    return here > 1.0 and min(next1, next2) < -1.0


def is_short(here: float, next1: float, next2: float) -> bool:
    """Whether an interval shortens by more than normal and then springs back (S21-S22 plane)."""
    return here < -1.0 and max(next1, next2) > 1.0


class Walk:
    """Labels intervals one after the other, each exactly once and in order."""

    def __init__(self) -> None:
        self._check_next = False

    def label(
        self,
        steps: tuple[float, float, float, float],
        offset: float,
        looks_extra: bool,
        looks_missed: bool,
    ) -> Label:
        """Label the next interval.

        Args:
            steps: differences over Th1 of the interval before, this one and the next two; 0 where
                there is none.
            offset: how far this one is off the running median, over Th2, 0 or more.
            looks_extra: this interval and the next are as long together as the running median.
            looks_missed: half of this interval is as long as the running median.
        """
        before, here, next1, next2 = steps
        if self._check_next:
            self._check_next = False
        else:
            if abs(here) <= 1.0:
                return Label.NORMAL
            if is_ectopic(before, here, next1):
                return Label.ECTOPIC
            self._check_next = abs(next1) < abs(next2)
        long, short = is_long(here, next1, next2), is_short(here, next1, next2)
        if short and looks_extra:
            return Label.EXTRA
        if long and looks_missed:
            return Label.MISSED
        return Label.LONG_OR_SHORT if long or short or offset > FAR else Label.NORMAL
