"""What stands out between two candidates, and how chains of them are known as a heart's."""

import numpy as np
import pytest

from bridge.detect.rhythm.acquisition import clearance
from bridge.detect.rhythm.bigeminy import bigeminy_chain
from bridge.detect.rhythm.candidate import Candidate

COMPLEX_S = 0.1
USUAL, WIDE = np.array([1.0, 0.0]), np.array([0.3, 0.91**0.5])


def candidates(*beats):
    """(time, height, shape) of each."""
    return [
        Candidate(t, fiducial=100 * t, height=height, shape=shape) for t, height, shape in beats
    ]


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
    assert clearance(recent, beats[0], beats[1], 1.0, complex_s) == expected


def bigeminy(wide=(WIDE,) * 5):
    beats = []
    for i, shape in enumerate(wide):
        beats += [(1.7 * i, 1.0, USUAL), (1.7 * i + 0.53, 0.66, shape)]
    return beats


def times(recent):
    chain, total = bigeminy_chain(recent, COMPLEX_S)
    return [round(c.t, 2) for c in chain], total


def test_a_bigeminy_is_known_by_nine_beats():
    beats, total = times(candidates(*bigeminy()))
    assert beats == [0.53, 1.7, 2.23, 3.4, 3.93, 5.1, 5.63, 6.8, 7.33]
    # Of eight intervals, the first two have none of their kind before them.
    assert total == pytest.approx(6 * 1.65)
    assert times(candidates(*bigeminy()[:8])) == ([], 0.0)


def test_what_is_low_or_follows_as_a_t_wave_is_passed_over():
    beats = sorted(
        [*bigeminy(), *((1.7 * i + 0.3, 0.42, WIDE) for i in range(5)), (6.4, 0.3, USUAL)],
        key=lambda beat: beat[0],
    )
    assert times(candidates(*beats))[0] == [0.53, 1.7, 2.23, 3.4, 3.93, 5.1, 5.63, 6.8, 7.33]


def test_one_like_none_before_it_makes_it_no_heart():
    strange = np.array([-1.0, 0.0])
    assert times(candidates(*bigeminy((WIDE, WIDE, WIDE, strange, WIDE)))) == ([], 0.0)


def test_the_newest_candidate_is_one_of_the_beats():
    low = (7.8, 0.2, USUAL)
    assert times(candidates(*bigeminy(), low)) == ([], 0.0)
    assert times(candidates(*bigeminy(), (12.0, 1.0, USUAL))) == ([], 0.0)
