"""One session at a glance: how long, how fast, and a small curve of its rate."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import BeatbridgeError
from bridge.events import Beat
from bridge.recordings.read import read_recording
from bridge.recordings.recording import Recording

Floats = NDArray[np.float64]
POINTS = 80


def glance(path: Path) -> dict[str, Any]:
    """What a card of the page shows of a file; of one that cannot be read, why."""
    try:
        times, rates = _rates(read_recording(path))
    except BeatbridgeError as error:
        says = str(error).removeprefix(f"{path}: ")
        return {"readable": False, "seconds": 0.0, "says": says, "rates": []}
    if not len(rates):
        return {"readable": True, "seconds": 0.0, "says": "no heartbeat", "rates": []}
    seconds = float(times[-1])
    says = f"{np.median(rates):.0f} bpm, {rates.min():.0f}-{rates.max():.0f}"
    return {"readable": True, "seconds": seconds, "says": says, "rates": _thinned(times, rates)}


def _rates(recording: Recording) -> tuple[Floats, Floats]:
    """Times in s and rates a minute, of whatever the file holds."""
    if recording.columns:
        rates = recording.columns["HR"]
        known = np.isfinite(rates)
        return recording.columns["t"][known], rates[known]
    beats = recording.beats_t
    if beats is None:
        beats = _found(recording)
    if len(beats) < 2:
        return np.empty(0), np.empty(0)
    return beats[1:], 60.0 / np.diff(beats)


def _found(recording: Recording) -> Floats:
    from bridge.detect import make_detector

    detector = make_detector(recording.signal_kind or "auto", recording.chunks[0].rate_hz)
    events = [event for chunk in recording.chunks for event in detector.push(chunk)]
    beats = [event.t for event in [*events, *detector.flush()] if isinstance(event, Beat)]
    return np.array(beats)


def _thinned(times: Floats, rates: Floats) -> list[float | None]:
    """The median of each of so many equal stretches; None where there is none."""
    points = min(POINTS, max(2, len(rates) // 2))  # of few beats no more than they fill
    place = np.minimum((times / max(times[-1], 1e-9) * points).astype(int), points - 1)
    return [
        round(float(np.median(rates[place == k])), 1) if (place == k).any() else None
        for k in range(points)
    ]
