"""A live heart as MIDI: a note a beat, SDNN and RMSSD as controllers. No note is left hanging."""

import asyncio
import contextlib
from collections.abc import Sequence

from bridge.errors import BeatbridgeError
from bridge.events import Beat, Event, HrvSnapshot, Relearn, SampleChunk, State, Status
from bridge.mapping.profile import Profile
from bridge.sinks import Instrument, Seat, Sink
from bridge.sinks.midi.controllers import resting
from bridge.sinks.midi.port import open_port

NOTE = 36
"""C1 in Live's naming: the kick of a drum rack, as in the offline clips."""
NOTE_SECONDS = 0.12
"""Shorter than the interval of the fastest heart (220 a minute: 0.27 s)."""
LEAST_VELOCITY = 40
CC_SDNN, CC_RMSSD = 74, 1
"""Brightness and modulation: no General MIDI synth takes them for volume, as it does 7 and 11."""
_NOTE_ON, _NOTE_OFF, _CONTROL = 0x90, 0x80, 0xB0
_ALL_NOTES_OFF = 123


def open_sinks(argument: str, seats: Sequence[Seat]) -> list[Sink]:
    """One port for all hearts, each on a channel of its own.

    Raises:
        UserError: no MIDI system, or no such port.
    """
    if seats[0].playing:
        from bridge.sinks.midi.styled import open_styled

        return open_styled(argument, seats)
    port = open_port(argument)
    port.users = len(seats)
    for seat in seats:
        quieten(port, seat.channel)
    return [MidiSink(port, seat.profile, seat.channel) for seat in seats]


def quieten(port: Instrument, channel: int) -> None:
    """End what a run that was killed, or a power cut, left sounding.

    Not every synth knows the second of the two messages.
    """
    port.send(bytes((_NOTE_OFF | channel - 1, NOTE, 0)))
    port.send(bytes((_CONTROL | channel - 1, _ALL_NOTES_OFF, 0)))


class MidiSink:
    """Plays beats on one channel of an open port, as soon as they are announced."""

    def __init__(self, port: Instrument, profile: Profile, channel: int = 1) -> None:
        """Take over the port; ``close`` gives it back.

        Args:
            port: open.
            profile: scales the controllers.
            channel: 1-16.
        """
        self._port = port
        self._levels = profile.levels()
        self._channel = channel - 1
        self._off: asyncio.TimerHandle | None = None
        self._sounding = False
        self._sent: dict[int, int] = {}

    def samples(self, chunk: SampleChunk) -> None:
        """The raw signal has no place in MIDI."""

    def event(self, event: Event, age_s: float) -> None:
        """Play a beat, or move a controller when its value has changed."""
        if isinstance(event, Beat) and not event.late:
            self._note_off()
            velocity = LEAST_VELOCITY + round((127 - LEAST_VELOCITY) * event.strength)
            self._sounding = True
            self._port.send(bytes((_NOTE_ON | self._channel, NOTE, velocity)))
            self._off = asyncio.get_running_loop().call_later(NOTE_SECONDS, self._end_note)
        elif isinstance(event, HrvSnapshot):
            self._control(CC_SDNN, "sdnn", event.t, event.sdnn_ms)
            self._control(CC_RMSSD, "rmssd", event.t, event.rmssd_ms)
        elif isinstance(event, Status) and event.state is State.LOST:
            self._note_off()
        elif isinstance(event, Relearn):
            self._levels.forget()

    def close(self) -> None:
        """End every note, put the controllers back, and let go of the port."""
        try:
            self._note_off()
            self._port.send(bytes((_CONTROL | self._channel, _ALL_NOTES_OFF, 0)))
            for controller in self._sent:
                rest = bytes((_CONTROL | self._channel, controller, resting(controller)))
                self._port.send(rest)
        finally:
            self._port.close()

    def _end_note(self) -> None:
        # A port that has gone is told of by the next beat, which sends this note-off again.
        with contextlib.suppress(BeatbridgeError):
            self._note_off()

    def _note_off(self) -> None:
        if self._off is not None:
            self._off.cancel()
            self._off = None
        if self._sounding:
            self._port.send(bytes((_NOTE_OFF | self._channel, NOTE, 0)))
            self._sounding = False

    def _control(self, controller: int, name: str, t: float, value: float | None) -> None:
        if value is None:
            return
        level = round(127 * self._levels.push(name, t, value))
        if self._sent.get(controller) != level:
            self._sent[controller] = level
            self._port.send(bytes((_CONTROL | self._channel, controller, level)))
