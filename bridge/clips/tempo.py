"""A tempo map that follows the heart: every heartbeat on a quarter note, in real time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.clips.clip import PPQ, Ticks
from bridge.errors import UserError

_SLOWEST_S, _FASTEST_S = 3.0, 60 / 999
"""Live's tempo goes from 20 to 999."""


@dataclass(frozen=True, slots=True, eq=False)
class HeartTime:
    """Ticks and seconds tied together at every quarter note; straight lines between them."""

    knot_s: NDArray[np.float64]
    knot_tick: Ticks
    """Each a quarter note after the one before."""

    def ticks(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where moments fall, in ticks, not rounded. Before the first beat: negative."""
        first = self.knot_s[0]
        ticks = np.interp(seconds, self.knot_s, self.knot_tick.astype(np.float64))
        return np.where(seconds < first, (seconds - first) * PPQ, ticks)

    def seconds(self, ticks: NDArray[np.int64]) -> NDArray[np.float64]:
        """Which moments ticks show."""
        return np.interp(ticks, self.knot_tick, self.knot_s)

    def tempo_us(self) -> Ticks:
        """Microseconds a quarter note from each knot but the last. Rounding never adds up."""
        moments = np.rint(self.knot_s * 1e6).astype(np.int64)
        return np.asarray(moments[1:] - moments[:-1], np.int64)


def heart_time(
    beats: NDArray[np.float64], seconds: float, unbroken: NDArray[np.bool_] | None = None
) -> HeartTime:
    """Tie beats to quarter notes over a session of so many seconds.

    What comes before the first beat gets as many quarter notes as fit; less than half of one is
    left out, so that the clip begins with the beat. Gaps and the end are filled likewise.

    Args:
        beats: s, rising, shape (n,).
        seconds: how long the session is.
        unbroken: shape (n,), false where beats are missing between a beat and the next; none are
            by default.

    Raises:
        UserError: fewer than three beats.
    """
    if len(beats) < 3:
        raise UserError(f"a tempo map needs at least three beats, not {len(beats)}")
    usual = float(np.median(np.diff(beats)))
    whole = np.ones(len(beats), np.bool_) if unbroken is None else unbroken
    keep = np.concatenate(([True], np.diff(beats) > _FASTEST_S))
    beats, whole = beats[keep], whole[keep]
    points = [float(beats[0])]
    lead = round(points[0] / usual)
    if lead:
        points = np.linspace(0.0, points[0], lead + 1).tolist()
    each = zip(beats[:-1].tolist(), beats[1:].tolist(), whole[:-1].tolist(), strict=True)
    for before, beat, is_whole in each:
        points += _filled(before, beat, usual, is_whole)
    if seconds > points[-1]:
        rest = int(np.ceil((seconds - points[-1]) / usual - 1e-9))
        points += [points[-1] + usual * (k + 1) for k in range(rest)]
    return HeartTime(np.array(points), np.arange(len(points), dtype=np.int64) * PPQ)


def _filled(before: float, beat: float, usual: float, whole: bool) -> list[float]:
    interval = beat - before
    if whole and interval <= _SLOWEST_S:
        return [beat]
    count = max(1, round(interval / usual), int(np.ceil(interval / _SLOWEST_S)))
    return [before + interval * (k + 1) / count for k in range(count - 1)] + [beat]
