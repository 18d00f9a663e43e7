"""Play a score through a MIDI port in real time."""

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from bridge.clips.score import Score
from bridge.clips.smf_read import decode
from bridge.given import read_given
from bridge.sinks.midi.controllers import resting

_NOTE_OFF, _NOTE_ON, _CONTROL = 0x80, 0x90, 0xB0
_SUSTAIN, _ALL_NOTES_OFF = 64, 123
_FIRST_CHANNEL_MODE = 120
_NAP_S = 0.1
"""Longest sleep, so that progress is shown and Ctrl-C is heard at once on every system."""

STOPPED_S = 0.5
"""Later than a busy machine ever is."""
LARGEST_MB = 50


class Out(Protocol):
    """Where messages go."""

    def send(self, message: bytes) -> None:
        """Send one message now."""


def read_score(path: Path) -> Score:
    """The channel messages of a MIDI file and when each is due; tempo is followed.

    Raises:
        UserError: it cannot be read, or is no MIDI file.
    """
    return decode(read_given(path, LARGEST_MB), str(path))


def play(
    score: Score,
    out: Out,
    on_time: Callable[[float], None] = lambda _: None,
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], None] = time.sleep,
    *,
    loop: bool = False,
) -> None:
    """Send every message when it is due. However it ends, no note hangs and no controller stays.

    Args:
        score: what is played.
        out: an open port.
        on_time: told how far it is, a few times a second.
        clock: seconds, of any origin.
        sleep: waits for at most so many seconds.
        loop: begin again at the end, for ever.
    """
    sounding: set[tuple[int, int]] = set()
    channels = sorted({status & 0x0F for status in score.data[:, 0].tolist()})
    moved: set[tuple[int, int]] = set()
    begin = clock()
    try:
        for turn in itertools.count() if loop else (0,):
            start = begin + turn * score.end_s
            for due, message in score:
                while (wait := start + due - clock()) > 0:
                    on_time(due - wait)
                    sleep(min(wait, _NAP_S))
                if -wait > STOPPED_S:
                    # The program stood still (Ctrl-Z, a closed lid): go on from there.
                    begin, start = begin - wait, start - wait
                kind, channel = message[0] & 0xF0, message[0] & 0x0F
                if kind == _CONTROL:
                    moved.add((channel, message[1]))
                # Ctrl-C may come anywhere: a note counts from before it starts to after it ends.
                if kind == _NOTE_ON and message[2]:
                    sounding.add((channel, message[1]))
                    out.send(message)
                else:
                    out.send(message)
                    if kind in (_NOTE_OFF, _NOTE_ON):
                        sounding.discard((channel, message[1]))
            while loop and (wait := start + score.end_s - clock()) > 0:
                sleep(min(wait, _NAP_S))
    finally:
        for message in _silence(sounding, channels, moved):
            out.send(message)


def _silence(
    sounding: set[tuple[int, int]], channels: list[int], moved: set[tuple[int, int]]
) -> Iterator[bytes]:
    """Note by note, as not every synth knows "all notes off"; then that, too; then the lanes."""
    for channel, pitch in sorted(sounding):
        yield bytes((_NOTE_OFF | channel, pitch, 0))
    for channel in channels:
        yield bytes((_CONTROL | channel, _SUSTAIN, 0))
        yield bytes((_CONTROL | channel, _ALL_NOTES_OFF, 0))
    for channel, controller in sorted(moved):
        if controller < _FIRST_CHANNEL_MODE and controller != _SUSTAIN:
            yield bytes((_CONTROL | channel, controller, resting(controller)))
