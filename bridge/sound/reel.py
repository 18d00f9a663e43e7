"""A score through the voice: the next frames whenever they are asked for, in any portions."""

import numpy as np

from bridge.clips.kit import DRUM_CHANNEL, DRUMS
from bridge.clips.score import Score
from bridge.sound.drums import RATE_HZ, drum
from bridge.sound.tone import warm_up
from bridge.sound.voice import Samples, Voice

TAIL_S = 1.5
"""How long the last note and the room are let ring."""


class Reel:
    """Plays one score, once or for ever. Everything it needs is made before the first frame."""

    def __init__(self, score: Score, *, loop: bool = False) -> None:
        self._voice = Voice()
        self._frames = np.rint(score.seconds * RATE_HZ).astype(np.int64)
        self._data = score.data
        self._next = 0
        self._origin = 0
        self._length = max(round(score.end_s * RATE_HZ), 1)
        self._loop = loop
        for pitch in drum_notes(score):
            drum(pitch)
        if (score.notes[:, 0] & 0x0F != DRUM_CHANNEL).any():
            warm_up()

    @property
    def frames(self) -> int:
        """How many there are, of one turn, with the tail."""
        return self._length + round(TAIL_S * RATE_HZ)

    @property
    def played_s(self) -> float:
        """How far it is."""
        return self._voice.now / RATE_HZ

    def render(self, count: int) -> Samples:
        """The next frames, shape (count, 2); after the end, silence."""
        start = self._voice.now
        return self._voice.render(count, self._events(start + count))

    def _events(self, end: int) -> list[tuple[int, bytes]]:
        """What is due before a frame."""
        found = []
        while True:
            stop = int(np.searchsorted(self._frames, end - self._origin, side="left"))
            if self._loop:
                stop = min(stop, int(np.searchsorted(self._frames, self._length, side="right")))
            for index in range(self._next, stop):
                frame = min(int(self._frames[index]), self._length) + self._origin
                found.append((frame, self._data[index].tobytes()))
            self._next = max(self._next, stop)
            if not self._loop or end - self._origin <= self._length:
                return found
            self._origin += self._length
            self._next = 0


def drum_notes(score: Score) -> list[int]:
    """The pitches of its drum channel, lowest first, each once."""
    notes = score.notes
    return sorted(set(notes[notes[:, 0] & 0x0F == DRUM_CHANNEL, 1].tolist()))


def names_of(score: Score) -> list[str]:
    """What its drum notes are called here, lowest first, each once."""
    near = (min(max(pitch, min(DRUMS)), max(DRUMS)) for pitch in drum_notes(score))
    return list(dict.fromkeys(DRUMS[pitch] for pitch in near))
