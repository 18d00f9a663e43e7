"""The heart rate that is sent with each beat: a median of ten seconds, none after a gap."""

from itertools import accumulate

import pytest

from bridge.events import Beat
from bridge.intervals.rate import SmoothedRate


def rates(intervals_ms: list[float | None]) -> list[float | None]:
    rate = SmoothedRate()
    ends = accumulate(each or 1000.0 for each in intervals_ms)
    return [
        rate.push(Beat(end / 1000.0, end / 1000.0 + 0.08, ibi_ms=each))
        for end, each in zip(ends, intervals_ms, strict=True)
    ]


def test_one_missed_beat_is_not_heard() -> None:
    assert rates([None, *[800.0] * 8, 1600.0, 800.0])[-2:] == [75.0, 75.0]


def test_a_gap_begins_anew() -> None:
    assert rates([800.0] * 5 + [None, 500.0]) == [75.0] * 5 + [None, 120.0]


def test_what_is_older_than_ten_seconds_no_longer_counts() -> None:
    """From 60 a minute to 120: the median changes over once half of the intervals are new."""
    changed = rates([None, *[1000.0] * 30, *[500.0] * 30])[31:]
    assert changed[:6] == pytest.approx([60.0] * 6)
    first = next(k for k, rate in enumerate(changed, start=1) if rate == pytest.approx(120.0))
    # After k intervals of 0.5 s, 11 - k / 2 of the old ones are at most 10 s old.
    assert first == 8
