"""The values that travel between the stages: frozen, each carrying its own time.

Times are seconds on the session clock, which starts at 0 with the first sample of a source.
Unknown is ``None`` or absent, never 0 or NaN.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class SampleChunk:
    """A run of evenly spaced samples of one sensor, in whatever units the sensor has.

    A chunk whose ``t`` is not where the one before ended follows a gap: samples were lost.
    """

    t: float
    """Time of the first sample."""
    rate_hz: float
    values: NDArray[np.float64]
    """Shape (n,); finite. A source drops what is not a number and lets ``t`` show the gap."""
    arrival_t: float | None = None
    """When its last sample arrived, where that is known; None: as soon as it was over. Data that
    come in packets arrive later than they happen, and what is told of them is that much older."""

    @property
    def end(self) -> float:
        """Where the next chunk's ``t`` is when nothing was lost."""
        return self.t + len(self.values) / self.rate_hz


class Label(StrEnum):
    """What the rhythm stage makes of an interval (Lipponen and Tarvainen 2019)."""

    NORMAL = "normal"
    ECTOPIC = "ectopic"
    MISSED = "missed"
    EXTRA = "extra"
    LONG_OR_SHORT = "long-or-short"


@dataclass(frozen=True, slots=True)
class Beat:
    """One heartbeat. A detector emits beats in strictly rising order of ``t``."""

    t: float
    """The fiducial (R peak, or steepest point of the pulse's upstroke), to a part of a sample."""
    sure_t: float
    """When it was sure: the signal time at which the detector was, or when it arrived, from a
    source that sends beats. No beat sounds earlier."""
    strength: float = 1.0
    """0-1, against the beats before it."""
    quality: float = 1.0
    """0-1, of the signal around it."""
    late: bool = False
    """Found by looking back, too late to be sounded; it counts for intervals and HRV only."""
    predicted: bool = False
    """Told on time, before anybody could know: it sounds, and counts for nothing. The true one
    comes later, ``late``."""
    ibi_ms: float | None = None
    """Since the beat before; None for the first and after a gap. Set by the rhythm stage."""
    bpm: float | None = None
    """Smoothed rate as of this beat, a minute; None without an interval. Set by the pipeline."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval between two beats once the rhythm stage has judged it, a few beats later."""

    t: float
    """Time of the beat that ends it."""
    ibi_ms: float
    """As measured."""
    nn_ms: float | None
    """Normal-to-normal: as measured, or corrected, or None where no value can be trusted."""
    label: Label = Label.NORMAL
    after_gap: bool = False
    """No difference may be taken between this interval and the one before."""


@dataclass(frozen=True, slots=True)
class HrvSnapshot:
    """Variability over rolling windows. A measure is None until its window can carry it."""

    t: float
    coverage: float
    """0-1: how much of the time-domain window holds good intervals."""
    bpm: float | None = None
    sdnn_ms: float | None = None
    rmssd_ms: float | None = None
    sdsd_ms: float | None = None
    pnn20: float | None = None
    pnn50: float | None = None
    vlf_ms2: float | None = None
    lf_ms2: float | None = None
    hf_ms2: float | None = None
    lf_hf: float | None = None
    sd1_ms: float | None = None
    """Spread of the Poincare plot across its line of identity."""
    sd2_ms: float | None = None
    """Spread of the Poincare plot along its line of identity."""
    coherence: float | None = None
    """0-1: share of the power that lies at one resonance."""
    resonance_hz: float | None = None
    """Where that is: at a calm breath's own rate, about 0.1 Hz."""


@dataclass(frozen=True, slots=True)
class Breath:
    """One point of the breath as the heart shows it, 20 a second while it is known."""

    t: float
    level: float | None
    """0-1: 0 breathed out, 1 breathed in; None where only the rate is known."""
    rate: float | None
    """Breaths a minute; once a second, and None in between."""


@dataclass(frozen=True, slots=True)
class Next:
    """When the beat after that of ``t`` is expected: a guess, never a beat."""

    t: float
    due_t: float
    interval_s: float
    confidence: float
    """0-1: how many of the last eight guesses came within a tenth of the interval."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How far the signal looks like a heart, 0-1, about once a second."""

    t: float
    value: float


@dataclass(frozen=True, slots=True)
class Wave:
    """One point of the signal for a scope, scaled to 0-1."""

    t: float
    value: float


class Link(StrEnum):
    """How far a sensor is in touch, where it can say so itself."""

    CONNECTED = "connected"
    NO_CONTACT = "no-contact"
    """Connected, but the sensor says that no skin touches it."""
    RECONNECTING = "reconnecting"


@dataclass(frozen=True, slots=True)
class Contact:
    """The sensor's own word on whether it is in touch."""

    t: float
    link: Link


@dataclass(frozen=True, slots=True)
class Battery:
    """What is left of the sensor's charge."""

    t: float
    percent: int
    """0-100."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """The beats that sound from here on are predicted, and corrected by what comes later."""

    t: float


@dataclass(frozen=True, slots=True, eq=False)
class BodyChunk:
    """A run of evenly spaced samples of another column of the sensor, such as skin conductance."""

    t: float
    """Time of the first sample."""
    name: str
    """What the column is, such as ``eda``: a part of an OSC address."""
    rate_hz: float
    values: NDArray[np.float64]
    """Shape (n,); finite; in the sensor's units."""
    arrival_t: float | None = None
    """As that of a SampleChunk."""

    @property
    def end(self) -> float:
        """Where the next chunk's ``t`` is when nothing was lost."""
        return self.t + len(self.values) / self.rate_hz


@dataclass(frozen=True, slots=True)
class Body:
    """One value of another column of the sensor, raw."""

    t: float
    name: str
    value: float


class State(StrEnum):
    """What the bridge can say about the heart."""

    SEARCHING = "searching"
    LIVE = "live"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Status:
    """A change of state."""

    t: float
    state: State


@dataclass(frozen=True, slots=True)
class Marker:
    """A named moment, put into a recording by the performer or found in a file."""

    t: float
    text: str


@dataclass(frozen=True, slots=True)
class Relearn:
    """Somebody asked to begin anew: whoever has learned something of this heart forgets it."""

    t: float


Event: TypeAlias = (
    Beat
    | Interval
    | HrvSnapshot
    | Breath
    | Next
    | Quality
    | Wave
    | Status
    | Marker
    | Relearn
    | Contact
    | Battery
    | Body
    | Foretold
)
