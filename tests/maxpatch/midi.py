"""MIDI in and out: makenote, noteout, ctlout, midiin, midiflush, midiout."""

from typing import Any

from tests.maxpatch.runtime import Atom, MidiEvent, Obj


class Makenote(Obj):
    """A note-on now and its note-off later; several may sound at once."""

    name = "makenote"

    def setup(self) -> None:
        self.velocity, self.ms = int(self.args[0]), float(self.args[1])
        self.held: list[tuple[int, Any]] = []

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if atoms == ["stop"]:
            for entry in list(self.held):
                entry[1].cancelled = True
                self._off(entry)
            return
        value = self.number(inlet, atoms)
        if inlet == 1:
            self.velocity = int(value)
        elif inlet == 2:
            self.ms = float(value)
        else:
            pitch = int(value)
            entry: tuple[int, Any] = (pitch, self.max.after(self.ms, lambda: self._off(entry)))
            self.held.append(entry)
            self.out(1, self.velocity)
            self.out(0, pitch)

    def _off(self, entry: tuple[int, Any]) -> None:
        self.held.remove(entry)
        self.out(1, 0)
        self.out(0, entry[0])


class Noteout(Obj):
    """The device's note output."""

    name = "noteout"

    def setup(self) -> None:
        self.velocity = 0
        self.channel = int(self.args[0]) if self.args else 1

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        value = int(self.number(inlet, atoms))
        if inlet == 1:
            self.velocity = value
        elif inlet == 0:
            if not (0 <= value <= 127 and 0 <= self.velocity <= 127):
                raise self.wrong(inlet, atoms)
            data = (value, self.velocity)
            self.max.midi.append(MidiEvent(self.max.now, "note", data, self.channel))
        else:
            raise self.wrong(inlet, atoms)


class Ctlout(Obj):
    """The device's controller output."""

    name = "ctlout"

    def setup(self) -> None:
        self.controller = int(self.args[0])
        self.channel = int(self.args[1]) if len(self.args) > 1 else 1

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        value = int(self.number(inlet, atoms))
        if inlet == 1:
            self.controller = value
        elif inlet == 0:
            if not (0 <= value <= 127 and 0 <= self.controller <= 127):
                raise self.wrong(inlet, atoms)
            data = (self.controller, value)
            self.max.midi.append(MidiEvent(self.max.now, "cc", data, self.channel))
        else:
            raise self.wrong(inlet, atoms)


class Midiin(Obj):
    """What the track sends into the device, byte by byte."""

    name = "midiin"

    def play(self, *data: int) -> None:
        """Send bytes in."""
        for byte in data:
            self.out(0, byte)


class Midiflush(Obj):
    """Passes bytes; a bang ends the notes that passed and were not ended."""

    name = "midiflush"

    def setup(self) -> None:
        self.held: dict[tuple[int, int], int] = {}
        self.bytes: list[int] = []

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if not atoms:
            for channel, pitch in list(self.held):
                for byte in (0x90 | channel, pitch, 0):
                    self.out(0, byte)
            self.held.clear()
            return
        byte = int(self.number(inlet, atoms))
        self.bytes = [byte] if byte & 0x80 else [*self.bytes, byte]
        if len(self.bytes) == 3 and self.bytes[0] & 0xE0 == 0x80:
            status, pitch, velocity = self.bytes
            key = (status & 0x0F, pitch)
            if status & 0xF0 == 0x90 and velocity:
                self.held[key] = velocity
            else:
                self.held.pop(key, None)
        self.out(0, byte)


class Midiout(Obj):
    """The device's raw output."""

    name = "midiout"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        byte = int(self.number(inlet, atoms))
        self.max.midi.append(MidiEvent(self.max.now, "byte", (byte,)))
