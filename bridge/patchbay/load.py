"""Maps from TOML: the shipped receivers and a person's own files, checked row by row.

An error names the file, the line and the key, and what would be right.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from bridge.errors import UserError
from bridge.given import text_given
from bridge.mapping.profile import load as load_profile
from bridge.osc import contract
from bridge.osc.contract import Target
from bridge.osc.send import parse_target
from bridge.patchbay import keys
from bridge.patchbay.message import MIDI_TOP, MidiForm, OscForm
from bridge.patchbay.row import Glide, Row, Scale


@dataclass(frozen=True, slots=True)
class Map:
    """A map: rows, and what a person should know of their receiver."""

    name: str
    """As ``--map`` takes it."""
    description: str
    switch_on: str
    """What to do in the program so that it hears."""
    known: str
    """``verified with PROGRAM VERSION`` or ``read in SOURCE, DATE``; empty for a person's own."""
    read_back: str
    """How it is asked what it has (a name of ``readback.READERS``); empty where it cannot be."""
    osc: Target | None
    midi: str | None
    rows: tuple[Row, ...]


def names() -> list[str]:
    """The shipped receivers."""
    entries = (files("bridge") / "receivers").iterdir()
    return sorted(Path(entry.name).stem for entry in entries if entry.name.endswith(".toml"))


def text(name: str) -> str:
    """The TOML of a shipped receiver or of a file.

    Raises:
        UserError: neither a receiver nor a file that can be read.
    """
    if name in names():
        return (files("bridge") / "receivers" / f"{name}.toml").read_text(encoding="utf-8")
    if not Path(name).exists():
        raise UserError(f"map {name}: neither a file nor one of {', '.join(names())}")
    try:
        return text_given(Path(name), 1)
    except UserError as error:
        raise UserError(f"map {name}: {str(error).removeprefix(f'{name}: ')}") from None


def load(name: str) -> Map:
    """Load a map; ``NAME@HOST:PORT`` or ``NAME@MIDI PORT`` sends it somewhere else.

    Raises:
        UserError: naming file, line and key.
    """
    name, at, where = name.rpartition("@") if "@" in name else (name, "", "")
    return parse(name, text(name), where if at else None)


def parse(name: str, source: str, where: str | None = None) -> Map:
    """Check the text of a map.

    Args:
        name: of the file or receiver, for errors.
        source: TOML.
        where: sends it somewhere else than it says.

    Raises:
        UserError: naming file, line and key.
    """
    try:
        data = tomllib.loads(source)
    except (ValueError, RecursionError) as error:  # also numbers of 5,000 digits
        raise UserError(f"map {name}: {error}") from None
    complaint = _Complaint(name, source)
    for key in data:
        if key not in keys.OF_MAP:
            raise complaint(None, key, f"is unknown; a map has {', '.join(keys.OF_MAP)}")
    rows = data.get("row", [])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise UserError(f"map {name}: has no rows; each begins with a line [[row]]")
    if where is not None:
        data |= {"midi": where} if "midi" in data else {"osc": where}
    known = [f"{word} {data[key]}" for key, word in keys.KNOWN.items() if key in data]
    head = _Reader(complaint, None, data)
    osc = head.get("osc", _target)
    midi = head.get("midi", keys.word)
    return Map(
        name,
        str(data.get("description", "")),
        str(data.get("switch_on", "")),
        "".join(known[:1]),
        head.get("read_back", keys.read_back, ""),
        osc,
        midi,
        tuple(_row(_Reader(complaint, at, row), osc, midi) for at, row in enumerate(rows)),
    )


class _Complaint:
    """Makes errors that name file, line and key."""

    def __init__(self, name: str, source: str) -> None:
        self._name = name
        self._lines = source.split("\n")

    def __call__(self, row: int | None, key: str, says: str) -> UserError:
        starts = [n for n, line in enumerate(self._lines) if re.match(r"\s*\[\[\s*row", line)]
        first = 0 if row is None else starts[row]
        last = next((n for n in starts if n > first), len(self._lines))
        found = (
            n
            for n in range(first, last)
            if re.match(rf'\s*"?{re.escape(key)}"?\s*=', self._lines[n])
        )
        return UserError(f"map {self._name}, line {next(found, first) + 1}: {key} {says}")


@dataclass(frozen=True, slots=True)
class _Reader:
    """One table of the file, read key by key."""

    complaint: _Complaint
    row: int | None
    data: Mapping[str, Any]

    def get(self, key: str, read: Callable[[Any], Any], default: Any = None) -> Any:
        if key not in self.data:
            return default
        try:
            return read(self.data[key])
        except (ValueError, UserError) as error:
            raise self.wrong(key, str(error)) from None
        except OverflowError:
            raise self.wrong(key, "is a number beyond all") from None

    def wrong(self, key: str, says: str) -> UserError:
        return self.complaint(self.row, key, says)


def _target(value: Any) -> Target:
    return parse_target(keys.word(value), option="")


def _row(read: _Reader, osc: Target | None, midi: str | None) -> Row:
    for key in read.data:
        if key not in keys.OF_ROW:
            raise read.wrong(key, f"is unknown; a row has {', '.join(keys.OF_ROW)}")
    for key in ("from", "to"):
        if key not in read.data:
            raise read.wrong(key, "is missing in this row")
    heart, source = read.get("from", keys.source)
    form = _form(read)
    low, high = _input(read, source)
    least, most = _output(read, form, source)
    curve_text = read.get("curve", keys.word, "linear")
    curve = None if curve_text == "exp" else read.get("curve", keys.curve, keys.LINEAR)
    if curve is None and not (min(least, most) > 0.0 and least != most):
        raise read.wrong("curve", "exp is equal ratios: it needs a min and a max above 0")
    row_osc, row_midi = read.get("osc", _target), read.get("midi", keys.word)
    if row_osc is None and row_midi is None:
        row_osc, row_midi = (osc, None) if isinstance(form, OscForm) else (None, midi or "virtual")
    if isinstance(form, OscForm) and row_osc is None:
        raise read.wrong("to", 'is an OSC address: where to? Add osc = "127.0.0.1:PORT" above')
    off = None
    if "off" in read.data:
        off = OscForm(read.get("off", keys.address), read.get("off_args", keys.arguments, ()))
    off_when_lost = read.data.get("on_lost") == "off"
    if off_when_lost and off is None:
        raise read.wrong("on_lost", 'sends off: which address is it? Add off = "/..."')
    by = read.get("by", keys.source)
    return Row(
        name=read.get("name", keys.word, read.data["to"]),
        source=source,
        heart=heart,
        form=form,
        low=low,
        high=high,
        min=least,
        max=most,
        osc=row_osc,
        midi=row_midi,
        mute=read.get("mute", keys.switch, False),
        learned=read.get("learned", keys.switch, False),
        curve=curve,
        smoothing_s=read.get("smoothing_s", keys.seconds, 0.0),
        most_per_s=read.get("most_per_s", keys.rate, keys.MOST_PER_S),
        when_live=read.get("when", keys.when, False),
        quality_above=read.get("quality_above", keys.share, 0.0),
        on_lost=None if off_when_lost else read.get("on_lost", _on_lost),
        off=off,
        off_when_lost=off_when_lost,
        length_s=read.get("length_ms", keys.milliseconds, keys.NOTE_S),
        length_share=read.get("length_share", keys.share),
        scale=_scale(read, form),
        by=by[1] if by else None,
        velocity=read.get("velocity", keys.velocity, 90.0),
    )


def _form(read: _Reader) -> OscForm | MidiForm:
    to: str = read.get("to", keys.word)
    if to.startswith("/"):
        return OscForm(
            read.get("to", keys.address), read.get("args", keys.arguments, (("f", None),))
        )
    kind, colon, number = to.partition(":")
    if kind not in MIDI_TOP or (colon and not (number.isdecimal() and int(number) <= 127)):
        forms = "an OSC address (/...), cc:74, cc14:1, bend, pressure, program, note:36 or note"
        raise read.wrong("to", f"should be {forms}")
    if (kind in ("cc", "cc14") and not colon) or (kind == "cc14" and int(number) > 31):
        raise read.wrong("to", "should name the controller, as cc:74 or cc14:1 (of 0-31)")
    return MidiForm(kind, int(number or 0), read.get("channel", keys.channel, 1))


def _input(read: _Reader, source: str) -> tuple[float, float]:
    """The input range: the row's own, or that of the value by itself."""
    usual = _usual(source)
    low = read.get("low", keys.number, usual[0] if usual else None)
    high = read.get("high", keys.number, usual[1] if usual else None)
    if low is None or high is None:
        raise read.wrong("from", f"{source} has no range of its own: give low and high")
    if not low < high:
        raise read.wrong("low", f"should lie below high ({low:g} and {high:g}); min > max inverts")
    return low, high


def _usual(source: str) -> tuple[float, float] | None:
    if source in ("beat", "strength", "status") or source.startswith("body/norm/"):
        return 0.0, 1.0
    norm = load_profile([]).norm.get(source.rpartition("/")[2])
    if norm is not None and not source.startswith(("norm/", "body/")):
        return norm.low, norm.high
    message = contract.BY_PATH.get("/" + source)
    return message.bounds if message is not None else None


def _output(read: _Reader, form: OscForm | MidiForm, source: str) -> tuple[float, float]:
    if isinstance(form, MidiForm):
        top = MIDI_TOP[form.kind]
        least = read.get("min", keys.number, 1.0 if form.kind == "note" else 0.0)
        most = read.get("max", keys.number, top)
        for key, value in (("min", least), ("max", most)):
            if not 0.0 <= value <= top:
                raise read.wrong(key, f"should lie in 0-{top:g} for {form.kind}")
        return least, most
    takes = [tag for tag, fixed in form.arguments if fixed is None]
    if len(takes) > 1:
        raise read.wrong("args", "hold more than one place for the value: give the others as i:0")
    if takes in ([], ["s"]):
        if takes and source != "status":
            raise read.wrong("args", "s is a word: only the status is one")
        return 0.0, 1.0
    for key in ("min", "max"):
        if key not in read.data:
            raise read.wrong(key, "is missing: the program's own range, or less of it")
    return read.get("min", keys.number), read.get("max", keys.number)


def _on_lost(value: Any) -> Glide | None:
    if value == "hold":
        return None
    if isinstance(value, dict) and "to" in value and set(value) <= {"to", "seconds"}:
        return Glide(keys.number(value["to"]), keys.seconds(value.get("seconds", 0.0)))
    raise ValueError('should be "hold", "off" or { to = 0.0, seconds = 2.0 }')


def _scale(read: _Reader, form: OscForm | MidiForm) -> Scale | None:
    steps = read.get("scale", keys.steps)
    if steps is None:
        return None
    if not isinstance(form, MidiForm) or form.kind != "note":
        raise read.wrong("scale", 'is for to = "note"')
    scale = Scale(read.get("root", keys.note, 48), steps, int(read.get("octaves", keys.octaves, 2)))
    if scale.note(1.0) > 127:
        raise read.wrong("octaves", f"reach beyond note 127 ({scale.note(1.0)})")
    return scale
