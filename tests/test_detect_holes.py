"""Short holes are bridged: a lost sample costs nothing, a lost second is left to see."""

import numpy as np

from bridge.detect.signal.holes import HoleFilling
from bridge.events import SampleChunk


class Ear:
    """A detector that only listens."""

    def __init__(self):
        self.chunks = []

    def push(self, chunk):
        self.chunks.append(chunk)
        return []

    def flush(self):
        return []

    def forget(self):
        self.chunks.clear()


def heard(*chunks):
    ear = Ear()
    filling = HoleFilling(ear)
    for t, values in chunks:
        filling.push(SampleChunk(t, 100.0, np.array(values, float)))
    return [(round(chunk.t, 6), chunk.values.tolist()) for chunk in ear.chunks]


def test_a_short_hole_becomes_a_line():
    assert heard((0.0, [1, 2]), (0.04, [8, 9])) == [(0.0, [1.0, 2.0]), (0.02, [4.0, 6.0, 8.0, 9.0])]


def test_a_longer_gap_stays_a_gap():
    assert heard((0.0, [1, 2]), (0.5, [8])) == [(0.0, [1.0, 2.0]), (0.5, [8.0])]


def test_no_hole_no_change_and_time_may_go_back():
    chunks = [(0.0, [1.0, 2.0]), (0.02, [3.0]), (0.01, [5.0])]
    assert heard(*chunks) == chunks
