"""From a stream's bytes to samples: its protocol, the column with the heart, its rate. Pure.

One object reads one connection; when what comes no longer fits, it begins anew and says so.
"""

import math

from bridge.events import BodyChunk, Contact, Link, SampleChunk
from bridge.sources import Item, Notice
from bridge.sources.serial.columns import Clock, Column, Role, body_name
from bridge.sources.serial.placing import Reading, Run
from bridge.sources.serial.protocols import BY_NAME, LineProtocol, recognise
from bridge.sources.serial.raw import ONLY, RawStream
from bridge.sources.serial.sampling import Sampler
from bridge.sources.serial.search import Choice, Rows, Search, described

SNIFFED_BYTES = 2048
"""No more of an unknown stream is kept: nonsense at a wrong speed must not fill the memory."""
SNIFF_SECONDS = 2.0
"""So long, and for so many bytes, the order of a raw stream's bytes may be open; its rate is not
known any sooner."""
UNFIT_SECONDS = 2.0
UNFIT_BYTES = 200
"""So long, and so many bytes, without a reading: what comes is no longer what it was."""
SWITCH_GAP_S = 0.3
"""Left out where another column is taken: more than ``HIDES_A_BEAT_S``."""

Delivery = tuple[bytes, float]
"""Bytes that arrived together, and when."""


class Readings:
    """Reads the text lines or the raw stream of one connection."""

    def __init__(self, sampler: Sampler, protocol: str, kind: str, column: str | None) -> None:
        """Begin.

        Args:
            sampler: the session clock; it outlives a connection.
            protocol: ``auto``, or a name of ``protocols.BY_NAME``.
            kind: of the detectors that look for the heart's column.
            column: the one that a person has named, by label or by place from 1.
        """
        self.known = False
        """What the stream is has been found out."""
        self._sampler = sampler
        self._rate_hz = sampler.rate_hz if sampler.given else None
        self._protocol = protocol
        self._kind = kind
        self._column = column
        self._parser: LineProtocol | None = None
        self._sniffed: list[Delivery] = []
        self._rejected = 0
        self._name = ""
        self._lead_off = False
        self._began = 0.0
        self._forget_columns()

    def _forget_columns(self) -> None:
        self._search: Search | None = Search(self._kind, self._column, self._rate_hz)
        self._choice: Choice | None = None
        self._clock: Clock | None = None
        self._pending: dict[str, float] = {}
        self._fitting = 0.0
        self._since = 0
        self._skip_s = 0.0
        self._said_none = False

    def feed(self, data: bytes, arrival: float) -> list[Item]:
        """Take the bytes that arrived together; return samples, other columns and notices.

        Raises:
            UserError: there is no such column as the person has named.
            ValueError: more readings a second than any pulse sensor sends.
        """
        items: list[Item] = []
        if self._parser is not None:
            self._read(data, arrival, items)
            return items
        for part, at in self._sniff(data, arrival, items):
            self._read(part, at, items)
        return items

    def _read(self, data: bytes, arrival: float, items: list[Item]) -> None:
        if self._parser is None:  # what came before it did not fit
            return
        rows = self._parser.feed(data)
        self._contact(rows, items)
        self._since += len(data)
        if self._choice is None and rows:
            self._fitting, self._since = arrival, 0
        if self._search is not None:
            self._find(rows, arrival, items)
        else:
            self._deliver(rows, arrival, items)
        self._doubt(arrival, items)

    def take_rejected(self) -> int:
        """How many lines, or bytes of a raw stream, should have been readings; counted anew."""
        rejected, self._rejected = self._rejected, 0
        if self._parser is not None:
            rejected += self._parser.rejected
            self._parser.rejected = 0
        return rejected

    def _sniff(self, data: bytes, arrival: float, items: list[Item]) -> list[Delivery]:
        """What the parser should begin with, once it is known what it is."""
        self._sniffed.append((data, arrival))
        came = self.sniffed
        skip = 0
        if self._protocol in BY_NAME:
            self._parser, self._name = BY_NAME[self._protocol](), self._protocol
        else:
            found = recognise(came)
            waited = arrival - self._sniffed[0][1] > SNIFF_SECONDS or len(came) > SNIFFED_BYTES
            if found is None or not (found.sure or waited):
                while len(came) - len(self._sniffed[0][0]) > SNIFFED_BYTES:
                    came = came[len(self._sniffed.pop(0)[0]) :]
                return []
            self._parser, skip, self._name = found.parser, found.skip, found.name
        if isinstance(self._parser, RawStream):
            # Its readings are all of one sensor.
            self._search = None
            self._choice = Choice(ONLY, (Column(ONLY, Role.SIGNAL),), sure=True)
            items.append(Notice(self._name))
        self.known = True
        self._fitting = self._began = arrival
        parts, self._sniffed = self._sniffed, []
        begin = []
        for part, at in parts:
            begin.append((part[skip:], at))
            skip = max(0, skip - len(part))
        return begin

    @property
    def sniffed(self) -> bytes:
        """What came while it is open what it is."""
        return b"".join(part for part, _ in self._sniffed)

    def _contact(self, rows: Rows, items: list[Item]) -> None:
        assert self._parser is not None
        if self._parser.lead_off != self._lead_off:
            self._lead_off = self._parser.lead_off
            link = Link.NO_CONTACT if self._lead_off else Link.CONNECTED
            items.append(Contact(self._sampler.now, link))
            if self._lead_off:
                items.append(Notice("an electrode is off"))

    # ---- which column -------------------------------------------------------------------------

    def _find(self, rows: Rows, arrival: float, items: list[Item]) -> None:
        assert self._search is not None
        search, before = self._search, self._choice
        choice = search.take(rows, arrival)
        if before is not None:  # a column is shown already, without a heart so far
            if choice is None or not choice.sure:
                self._deliver(rows, arrival, items)
                return
            self._search = None
            if choice.column == before.column:
                self._deliver(rows, arrival, items)
                return
            self._skip_s = SWITCH_GAP_S
        if choice is None:
            self._say_no_signal(search, arrival, items)
            return
        if choice.sure:
            self._search = None
        self._take_choice(choice)
        items.append(Notice(self._describe(choice)))
        if before is None:
            for group, at in search.kept:
                self._deliver(group, at, items)
        else:
            self._deliver(rows, arrival, items)

    def _take_choice(self, choice: Choice) -> None:
        self._choice = choice
        self._pending = {}
        if self._clock is None and choice.clock is not None:
            self._clock = Clock(choice.clock.unit)

    def _describe(self, choice: Choice) -> str:
        names = [column.name for column in choice.columns]
        if len(names) == 1:
            return "one number a line" + ("" if names[0].isdigit() else f" ({names[0]})")
        if set(names) <= {"S", "B", "Q"} and choice.column == "S":
            return "PulseSensor lines"
        what = f"columns {described(names)}: "
        place = names.index(choice.column) + 1
        which = f"column {place}" if choice.column == str(place) else f"column {choice.column}"
        if not choice.sure:
            return f"{what}no heart in any yet, showing {which}; column= chooses another"
        told = "" if self._column else "; column= chooses another"
        clock = f", timed by column {choice.clock.name}" if choice.clock else ""
        return f"{what}the heart is in {which}{clock}{told}"

    def _say_no_signal(self, search: Search, arrival: float, items: list[Item]) -> None:
        names = search.without_signal()
        if names and not self._said_none and arrival - self._began > 2 * UNFIT_SECONDS:
            self._said_none = True
            items.append(
                Notice(
                    f"no signal among the columns ({described(names)}): rates that a sketch has "
                    "computed are not used; let it print the sensor's readings, or say column="
                )
            )

    # ---- what comes ---------------------------------------------------------------------------

    def _deliver(self, rows: Rows, arrival: float, items: list[Item]) -> None:
        assert self._choice is not None
        choice, clock = self._choice, self._choice.clock
        others = choice.others
        readings: list[Reading] = []
        stamps: list[float] = []
        for row in rows:
            self._pending.update(row)
            if choice.column not in row:
                continue
            if clock is not None and self._clock is not None:
                if not math.isfinite(row.get(clock.name, math.nan)):
                    continue
                stamps.append(self._clock.seconds(row[clock.name]))
            nan = math.nan
            readings.append(
                (row[choice.column], *(self._pending.get(name, nan) for name in others))
            )
            self._pending = {}
        if readings:
            self._fitting, self._since = arrival, 0
        items += self._hand_on(readings, stamps, arrival, others)

    def _hand_on(
        self, readings: list[Reading], stamps: list[float], arrival: float, others: list[str]
    ) -> list[Item]:
        items: list[Item] = []
        if not readings:
            return items
        before = self._sampler.rate_hz
        runs = self._sampler.add(
            readings, arrival, stamps=stamps if self._clock is not None else None
        )
        items += [Notice(remark) for remark in self._sampler.remarks]
        self._sampler.remarks.clear()
        if runs and runs[-1].rate_hz != before:
            items.append(Notice(f"{runs[-1].rate_hz:.4g} readings a second"))
        for run in runs:
            if self._skip_s > 0:
                self._skip_s -= len(run.readings) / run.rate_hz
            else:
                items += _items_of(run, others)
        return items

    def _doubt(self, arrival: float, items: list[Item]) -> None:
        """Begin anew when what comes no longer is what it was."""
        parser = self._parser
        assert parser is not None
        silent = arrival - self._fitting > UNFIT_SECONDS and self._since > UNFIT_BYTES
        if parser.fits and (not silent or self._lead_off):
            return
        items.append(Notice(f"what comes no longer fits ({self._name}); looking anew"))
        self._rejected += parser.rejected
        self._parser = None
        self.known = False
        self._sampler.reconnected()
        self._forget_columns()


def _items_of(run: Run, others: list[str]) -> list[Item]:
    items: list[Item] = [
        SampleChunk(t, run.rate_hz, values, run.arrival_t) for t, values in run.column(0)
    ]
    for place, name in enumerate(map(body_name, others), start=1):
        items += [
            BodyChunk(t, name, run.rate_hz, values, run.arrival_t)
            for t, values in run.column(place)
        ]
    return items
