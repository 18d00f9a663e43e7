"""What a candidate must be like to be taken for a beat, by how noisy the signal is.

In a clean signal whatever stands out is a beat, of whatever shape and whenever it comes; in a
noisy one it must look like the beats before and come when one is due.
"""

NEEDED = (
    (0.3, 1.5),
    (0.45, 1.0),
    (0.6, 0.75),
    (0.75, 0.55),
    (0.9, 0.42),
    (1.3, 0.40),
    (1.6, 0.30),
    (2.2, 0.18),
    (3.0, 0.12),
)
"""Score a candidate needs (1 for a usual beat), by the time since the last beat in intervals."""
NEEDED_IN_CLEAN = 0.45
"""In a clean signal no more than this is needed ..."""
T_WAVE_S = 0.36
NEEDED_ON_T = 0.8
"""... but so soon after a beat, where its T wave may be (Pan and Tompkins 1985)."""
SHAPE_SHARE = (0.40, 0.65)
"""How much of the score the shape decides, in a clean signal and in a noisy one."""
MISSING = (0.40, 0.15)
"""Score from which a candidate that was passed over may be the beat that turns out missing."""
LONGEST_PAUSE_S = (6.0, 2.5)
"""A rhythm is not lost before so long without a beat: blocks and pauses reach some seconds."""
STRANGER = 0.5
"""How much the likeness to a single earlier beat is worth less, in a noisy signal."""


def between(x: float, points: tuple[tuple[float, float], ...]) -> float:
    """Piecewise linear interpolation, held at the ends."""
    x0, y0 = points[0]
    if x <= x0:
        return y0
    for x1, y1 in points[1:]:
        if x < x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
        x0, y0 = x1, y1
    return y0


def mix(clean_and_noisy: tuple[float, float], noisiness: float) -> float:
    """Between the value for a clean signal (noisiness 0) and that for a noisy one (1)."""
    clean, noisy = clean_and_noisy
    return clean + (noisy - clean) * noisiness


def needed(relative: float, gap: float, noisiness: float) -> float:
    """Score that is needed ``gap`` s after the last beat, ``relative`` to the usual interval."""
    usual = between(relative, NEEDED)
    in_clean = NEEDED_IN_CLEAN if gap > T_WAVE_S else NEEDED_ON_T
    return mix((min(usual, in_clean), usual), noisiness)


def score(height: float, alike: float, noisiness: float) -> float:
    """1 for a usual beat: height relative to the usual one, and likeness to it (up to 1)."""
    share = mix(SHAPE_SHARE, noisiness)
    return min(2.0, height * (1.0 - share + share * max(0.0, alike)))
