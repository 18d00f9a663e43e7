"""Whether a heart would read better at another sample rate than the one that was given.

A wrong ``rate=`` stretches the signal: beats come too seldom or too often and are too long or too
short, or there are none.
"""

from collections.abc import Sequence
from statistics import median

import numpy as np

from bridge.detect import HIGHEST_HZ, LOWEST_HZ, make_detector
from bridge.detect.signal.filter import Floats, decimation_step
from bridge.events import Beat, SampleChunk

FACTORS = (0.5, 2.0, 0.25, 4.0, 0.2, 5.0, 0.1, 10.0)
"""Usual mistakes: half and double, 25, 250, 500 or 1000 for 100 Hz, and the other way round."""
LEAST_S = 12.0
"""Of less signal, s, nothing is said."""
LEAST_BEATS = 8
HEARD_S = 60.0
"""... and no more is listened to."""
WORKED_AT_HZ = 250.0
"""Samples are averaged to about this rate first: it is time that counts here, not precision."""
SLOW, FAST = 48.0, 110.0
"""Rates a minute below and above which double and half the sample rate are thought of: at half its
rate a resting heart of shared/data reads 18-46, at double 100-164."""
UPSTROKE_S = (0.06, 0.145)
COMPLEX_S = (0.019, 0.06)
"""How long the slope of a pulse, or the energy of a QRS complex, is above half its maximum, s:
shared/data have 0.07-0.141 and 0.022-0.05."""
LIKELY_PER_MINUTE = 75.0
AROUND_S = 0.3
STEP_S = 0.02


def likelier_rate(values: Floats, rate_hz: float, kind: str = "auto") -> float | None:
    """The sample rate in Hz at which the signal reads like a heart, if that given is doubtful.

    None where there is no doubt, no better one, or too little signal (12 s).
    """
    factor = _likelier_factor(values, rate_hz, kind, unheard=True)
    return None if factor is None else factor * rate_hz


def rate_of_heart(chunks: Sequence[SampleChunk], kind: str = "auto") -> float | None:
    """Half or double the rate, Hz, where beats are found but of a length no heart's have.

    Nobody is asked twice: where no beat is found, ``rate_hint`` says more. Of shared/data's 26
    longer records none is doubted at its rate, 10 at half of it and 5 at double (``auto``).
    """
    if not chunks:
        return None
    values, rate_hz = _first_minute(chunks)
    factor = _likelier_factor(values, rate_hz, kind, unheard=False)
    return None if factor is None else factor * rate_hz


def _likelier_factor(values: Floats, rate_hz: float, kind: str, unheard: bool) -> float | None:
    """What the given rate is to be multiplied by; also where no heart is heard, if ``unheard``."""
    if len(values) < LEAST_S * rate_hz or not kind_is_found_by_shape(kind):
        return None
    x, step = _thinned(values, rate_hz)
    rate_hz /= step
    found = _read(x, rate_hz, kind)
    if found is not None:
        return _half_or_double(*found)
    if not unheard:
        return None
    likely = [
        (abs(np.log(read[0] / LIKELY_PER_MINUTE)), factor)
        for factor in FACTORS
        if LOWEST_HZ <= factor * rate_hz <= HIGHEST_HZ
        and (read := _read(x, factor * rate_hz, kind)) is not None
        and SLOW <= read[0] <= FAST
        and read[1] == 0
    ]
    return min(likely)[1] if likely else None


def _half_or_double(per_minute: float, length: int) -> float | None:
    if per_minute < SLOW and length > 0:
        return 2.0
    if per_minute > FAST and length < 0:
        return 0.5
    return None


def rate_hint(chunks: Sequence[SampleChunk], kind: str = "auto") -> str:
    """What to add to a message: the likelier rate of the first minute's samples, or nothing."""
    if not chunks:
        return ""
    values, rate_hz = _first_minute(chunks)
    likely = likelier_rate(values, rate_hz, kind)
    if likely is None:
        return ""
    return (
        f" at {rate_hz:g} samples a second; it reads like a heart at about {likely:g}: "
        "is the given rate right?"
    )


def _first_minute(chunks: Sequence[SampleChunk]) -> tuple[Floats, float]:
    rate_hz = chunks[0].rate_hz
    return np.concatenate([chunk.values for chunk in chunks])[: round(HEARD_S * rate_hz)], rate_hz


def _thinned(values: Floats, rate_hz: float) -> tuple[Floats, int]:
    """The mean of every so many samples, and how many that were."""
    step = decimation_step(rate_hz, WORKED_AT_HZ)
    whole = len(values) // step
    return values[: whole * step].reshape(whole, step).mean(axis=1), step


def kind_is_found_by_shape(kind: str) -> bool:
    """Whether a detector of this kind says what it found."""
    return kind in ("auto", "ecg", "ppg")


def _read(x: Floats, rate_hz: float, kind: str) -> tuple[float, int] | None:
    """Beats a minute, and whether they are too short (-1), right (0) or too long (1) for a heart.

    None where too few are told.
    """
    detector = make_detector(kind, rate_hz)
    events = detector.push(SampleChunk(0.0, rate_hz, x))
    beats = [event.t for event in events if isinstance(event, Beat)]
    lasting = len(x) / rate_hz
    if len(beats) < min(LEAST_BEATS, 0.4 * lasting) or len(beats) < 3:
        return None
    is_pulse = (detector.kind or kind) == "ppg"
    lengths = _length_s(x, rate_hz, beats, is_pulse)
    short, long = UPSTROKE_S if is_pulse else COMPLEX_S
    per_minute = 60.0 / median(np.diff(beats).tolist())
    return per_minute, int(lengths > long) - int(lengths < short)


def _length_s(x: Floats, rate_hz: float, beats: list[float], is_pulse: bool) -> float:
    """Time above half the maximum of the usual beat's slope or energy, s."""
    if is_pulse:
        k = max(1, round(STEP_S * rate_hz))
        y, shift = x[k:] - x[:-k], k / 2.0
    else:
        k = max(1, round(STEP_S * rate_hz))
        y, shift = np.convolve(np.diff(x) ** 2, np.ones(k) / k, "same"), 0.5
    around = max(2, round(AROUND_S * rate_hz))
    places = [round(t * rate_hz - shift) for t in beats]
    cuts = [y[i - around : i + around] for i in places if around <= i < len(y) - around]
    if not cuts:
        return 0.0
    usual = np.median(np.array(cuts), axis=0)
    if is_pulse and usual[around - 2 : around + 3].sum() < 0:
        usual = -usual
    top = int(usual.argmax())
    low = usual < 0.5 * usual[top]
    before = np.flatnonzero(low[:top])
    after = np.flatnonzero(low[top:])
    first = int(before[-1]) if len(before) else 0
    last = top + int(after[0]) if len(after) else len(usual)
    return (last - first) / rate_hz
