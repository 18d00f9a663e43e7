"""Heart-rate variability: pure measures over normal-to-normal intervals.

Definitions: Task Force of the ESC/NASPE (1996), Circulation 93:1043-1065. The time domain's stand
in ``bridge.hrv.exact``.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.events import Interval
from bridge.hrv.exact import Held, Sums, TimeDomain, fixed

Floats = NDArray[np.float64]

BANDS_HZ = {"vlf": (0.003, 0.04), "lf": (0.04, 0.15), "hf": (0.15, 0.40)}
"""Edges of the bands, Hz. The Task Force has 0.003 as VLF's floor in long recordings."""
FREQUENCY_STEP_HZ = 0.001
"""Widest step of the frequency grid; every band edge is a multiple of it."""
OVERSAMPLING = 4
"""Grid points for each 1 / window, so that no spectral line falls between two of them."""
RESAMPLING_HZ = 4.0
"""Rate of the even series for the FFT: far above the 0.4 Hz that matters, as is customary."""


@dataclass(frozen=True, slots=True)
class FrequencyDomain:
    """Powers of the bands, ms^2."""

    vlf_ms2: float
    lf_ms2: float
    hf_ms2: float
    lf_hf: float | None
    """LF over HF; None where HF has no power."""
    respiration_hz: float | None
    """Where the spectrum peaks inside HF; None where it only falls or rises across the band."""


class NormalIntervals(NamedTuple):
    """The normal-to-normal intervals of a recording, each of shape (n,)."""

    start_s: Floats
    """Times of the beats that begin them."""
    end_s: Floats
    """Times of the beats that end them."""
    nn_ms: Floats
    breaks: NDArray[np.bool_]
    """True where no difference may be taken to the interval before."""


def normal_intervals(intervals: Iterable[Interval]) -> NormalIntervals:
    """Keep the intervals that have a value; a gap or an interval without one breaks the row."""
    rows = []
    broken = True
    for each in intervals:
        if each.nn_ms is None:
            broken = True
        else:
            start_s = each.t - each.ibi_ms / 1000.0
            rows.append((start_s, each.t, each.nn_ms, broken or each.after_gap))
            broken = False
    starts, ends, nn_ms, breaks = np.array(rows, np.float64).reshape(-1, 4).T
    return NormalIntervals(starts, ends, nn_ms, breaks.astype(np.bool_))


def time_domain(nn_ms: Floats, breaks: NDArray[np.bool_] | None = None) -> TimeDomain:
    """Measure intervals, ms, in the time domain.

    Args:
        nn_ms: shape (n,).
        breaks: shape (n,), true where no difference may be taken to the interval before (after a
            gap). Without it the intervals follow each other without a gap.
    """
    sums = Sums()
    before = None
    broken = [False] * len(nn_ms) if breaks is None else breaks.tolist()
    for each, is_broken in zip(map(fixed, nn_ms.tolist()), broken, strict=True):
        sums.add(Held(each, None if is_broken else before))
        before = each
    return sums.measures()


def frequency_grid(window_s: float) -> Floats:
    """Frequencies, Hz, from the floor of VLF to the top of HF for a window of this length.

    The step is 1 mHz, or a whole part of it where a long window resolves more.
    """
    parts = max(1, math.ceil(OVERSAMPLING * window_s * FREQUENCY_STEP_HZ))
    low, high = BANDS_HZ["vlf"][0], BANDS_HZ["hf"][1]
    points = round((high - low) / FREQUENCY_STEP_HZ) * parts + 1
    return np.linspace(low, high, points)


def lomb_scargle(t_s: Floats, nn_ms: Floats, frequencies_hz: Floats) -> Floats:
    """Return the one-sided power spectral density of unevenly timed intervals, ms^2/Hz.

    With P(f) the classical periodogram of Scargle (1982), Astrophys J 263:835 - what
    ``scipy.signal.lombscargle`` gives, not normalised - of the intervals less their mean, the
    density is ``2 D P(f)`` where D is the mean distance of the beats, ``(t[-1] - t[0]) / (n - 1)``.
    Its integral over frequency is then the variance of the intervals: a sine of amplitude A among n
    beats peaks at P = n A^2 / 4 with a width of 1 / (n D), which makes A^2 / 2.

    Args:
        t_s: times of the beats that end the intervals, s, rising, shape (n,), n > 1.
        nn_ms: the intervals, ms, shape (n,).
        frequencies_hz: where to evaluate, Hz, greater than 0.
    """
    spacing_s = (t_s[-1] - t_s[0]) / (len(t_s) - 1)
    phase = 2.0 * np.pi * np.outer(frequencies_hz, t_s - t_s[0])
    cos, sin = np.cos(phase), np.sin(phase)
    y = nn_ms - np.mean(nn_ms)
    cc, ss, cs = ((a * b).sum(axis=1) for a, b in ((cos, cos), (sin, sin), (cos, sin)))
    return periodogram(cos @ y, sin @ y, cc, ss, cs) * (2.0 * float(spacing_s))


def periodogram(yc: Floats, ys: Floats, cc: Floats, ss: Floats, cs: Floats) -> Floats:
    """Return Scargle's periodogram from sums over y cos, y sin, cos^2, sin^2 and cos sin.

    The delay tau of the textbook formula only turns the axes so that the last sum vanishes; solving
    the two normal equations of the least-squares sine as they stand gives the same power.
    """
    determinant = cc * ss - cs * cs
    power = 0.5 * (yc * yc * ss + ys * ys * cc - 2.0 * yc * ys * cs)
    return np.divide(power, determinant, out=np.zeros_like(power), where=determinant > 1e-9)


def cubic_fft(t_s: Floats, nn_ms: Floats, rate_hz: float = RESAMPLING_HZ) -> tuple[Floats, Floats]:
    """Return frequencies, Hz, and the one-sided density, ms^2/Hz, of the cubic-resampled intervals.

    The intervals are laid at the beats that end them, joined by a cubic spline, sampled evenly and
    Fourier-transformed without a taper. With X the transform of the n samples less their mean, the
    density is ``2 |X|^2 / (rate n)``; its integral is the variance of the even series.

    Args:
        t_s: times of the beats that end the intervals, s, rising, shape (n,), n > 3.
        nn_ms: the intervals, ms, shape (n,).
        rate_hz: rate of the even series.
    """
    from scipy.interpolate import CubicSpline

    count = max(8, round((t_s[-1] - t_s[0]) * rate_hz) + 1)
    even_t, step_s = np.linspace(t_s[0], t_s[-1], count, retstep=True)
    even = CubicSpline(t_s, nn_ms)(even_t)
    spectrum = np.fft.rfft(even - np.mean(even))
    density: Floats = np.abs(spectrum) ** 2 * (2.0 * float(step_s) / count)
    return np.fft.rfftfreq(count, float(step_s)).astype(np.float64), density


def band_powers(frequencies_hz: Floats, density: Floats) -> FrequencyDomain:
    """Integrate a density over the bands by the trapezoidal rule.

    Band edges that fall between two frequencies are interpolated linearly.

    Args:
        frequencies_hz: rising, shape (n,).
        density: one-sided, ms^2/Hz, shape (n,).
    """
    powers = {}
    for name, (low, high) in BANDS_HZ.items():
        inside = (frequencies_hz > low) & (frequencies_hz < high)
        f = np.concatenate(([low], frequencies_hz[inside], [high]))
        d = np.interp(f, frequencies_hz, density)
        powers[name] = float(np.diff(f) @ (d[1:] + d[:-1])) / 2.0
    hf = (frequencies_hz >= BANDS_HZ["hf"][0]) & (frequencies_hz <= BANDS_HZ["hf"][1])
    return FrequencyDomain(
        vlf_ms2=powers["vlf"],
        lf_ms2=powers["lf"],
        hf_ms2=powers["hf"],
        lf_hf=powers["lf"] / powers["hf"] if powers["hf"] > 0.0 else None,
        respiration_hz=_peak(frequencies_hz[hf], density[hf]),
    )


def _peak(frequencies_hz: Floats, density: Floats) -> float | None:
    if len(density) < 3:
        return None
    top = int(np.argmax(density))
    return float(frequencies_hz[top]) if 0 < top < len(density) - 1 else None
