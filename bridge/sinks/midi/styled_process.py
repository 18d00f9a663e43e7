"""The process that plays styles on a MIDI port: events in on stdin, lines out on stdout.

It ends when stdin does, however that comes: with the process that plays, every note ends.
"""

import contextlib
import json
import pickle
import signal
import sys
import time
from typing import Any, BinaryIO

from bridge.errors import BeatbridgeError, UserError
from bridge.sinks import Sink
from bridge.sinks.midi.notes import quieten
from bridge.sinks.midi.port import open_port
from bridge.sinks.player import StylePlayer


def main() -> int:
    """Play until stdin ends; 1 where that could not be."""
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):  # they are the other process's to hear, which then ends this one
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    frames = sys.stdin.buffer
    try:
        port_name, playing = pickle.load(frames)
        port = open_port(port_name)
        port.users = len(playing)
        for _, channel in playing:
            quieten(port, channel or 1)
        players = [
            each.start(port, channel, lambda text: say(notice=text)) for each, channel in playing
        ]
    except BeatbridgeError as error:
        say(error=str(error), user=isinstance(error, UserError))
        return 1
    say(ready=True)
    try:
        play(frames, players)
    except BeatbridgeError as error:
        say(error=str(error))
        return 1
    finally:
        for player in players:
            player.close()
        say(left_out=sum(p.left_out for p in players if isinstance(p, StylePlayer)))
    return 0


def play(frames: BinaryIO, players: list[Sink]) -> None:
    """Hand events to the players until there are no more.

    Raises:
        BeatbridgeError: the port is gone.
    """
    with contextlib.suppress(EOFError, pickle.UnpicklingError):  # cut off: the end, too
        while True:
            number, event, at = pickle.load(frames)
            if event is None:
                players[number].close()
            else:
                players[number].event(event, time.perf_counter() - at)


def say(**words: Any) -> None:
    """One line to the other process, which may be gone."""
    with contextlib.suppress(OSError):
        sys.stdout.write(json.dumps(words) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
