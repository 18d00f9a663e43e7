"""What is to be played and when: the messages of one clip, of several together, or of a part."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Timed: TypeAlias = tuple[float, bytes]
"""Seconds from the start, and a MIDI message."""
VOLUMES = (7, 11)
"""Controllers that every General MIDI synth takes for volume: volume and expression."""
LEAST = 90
"""What an audition makes of a volume lane's 0: half of full, as amplitude goes with the square."""
_NOTE_OFF, _NOTE_ON, _CONTROL, _PROGRAM, _PRESSURE, _BEND = 0x80, 0x90, 0xB0, 0xC0, 0xD0, 0xE0
_FIRST_CHANNEL_MODE = 120


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """Channel messages in the order in which they are due."""

    seconds: NDArray[np.float64]
    """Rising, shape (n,)."""
    data: NDArray[np.uint8]
    """Status and two data bytes, shape (n, 3); the last is 0 where a message has one only."""
    end_s: float
    """When it is over, which may be later than its last message."""

    def __len__(self) -> int:
        return len(self.seconds)

    def __iter__(self) -> Iterator[Timed]:
        for second, row in zip(self.seconds, self.data, strict=True):
            message = row.tobytes()
            yield float(second), message[:2] if message[0] & 0xE0 == _PROGRAM else message

    @property
    def notes(self) -> NDArray[np.uint8]:
        """The starts of notes: status, pitch and velocity, shape (m, 3)."""
        kind = self.data[:, 0] & 0xF0
        return np.asarray(self.data[(kind == _NOTE_ON) & (self.data[:, 2] > 0)])


def score_of(events: Sequence[Timed], end_s: float) -> Score:
    """A score of messages in rising order of time."""
    data = b"".join(message.ljust(3, b"\0") for _, message in events)
    seconds = np.array([second for second, _ in events], np.float64)
    return Score(seconds, np.frombuffer(data, np.uint8).reshape(-1, 3), end_s)


def together(scores: Sequence[Score]) -> Score:
    """Several at once, as long as the longest."""
    seconds = np.concatenate([score.seconds for score in scores])
    order = np.argsort(seconds, kind="stable")
    data = np.concatenate([score.data for score in scores])[order]
    return Score(seconds[order], data, max(score.end_s for score in scores))


def lifted(score: Score) -> Score:
    """The same with its volume lanes between half and full, so that no lane mutes it."""
    data = score.data.copy()
    lanes = (data[:, 0] & 0xF0 == _CONTROL) & np.isin(data[:, 1], VOLUMES)
    data[lanes, 2] = np.rint(LEAST + (127 - LEAST) / 127 * data[lanes, 2]).astype(np.uint8)
    return Score(score.seconds, data, score.end_s)


def part(score: Score, start_s: float, length_s: float | None = None) -> Score:
    """Cut a piece out: it begins as the synth would stand there, and leaves no note hanging.

    Args:
        score: the whole.
        start_s: where the piece begins; notes that began before it are left out.
        length_s: how long it is, or None to the end.
    """
    end_s = score.end_s if length_s is None else start_s + length_s
    state: dict[tuple[int, ...], bytes] = {}
    sounding: dict[tuple[int, int], None] = {}
    events: list[Timed] = []
    for second, message in score:
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        if second >= end_s:
            break
        if second < start_s:
            if kind == _CONTROL and message[1] < _FIRST_CHANNEL_MODE:
                state[message[0], message[1]] = message
            elif kind in (_PROGRAM, _PRESSURE, _BEND):
                state[message[0],] = message
            continue
        if kind == _NOTE_ON and message[2]:
            sounding[channel, message[1]] = None
        elif kind in (_NOTE_OFF, _NOTE_ON):
            sounding.pop((channel, message[1]), None)
        events.append((second - start_s, message))
    last = max(end_s - start_s, 0.0)
    before = [(0.0, message) for message in state.values()]
    after = [(last, bytes((_NOTE_OFF | channel, pitch, 0))) for channel, pitch in sounding]
    return score_of([*before, *events, *after], last)
