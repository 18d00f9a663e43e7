"""The MIDI sink's care for its notes, on a port that fails at the worst moment."""

import asyncio

from bridge.errors import BeatbridgeError
from bridge.events import Beat
from bridge.mapping import profile as profiles
from bridge.sinks.midi.notes import NOTE_SECONDS, MidiSink


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

    def __exit__(self, *_):
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
