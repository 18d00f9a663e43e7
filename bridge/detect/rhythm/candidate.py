"""A place where a beat may be, and how far it speaks for a heart.

Constants marked "chosen on shared/data" were chosen on its annotated recordings together. "F1
within 0.1" is the range that ``tests/benchmarks/bench_constants.py`` measured, of 0.5 to 2 times
the value.
"""

from dataclasses import dataclass

import numpy as np

from bridge.detect.signal.filter import Floats

LEAST_CORRELATION = 0.45
CORRELATION_WEIGHT = 3.0
"""Correlation with a beat before at which a shape says nothing, and the evidence that each 1 above
it brings (no unit). A higher zero keeps noise out and loses beats of changing shape. Chosen on
shared/data. F1 within 0.1: LEAST_CORRELATION 0.45 only; CORRELATION_WEIGHT 3 only."""
FREE_GAP_CHANGE = 0.1
GAP_CHANGE_WEIGHT = 2.0
"""Change of an interval (natural logarithm) that costs nothing, and evidence that 1 beyond it
costs: respiratory arrhythmia stays free, random intervals do not. Chosen on shared/data. F1 within
0.1: FREE_GAP_CHANGE 0.1 to 0.2; GAP_CHANGE_WEIGHT 1 to 2.8."""
FREE_HEIGHT_CHANGE = 0.3
HEIGHT_CHANGE_WEIGHT = 1.5
"""The same for the change of height. Chosen on shared/data. F1 within 0.1: FREE_HEIGHT_CHANGE 0.3
to 0.345; HEIGHT_CHANGE_WEIGHT 0.75 to 1.5."""
HIGHEST_JUMP = 0.46
ABRUPT_COST = 1.5
"""A complex that jumps by more than the first part of its height from one sample to the next speaks
so much against a heart: QRS complexes at 250 Hz have 0.14-0.41, knocks 0.55 and more."""
PACED_GAP_CHANGE = 0.2
"""... unless its interval differs by no more than this (natural logarithm): a pacemaker's stimulus
is as steep, and even."""
MOST_A_BEAT = CORRELATION_WEIGHT * (1.0 - LEAST_CORRELATION)
"""What one beat can add to the evidence: ``evidence(1, 1, 0, 0, ...)``."""


@dataclass(frozen=True, slots=True)
class Peak:
    """A maximum of the filtered signal, before anybody looked closer."""

    index: int
    """Decimated sample."""
    value: float
    """Of the filtered signal."""
    sign: int
    """1 where a beat here would point up in the signal as it came, -1 where it would point down."""
    highest: float
    """No candidate here is higher than this: infinite where only a closer look tells."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A place where a beat may be. Times are in seconds of the decimated signal."""

    t: float
    """Where the filtered signal peaks."""
    fiducial: float
    """The fiducial (R peak, foot-to-peak upstroke), in (parts of) decimated samples."""
    height: float
    """How large it is, above 0."""
    shape: Floats
    """The signal around it: mean 0, norm 1; all 0 where it is flat."""
    fiducial_down: float | None = None
    """The fiducial if it should turn out that the beats' main deflection points down."""
    polarity: float = 1.0
    """Above 0 where the main deflection points up."""
    sign: int = 1
    """1 where it points up in the signal as it came, -1 where it points down."""
    jump: float | None = None
    """The largest step between neighbouring samples, as a part of its range: 1 for a knock on the
    cable. None where the rate is too low to tell."""

    @property
    def is_abrupt(self) -> bool:
        """Whether it is rather a knock on the cable than a beat."""
        return self.jump is not None and self.jump > HIGHEST_JUMP


def correlation(a: Floats, b: Floats) -> float:
    """Correlation of two shapes, -1 to 1; summed in order, so that it never depends on memory."""
    return float(np.add.accumulate(a * b)[-1])


def unit(shape: Floats) -> Floats:
    """Scale a shape to norm 1."""
    norm = float(np.add.accumulate(shape * shape)[-1]) ** 0.5
    return shape / norm if norm > 0 else shape


def evidence(
    match: float, clearance: float, gap_change: float, height_change: float, slack: float
) -> float:
    """How far a beat speaks for a heart (above 0) or against it (below 0).

    Args:
        match: correlation of its shape with that of the beats before.
        clearance: 1 where nothing else stands out between the beats, 0 where something as high
            does.
        gap_change: absolute logarithm of its interval relative to the usual one.
        height_change: absolute logarithm of its height relative to the usual one.
        slack: how much may stand out between the beats without harm, 0-1.
    """
    return (
        CORRELATION_WEIGHT * (match * min(1.0, max(0.0, clearance + slack)) - LEAST_CORRELATION)
        - GAP_CHANGE_WEIGHT * max(0.0, gap_change - FREE_GAP_CHANGE)
        - HEIGHT_CHANGE_WEIGHT * max(0.0, height_change - FREE_HEIGHT_CHANGE)
    )


def less_if_abrupt(c: Candidate, weight: float, gap_change: float) -> float:
    """The evidence of a beat, turned against a heart where it is rather a knock on the cable."""
    return -ABRUPT_COST if c.is_abrupt and gap_change > PACED_GAP_CHANGE else weight
