"""All rows of one map at work: what is said of each heart goes to the rows that follow it. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bridge.mapping.values import Said
from bridge.patchbay.play import RowPlay
from bridge.patchbay.row import Row

GROUP = "group"


@dataclass(frozen=True, slots=True)
class Out:
    """Something to send, and for which row."""

    row: Row
    data: bytes


class Bay:
    """The rows of one map, for the hearts of one run."""

    def __init__(self, rows: Iterable[Row], hearts: list[str]) -> None:
        """Begin; rows that name no heart follow the first of ``hearts``."""
        self._plays = [(row.heart or hearts[0], RowPlay(row)) for row in rows]
        self._of: dict[tuple[str, str], list[RowPlay]] = defaultdict(list)
        self._by: dict[tuple[str, str], list[RowPlay]] = defaultdict(list)
        for heart, play in self._plays:
            if play.row.mute:
                continue
            self._of[heart, play.row.source].append(play)
            if play.row.by is not None:
                self._by[heart, play.row.by].append(play)

    @property
    def rows(self) -> list[RowPlay]:
        """In the order of the map, those that are muted too."""
        return [play for _, play in self._plays]

    def said(self, heart: str, said: Said, now: float) -> Iterator[Out]:
        """Something is said of a heart at ``now``, s of the run."""
        source = said.path[1:].replace("NAME", said.name) if said.name else said.path[1:]
        value = said.arguments[0]
        if source == "beat":
            strength = float(said.arguments[1])
            yield from self._each(heart, "beat", lambda play: play.beat(now, strength))
            yield from self._each(heart, "strength", lambda play: play.value(now, strength))
            return
        if source == "status":
            live = value == "live"
            for whose, play in self._plays:
                if whose == heart:
                    yield from (Out(play.row, data) for data in play.status(now, live))
            yield from self._each(heart, source, lambda play: play.value(now, _status(play, value)))
            return
        number = float(value)
        if source in ("quality", "ibi"):
            for whose, play in self._plays:
                if whose == heart:
                    play.quality(number) if source == "quality" else play.interval(number / 1000.0)
        for play in self._by.get((heart, source), ()):
            play.chosen_by(number)
        yield from self._each(heart, source, lambda play: play.value(now, number))

    def tick(self, now: float) -> Iterator[Out]:
        """Time has gone on to ``now``."""
        for _, play in self._plays:
            if play.waits:
                yield from (Out(play.row, data) for data in play.tick(now))

    def forget(self, heart: str) -> None:
        """Learn the ranges of a heart anew."""
        for whose, play in self._plays:
            if whose == heart:
                play.forget()

    def release(self) -> Iterator[Out]:
        """Switch off what is on; knobs stay where they are."""
        for _, play in self._plays:
            yield from (Out(play.row, data) for data in play.release())

    def end(self, heart: str | None = None) -> Iterator[Out]:
        """A heart has ended, or all have: switch off what is on."""
        for whose, play in self._plays:
            if heart in (None, whose):
                yield from (Out(play.row, data) for data in play.end())

    def _each(
        self, heart: str, source: str, act: Callable[[RowPlay], list[bytes]]
    ) -> Iterator[Out]:
        for play in self._of.get((heart, source), ()):
            yield from (Out(play.row, data) for data in act(play))


def _status(play: RowPlay, state: object) -> float | str:
    """The word where the row sends a word, else 1 while live and 0 otherwise."""
    return str(state) if play.row.words else float(state == "live")
