"""Beat detectors: SampleChunk -> Beat, streaming, with state that crosses chunk borders."""

from typing import TYPE_CHECKING, Protocol

from bridge.errors import UserError
from bridge.events import Beat, Quality, SampleChunk

KINDS = ("auto", "ecg", "ppg", "ema")
"""What ``make_detector`` can make."""

if TYPE_CHECKING:
    from bridge.detect.signal.holes import HoleFilling


class Detector(Protocol):
    """Finds beats in one signal of one rate. Any chunking of the signal gives the same events."""

    def push(self, chunk: SampleChunk) -> list[Beat | Quality]:
        """Take the next samples; return what became sure with them, beats in rising order of t."""

    def flush(self) -> list[Beat | Quality]:
        """The signal has ended: return what can still be said."""

    def forget(self) -> None:
        """Forget learned thresholds and levels, as after ``/bridge/relearn``."""


def make_detector(kind: str, rate_hz: float) -> "HoleFilling":
    """Return a detector for a signal of this rate.

    Args:
        kind: ``ecg``, ``ppg`` (pulse wave), ``auto`` (finds out which of the two), or ``ema``
            (the plain detector at its default settings, for 10-bit counts).
        rate_hz: samples a second.

    Raises:
        UserError: there is no such kind, or the rate is not one that shows a beat.
    """
    from bridge.detect.auto import AutoDetector
    from bridge.detect.ecg import ecg_detector
    from bridge.detect.ema import EmaDetector
    from bridge.detect.ppg import pulse_detector
    from bridge.detect.signal.holes import HoleFilling

    if not LOWEST_HZ <= rate_hz <= HIGHEST_HZ:
        raise UserError(
            f"a sample rate of {rate_hz:g} Hz does not show beats: "
            f"it must be between {LOWEST_HZ:g} and {HIGHEST_HZ:g} Hz"
        )
    match kind:
        case "auto":
            return HoleFilling(AutoDetector(rate_hz))
        case "ecg":
            return HoleFilling(ecg_detector(rate_hz))
        case "ppg":
            return HoleFilling(pulse_detector(rate_hz))
        case "ema":
            return HoleFilling(EmaDetector(rate_hz))
    raise UserError(f"there is no detector {kind!r}: one of {', '.join(KINDS)}")


LOWEST_HZ = 10.0
HIGHEST_HZ = 20_000.0
