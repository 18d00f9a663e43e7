"""What stands out between two candidates, and how chains of them are known as a heart's."""

import numpy as np
import pytest

from bridge.detect.candidate import Candidate
from bridge.detect.chains import clear

COMPLEX_S = 0.1
USUAL, WIDE = np.array([1.0, 0.0]), np.array([0.3, 0.91**0.5])


def candidates(*beats):
    """(time, height, shape) of each."""
    return [Candidate(t, at=100 * t, height=height, shape=shape) for t, height, shape in beats]


@pytest.mark.parametrize(
    ("t", "height", "complex_s", "expected"),
    [
        (0.4, 0.25, 0.0, 0.75),
        (0.4, 1.0, 0.0, 0.0),
        (0.4, 5.0, 0.0, -1.0),
        # Within the complex of the first or of the second it is a part of it.
        (0.05, 0.25, 0.0, 0.75),
        (0.05, 0.25, COMPLEX_S, 1.0),
        (0.75, 0.25, 0.0, 0.75),
        (0.75, 0.25, COMPLEX_S, 1.0),
        (0.15, 0.25, COMPLEX_S, 0.75),
        (0.65, 0.25, COMPLEX_S, 0.75),
        # Before the first it is not between them.
        (-0.2, 0.25, 0.0, 1.0),
    ],
)
def test_how_little_stands_out_between_two_beats(t, height, complex_s, expected):
    beats = candidates((0.0, 1.0, USUAL), (0.8, 1.0, USUAL), (t, height, WIDE))
    recent = sorted(beats, key=lambda c: c.t)
    assert clear(recent, beats[0], beats[1], 1.0, complex_s) == expected
