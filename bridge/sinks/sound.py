"""The live heart through the speakers: a drum for every beat, the moment it is announced."""

from collections.abc import Sequence
from itertools import cycle

from bridge.errors import UnavailableError
from bridge.events import Beat, Event, SampleChunk
from bridge.sinks import Instrument, Seat, Sink

NOTES = (36, 45, 63, 50, 76, 56)
"""The kick; where several hearts play each has its own: toms, a conga, a wood block, a cowbell."""
LEAST_VELOCITY = 40
_DRUM_ON = 0x99


def open_sinks(argument: str, seats: Sequence[Seat]) -> list[Sink]:
    """One voice on the system's sound device for all hearts, each with a drum of its own.

    Raises:
        UnavailableError: no sound device can be opened here.
    """
    from bridge.sound.output import LiveVoice, MiniaudioOutput

    notes = [note for note, _ in zip(cycle(NOTES), seats, strict=False)]
    styled = [note for seat in seats if seat.playing for note in seat.playing.drums]
    try:
        output = MiniaudioOutput()
    except UnavailableError as error:
        raise UnavailableError(f"{error}: --midi PORT plays it on a synth") from None
    voice = LiveVoice(output, styled or notes)
    voice.users = len(seats)
    return [
        seat.playing.start(voice, None, seat.notice) if seat.playing else SoundSink(voice, note)
        for seat, note in zip(seats, notes, strict=True)
    ]


class SoundSink:
    """Strikes a drum at each beat, harder the stronger it is."""

    def __init__(self, instrument: Instrument, note: int = NOTES[0]) -> None:
        """Take over an instrument; ``close`` gives it back."""
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
