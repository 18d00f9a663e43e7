"""A recorded session in memory: what the file readers give and the offline stages take."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.events import Marker, SampleChunk


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One file's content. Exactly one of ``chunks``, ``beats_t`` and ``columns`` is filled."""

    path: Path
    chunks: tuple[SampleChunk, ...] = ()
    """A raw signal: one chunk a run without gaps, all of one rate."""
    beats_t: NDArray[np.float64] | None = None
    """Beat times, s, rising."""
    columns: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    """A table: ``t`` in s (rising), any of HR, SDNN, RMSSD, VLF, LF, HF, LF_HF; NaN = unknown."""
    markers: tuple[Marker, ...] = ()
    body: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    """Other columns of the sensor beside the heart's, by name: shape (n, 2), times in s (rising)
    and values."""
    remarks: tuple[str, ...] = ()
    """What the user should know of how it was read, such as values that were left out."""
    signal_kind: str | None = None
    """``ecg`` or ``ppg`` where the file or the caller says so."""
