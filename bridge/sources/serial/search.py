"""Finds the column with a heart: each is given to a beat detector of its own. Pure."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from bridge.detect import make_detector
from bridge.detect.signal.holes import HoleFilling
from bridge.errors import UserError
from bridge.events import Beat, SampleChunk
from bridge.sources.serial.columns import Clock, Column, Role, classify, find
from bridge.sources.serial.placing import Reading
from bridge.sources.serial.sampling import Sampler

LOOK_SECONDS = 2.5
"""Of lines are looked at before anything is said of their columns; the rate takes as long."""
AGAIN_SECONDS = 0.5
PATIENCE_SECONDS = 6.0
"""Without a heart in any column until then, the likeliest is shown, and the search goes on."""
KEPT_SECONDS = 10.0
"""Of lines are kept for the column that will be chosen."""

Rows = list[dict[str, float]]

_LIKELY = ("ecg", "ekg", "ppg", "pulse", "signal", "s", "ir", "green", "red", "a")
"""Names of heart signals, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The column to listen to."""

    column: str
    columns: tuple[Column, ...]
    """All there are, in the order in which they are printed."""
    sure: bool
    """A heart was found in it, or it is the only one, or a person has named it."""

    @property
    def clock(self) -> Column | None:
        """The board's own time, where it sends it."""
        return next((column for column in self.columns if column.role is Role.CLOCK), None)

    @property
    def others(self) -> list[str]:
        """The columns worth handing on beside the heart's."""
        left_out = (Role.CLOCK, Role.COUNTER, Role.READY_MADE, Role.RARE)
        return [
            column.name
            for column in self.columns
            if column.name != self.column and column.role not in left_out
        ]


class _Trial:
    """One column before a detector."""

    def __init__(self, column: str, kind: str, clock: Column | None, rate_hz: float | None) -> None:
        self.column = column
        self.quality: float | None = None
        """Of the first beat that sounded in time; None before it."""
        self._kind = kind
        self._clock = Clock(clock.unit) if clock else None
        self._clock_name = clock.name if clock else ""
        self._sampler = Sampler(rate_hz)
        self._detector: HoleFilling | None = None
        self._rate_hz = 0.0

    def take(self, rows: Rows, arrival: float) -> None:
        mine = [row for row in rows if self.column in row]
        stamps = None
        if self._clock is not None:
            mine = [row for row in mine if self._clock_name in row]
            stamps = [self._clock.seconds(row[self._clock_name]) for row in mine]
        readings: list[Reading] = [(row[self.column],) for row in mine]
        try:
            runs = self._sampler.add(readings, arrival, stamps=stamps)
        except ValueError:
            return
        for run in runs:
            if self._detector is None or run.rate_hz != self._rate_hz:
                self._rate_hz = run.rate_hz
                try:
                    self._detector = make_detector(self._kind, run.rate_hz)
                except UserError:
                    return  # slower than any heart is to be seen
            for t, values in run.column(0):
                for event in self._detector.push(SampleChunk(t, run.rate_hz, values)):
                    if isinstance(event, Beat) and not event.late and self.quality is None:
                        self.quality = event.quality


class Search:
    """Looks for the heart in the columns of the lines that arrive."""

    def __init__(self, kind: str, wanted: str | None, rate_hz: float | None) -> None:
        """Begin.

        Args:
            kind: of the detectors, as ``make_detector`` takes it.
            wanted: the column that a person has named, or None.
            rate_hz: of the lines, where a person has said it.
        """
        self.kept: deque[tuple[Rows, float]] = deque()
        """What arrived in the last seconds, with its arrival."""
        self._kind = kind
        self._wanted = wanted
        self._rate_hz = rate_hz
        self._seconds = 0.0
        self._trials: dict[str, _Trial] = {}
        self._start: float | None = None
        self._looked = 0.0
        self._columns: list[Column] = []

    def take(self, rows: Rows, arrival: float) -> Choice | None:
        """Take the rows that arrived together; return the choice once there is one.

        Raises:
            UserError: there is no such column as the person has named.
        """
        if not rows:
            return None
        if self.kept and arrival - self.kept[-1][1] > LOOK_SECONDS:
            self._start = None
            self.kept.clear()
            self._trials.clear()
        if self._start is None:
            self._start, self._looked, self._seconds = arrival, 0.0, 0.0
        if self._rate_hz:
            self._seconds += len(rows) / self._rate_hz
        else:
            self._seconds = arrival - self._start
        self.kept.append((rows, arrival))
        while arrival - self.kept[0][1] > KEPT_SECONDS:
            self.kept.popleft()
        for trial in self._trials.values():
            trial.take(rows, arrival)
        found = [trial for trial in self._trials.values() if trial.quality is not None]
        if self._seconds < LOOK_SECONDS:
            return None
        if not found and self._seconds - self._looked < AGAIN_SECONDS:
            return None
        self._looked = self._seconds
        return self._look(arrival)

    def _look(self, arrival: float) -> Choice | None:
        recent = [(rows, at) for rows, at in self.kept if at >= arrival - LOOK_SECONDS]
        # The first of them came in the time before, with whatever had waited for the port to open.
        timed = recent if self._rate_hz else recent[1:] or recent
        rows = [row for group, _ in timed for row in group]
        seconds = len(rows) / self._rate_hz if self._rate_hz else arrival - recent[0][1]
        self._columns = classify(rows, seconds)
        if self._wanted is not None:
            names = [column.name for column in self._columns]
            column = find(names, self._wanted)
            if column is None:
                raise UserError(
                    f"column={self._wanted}: there is none; the columns are {described(names)}"
                )
            return self._choice(column, sure=True)
        possible = [c for c in self._columns if c.role in (Role.STEADY, Role.SIGNAL)]
        if len(possible) == 1:
            return self._choice(possible[0].name, sure=True)
        signals = [column.name for column in possible if column.role is Role.SIGNAL]
        clock = next((column for column in self._columns if column.role is Role.CLOCK), None)
        for name in signals:
            if name not in self._trials:
                self._trials[name] = trial = _Trial(name, self._kind, clock, self._rate_hz)
                for group, at in self.kept:
                    trial.take(group, at)
        hearts = {n: t.quality for n, t in self._trials.items() if t.quality is not None}
        hearts = {name: quality for name, quality in hearts.items() if name in signals}
        if hearts:
            best = max(hearts, key=lambda name: (hearts[name], -likelihood(name)))
            return self._choice(best, sure=True)
        if self._seconds < PATIENCE_SECONDS or not signals:
            return None
        return self._choice(min(signals, key=likelihood), sure=False)

    def _choice(self, column: str, *, sure: bool) -> Choice:
        return Choice(column, tuple(self._columns), sure)

    def without_signal(self) -> list[str]:
        """The columns, where there are some and none could be a signal."""
        if any(column.role in (Role.STEADY, Role.SIGNAL) for column in self._columns):
            return []
        return [column.name for column in self._columns]


def likelihood(name: str) -> int:
    """Rank of a column's name among those of heart signals: 0 is the likeliest."""
    words = name.lower().replace("_", " ").split()
    ranks = [_LIKELY.index(word) for word in words if word in _LIKELY]
    return min(ranks, default=len(_LIKELY))


def described(names: Sequence[str]) -> str:
    """Columns for a person: ``1 (time), 2 (ecg)``, or plain numbers where they have no names."""
    return ", ".join(
        str(place) if name == str(place) else f"{place} ({name})"
        for place, name in enumerate(names, start=1)
    )
