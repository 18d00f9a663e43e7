"""Real bleak over a real D-Bus, against a double of BlueZ with a strap (``tests.bluez``)."""

import asyncio
import sys
import time
from itertools import pairwise

import numpy as np
import pytest

if sys.platform != "linux":
    pytest.skip("the double is one of BlueZ, which is Linux's", allow_module_level=True)
pytest.importorskip("bleak")
pytest.importorskip("dbus_fast")

from bridge.errors import BeatbridgeError
from bridge.events import Battery, Beat, Contact, Foretold, Link, SampleChunk
from bridge.live.performer import Performer
from bridge.live.run import LiveRun
from bridge.mapping import profile as profiles
from bridge.pipeline import Pipeline
from bridge.sinks.osc import OscSink
from bridge.sources import Notice
from bridge.sources.ble import source as ble
from bridge.sources.ble.scan import straps
from bridge.sources.ble.source import StrapSource
from bridge.sources.telling import DELAY_S, LATEST_S
from tests import bluez
from tests.integration.sessions import kept_and_replayed, listen, of, same_beats

pytestmark = pytest.mark.slow


def test_a_strap_is_found_and_its_beats_are_told_true(strap):
    strap("steady")
    found = (asyncio.run(straps(1.0)) for _ in range(20))
    assert next(names for names in found if names) == ["Polar H10 00000000"]
    items = listen(StrapSource("polar"), lambda items: len(of(Beat, items)) >= 6)
    beats = of(Beat, items)
    assert len(beats) >= 6
    steps = np.diff([beat.t for beat in beats])
    assert steps == pytest.approx(bluez.TICKS / 1024, abs=1e-9)  # exactly as the strap sent them
    told_late = [beat.sure_t - beat.t > DELAY_S + LATEST_S for beat in beats]
    assert [beat.late for beat in beats] == told_late  # none, where the machine has the time
    assert not all(told_late)
    assert all(beat.sure_t > beat.t + 0.8 for beat in beats)
    assert of(Battery, items)[0].percent == 80
    assert of(Contact, items)[0].link is Link.CONNECTED
    assert "connected to Polar H10 00000000" in [notice.text for notice in of(Notice, items)]


def test_predicted_beats_sound_and_the_true_ones_count(strap):
    strap("steady")
    source = StrapSource(beats="predicted")
    items = listen(source, lambda items: sum(b.predicted for b in of(Beat, items)) >= 5)
    predicted = [beat for beat in of(Beat, items) if beat.predicted]
    true = [beat for beat in of(Beat, items) if not beat.predicted]
    assert len(predicted) >= 5
    assert all(beat.late for beat in true)
    assert any("predicted" in notice.text for notice in of(Notice, items))
    assert items.index(Foretold(0.0)) < items.index(of(Beat, items)[0])
    apart = [b.t - a.t for a, b in pairwise(predicted)]
    assert min(apart) > 0.4
    pipeline = Pipeline()
    events = [event for beat in of(Beat, items) for event in pipeline.push(beat)]
    counted = [e for e in events if isinstance(e, Beat) and not e.predicted and e.ibi_ms]
    assert [e.ibi_ms for e in counted] == pytest.approx([bluez.TICKS / 1.024] * len(counted))


def test_hostile_packets_break_nothing(strap):
    strap("hostile")
    source = StrapSource()
    items = listen(source, lambda items: len(of(Beat, items)) >= 8)
    beats = of(Beat, items)
    assert len(beats) >= 8
    assert all(b.t > a.t for a, b in pairwise(beats))
    assert [contact.link for contact in of(Contact, items)][:3] == [
        Link.CONNECTED, Link.NO_CONTACT, Link.CONNECTED,
    ]  # fmt: skip
    assert "came twice" in source.summary()[-1]


def test_ten_vanishings_are_survived(strap):
    strap("vanishing")
    source = StrapSource()
    items = listen(
        source,
        lambda items: sum(c.link is Link.RECONNECTING for c in of(Contact, items)) >= 10,
        seconds=300.0,
    )
    links = [contact.link for contact in of(Contact, items)]
    assert links.count(Link.RECONNECTING) >= 10
    assert source.summary()[0] == "Polar H10 00000000: lost 10 times"
    assert all(b.t > a.t for a, b in pairwise(of(Beat, items)))


@pytest.mark.parametrize("scenario", ["steady", "running"])
def test_the_ecg_of_an_h10(strap, scenario):
    strap(scenario)
    items = listen(StrapSource(stream="ecg"), lambda items: len(of(SampleChunk, items)) >= 12)
    chunks = of(SampleChunk, items)
    assert len(chunks) >= 12
    assert {(chunk.rate_hz, len(chunk.values)) for chunk in chunks} == {(130.0, 73)}
    values = np.concatenate([chunk.values for chunk in chunks])
    assert values.tolist() == [bluez.ecg_at(i / 130) for i in range(len(values))]
    assert all(b.t == pytest.approx(a.end, abs=1e-6) for a, b in pairwise(chunks))
    assert all(chunk.arrival_t >= chunk.end for chunk in chunks)
    pipeline = Pipeline("ecg")
    found = [e for c in chunks for e in pipeline.push(c) if isinstance(e, Beat)]
    found += [e for e in pipeline.flush() if isinstance(e, Beat)]
    assert len(found) >= 5
    near = [abs(beat.t / bluez.RR_S - round(beat.t / bluez.RR_S)) for beat in found]
    assert max(near) * bluez.RR_S < 0.01


class Ear:
    """When the beats were, by the age that each is told with; s of the system's steady clock."""

    def __init__(self):
        self.beats = []

    def samples(self, chunk):
        pass

    def event(self, event, age_s):
        if isinstance(event, Beat) and not event.late:
            self.beats.append(time.monotonic() - age_s)

    def close(self):
        pass


async def how_busy(waits):
    """How much longer than asked for this machine lets one wait, s, again and again."""
    while True:
        before = time.monotonic()
        await asyncio.sleep(0.01)
        waits.append(time.monotonic() - before - 0.01)


def test_a_beat_of_an_ecg_is_as_old_as_it_is_told_however_its_packet_came(strap):
    double, ear = strap("delayed"), Ear()
    osc = OscSink([("127.0.0.1", 9)], "/heart", profiles.load([]))
    performer = Performer(
        StrapSource(stream="ecg"), Pipeline("ecg"), osc, [ear], notice=print, duration=30.0
    )
    waits = []

    async def play():
        waiting = asyncio.ensure_future(how_busy(waits))
        await LiveRun([performer], notice=print, listen_port=None).run()
        waiting.cancel()

    asyncio.run(play())
    began = float(double.stdout.readline())
    off = (np.array(ear.beats) - began + bluez.RR_S / 2) % bluez.RR_S - bluez.RR_S / 2
    assert len(off) > 20
    # Packets came 0-330 ms late, and the first ones say little of how late.
    assert np.median(np.abs(off[5:])) < 0.02 + np.percentile(waits, 90), off


@pytest.mark.parametrize(
    ("scenario", "patience_s", "comes"), [("slow", 40.0, True), ("silent", 2.0, False)]
)
def test_an_ecg_that_begins_late_is_waited_for_but_not_for_ever(
    strap, monkeypatch, scenario, patience_s, comes
):
    strap(scenario)
    # It begins after 5 s, in place of up to 30; one that has begun is not waited for so long.
    monkeypatch.setattr(ble, "ECG_STARTS_S", patience_s)
    monkeypatch.setattr(ble, "SILENT_S", 4.0)

    def over(items):
        lost = any(contact.link is Link.RECONNECTING for contact in of(Contact, items))
        return lost or len(of(SampleChunk, items)) >= 2

    items = listen(StrapSource(stream="ecg"), over)
    assert (len(of(SampleChunk, items)) >= 2) == comes
    assert (of(Contact, items)[-1].link is Link.RECONNECTING) != comes


@pytest.mark.parametrize(
    ("stream", "beats"), [("rr", "true"), ("rr", "predicted"), ("ecg", "true")]
)
def test_a_strap_is_recorded_and_replayed_to_the_same_beats(strap, tmp_path, stream, beats):
    strap("steady")
    same_beats(*kept_and_replayed(StrapSource(stream=stream, beats=beats), "auto", tmp_path))


def test_packets_too_small_for_an_ecg_are_said(strap):
    strap("small")
    items = listen(
        StrapSource(stream="ecg"),
        lambda items: any("MTU" in notice.text for notice in of(Notice, items)),
    )
    texts = [notice.text for notice in of(Notice, items)]
    assert any("does not send ecg" in text and "too small" in text for text in texts)


def test_the_intervals_of_an_optical_strap(strap):
    strap("steady")
    items = listen(StrapSource(stream="ppi"), lambda items: len(of(Beat, items)) >= 4)
    steps = np.diff([beat.t for beat in of(Beat, items)])
    assert len(steps) >= 3
    assert steps == pytest.approx(bluez.RR_S, abs=1e-9)


def test_a_computer_without_bluez_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/no-bus")
    said = "no Bluetooth here: its service \\(BlueZ\\) does not run"
    with pytest.raises(BeatbridgeError, match=said):
        asyncio.run(straps(0.1))
    with pytest.raises(BeatbridgeError, match=said):
        asyncio.run(asyncio.wait_for(StrapSource().run(print), 60.0))
