"""Detectors are found in one table: adding one is one line."""

import numpy as np
import pytest

from bridge.detect import DETECTORS, make_detector
from bridge.errors import UserError
from bridge.events import Beat, SampleChunk
from bridge.pipeline import Pipeline
from bridge.sources.spec import signal_kind


class EverySecond:
    """A detector of a few lines: a beat at each whole second."""

    def __init__(self, rate_hz):
        self.rate_hz = rate_hz

    def push(self, chunk):
        times = chunk.t + np.arange(len(chunk.values)) / chunk.rate_hz
        return [Beat(t, t) for t in times.tolist() if t > 0 and t == round(t)]

    def flush(self):
        return []

    def forget(self):
        pass


def test_a_detector_in_the_table_is_made_offered_and_played(monkeypatch):
    with pytest.raises(UserError, match="kind=clock should be auto or ecg or ppg or ema"):
        signal_kind("csv:heart.csv?kind=clock")
    monkeypatch.setitem(DETECTORS, "clock", EverySecond)
    kind = signal_kind("csv:heart.csv?kind=clock")
    events = [*Pipeline(kind).push(SampleChunk(0.0, 100.0, np.zeros(450)))]
    assert [event.t for event in events if isinstance(event, Beat)] == [1.0, 2.0, 3.0, 4.0]


def test_an_unknown_detector_names_those_there_are():
    with pytest.raises(UserError, match="no detector 'eeg': one of auto, ecg, ppg, ema"):
        make_detector("eeg", 100.0)
