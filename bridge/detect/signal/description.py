"""What the tracker is told of the last seconds of a signal, beside the candidates in it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from bridge.detect.signal.periodicity import Periodicity


class Verdict(Enum):
    """What the signal itself says of beats that seem to be in it."""

    NOISE = "noise"
    """Noise, a mere tone, or too short to say."""
    DOUBTFUL = "doubtful"
    """It may be a heart: the beats themselves must show it."""
    CLEAR = "clear"
    """No noise that is known looks like this: few beats are enough."""


Assess: TypeAlias = Callable[[float, int, int], Verdict]
"""The verdict on what looks like the last so many beats, a period in s apart, which point up (1)
or down (-1) in the signal as it came."""


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
