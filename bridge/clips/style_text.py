"""A style as the text of a file to start one's own from: every key, with a word on each."""

import json
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from bridge.clips.style import Style

_WIDTH = 100
_HEAD = """\
# A style of beatbridge, whole. Copy it, change what you like, and use it with --style mine.toml;
# what a file leaves out is as in the style "default". Single keys change with --set grid.swing=0.2.
"""
EXPLAINED = {
    "description": "what it sounds like, for `beatbridge styles`",
    "scope": 'over what zones and lanes span: "batch" (all files of one call), "file", or "phase" '
    "(from marker to marker)",
    "promise": "what holds for any session; it is measured in beatbridge's own tests. Your own "
    "style may leave it out",
    "promise.key": "the only notes that sound, where they have a pitch",
    "promise.hits_a_bar": "least and most drum hits in a bar; empty: not said",
    "promise.more_hits_with": 'the measure with which bars fill; "": not said',
    "promise.louder_with": 'the measure with which hits become louder; "": not said',
    "promise.every_beat": "the drum that sounds at every heartbeat; -1: none",
    "grid": "time: how data falls on beats and bars",
    "grid.tempo": "20-999; at 75, 0.1 s of data is one 1/32 note",
    "grid.signature": "the upper number is the count of cells in a bar",
    "grid.cell": "how long a cell is",
    "grid.cell_seconds": 'seconds of data a cell, at any tempo, while follow = "grid"',
    "grid.follow": '"grid", or "clock": a second of data is a second of music, at any tempo',
    "grid.swing": "0-0.75 of a cell by which every second cell is late",
    "zones": "how the span of a measure is cut",
    "zones.column": "HR, SDNN, RMSSD, VLF, LF, HF or LF_HF",
    "zones.edges": '"equal" parts of the span; "quantile": each zone lasts equally long (live, '
    "that is learned); or the inner borders: [65, 72, ...]",
    "drums": "the drum clip",
    "drums.channel": "1-16; 10 is General MIDI's drums, pitched notes belong on another",
    "drums.engine": '"zones": zones switch on cells; "euclid": voices spread evenly over the bar; '
    '"beats": voices at and between the heartbeats',
    "drums.order": 'zones: the cell that each zone switches on, from 0: [0, 8, 4, ...]; "even" '
    "halves the bar again and again",
    "drums.layers": 'zones: "cumulative" (a zone keeps the hits of those below it) or "single" (it '
    "sounds alone)",
    "drums.notes": 'zones: the drum of each: "rack" (pads from C1, 36, up), "gm" (General MIDI '
    "kit), or a list: [36, 38, ...]",
    "drums.voices": "euclid, beats: note; hits = [in the lowest zone, in the highest], a bar or a "
    "heartbeat; rotate (euclid: cells); offset (beats: share of the interval); velocity (share)",
    "drums.velocity_from": "the measure that decides how hard a hit is",
    "drums.velocity": '"value" (the measure itself, rounded), or over its span [from, to]; from '
    "above to turns it round",
    "drums.length": "how long a hit is held",
    "drums.lanes": "controllers: column; controller (7 and 11 are volume on every General MIDI "
    'synth); curve = "linear" ("log", "exp", "power:2"); smooth_seconds = 0.0 (time constant); '
    "scope = the style's",
    "notes": "the note clip",
    "notes.lines": "a measure that climbs a scale: column, root (MIDI note), cell (how long a note "
    "is)",
    "notes.major": "steps from the root",
    "notes.minor": "steps from the root",
    "notes.mode_column": "the measure that decides between major and minor",
    "notes.major_above": "the value of it at which the mode turns",
    "notes.major_when": '"above": major above that value, as the seed\'s script plays it, minor '
    'elsewhere and where it is unknown; "below": major below it, as its author describes it',
    "notes.velocity": "over the span of the line's measure, from - to",
    "notes.own_controller": "carries the line's own measure",
    "notes.lanes": "further controllers, as for drums",
    "cc": "the controller clip: a track a measure",
    "cc.lanes": "as for drums",
    "cc.every": "how finely the lanes are looked at",
}
"""Every key of a style file."""


def style_text(style: Style) -> str:
    """The TOML of a style; reading it gives the same style."""
    tables = []
    lines = [_HEAD]
    for field in fields(style):
        value = getattr(style, field.name)
        if is_dataclass(value):
            tables.append((field.name, value))
        else:
            lines += _entry(field.name, field.name, value)
    for name, table in tables:
        lines += ["", *_comment(EXPLAINED[name]), f"[{name}]"]
        for field in fields(table):
            lines += _entry(f"{name}.{field.name}", field.name, getattr(table, field.name))
    return "\n".join(lines) + "\n"


def _entry(key: str, name: str, value: Any) -> list[str]:
    return [*_comment(EXPLAINED[key]), f"{name} = {_toml(value)}"]


def _comment(text: str) -> list[str]:
    lines, line = [], "#"
    for word in text.split():
        if len(line) + 1 + len(word) > _WIDTH:
            lines.append(line)
            line = "#"
        line += f" {word}"
    return [*lines, line]


def _toml(value: Any) -> str:
    if is_dataclass(value):
        parts = [
            f"{field.name} = {_toml(getattr(value, field.name))}"
            for field in fields(value)
            if field.default is MISSING or getattr(value, field.name) != field.default
        ]
        return f"{{ {', '.join(parts)} }}"
    if isinstance(value, tuple):
        if value and is_dataclass(value[0]):
            return "[\n" + "".join(f"  {_toml(each)},\n" for each in value) + "]"
        return f"[{', '.join(_toml(each) for each in value)}]"
    return json.dumps(value, ensure_ascii=False)
