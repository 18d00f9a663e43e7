"""The OSC namespace, version 2: one table that encoder, docs, device and help derive from.

Tags are ``i``, ``f`` and ``s`` only. Every argument is cast to its tag here, so that no numpy
scalar, bool or 64-bit integer ever decides its own type on the wire.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle, islice

from pythonosc.osc_message_builder import OscMessageBuilder

VERSION = 2
ROOT = "/heart"
BODY = "/body"
"""First part of what is not the heart's. Another root keeps its second part: /body/violin/eda."""
TARGET_HOST = "127.0.0.1"
"""An address, not a name: a name is looked up again at every send."""
TARGET_PORT = 7771
LISTEN_PORT = 7772
Target = tuple[str, int]
"""Where datagrams go: an address and a port."""

MAX_NOTES_A_PART = 32
MAX_POINTS_A_PART = 64


NAME = "NAME"
"""Stands in an address for a name that the sensor chooses."""


class Way(StrEnum):
    """Who sends a message."""

    OUT = "bridge sends"
    IN = "bridge listens"
    CLIP_OUT = "bridge to device"
    CLIP_IN = "device to bridge"


@dataclass(frozen=True, slots=True)
class Message:
    """One row of the contract."""

    path: str
    """Below the root for heart messages (``/beat``), whole for the others (``/bridge/ping``)."""
    tags: str
    """Type tags of the fixed arguments."""
    names: tuple[str, ...]
    meaning: str
    way: Way = Way.OUT
    repeat: str = ""
    """Type tags of a group that may follow any number of times."""
    optional: str = ""
    """Type tags of arguments that may follow, from the first on, or be left out."""
    device: bool = True
    """Whether the Max for Live device listens to it, where the bridge sends it."""
    bounds: tuple[float, float] | None = None
    """Fixed range of the (first float) argument, where there is one."""

    def address(self, root: str = ROOT, name: str = NAME) -> str:
        """The full address as it travels; ``name`` stands in the place of NAME where it occurs."""
        if self.way is not Way.OUT:
            return self.path
        if self.path.startswith(BODY + "/"):
            own = "" if root == ROOT else "/" + root.strip("/").rpartition("/")[2]
            path = BODY + own + self.path.removeprefix(BODY)
            return path.removesuffix(NAME) + name
        return root + self.path

    @property
    def to_device(self) -> bool:
        """Whether the bridge sends it and the Max for Live device routes it."""
        return self.device and self.way in (Way.OUT, Way.CLIP_OUT)

    @property
    def signature(self) -> str:
        """Tags as the documentation shows them: ``i f f``, ``i i (i f f i)*``."""
        more = f"({' '.join(self.repeat)})*" if self.repeat else ""
        may = f"({' '.join(self.optional)})" if self.optional else ""
        return " ".join(part for part in (*self.tags, may, more) if part)


NORM_NAMES = (
    "bpm", "ibi", "sdnn", "rmssd", "pnn50", "lf", "hf", "lf_hf", "sdsd", "pnn20", "vlf",
)  # fmt: skip
"""The values that have a unit, and so a 0-1 twin."""


def _rows() -> Iterable[Message]:
    unit = (0.0, 1.0)
    yield Message("/hello", "sii",
                  ("bridge version", "contract version", "listen port", "scaling", "beats"),
                  "at start, every 2 s, and in answer to `/bridge/ping`: versions of bridge and "
                  "contract, and the port on which this bridge listens (0: none); then, where "
                  "ranges of `/norm/*` are learned or beats are predicted, `fixed`, `learned` or "
                  "`mixed` for the ranges, and `predicted` for the beats",
                  optional="ss")  # fmt: skip
    yield Message("/status", "s", ("state", "beats"),
                  "`searching`, `live` or `lost`; on every change and every hello; followed by "
                  "`predicted` where the beats that sound are predictions",
                  optional="s")  # fmt: skip
    yield Message("/beat", "iff", ("number", "strength", "age in ms"),
                  "exactly one for every accepted beat: its number (1, 2, 3 ...), strength 0-1, "
                  "and ms from the beat's own time to the sending")  # fmt: skip
    yield Message(
        "/ibi", "f", ("ms",), "ms since the beat before; follows its beat, absent after a gap"
    )
    yield Message("/bpm", "f", ("per minute",), "smoothed rate, at every beat that has an interval")
    yield Message("/next", "ff", ("ms", "confidence"),
                  "ms until the next beat is expected, and how many of the last eight guesses came "
                  "true within 10 %, 0-1; after a beat while live, for lights and look-ahead: a "
                  "guess, never counted or recorded", device=False)  # fmt: skip
    yield Message(
        "/quality", "f", ("quality",), "signal quality 0-1, about once a second", bounds=unit
    )
    yield Message(
        "/wave", "f", ("level",), "the signal for a scope, 0-1, at most 60 a second", bounds=unit
    )
    yield Message("/breath", "f", ("level",),
                  "the breath as the heart shows it, 20 a second: 0 breathed out, 1 breathed in; "
                  "absent while it cannot be known",
                  device=False, bounds=unit)  # fmt: skip
    yield Message("/breath/rate", "f", ("per minute",),
                  "breaths a minute, once a second while they can be told",
                  device=False)  # fmt: skip
    yield Message("/hrv/sdnn", "f", ("ms",), "standard deviation of the intervals, ms")
    yield Message("/hrv/rmssd", "f", ("ms",), "root mean square of successive differences, ms")
    yield Message("/hrv/sdsd", "f", ("ms",), "standard deviation of successive differences, ms")
    yield Message("/hrv/pnn20", "f", ("share",),
                  "share of successive differences above 20 ms, 0-1", bounds=unit)  # fmt: skip
    yield Message("/hrv/pnn50", "f", ("share",),
                  "share of successive differences above 50 ms, 0-1", bounds=unit)  # fmt: skip
    yield Message("/hrv/vlf", "f", ("ms^2",), "power 0.003-0.04 Hz, ms^2")
    yield Message("/hrv/lf", "f", ("ms^2",), "power 0.04-0.15 Hz, ms^2")
    yield Message("/hrv/hf", "f", ("ms^2",), "power 0.15-0.40 Hz, ms^2")
    yield Message("/hrv/lf_hf", "f", ("ratio",), "LF / HF")
    yield Message("/hrv/sd1", "f", ("ms",),
                  "spread of the Poincare plot across its line of identity, ms",
                  device=False)  # fmt: skip
    yield Message("/hrv/sd2", "f", ("ms",),
                  "spread of the Poincare plot along its line of identity, ms",
                  device=False)  # fmt: skip
    yield Message("/hrv/coherence", "f", ("share",),
                  "share of all power that lies around one peak between 0.04 and 0.26 Hz, 0-1",
                  device=False, bounds=unit)  # fmt: skip
    yield Message("/hrv/resonance", "f", ("Hz",), "where that peak is, Hz",
                  device=False)  # fmt: skip
    yield Message("/hrv/coverage", "f", ("share",),
                  "how much of the window holds good intervals, 0-1; a measure is sent only while "
                  "its own window is filled enough to mean something", bounds=unit)  # fmt: skip
    for name in NORM_NAMES:
        yield Message(f"/norm/{name}", "f", ("level",),
                      f"0-1 twin of `{name}`, over the profile's range, fixed or learned",
                      bounds=unit)  # fmt: skip
    yield Message("/body/NAME", "f", ("value",),
                  "another column of the sensor, such as `eda`, in its own units; at most 30 a "
                  "second. Of one heart of several: `/body/violin/eda`", device=False)  # fmt: skip
    yield Message("/body/norm/NAME", "f", ("level",),
                  "0-1 twin of `/body/NAME`, over the range learned so far",
                  device=False, bounds=unit)  # fmt: skip
    yield Message(
        "/group/count", "i", ("hearts",),
        "of several hearts, how many are `live`; on every change and every hello",
    )  # fmt: skip
    yield Message("/group/bpm", "f", ("per minute",),
                  "mean rate of those that are live, at every beat of any")  # fmt: skip
    yield Message("/group/spread", "f", ("per minute",),
                  "standard deviation of their rates; from two live hearts on")  # fmt: skip
    yield Message("/bridge/ping", "", ("contract version",),
                  "answer with a hello; who asks may say which contract it speaks",
                  Way.IN, optional="i")  # fmt: skip
    yield Message("/bridge/mark", "s", ("text", "heart"),
                  "put a marker into the recording; of one heart where it is named, else of all",
                  Way.IN, optional="s")  # fmt: skip
    yield Message("/bridge/relearn", "", ("heart",),
                  "forget the thresholds, levels and ranges learned; of one heart, or of all",
                  Way.IN, optional="s")  # fmt: skip
    yield Message("/clip/open", "isffi",
                  ("id", "name", "length in beats", "tempo", "notes",
                   "numerator", "denominator", "scene", "answer port"),
                  "a clip comes: name, length, tempo, number of notes; then, at most once, its "
                  "time signature, its scene (0: the device chooses) and the port for the answers",
                  Way.CLIP_OUT, repeat="iiii")  # fmt: skip
    yield Message("/clip/notes", "ii", ("id", "part", "pitch", "start", "length", "velocity"),
                  f"at most {MAX_NOTES_A_PART} notes: pitch, start and length in beats, velocity",
                  Way.CLIP_OUT, repeat="iffi")  # fmt: skip
    yield Message("/clip/lane", "iii", ("id", "part", "controller", "beat", "value"),
                  f"at most {MAX_POINTS_A_PART} points of one controller: beat, value 0-127; parts "
                  "of notes and lanes are counted together, from 0",
                  Way.CLIP_OUT, repeat="fi")  # fmt: skip
    yield Message("/clip/close", "ii", ("id", "parts"), "all parts were sent", Way.CLIP_OUT)
    yield Message("/clip/ready", "i", ("id",), "the device has a slot for it", Way.CLIP_IN)
    yield Message("/clip/got", "ii", ("id", "part"), "this part has arrived", Way.CLIP_IN)
    yield Message("/clip/done", "is", ("id", "place"), "written, and where it landed", Way.CLIP_IN)
    yield Message("/clip/error", "is", ("id", "reason"), "not written, and why", Way.CLIP_IN)
    lane = ("lane's measure", "controller", "from", "to")
    yield Message("/grid/style", "siiiiiiiffffiiffiiff",
                  ("name", "ticks a cell", "ticks that odd cells are late", "cells", "note ticks",
                   "one zone a bar", "zones' measure", "velocity's measure", "offset", "slope",
                   "least", "most", *lane, *lane, "cell", "note", "above", "up to", "share"),
                  "what the device plays in mode Grid: the grid, the velocity as offset and slope "
                  "over a measure, two lanes; then for each note of the bar its cell, the values "
                  "for which it sounds, and its share of the velocity. Measures: 1 HR, 2 SDNN, "
                  "3 RMSSD, 4 VLF, 5 LF, 6 HF, 7 LF/HF, 0 none",
                  Way.CLIP_OUT, repeat="iifff")  # fmt: skip
    yield Message("/device/examine", "i", ("answer port",),
                  "examine yourself, and answer to this port", Way.CLIP_OUT)  # fmt: skip
    yield Message("/device/report", "ss", ("item", "value"),
                  "one line of the device's report on itself", Way.CLIP_IN)  # fmt: skip
    yield Message("/device/reported", "i", ("lines",),
                  "the report is over; so many lines were sent", Way.CLIP_IN)  # fmt: skip


MESSAGES: tuple[Message, ...] = tuple(_rows())
BY_PATH: dict[str, Message] = {message.path: message for message in MESSAGES}

_CAST = {"i": int, "f": float, "s": str}


def encode(
    path: str, arguments: Sequence[object] = (), root: str = ROOT, name: str = NAME
) -> bytes:
    """Return the datagram of one message; ``name`` stands in the place of NAME in its address.

    Raises:
        ValueError: the arguments do not fit the message's tags.
        KeyError: the path is not in the contract.
    """
    message = BY_PATH[path]
    extra = len(arguments) - len(message.tags)
    may = message.repeat or message.optional
    fits = extra % len(may) == 0 if message.repeat else extra <= len(may)
    if extra < 0 or not fits:
        raise ValueError(
            f"{path} takes {message.signature or 'no arguments'}, not {len(arguments)}"
        )
    builder = OscMessageBuilder(message.address(root, name))
    tags = message.tags + "".join(islice(cycle(may or "."), max(extra, 0)))
    for tag, value in zip(tags, arguments, strict=True):
        builder.add_arg(_CAST[tag](value), tag)
    return builder.build().dgram


def markdown_table() -> str:
    """The contract as ``docs/synths.md`` shows it."""
    lines = ["| address | tags | meaning |", "|---|---|---|"]
    for way in Way:
        for message in MESSAGES:
            if message.way is way:
                arrow = " (in)" if way in (Way.IN, Way.CLIP_IN) else ""
                tags = f"`{message.signature}`" if message.signature else ""
                lines.append(f"| `{message.address()}`{arrow} | {tags} | {message.meaning} |")
    return "\n".join(lines)


def as_dicts() -> list[dict[str, object]]:
    """The contract as plain data, for JSON."""
    return [
        {
            "address": message.address(),
            "tags": message.tags,
            "repeat": message.repeat,
            "optional": message.optional,
            "arguments": list(message.names),
            "direction": message.way.value,
            "bounds": list(message.bounds) if message.bounds else None,
            "meaning": message.meaning,
        }
        for message in MESSAGES
    ]
