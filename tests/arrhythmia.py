"""Hearts that do not beat evenly, or whose beats look unusual: signals with every beat known.

Shapes and rhythms are textbook ones (intervals, widths, relative heights), drawn as sums of bells.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np

from bridge.events import SampleChunk

Bumps = tuple[tuple[float, float, float], ...]
"""(height, centre after the beat in s, width as a standard deviation in s)."""


@dataclass(frozen=True)
class Shape:
    """One kind of beat: what keeps its place, and what moves with the root of the interval."""

    fixed: Bumps
    stretched: Bumps


P, T = (0.12, -0.17, 0.022), (0.25, 0.28, 0.045)
QRS = ((-0.12, -0.028, 0.010), (1.0, 0.0, 0.011), (-0.2, 0.030, 0.011))
NORMAL = Shape(QRS, (P, T))
# Wide (0.15 s), without P, its T wave the other way; and one without any steep part.
VENTRICULAR = Shape(((0.62, 0.0, 0.022), (-0.40, 0.055, 0.025)), ((-0.22, 0.33, 0.05),))
BLUNT = Shape(((0.60, 0.0, 0.030), (-0.20, 0.075, 0.025)), ((-0.22, 0.33, 0.05),))
FIBRILLATING = Shape(QRS, (T,))
INVERTED = Shape(tuple((-h, c, w) for h, c, w in QRS), (P, T))
RS = Shape(((0.5, 0.0, 0.011), (-1.0, 0.034, 0.013)), (P, T))
PACED = {
    width_s: Shape(((1.5, -0.5 * width_s, 0.001), (-0.9, 0.0, width_s / 4.5)), ((0.3, 0.33, 0.05),))
    for width_s in (0.12, 0.16)
}


def tall_t(height: float, width_s: float) -> Shape:
    return Shape(QRS, (P, (height, 0.28, width_s)))


def tall_p(height: float) -> Shape:
    return Shape(QRS, ((height, -0.17, 0.022), T))


def pulse(height: float = 1.0, dicrotic: float = 0.42) -> Shape:
    """A pulse wave whose steepest point is the beat's time."""
    return Shape(
        (),
        (
            (height, 0.075, 0.075),
            (height * dicrotic, 0.30, 0.075),
            (height * 0.1, 0.45, 0.10),
        ),
    )


Beats = Iterator[tuple[float, Shape]]
"""The interval before each beat, s, and its kind."""


def _jitter(seed: int) -> Iterator[float]:
    rng = np.random.default_rng([seed, 1])
    return (1.0 + 0.025 * float(rng.standard_normal()) for _ in count())


def regular(shape: Shape, seed: int, interval_s: float = 0.85) -> Beats:
    for change in _jitter(seed):
        yield interval_s * change, shape


def alternating(one: Shape, other: Shape, seed: int, interval_s: float = 0.8) -> Beats:
    for i, change in enumerate(_jitter(seed)):
        yield interval_s * change, (one, other)[i % 2]


def premature(
    usual: Shape, early: Shape, seed: int, every: int, begin: int = 8, interval_s: float = 0.85
) -> Beats:
    """From beat ``begin`` on every so-manieth beat is early, and the pause after it makes up."""
    for i, change in enumerate(_jitter(seed)):
        at = i % every
        if i < begin or at not in (0, every - 1):
            yield interval_s * change, usual
        elif at == every - 1:
            yield 0.62 * interval_s * change, early
        else:
            yield 1.38 * interval_s * change, usual


def fibrillation(shape: Shape, seed: int, mean_s: float = 0.7, sd: float = 0.23) -> Beats:
    """Intervals at random: lognormal, none below what the AV node lets through."""
    rng = np.random.default_rng([seed, 2])
    spread = float(np.log1p(sd * sd) ** 0.5)
    while True:
        yield (
            max(0.3, mean_s * float(np.exp(spread * rng.standard_normal() - spread**2 / 2))),
            shape,
        )


def arrests(shape: Shape, seed: int, pause_s: float, every: int = 14) -> Beats:
    for i, change in enumerate(_jitter(seed)):
        yield (pause_s if i % every == every - 1 else 0.85) * change, shape


def doubling(shape: Shape, seed: int) -> Beats:
    """65 a minute for 30 s, then 130 at once."""
    t = 0.0
    for change in _jitter(seed):
        gap = 60 / (65 if t < 30 else 130) * change
        t += gap
        yield gap, shape


def draw(
    beats: Beats,
    rate_hz: float,
    seconds: float,
    noise_db: float,
    seed: int = 1,
    waves: float = 0.0,
) -> tuple[SampleChunk, np.ndarray]:
    """The signal, a usual beat about 1 high, and the time of each beat in it.

    Each sample is the mean over its time, at 1 kHz or more, as a converter's filter makes it.
    ``waves`` is the height of the fibrillating atrium's.
    """
    samples = round(seconds * rate_hz)
    fine = math.ceil(1000 / rate_hz)
    t = (np.arange(samples * fine) - 0.5 * (fine - 1)) / (rate_hz * fine)
    values, times, now = np.zeros(len(t)), [], -0.3
    for gap, shape in beats:
        now += gap
        if now > seconds + 1.0:
            break
        times.append(now)
        stretch = min(gap, 1.2) ** 0.5
        moved = tuple((h, c * stretch, w * stretch) for h, c, w in shape.stretched)
        for height, centre, width in (*shape.fixed, *moved):
            edges = now + centre - 6 * width, now + centre + 6 * width
            near = slice(*np.searchsorted(t, edges))
            values[near] += height * np.exp(-0.5 * ((t[near] - now - centre) / width) ** 2)
    values += waves * np.sin(2 * np.pi * (6.2 * t + 0.3 * np.sin(2.1 * t)))
    values += 0.1 * np.sin(2 * np.pi * 0.23 * t)
    values = values.reshape(samples, fine).mean(axis=1)
    rng = np.random.default_rng([seed, 3])
    noise = values.std() * 10 ** (-noise_db / 20)
    values += noise * rng.standard_normal(samples)
    inside = np.array(times)
    return SampleChunk(0.0, rate_hz, values), inside[(inside > 0) & (inside < seconds)]
