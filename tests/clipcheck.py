"""Read clips back with readers that are not ours, for the tests of rendering."""

from dataclasses import dataclass, field
from pathlib import Path

import mido
import numpy as np


@dataclass
class ReadTrack:
    """A track as mido sees it."""

    notes: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Tick, length, pitch, velocity; sorted."""
    lanes: dict[int, dict[int, int]] = field(default_factory=dict)
    """Controller -> tick -> value."""
    channels: set[int] = field(default_factory=set)
    end: int = 0


def read_tracks(path: Path) -> dict[str, ReadTrack]:
    """All named tracks. Fails on a note that is never ended, or started while it sounds."""
    tracks = {}
    for track in mido.MidiFile(path).tracks:
        read, now, sounding = ReadTrack(), 0, {}
        for message in track:
            now += message.time
            if message.type == "note_on" and message.velocity:
                assert message.note not in sounding, f"pitch {message.note} starts twice at {now}"
                sounding[message.note] = (now, message.velocity)
            elif message.type in ("note_on", "note_off"):
                tick, velocity = sounding.pop(message.note)
                read.notes.append((tick, now - tick, message.note, velocity))
            elif message.type == "control_change":
                read.lanes.setdefault(message.control, {})[now] = message.value
            if hasattr(message, "channel"):
                read.channels.add(message.channel)
        assert not sounding, f"hanging notes: {sounding}"
        read.end = now
        read.notes.sort()
        if track.name:
            tracks[track.name] = read
    return tracks


def held(lane: dict[int, int], ticks: np.ndarray) -> np.ndarray:
    """The value a lane holds at each tick."""
    points = np.array(sorted(lane))
    values = np.array([lane[tick] for tick in points.tolist()])
    at = np.searchsorted(points, ticks, side="right") - 1
    assert (at >= 0).all(), "the lane says nothing at the first tick"
    return values[at]
