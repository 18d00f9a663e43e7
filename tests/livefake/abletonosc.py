"""A double of AbletonOSC as its README and source describe its server, over a Set in memory.

It works on what has come once a tick, answers to one fixed port, reports errors to
``/live/error`` and then leaves the rest for the next tick; what has no answer stays unanswered.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

LARGEST_DATAGRAM = 9216
"""What macOS sends at most."""


@dataclass
class FakeClip:
    length: float
    name: str = ""
    color: int = 0
    notes: list[tuple[int, float, float, float, bool]] = field(default_factory=list)


@dataclass
class FakeTrack:
    name: str
    midi: bool
    slots: list[FakeClip | None]


class AbletonOscDouble:
    """Answers on a port of its own from a thread; ``tick_s`` is 0.1 in Live."""

    def __init__(self, answer_port: int, scenes: int = 4, tick_s: float = 0.005) -> None:
        self.tracks = [
            FakeTrack("Drums", True, [None] * scenes),
            FakeTrack("Voice", False, [None] * scenes),
            FakeTrack("Heart", True, [None] * scenes),
        ]
        self.scenes = scenes
        self.selected: int | None = 2
        self.tempo = 120.0
        self.parameters = [1.0, *[0.0] * 8]
        """Of the one device, which is on track 0: a rack, whose macros go from 0 to 127."""
        self.sends = [0.0, 0.0]
        """Of track 0."""
        self.errors: list[str] = []
        self.sizes: dict[str, int] = {}
        self.deaf_after: int | None = None
        """Stops working after so many messages, as when Live hangs."""
        self.spoil: Callable[[str, list[Any]], None] = lambda address, params: None
        """May raise, or change the parameters, before a message is worked on."""
        self._worked = 0
        self._answer_port = answer_port
        self._tick_s = tick_s
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port = self._socket.getsockname()[1]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @contextlib.contextmanager
    def running(self) -> Iterator["AbletonOscDouble"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._thread.join()
            self._socket.close()

    def _run(self) -> None:
        while not self._stop.wait(self._tick_s):
            try:
                while True:
                    self._work(self._socket.recv(65536))
            except BlockingIOError:
                pass
            except Exception as error:  # the server's own catch-all, with its words
                self._error(f"Error handling OSC message: {error}")

    def _work(self, datagram: bytes) -> None:
        self._worked += 1
        if self.deaf_after is not None and self._worked > self.deaf_after:
            return
        message = OscMessage(datagram)
        address, params = message.address, list(message.params)
        self.sizes[address] = max(self.sizes.get(address, 0), len(datagram))
        self.spoil(address, params)
        handler = getattr(self, address.removeprefix("/live/").replace("/", "_"), None)
        if handler is None:
            self._error(f"Unknown OSC address: {address}")
            return
        answer = handler(*params)
        if answer is not None:
            self._send(address, answer)

    def _send(self, address: str, params: tuple[Any, ...]) -> None:
        builder = OscMessageBuilder(address)
        for value in params:
            builder.add_arg(value)
        datagram = builder.build().dgram
        if len(datagram) > LARGEST_DATAGRAM:
            raise OSError("[Errno 40] Message too long")
        self.sizes[f"answer {address}"] = max(self.sizes.get(f"answer {address}", 0), len(datagram))
        self._socket.sendto(datagram, ("127.0.0.1", self._answer_port))

    def _error(self, text: str) -> None:
        self.errors.append(text)
        self._send("/live/error", (text,))

    def _clip(self, track: int, slot: int) -> FakeClip:
        clip = self.tracks[int(track)].slots[int(slot)]
        if clip is None:
            raise AttributeError("'NoneType' object has no attribute 'get_notes_extended'")
        return clip

    # --- handlers, named after their addresses ---

    def test(self) -> tuple[Any, ...]:
        return ("ok",)

    def song_get_num_tracks(self) -> tuple[Any, ...]:
        return (len(self.tracks),)

    def song_get_num_scenes(self) -> tuple[Any, ...]:
        return (self.scenes,)

    def song_get_tempo(self) -> tuple[Any, ...]:
        return (self.tempo,)

    def song_set_tempo(self, tempo: float) -> None:
        if not 20.0 <= tempo <= 999.0:
            raise RuntimeError("Invalid value. Check the parameters range with min/max")
        self.tempo = tempo

    def device_get_parameter_value(self, track: int, device: int, place: int) -> tuple[Any, ...]:
        if (track, device) != (0, 0):
            raise IndexError("Index out of range")
        return (track, device, place, self.parameters[place])

    def device_set_parameter_value(self, track: int, device: int, place: int, value: float) -> None:
        self.device_get_parameter_value(track, device, place)
        if not 0.0 <= value <= 127.0:
            raise RuntimeError("Invalid value. Check the parameters range with min/max")
        self.parameters[place] = value

    def track_get_send(self, track: int, place: int) -> tuple[Any, ...]:
        return (track, place, self.sends[place])

    def track_set_send(self, track: int, place: int, value: float) -> None:
        self.sends[place] = value

    def song_create_scene(self, index: int) -> None:
        self.scenes += 1
        for track in self.tracks:
            track.slots.append(None)

    def view_get_selected_track(self) -> tuple[Any, ...]:
        if self.selected is None:
            raise ValueError("<Track.Track object> is not in list")
        return (self.selected,)

    def track_get_name(self, track: int) -> tuple[Any, ...]:
        return (track, self.tracks[track].name)

    def track_get_has_midi_input(self, track: int) -> tuple[Any, ...]:
        return (track, self.tracks[track].midi)

    def clip_slot_get_has_clip(self, track: int, slot: int) -> tuple[Any, ...]:
        return (track, slot, self.tracks[track].slots[slot] is not None)

    def clip_slot_create_clip(self, track: int, slot: int, length: float) -> None:
        if not self.tracks[track].midi:
            raise RuntimeError("Clips can only be created on MIDI tracks")
        if self.tracks[track].slots[slot] is not None:
            raise RuntimeError("ClipSlot already has a clip")
        self.tracks[track].slots[slot] = FakeClip(length)

    def clip_slot_delete_clip(self, track: int, slot: int) -> None:
        self._clip(track, slot)
        self.tracks[track].slots[slot] = None

    def clip_set_name(self, track: int, slot: int, name: str) -> None:
        self._clip(track, slot).name = name

    def clip_get_name(self, track: int, slot: int) -> tuple[Any, ...]:
        return (track, slot, self._clip(track, slot).name)

    def clip_set_color(self, track: int, slot: int, color: int) -> None:
        self._clip(track, slot).color = color

    def clip_add_notes(self, track: int, slot: int, *params: Any) -> None:
        clip = self._clip(track, slot)
        new = []
        for offset in range(0, len(params), 5):
            pitch, start, duration, velocity, mute = params[offset : offset + 5]
            if type(pitch) is not int or type(mute) is not bool or not 0 <= pitch <= 127:
                raise TypeError(f"Python argument types did not match: {pitch!r}, {mute!r}")
            if duration <= 0 or not 1 <= velocity <= 127:
                raise RuntimeError("Invalid note")
            new.append((pitch, start, duration, float(velocity), mute))
        for note in new:
            for i, other in reversed(list(enumerate(clip.notes))):
                if other[0] == note[0] and other[1] <= note[1] < other[1] + other[2]:
                    clip.notes[i] = (*other[:2], note[1] - other[1], *other[3:])
                    if clip.notes[i][2] <= 0:
                        del clip.notes[i]
            clip.notes.append(note)

    def clip_get_notes(self, track: int, slot: int, *area: Any) -> tuple[Any, ...]:
        if len(area) not in (0, 4):
            raise ValueError("Invalid number of arguments for /clip/get/notes.")
        # Without an area it asks for 127 pitches, and so never for note 127.
        pitch, pitches, start, span = area or (0, 127, -8192, 16384)
        held = [
            note
            for note in self._clip(track, slot).notes
            if pitch <= note[0] < pitch + pitches and start <= note[1] < start + span
        ]
        return (track, slot, *(value for note in held for value in note))
