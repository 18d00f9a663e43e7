"""The MIDI sink's care for its notes, on a port that fails at the worst moment."""

import asyncio

from bridge.errors import BeatbridgeError
from bridge.events import Beat
from bridge.mapping import profile as profiles
from bridge.sinks import Seat
from bridge.sinks.midi.notes import NOTE_SECONDS, MidiSink, open_sinks


class Port:
    """Keeps what was sent; refuses the sends whose numbers are given."""

    def __init__(self, *refused):
        self.sent = []
        self._refused = refused
        self._count = 0

    def send(self, message):
        self._count += 1
        if self._count in self._refused:
            raise BeatbridgeError("MIDI port X: gone")
        self.sent.append(message.hex())

    def close(self):
        self.sent.append("closed")


def test_a_note_off_that_failed_is_sent_again():
    port = Port(2)

    async def play():
        sink = MidiSink(port, profiles.load([]))
        sink.event(Beat(1.0, 1.0, strength=0.0), age_s=0.0)
        await asyncio.sleep(NOTE_SECONDS * 1.5)
        assert port.sent == ["902428"]
        sink.event(Beat(2.0, 2.0, strength=0.0), age_s=0.0)
        sink.close()

    asyncio.run(play())
    assert port.sent == ["902428", "802400", "902428", "802400", "b07b00", "closed"]


def test_a_late_beat_plays_nothing():
    port = Port()
    sink = MidiSink(port, profiles.load([]))
    sink.event(Beat(1.0, 2.0, late=True), age_s=1.0)
    sink.close()
    assert port.sent == ["b07b00", "closed"]


def test_each_heart_has_its_channel_and_the_last_closes_the_port(monkeypatch):
    port = Port()
    monkeypatch.setattr("bridge.sinks.midi.notes.open_port", lambda wanted: port)
    scaling = profiles.load([])
    seats = [Seat("violin", 1, scaling, alone=False), Seat("cello", 7, scaling, alone=False)]

    async def play():
        violin, cello = open_sinks("any", seats)
        cello.event(Beat(1.0, 1.0, strength=0.0), age_s=0.0)
        violin.event(Beat(1.5, 1.5, strength=0.0), age_s=0.0)
        violin.close()
        cello.close()

    asyncio.run(play())
    assert port.users == 2
    # First an end to what a run that was killed may have left sounding.
    assert port.sent[:4] == ["802400", "b07b00", "862400", "b67b00"]
    assert port.sent[4:6] == ["962428", "902428"]
    assert port.sent[6:] == ["802400", "b07b00", "closed", "862400", "b67b00", "closed"]
