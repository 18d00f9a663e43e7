"""Sources that deliver late, twice or out of turn, and that say how they are in touch."""

import asyncio

import numpy as np
import pytest

from bridge.events import (
    Battery,
    Beat,
    Body,
    BodyChunk,
    Contact,
    Link,
    Marker,
    SampleChunk,
    State,
    Status,
)
from bridge.pipeline import Pipeline
from bridge.simulate.heart import Heart, HeartSimulator
from bridge.sources.pace import emit_in_time
from tests.test_live import Broken, Keeper, session

RATE_HZ = 130.0
PACKET = 73
"""Samples in a packet, as a chest strap sends its ECG."""


class Playing(Broken):
    realtime = False

    def __init__(self, items):
        self.items = items

    async def run(self, emit):
        for item in self.items:
            emit(item)


def play(items, said=None):
    keeper = Keeper()
    notice = (said if said is not None else []).append
    (summary,) = asyncio.run(session(Playing(items), [keeper], notice=notice).run())
    return keeper, summary


def ages(keeper):
    return {
        event.t: age
        for event, age in zip(keeper.events, keeper.ages, strict=True)
        if isinstance(event, Beat) and not event.late
    }


def packets(delay_s):
    values = HeartSimulator(Heart(rate_hz=RATE_HZ)).take(40 * PACKET).values
    for start in range(0, len(values), PACKET):
        part = values[start : start + PACKET]
        t = start / RATE_HZ
        arrival_t = None if delay_s is None else t + len(part) / RATE_HZ + delay_s
        yield SampleChunk(t, RATE_HZ, part, arrival_t)


def test_data_that_arrive_late_make_older_beats():
    told, late = ages(play(packets(None))[0]), ages(play(packets(0.3))[0])
    assert list(told) == list(late)
    assert len(told) > 10
    for t, age in late.items():
        # Without a word of arrival the newest sample counts as just taken, not as just over.
        assert age == pytest.approx(told[t] + 0.3 + 1 / RATE_HZ, abs=0.05)


def test_a_beat_that_arrives_late_tells_its_age_and_keeps_the_heart_live():
    beats = [Beat(n * 0.6, n * 0.6 + 1.7) for n in range(1, 20)]
    keeper, _ = play(beats)
    assert all(1.7 <= age < 1.8 for age in ages(keeper).values())
    assert [status.state for status in keeper.of(Status)] == [State.LIVE]


@pytest.mark.parametrize("wrong", [5.0, 5.01, 4.2, -3.0, float("nan")])
def test_a_beat_out_of_turn_is_refused_with_a_word(wrong):
    said = []
    beats = [Beat(t, t) for t in (1.0, 2.0, 3.0, 4.0, 5.0, wrong, wrong, 6.0)]
    keeper, summary = play(beats, said)
    assert [beat.t for beat in keeper.of(Beat)] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert keeper.of(Beat)[-1].ibi_ms == pytest.approx(1000.0)
    assert len([line for line in said if "refused" in line]) == 1
    assert summary.notes == ["2 beats refused: they came twice, or late"]


def test_no_skin_is_a_loss_and_what_the_sensor_sends_then_is_no_pulse():
    def beats(first, last):
        return [Beat(float(t), float(t)) for t in range(first, last)]

    items = [*beats(1, 6), Contact(5.4, Link.NO_CONTACT), *beats(6, 9)]
    items += [Contact(8.5, Link.CONNECTED), *beats(9, 14)]
    keeper, _ = play(items)
    assert [beat.t for beat in keeper.of(Beat)] == [1, 2, 3, 4, 5, 9, 10, 11, 12, 13]
    assert keeper.of(Status) == [
        Status(3.0, State.LIVE),
        Status(5.4, State.LOST),
        Status(11.0, State.LIVE),
    ]
    assert next(beat for beat in keeper.of(Beat) if beat.t == 9.0).ibi_ms is None
    assert [contact.link for contact in keeper.of(Contact)] == [Link.NO_CONTACT, Link.CONNECTED]


def test_samples_without_skin_are_not_listened_to():
    pipeline = Pipeline("ppg")
    signal = HeartSimulator(Heart(rate_hz=100.0)).take(4000).values
    events = [*pipeline.push(Contact(0.0, Link.NO_CONTACT))]
    events += pipeline.push(SampleChunk(0.0, 100.0, signal[:2000]))
    assert not [event for event in events if isinstance(event, Beat)]
    events = [*pipeline.push(Contact(20.0, Link.CONNECTED))]
    events += pipeline.push(SampleChunk(20.0, 100.0, signal[2000:]))
    assert len([event for event in events if isinstance(event, Beat)]) > 10


def test_a_battery_is_news_and_nothing_else():
    pipeline = Pipeline()
    assert list(pipeline.push(Battery(3.0, 80))) == [Battery(3.0, 80)]


@pytest.mark.slow
@pytest.mark.parametrize("cuts", [[], [1], [7, 8, 9], list(range(1, 100))])
def test_another_column_is_thinned_alike_in_any_chunking(cuts):
    values = np.arange(100.0)
    pipeline, found = Pipeline(), []
    for start, stop in zip([0, *cuts], [*cuts, 100], strict=True):
        chunk = BodyChunk(start / 100.0, "eda", 100.0, values[start:stop])
        found += pipeline.push(chunk)
        found += pipeline.push(BodyChunk(start / 100.0, "temp", 100.0, values[start:stop] * 0))
    eda = [event for event in found if isinstance(event, Body) and event.name == "eda"]
    assert len(eda) == 25  # four at a time: thirty a second would be more than each 3.3 samples
    assert [event.value for event in eda[:2]] == [1.5, 5.5]
    assert [event.t for event in eda[:2]] == pytest.approx([0.03, 0.07])


def test_at_full_speed_all_is_handed_on_in_order_and_long_chunks_in_pieces():
    values = np.arange(25.0)
    items = [SampleChunk(0.0, 10.0, values), Beat(2.6, 2.6), Marker(2.7, "song")]
    found = []
    asyncio.run(emit_in_time(items, found.append, 0.0))
    *pieces, beat, mark = found
    assert [(piece.t, len(piece.values)) for piece in pieces] == [(0.0, 10), (1.0, 10), (2.0, 5)]
    assert np.array_equal(np.concatenate([piece.values for piece in pieces]), values)
    assert (beat, mark) == tuple(items[1:])
