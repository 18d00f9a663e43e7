"""Predicted beats in maps, clock and look-ahead: they sound, and steer nothing."""

import pytest
from pythonosc.osc_message import OscMessage

from bridge.events import Beat, Foretold, Next
from bridge.mapping import profile as profiles
from bridge.mapping.values import Values
from bridge.patchbay.bay import Bay
from bridge.patchbay.load import parse
from bridge.pipeline import Pipeline
from bridge.sinks.midi.clock_out import ClockSink

PERIOD_S, OFF_S = 0.8, 0.06
MAP = """osc = "127.0.0.1:9"
[[row]]
from = "beat"
to = "/beat"
min = 0.0
max = 1.0
[[row]]
from = "bpm"
low = 40
high = 180
to = "/rate"
min = 40.0
max = 180.0
[[row]]
from = "next"
low = 0
high = 2000
to = "/next"
min = 0.0
max = 2000.0
"""


def events(predicted=True, beats=20):
    """A strap's events: true beats a second late, and predictions that are a little off."""
    pipeline, found = Pipeline(), []
    found += pipeline.push(Foretold(0.0)) if predicted else []
    for n in range(1, beats + 1):
        t = n * PERIOD_S
        found += pipeline.push(Beat(t, t + 1.0, late=predicted))
        if predicted and n > 3:
            at = t + 2 * PERIOD_S + OFF_S * (-1) ** n
            found += pipeline.push(Beat(at, at, predicted=True, ibi_ms=1000.0 * PERIOD_S))
    return found


def test_a_map_strikes_at_each_prediction_once_and_goes_by_the_true_rate():
    values, rows = Values(profiles.load([])), Bay(parse("test", MAP).rows, ["violin"])
    sent = []
    for n, event in enumerate(events()):
        for said in values.push(event, 0.0):
            sent += [OscMessage(out.data) for out in rows.said("violin", said, n * 1.0)]
    strikes = [message for message in sent if message.address == "/beat"]
    assert len(strikes) == sum(isinstance(e, Beat) and e.predicted for e in events()) == 17
    rates = [message.params[0] for message in sent if message.address == "/rate"]
    assert rates == pytest.approx([60.0 / PERIOD_S] * len(rates))
    assert rates


def test_the_clock_goes_by_the_true_intervals():
    class Clock:
        def __init__(self):
            self.rates = []

        def rate(self, bpm):
            self.rates.append(bpm)

    def told(predicted):
        clock = Clock()
        sink = ClockSink(clock)
        for event in events(predicted):
            sink.event(event, 0.0)
        return clock.rates

    for rates in (told(True), told(False)):
        assert rates == pytest.approx([60.0 / PERIOD_S] * len(rates))
        assert len(rates) >= 19


def test_the_next_beat_is_guessed_from_beats_that_were_and_told_of_no_prediction():
    assert any(isinstance(event, Next) for event in events(predicted=False))
    assert not any(isinstance(event, Next) for event in events(predicted=True))
