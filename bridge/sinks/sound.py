"""The live heart through the speakers: a drum for every beat, the moment it is announced."""

from typing import Protocol

from bridge.events import Beat, Event, SampleChunk

NOTE = 36
"""The kick."""
LEAST_VELOCITY = 40
_DRUM_ON = 0x99


class Instrument(Protocol):
    """What can be played: the voice on a sound device."""

    def send(self, message: bytes) -> None:
        """Play one MIDI message now."""

    def close(self) -> None:
        """Let it ring out."""


class SoundSink:
    """Strikes a drum at each beat, harder the stronger it is."""

    def __init__(self, instrument: Instrument, note: int = NOTE) -> None:
        """Take over an instrument; ``close`` gives it back. Each heart may have its own note."""
        self._instrument = instrument
        self._note = note

    def samples(self, chunk: SampleChunk) -> None:
        """The raw signal has no sound."""

    def event(self, event: Event, age_s: float) -> None:
        """Strike, if it is a beat that is in time."""
        if isinstance(event, Beat) and not event.late:
            velocity = LEAST_VELOCITY + round((127 - LEAST_VELOCITY) * event.strength)
            self._instrument.send(bytes((_DRUM_ON, self._note, velocity)))

    def close(self) -> None:
        """Let the last beat ring out."""
        self._instrument.close()
