"""Skin conductance parted into its level and its responses. Pure; any chunking.

The smoothing is NeuroKit2's high-pass method (``eda_phasic(method="highpass")``, as in BIOPAC's
AcqKnowledge): Butterworth filters of second order at 0.05 Hz. Over a recording they run there and
back, without delay; live they can only run forward, so that the level lags by about 4 s.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CUT_HZ = 0.05
ORDER = 2
LEAST_SHARE = 0.1
"""Responses below this share of the largest are not counted, as NeuroKit2 has it by default."""
SHORTEST_S = 3.0
"""Less than this cannot be parted: the filters' own beginnings are longer."""
LEVEL, RESPONSE = "_level", "_response"
"""What is appended to a column's name for its parts."""

_NAMES = re.compile(r"(?:^|_)(?:eda|gsr|scl|conductance|skin_conductance|skinconductance)(?:$|_)")


def is_conductance(name: str) -> bool:
    """Whether a column of this name (``gsr``, ``eda_left``) holds skin conductance."""
    return _NAMES.search(name) is not None and not is_part(name)


def is_part(name: str) -> bool:
    """Whether a column of this name was computed here."""
    return name.endswith((LEVEL, RESPONSE))


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Skin conductance in its parts, in its own units."""

    level: Floats
    """Tonic: what lies below 0.05 Hz."""
    response: Floats
    """Phasic: what lies above, around 0."""
    peaks: NDArray[np.intp]
    """Indices of the responses' peaks."""


def part(values: Floats, rate_hz: float) -> Parts | None:
    """Part a whole recording, shape (n,), evenly sampled; None where it is too short."""
    if len(values) < SHORTEST_S * rate_hz or rate_hz <= 4 * CUT_HZ:
        return None
    from scipy.signal import find_peaks, sosfiltfilt  # takes a while to import

    level = sosfiltfilt(_filter("lowpass", rate_hz), values)
    response = sosfiltfilt(_filter("highpass", rate_hz), values)
    largest = float(response.max())
    # What rises to no more than the level is the filter swinging back.
    peaks, _ = find_peaks(response, height=0.0, prominence=max(LEAST_SHARE * largest, 1e-12))
    return Parts(level, response, peaks)


def _filter(kind: Literal["lowpass", "highpass"], rate_hz: float) -> Floats:
    from scipy.signal import butter

    return butter(ORDER, CUT_HZ, kind, fs=rate_hz, output="sos")


class LivePart:
    """Parts a column as it comes, one value after the other."""

    def __init__(self, rate_hz: float) -> None:
        self.rate_hz = rate_hz
        self._filters = [_filter("lowpass", rate_hz), _filter("highpass", rate_hz)]
        self._states: list[Floats] | None = None

    def push(self, value: float) -> Iterator[tuple[str, float]]:
        """Yield the parts' endings of the name and values, as of this value."""
        from scipy.signal import sosfilt, sosfilt_zi

        if self._states is None:  # as if it had been so for ever
            self._states = [sosfilt_zi(each) * value for each in self._filters]
        for number, ending in enumerate((LEVEL, RESPONSE)):
            now, self._states[number] = sosfilt(
                self._filters[number], [value], zi=self._states[number]
            )
            yield ending, float(now[0])
