"""MIDI files into clips: what a Session slot of Live can hold of them.

Reads the files of any program. A file of one track (format 0) is one clip; of several, every track
with notes or controllers is one.
"""

import io
import math
import struct
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bridge.clips.clip import Notes, lane_of, notes_of
from bridge.errors import UserError
from bridge.given import read_given

LARGEST_MB = 10
"""Of a file: mido keeps half a kilobyte a message."""
DEFAULT_TEMPO = 120.0
"""Beats a minute where a file names none (Standard MIDI File specification 1.0)."""
DEFAULT_SIGNATURE = (4, 4)
FINEST_DENOMINATOR = 16
"""Live shows denominators up to 16."""
OVERHANG_BEATS = 1 / 16
"""A last note may hang over a bar line by this much (legato) without adding a bar to the clip."""
_FIRST_CHANNEL_MODE = 120
"""Controllers from here on are commands (all notes off ...), not values."""
_CUT = "it ends too early"
# Program changes are not named: nearly every file opens with one, and Live drops it as well.
_LEFT_OUT = {
    "pitchwheel": "pitch bend",
    "aftertouch": "aftertouch",
    "polytouch": "poly aftertouch",
    "sysex": "system exclusive",
}


@dataclass(frozen=True, slots=True)
class SlotNote:
    """One note of a clip; beats are quarter notes from the clip's start."""

    pitch: int
    start: float
    length: float
    velocity: int


@dataclass(frozen=True, slots=True)
class SlotLane:
    """One controller over the clip: steps of (beat, value 0-127), only where the value changes."""

    controller: int
    points: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class SlotClip:
    """A clip as Live keeps one: notes sorted by start, no two of a pitch overlapping."""

    name: str
    beats: float
    """Length: whole bars."""
    tempo: float
    """The first tempo of the file; Live has one for the whole Set."""
    signature: tuple[int, int]
    notes: tuple[SlotNote, ...] = ()
    lanes: tuple[SlotLane, ...] = ()
    left_out: tuple[str, ...] = ()
    """What the file held and a clip cannot, in words."""


def read_clips(path: Path) -> tuple[SlotClip, ...]:
    """Return the clips of a MIDI file.

    Raises:
        UserError: the file cannot be read, is not a MIDI file, or holds neither notes nor
            controllers.
    """
    midi = load_midi(path)
    ppq = midi.ticks_per_beat
    tracks = [list(_timed(track)) for track in midi.tracks]
    own = midi.type == 2  # independent patterns: each track has its own tempo and metre
    shared = _meta(tracks)
    played = [
        (track, events)
        for track, events in zip(midi.tracks, tracks, strict=True)
        if any(_is_note_on(m) or _is_value(m) for _, m in events)
    ]
    if not played:
        raise UserError(f"{path}: holds neither notes nor controllers: nothing to drop")
    names = _names(path.stem, [_text(track.name) for track, _ in played])
    return tuple(
        _clip(name, events, ppq, _meta([events]) if own else shared)
        for name, (_, events) in zip(names, played, strict=True)
    )


def load_midi(path: Path) -> Any:
    """Return mido's view of a MIDI file that counts time in ticks a beat.

    Raises:
        UserError: it cannot be read, is no MIDI file, or is damaged; the message says in what way.
    """
    import mido

    data = read_given(path, LARGEST_MB)
    if data[:4] != b"MThd":
        raise UserError(f"{path}: not a MIDI file (it does not begin with MThd)")
    try:
        midi = mido.MidiFile(file=io.BytesIO(data), clip=True)
    except OSError as error:  # so mido calls broken chunks
        raise UserError(f"{path}: a damaged MIDI file ({error})") from None
    except (EOFError, ValueError, LookupError, struct.error, mido.KeySignatureError) as error:
        raise UserError(f"{path}: a damaged MIDI file ({str(error) or _CUT})") from None
    if midi.ticks_per_beat == 0:
        raise UserError(f"{path}: a damaged MIDI file (0 ticks a beat)")
    if midi.ticks_per_beat < 0:
        raise UserError(f"{path}: counts time in SMPTE frames; export it with ticks per beat")
    return midi


def _timed(track: Iterable[Any]) -> Iterable[tuple[int, Any]]:
    tick = 0
    for message in track:
        tick += message.time
        yield tick, message


def _is_note_on(message: Any) -> bool:
    return bool(message.type == "note_on" and message.velocity > 0)


def _is_value(message: Any) -> bool:
    return bool(message.type == "control_change" and message.control < _FIRST_CHANNEL_MODE)


def _meta(tracks: list[list[tuple[int, Any]]]) -> tuple[float, tuple[int, int], list[str]]:
    """First tempo, first signature, and which of them change later, over some tracks."""
    tempi: dict[int, float] = {}
    signatures: dict[int, tuple[int, int]] = {}
    for events in tracks:
        for tick, message in events:
            if message.type == "set_tempo" and message.tempo > 0:
                tempi.setdefault(tick, 60e6 / message.tempo)
            elif message.type == "time_signature":
                signatures.setdefault(tick, (message.numerator, message.denominator))
    left_out = []
    if len(set(tempi.values())) > 1:
        left_out.append("tempo changes")
    if len(set(signatures.values())) > 1:
        left_out.append("time signature changes")
    tempo = tempi[min(tempi)] if tempi else DEFAULT_TEMPO
    signature = signatures[min(signatures)] if signatures else DEFAULT_SIGNATURE
    return tempo, _showable(*signature), left_out


def _showable(numerator: int, denominator: int) -> tuple[int, int]:
    """The same bar in a form Live can show, or 4/4 where there is none."""
    while denominator > FINEST_DENOMINATOR and numerator % 2 == 0:
        numerator, denominator = numerator // 2, denominator // 2
    fits = 1 <= numerator <= 99 and 1 <= denominator <= FINEST_DENOMINATOR
    return (numerator, denominator) if fits else DEFAULT_SIGNATURE


def _text(name: str) -> str:
    """A track name: mido reads Latin-1, most programs write UTF-8."""
    try:
        return " ".join(name.encode("latin-1").decode("utf-8").split())
    except UnicodeError:
        return " ".join(name.split())


def _names(stem: str, tracks: list[str]) -> list[str]:
    """The file's name, with the track's where there are several; never the same twice."""
    if len(tracks) == 1:
        return [stem]
    names: list[str] = []
    for number, track in enumerate(tracks, 1):
        name = f"{stem} {track or number}"
        names.append(name if name not in names else f"{name} {number}")
    return names


def _clip(
    name: str,
    events: list[tuple[int, Any]],
    ppq: int,
    meta: tuple[float, tuple[int, int], list[str]],
) -> SlotClip:
    tempo, signature, changes = meta
    found = _notes(events)
    end = max([events[-1][0], *(found.tick + found.length).tolist()]) / ppq
    bar = 4 * signature[0] / signature[1]
    beats = max(1, math.ceil((end - OVERHANG_BEATS) / bar)) * bar
    columns = (found.pitch, found.tick / ppq, found.length / ppq, found.velocity)
    notes = map(SlotNote, *(column.tolist() for column in columns))
    kinds = {message.type for _, message in events}
    left_out = [*changes, *(words for kind, words in _LEFT_OUT.items() if kind in kinds)]
    return SlotClip(
        name, beats, tempo, signature, tuple(notes), _lanes(events, ppq), tuple(left_out)
    )


def _notes(events: list[tuple[int, Any]]) -> Notes:
    """The notes of a track as one clip can hold them: Live has no channels in a clip."""
    waiting: dict[tuple[int, int], deque[tuple[int, int]]] = defaultdict(deque)
    found: list[tuple[int, int, int, int]] = []
    for tick, message in events:
        if message.type not in ("note_on", "note_off"):
            continue
        begun = waiting[message.channel, message.note]
        if _is_note_on(message):
            begun.append((tick, message.velocity))
        elif begun:
            start, velocity = begun.popleft()
            found.append((start, tick - start, message.note, velocity))
    last = events[-1][0]
    for (_, pitch), begun in waiting.items():
        for start, velocity in begun:  # never switched off: it sounds to the end
            found.append((start, last - start, pitch, velocity))
    return notes_of(*np.array(found, np.int64).reshape(-1, 4).T)


def _lanes(events: list[tuple[int, Any]], ppq: int) -> tuple[SlotLane, ...]:
    at: dict[int, dict[int, int]] = defaultdict(dict)
    for tick, message in events:
        if _is_value(message):
            at[message.control][tick] = message.value  # of several at one moment the last holds
    lanes = []
    for controller, values in sorted(at.items()):
        lane = lane_of(controller, *np.array(list(values.items()), np.int64).T)
        points = zip((lane.tick / ppq).tolist(), lane.value.tolist(), strict=True)
        lanes.append(SlotLane(controller, tuple(points)))
    return tuple(lanes)
