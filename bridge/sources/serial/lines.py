"""Lines of text as sketches print them: bytes in, rows of named numbers out. Pure; any chunking.

Read are numbers apart by comma, semicolon, tab, bar, slash or space, with or without labels:
``512``, ``72,830,512``, ``S512``, ``a584/b575``, ``Signal 512``, ``IR=1234, BPM=72.0 No finger?``,
``R[12] IR[34]``, ``ECG:512,GSR:300``, ``{"ir": 1234}``, ``>ir:1234``. A line that is none of these
(boot messages, greetings) is passed over; one of names only names the columns below it.
"""

import re
from dataclasses import dataclass

MAX_LINE_BYTES = 160
"""Longer lines are not a sensor's; a stream without line ends must not fill the memory."""
MAX_NUMBERS = 16
"""More in a line are no sensor's columns."""
LEAD_OFF = "!"
"""What SparkFun's AD8232 sketch prints while an electrode is off."""

_NUMBER = r"[+-]?(?:\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})(?:[eE][+-]?\d{1,2})?|nan|NaN|NAN|inf|ovf"
_UNIT = r"%|°?C|°?F|[mµu]?V|[mµu]?S|[mµu]?s|bpm|BPM|[kM]?Hz|[kM]?[Oo]hms?|g|counts"
_FIELD = re.compile(
    r"(?:(?P<label>[^\W\d][^,;:=\[\]\t|/]{0,23}?)\s*[=:\[]\s*"
    r"|(?P<prefix>[^\W\d]{1,12})\s?)?"
    rf"(?P<number>{_NUMBER})(?:\s?(?:{_UNIT}))?\]?(?![\w.°])"
)
_BETWEEN = re.compile(r"\s*[,;\t|/]\s*|\s+")
_NAMES = re.compile(r"[^\W\d][\w .()°%-]{0,23}")
_BRACKETS = str.maketrans("", "", "{}\"'>")


@dataclass(frozen=True, slots=True)
class Row:
    """One line's numbers, by column."""

    values: dict[str, float]
    """By label, as printed, or by place: ``1``, ``2`` ... NaN where the board printed none."""
    bare: int
    """How many of them had no label of their own."""


def parse(line: str) -> Row | None:
    """The numbers of one line, or None where it is no row of numbers."""
    text = line.translate(_BRACKETS).strip().rstrip(",;")
    values: dict[str, float] = {}
    at = bare = 0
    named = False
    while at < len(text):
        field = _FIELD.match(text, at)
        if field is None:
            # Words may follow numbers that have names ("No finger?"), not numbers without.
            if named and not any(c.isdigit() for c in text[at:]):
                break
            return None
        at = field.end()
        label = (field["label"] or field["prefix"] or "").strip()
        named = named or field["label"] is not None
        if not label:
            bare += 1
            label = str(len(values) + 1)
        if label in values or len(values) == MAX_NUMBERS:
            return None
        number = field["number"]
        values[label] = float("nan") if number[-1].isalpha() else float(number)
        between = _BETWEEN.match(text, at)
        if between is None and at < len(text):
            return None
        at = between.end() if between else at
    return Row(values, bare) if values else None


def parse_names(line: str) -> tuple[str, ...] | None:
    """The names in a header line such as ``time,ecg,gsr``, or None."""
    names = tuple(part.strip() for part in re.split(r"[,;\t|]", line.translate(_BRACKETS).strip()))
    if len(names) < 2 or len(set(names)) < len(names):
        return None
    return names if all(_NAMES.fullmatch(name) for name in names) else None


class Lines:
    """Cuts bytes into rows."""

    def __init__(self) -> None:
        self.rejected = 0
        """Lines with a number in them that were no row, or a row of another length."""
        self.lead_off = False
        """The last line said that an electrode is off."""
        self.fits = True
        """Lines of anything may come between rows; only time can tell that no more rows come."""
        self._rest = b""
        self._in_step = False
        self._names: tuple[str, ...] = ()
        self._bare: int | None = None
        self._other_bare = 0

    def feed(self, data: bytes) -> list[dict[str, float]]:
        """Take the next bytes; return the rows of the lines they complete."""
        return [row for line in self._lines(data) if (row := self._row(line)) is not None]

    def _row(self, line: str) -> dict[str, float] | None:
        if line == LEAD_OFF:
            self.lead_off = True
            return None
        row = parse(line)
        if row is None:
            names = parse_names(line)
            if names is not None:
                self._names = names
            elif any(c.isdigit() for c in line):
                self.rejected += 1
            return None
        if row.bare and not self._fits(row.bare):
            self.rejected += 1
            return None
        self.lead_off = False
        if row.bare == len(self._names) == len(row.values):
            return dict(zip(self._names, row.values.values(), strict=True))
        return row.values

    def _fits(self, bare: int) -> bool:
        """A row that is longer or shorter than those before lost or doubled a byte."""
        if self._bare is None or bare == self._bare:
            self._bare, self._other_bare = bare, 0
            return True
        self._other_bare += 1
        if self._other_bare < CHANGE_LINES:
            return False
        self._bare, self._other_bare, self._names = bare, 0, ()
        return True

    def _lines(self, data: bytes) -> list[str]:
        lines = (self._rest + data).replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > MAX_LINE_BYTES:
            self.rejected += 1
            self._rest = b""
            self._in_step = False
        if not self._in_step and lines:
            # The port was opened in the middle of a line: half a number is a wrong number.
            self._in_step = True
            lines = lines[1:]
        decoded = (line.strip(b"\0 \t").decode("utf-8", "replace") for line in lines)
        return [line for line in decoded if line]


CHANGE_LINES = 10
"""So many rows of another length in a row: the sketch prints something else now."""
