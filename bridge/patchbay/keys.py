"""What may stand in a map, key by key: a reader each, which raises ValueError for what is wrong."""

from math import isfinite
from typing import Any

from bridge.mapping.curve import LINEAR, Curve, parse_curve
from bridge.osc import contract
from bridge.patchbay.message import Argument
from bridge.patchbay.row import MOST_PER_S, NOTE_S

__all__ = ["LINEAR", "MOST_PER_S", "NOTE_S"]

KNOWN = {"verified": "verified with", "read": "read in"}
OF_MAP = ("description", "switch_on", *KNOWN, "read_back", "osc", "midi", "row")
READ_BACK = ("zyn", "scsynth", "sooperlooper", "abletonosc", "hydrogen")
"""Programs that can be asked what they have."""
OF_ROW = (
    "name", "from", "low", "high", "learned", "curve", "smoothing_s", "to", "args", "channel",
    "min", "max", "mute", "osc", "midi", "most_per_s", "when", "quality_above", "on_lost",
    "off", "off_args", "length_ms", "length_share", "scale", "root", "octaves", "by", "velocity",
)  # fmt: skip
SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "chromatic": tuple(range(12)),
}


def number(value: Any) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(f"should be a number, not {value!r}")
    return float(value)


def _within(low: float, high: float, what: str) -> Any:
    def read(value: Any) -> float:
        if not low <= number(value) <= high:
            raise ValueError(f"should be {what}, not {value!r}")
        return float(value)

    return read


seconds = _within(0.0, 3600.0, "a time in seconds")
share = _within(0.0, 1.0, "a share, 0-1")
rate = _within(0.01, 1000.0, "messages a second, 0.01-1000")
velocity = _within(1.0, 127.0, "a velocity, 1-127")
octaves = _within(1.0, 10.0, "a number of octaves, 1-10")


def milliseconds(value: Any) -> float:
    """A time in ms, as seconds."""
    return float(_within(1.0, 60_000.0, "a time in ms")(value)) / 1000.0


def word(value: Any) -> str:
    """Text."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"should be text in quotes, not {value!r}")
    return value


def read_back(value: Any) -> str:
    """Which program is asked, and how."""
    if value not in READ_BACK:
        raise ValueError(f"should be one of {', '.join(READ_BACK)}")
    return str(value)


def switch(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"should be true or false, not {value!r}")
    return value


def channel(value: Any) -> int:
    """A MIDI channel."""
    return int(_within(1, 16, "a MIDI channel, 1-16")(value))


def note(value: Any) -> int:
    """A MIDI note."""
    return int(_within(0, 127, "a MIDI note, 0-127")(value))


def when(value: Any) -> bool:
    """``live``, or nothing."""
    if value != "live":
        raise ValueError('should be "live"; for a condition on quality: quality_above = 0.5')
    return True


def curve(value: Any) -> Curve:
    """A curve as profiles spell it."""
    return parse_curve(word(value))


def steps(value: Any) -> tuple[int, ...]:
    """A scale by name, or its semitones."""
    if isinstance(value, str) and value in SCALES:
        return SCALES[value]
    whole = isinstance(value, list) and value and all(type(step) is int for step in value)
    if whole and value == sorted(set(value)) and value[0] >= 0 and value[-1] < 12:
        return tuple(value)
    raise ValueError(f"should be one of {', '.join(SCALES)}, or rising semitones as [0, 3, 7]")


def address(value: Any) -> str:
    """An OSC address; wildcards are not expanded by most receivers, so none are sent."""
    text = word(value)
    if not text.startswith("/") or any(c in " #*,?[]{}" or not "!" <= c <= "~" for c in text):
        raise ValueError(f"should be an OSC address without wildcards, not {value!r}")
    return text


def arguments(value: Any) -> tuple[Argument, ...]:
    """``["i:0", "s:rate", "f"]``: tags with fixed values, and a bare tag for the value."""
    if not isinstance(value, list):
        raise ValueError('should be a list such as ["i:0", "f"]')
    found: list[Argument] = []
    for each in value:
        tag, colon, fixed = word(each).partition(":")
        if tag not in ("i", "f", "s", "b"):
            raise ValueError(f"hold {each!r}: a tag is i, f, s or b, as in i:0 or f")
        if colon and tag != "s":
            number(float(fixed) if tag == "f" else int(fixed))
        found.append((tag, fixed if colon else None))
    return tuple(found)


def source(value: Any) -> tuple[str, str]:
    """A value of the contract: ``bpm``, ``hrv/rmssd``, ``violin/bpm``, ``group/bpm``, ``beat``.

    Returns:
        The heart, empty where none is named, and the value's path without its first ``/``.
    """
    text = word(value).strip("/")
    if text.startswith("heart/"):
        text = text.removeprefix("heart/")
    if text.startswith("group/") and _known(text):
        return "group", text
    for heart, path in (("", text), tuple(text.split("/", 1)) if "/" in text else ("", "")):
        if _known(path):
            return heart, path
    raise ValueError(f"{value!r} is no value of the contract: beatbridge contract lists them")


def _known(path: str) -> bool:
    if path == "strength":
        return True
    if path.startswith("body/"):
        return len(path.split("/")) == (3 if path.startswith("body/norm/") else 2)
    row = contract.BY_PATH.get("/" + path)
    return row is not None and row.way is contract.Way.OUT and path != "hello"
