"""The voice: MIDI messages in, stereo frames out. Any cutting into blocks gives the same samples.

Notes of channel 10 are drums, all others a soft tone. Controllers 7 and 11 are volume, 1 and 74
take the brightness; velocity acts on both. Everything else is left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bridge.clips.kit import DRUM_CHANNEL
from bridge.sound.drums import CHOKES, RATE_HZ, Drum, drum
from bridge.sound.room import Room
from bridge.sound.tone import RELEASE_S, tone

Samples = NDArray[np.float32]
MOST_VOICES = 64
_VOLUMES, _FILTERS = (7, 11), (1, 74)
_LEAST_BRIGHT = 0.3
"""What a closed filter lane leaves of the bright half."""
_GLIDE = round(0.005 * RATE_HZ)
"""Frames that a step of a lane takes: at once would click."""
_RELEASE, _CUT = round(RELEASE_S * RATE_HZ), round(0.006 * RATE_HZ)
"""Frames that a tone dies in after its end, and a sound that another one ends."""
_WET, _LEVEL = np.float32(0.16), np.float32(0.8)
_CEILING = np.float32(1.5)
_NOTE_OFF, _NOTE_ON, _CONTROL = 0x80, 0x90, 0xB0
_FIRST_CHANNEL_MODE = 120


class Glide:
    """A level that moves to each new value in a straight line of 5 ms."""

    def __init__(self, level: float) -> None:
        self._steps = [(-_GLIDE, level, level)]

    def to(self, frame: int, level: float, *, heard: bool) -> None:
        """Begin to move at a frame, or be there at once if unheard; frames never fall."""
        if level != self._steps[-1][2]:
            begin = self._at(self._steps[-1], frame) if heard else level
            self._steps.append((frame, begin, level))

    def over(self, start: int, count: int) -> Samples | np.float32:
        """The level at each frame of the next block; one number where it rests."""
        begun, _, rest = self._steps[-1]
        if len(self._steps) == 1 and begun + _GLIDE <= start:
            return np.float32(rest)
        frames = np.arange(start, start + count)
        out = np.empty(count, np.float32)
        for step in self._steps:
            at = max(step[0] - start, 0)
            share = (frames[at:] - step[0]) / _GLIDE
            out[at:] = np.where(share < 1.0, step[1] + (step[2] - step[1]) * share, step[2])
        return out

    def forget(self) -> None:
        """The block is over: only where it is now, and goes, still counts."""
        del self._steps[:-1]

    @staticmethod
    def _at(step: tuple[int, float, float], frame: int) -> float:
        share = (frame - step[0]) / _GLIDE
        return step[1] + (step[2] - step[1]) * share if share < 1.0 else step[2]


class Channel:
    """The controllers of one MIDI channel."""

    def __init__(self) -> None:
        self.volume, self.filter = Glide(1.0), Glide(1.0)
        self._values = dict.fromkeys((*_VOLUMES, *_FILTERS), 127)

    def control(self, frame: int, controller: int, value: int, *, heard: bool) -> None:
        """Take a value; volume follows General MIDI's law, amplitude as its square."""
        if controller not in self._values:
            return
        self._values[controller] = value
        shares = {each: value / 127 for each, value in self._values.items()}
        self.volume.to(frame, (shares[7] * shares[11]) ** 2, heard=heard)
        bright = _LEAST_BRIGHT + (1 - _LEAST_BRIGHT) * shares[1] * shares[74]
        self.filter.to(frame, bright, heard=heard)


@dataclass(slots=True)
class _Sounding:
    channel: int
    pitch: int
    start: int
    gain: np.float32
    bright: np.float32
    drum: Drum | None
    ends: list[tuple[int, int]] = field(default_factory=list)
    """Where it begins to die, and in how many frames; a tone may be released and then cut."""

    def finish(self, frame: int, fade: int) -> None:
        """Begin to die, unless a fade that is on its way is over first."""
        if all(frame + fade < begun + long for begun, long in self.ends):
            self.ends.append((frame, fade))

    def over(self, frame: int) -> bool:
        """Whether nothing of it is left at a frame."""
        rung = self.drum is not None and frame >= self.start + len(self.drum.dark)
        return rung or any(frame >= begun + fade for begun, fade in self.ends)


class Voice:
    """All that sounds. Holds its state between blocks."""

    def __init__(self) -> None:
        self.now = 0
        """Frames rendered so far."""
        self._sounding: list[_Sounding] = []
        self._channels: dict[int, Channel] = {}
        self._room = Room()

    def render(self, count: int, events: Iterable[tuple[int, bytes]] = ()) -> Samples:
        """The next frames.

        Args:
            count: how many.
            events: (frame, message) in order, each of this block: ``now`` to ``now + count``.

        Returns:
            Left and right, shape (count, 2), -1 to 1.
        """
        for frame, message in events:
            self._take(frame, message)
        dry = np.zeros((2, count), np.float32)
        for number in sorted({each.channel for each in self._sounding}):
            dry += self._channel(number, count)
        self.now += count
        self._sounding = [each for each in self._sounding if not each.over(self.now)]
        for channel in self._channels.values():
            channel.volume.forget()
            channel.filter.forget()
        wet = self._room.answer((dry[0] + dry[1]) * _WET)
        return np.ascontiguousarray(_soft_clip((dry + wet) * _LEVEL).T)

    def _take(self, frame: int, message: bytes) -> None:
        kind, number = message[0] & 0xF0, message[0] & 0x0F
        if kind == _NOTE_ON and message[2]:
            self._start(frame, number, message[1], message[2])
        elif kind in (_NOTE_OFF, _NOTE_ON) and number != DRUM_CHANNEL:
            self._end(frame, number, (message[1],), _RELEASE)
        elif kind == _CONTROL and message[1] < _FIRST_CHANNEL_MODE:
            channel = self._channels.setdefault(number, Channel())
            heard = any(s.channel == number and not s.over(frame) for s in self._sounding)
            channel.control(frame, message[1], message[2], heard=heard)
        elif kind == _CONTROL and number != DRUM_CHANNEL:  # all notes off, in one way or another
            self._end(frame, number, range(128), _RELEASE)

    def _start(self, frame: int, number: int, pitch: int, velocity: int) -> None:
        drums = number == DRUM_CHANNEL
        self._end(frame, number, (pitch, *CHOKES.get(pitch, ())) if drums else (pitch,), _CUT)
        if len(self._sounding) >= MOST_VOICES:
            alive = [each for each in self._sounding if not each.ends and not each.over(frame)]
            for oldest in alive[: len(alive) - MOST_VOICES + 1]:
                oldest.finish(frame, _CUT)
        share = velocity / 127
        gain, bright = (0.15 + 0.85 * share) ** 1.5, 0.6 + 0.4 * share
        sound = drum(pitch) if drums else None
        self._channels.setdefault(number, Channel())
        self._sounding.append(
            _Sounding(number, pitch, frame, np.float32(gain), np.float32(gain * bright), sound)
        )

    def _end(self, frame: int, number: int, pitches: Iterable[int], fade: int) -> None:
        for each in self._sounding:
            if each.channel == number and each.pitch in pitches:
                each.finish(frame, fade)

    def _channel(self, number: int, count: int) -> Samples:
        dark = np.zeros(count, np.float32)
        bright = np.zeros((2, count), np.float32)
        for each in self._sounding:
            if each.channel == number:
                self._mix(each, dark, bright)
        channel = self._channels[number]
        bright *= channel.filter.over(self.now, count)
        bright += dark
        return bright * channel.volume.over(self.now, count)

    def _mix(self, each: _Sounding, dark: Samples, bright: Samples) -> None:
        """Add what this block holds of a sound."""
        here = max(each.start - self.now, 0)
        first, count = self.now + here - each.start, len(dark) - here
        if each.drum is not None:
            low, high = (half[first : first + count] for half in (each.drum.dark, each.drum.bright))
            sides = (high, high)
            pans = (np.float32(1 - each.drum.pan), np.float32(1 + each.drum.pan))
        else:
            low, (left, right) = tone(each.pitch, first, count)
            sides, pans = (left, right), (np.float32(1.0), np.float32(1.0))
        count = len(low)
        for begun, fade in each.ends:
            frames = np.arange(self.now + here, self.now + here + count)
            left = np.clip(1 - (frames - begun) / fade, 0, 1).astype(np.float32)
            low, sides = low * left, (sides[0] * left, sides[1] * left)
        part = slice(here, here + count)
        dark[part] += low * each.gain
        for row in range(2):
            bright[row, part] += sides[row] * (each.bright * pans[row])


def _soft_clip(sound: Samples) -> Samples:
    """Round off what is too loud: a cubic that reaches 1 at 1.5, level. No memory, no clicks."""
    held = np.clip(sound, -_CEILING, _CEILING)
    return np.asarray(held - held * held * held * np.float32(4 / 27), np.float32)
