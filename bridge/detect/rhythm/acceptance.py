"""What a candidate must be like to be accepted as a beat, by how noisy the signal is.

In a clean signal whatever stands out is a beat, of whatever shape and whenever it comes; in a
noisy one it must match the template and come when one is due.
"""

THRESHOLDS = (
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
"""Score a candidate needs in noise (1 for a usual beat), by the time since the last beat in
expected intervals: a soft refractory period, then a threshold that sinks where a beat is
overdue (the two levels of Pan and Tompkins 1985, made continuous). Higher early on keeps dicrotic
waves and T waves out, lower keeps early beats. Chosen on shared/data; range not measured."""
THRESHOLD_IN_CLEAN = 0.45
"""In a clean signal no more than this is needed: any beat that stands out counts, however early.
Chosen on shared/data and simulated ectopic beats. F1 within 0.1: 0.225 to 0.517."""
T_WAVE_S = 0.36
THRESHOLD_ON_T = 0.8
"""... but so soon (s) after a beat its T wave may be mistaken for one: 0.36 s is from Pan and
Tompkins 1985, the score was chosen on simulated tall T waves. F1 within 0.1: T_WAVE_S 0.18 to 0.36;
THRESHOLD_ON_T 0.4 to 1.6."""
SHAPE_SHARE = (0.40, 0.65)
"""How much of the score the shape decides (0-1; the height the rest), in a clean signal and in a
noisy one: more keeps artefacts out and loses ectopic beats. Chosen on shared/data. F1 within 0.1:
(0.4, 0.65) to (0.46, 0.747)."""
SEARCH_BACK = (0.40, 0.15)
"""Score from which a candidate that was passed over is the beat that turns out missing, clean and
noisy (Pan and Tompkins 1985 take half the threshold). Chosen on shared/data. F1 within 0.1: (0.2,
0.075) to (0.46, 0.172)."""
LONGEST_PAUSE_S = (6.0, 2.5)
"""A rhythm is not lost before so long (s) without a beat, clean and noisy: blocks and pauses reach
some seconds; longer says "live" where the finger is gone. Chosen on simulated arrests. F1 within
0.1: (3, 1.25) to (12, 5)."""
LONE_MATCH_COST = 0.5
"""How much the correlation with a single earlier beat is worth less, in a noisy signal: one of
eight is like it by chance. Chosen on shared/data. F1 within 0.1: 0.425 to 1."""


def interpolate(x: float, points: tuple[tuple[float, float], ...]) -> float:
    """Piecewise linear interpolation, held at the ends."""
    x0, y0 = points[0]
    if x <= x0:
        return y0
    for x1, y1 in points[1:]:
        if x < x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
        x0, y0 = x1, y1
    return y0


def blend(clean_and_noisy: tuple[float, float], noisiness: float) -> float:
    """Between the value for a clean signal (noisiness 0) and that for a noisy one (1)."""
    clean, noisy = clean_and_noisy
    return clean + (noisy - clean) * noisiness


def threshold(relative: float, gap: float, noisiness: float) -> float:
    """Score that is needed ``gap`` s after the last beat, ``relative`` expected intervals."""
    in_noise = interpolate(relative, THRESHOLDS)
    in_clean = THRESHOLD_IN_CLEAN if gap > T_WAVE_S else THRESHOLD_ON_T
    return blend((min(in_noise, in_clean), in_noise), noisiness)


def score(height: float, match: float, noisiness: float) -> float:
    """1 for a usual beat: height relative to the level, and correlation with the template."""
    share = blend(SHAPE_SHARE, noisiness)
    return min(2.0, height * (1.0 - share + share * max(0.0, match)))
