"""What the tracker is told of the last seconds of a signal, beside the candidates in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from bridge.detect.signal.periodicity import Periodicity

IsNoise: TypeAlias = Callable[[float, int], bool]
"""Whether what looks like the last so many beats, a period in s apart, may be noise or a tone; or
the signal is too short to say."""


@dataclass(frozen=True, slots=True)
class SignalDescription:
    """The last seconds up to a moment; None is what the kind of signal, or its length, cannot say.

    All of it follows from the signal alone: nothing depends on which beats were found in it.
    """

    t: float
    """s, of the decimated signal."""
    noise_floor: float | None = None
    """Usual height between beats, in the candidates' units."""
    uprightness: float | None = None
    """Above 0 where beats point up, below 0 where they point down; about -2 to 2."""
    periodicity: Periodicity | None = None
    sparseness: float | None = None
    """Kurtosis of the envelope: 2 in white noise (Rayleigh), 8-20 where QRS complexes stand out."""
