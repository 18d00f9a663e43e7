"""Beat detectors: SampleChunk -> Beat, streaming, with state that crosses chunk borders."""

from collections.abc import Callable

from bridge.detect.auto import AutoDetector
from bridge.detect.detector import Detector
from bridge.detect.ecg import EcgDetector
from bridge.detect.ema import EmaDetector
from bridge.detect.ppg import pulse_detector
from bridge.detect.signal.holes import HoleFilling
from bridge.errors import UserError

__all__ = ["DETECTORS", "HIGHEST_HZ", "LOWEST_HZ", "Detector", "make_detector"]

DETECTORS: dict[str, Callable[[float], Detector]] = {
    "auto": AutoDetector,
    "ecg": EcgDetector,
    "ppg": pulse_detector,
    "ema": EmaDetector,
}
"""What ``kind=`` can name, the default first: from a sample rate in Hz to a detector."""

LOWEST_HZ = 10.0
HIGHEST_HZ = 20_000.0
"""Rates that any of them takes: a pulse has its energy below 5 Hz, and no converter of a pulse
sensor is faster than some kHz; beyond, it is the wrong column or unit."""


def make_detector(kind: str, rate_hz: float) -> HoleFilling:
    """Return a detector for a signal of this rate.

    Args:
        kind: ``ecg``, ``ppg`` (pulse wave), ``auto`` (finds out which of the two), or ``ema``
            (the plain detector at its default settings, for 10-bit counts); see ``DETECTORS``.
        rate_hz: samples a second.

    Raises:
        UserError: there is no such kind, or the rate is not one that shows a beat.
    """
    if not LOWEST_HZ <= rate_hz <= HIGHEST_HZ:
        raise UserError(
            f"a sample rate of {rate_hz:g} Hz does not show beats: "
            f"it must be between {LOWEST_HZ:g} and {HIGHEST_HZ:g} Hz"
        )
    if kind not in DETECTORS:
        raise UserError(f"there is no detector {kind!r}: one of {', '.join(DETECTORS)}")
    return HoleFilling(DETECTORS[kind](rate_hz))
