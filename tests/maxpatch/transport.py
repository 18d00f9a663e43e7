"""Live's transport, and the objects that go by it: metro, when, translate."""

from dataclasses import dataclass

from tests.maxpatch.runtime import Atom, Max, Obj

TICKS_A_MINUTE = 480


@dataclass
class Faults:
    """What nobody knows of Live's scheduler, made worse than it may be."""

    late_ms: float = 0.0
    """Each bang comes late by up to so much."""
    phase: float = 0.0
    """Ticks by which a metro is out of step with its own boundaries after every jump."""
    doubled: bool = False
    """Every bang comes twice."""
    first: bool = True
    """Whether there is a bang at the very tick at which the transport starts."""


class Transport:
    """Where the song is. It stands at first."""

    def __init__(self, max_: Max, tempo: float = 120.0) -> None:
        self.max = max_
        self.faults = Faults()
        self.playing = False
        self.tempo = tempo
        self._ticks, self._ms = 0.0, 0.0

    def ticks(self) -> float:
        """The position now."""
        passed = (self.max.now - self._ms) * self._rate if self.playing else 0.0
        return self._ticks + passed

    @property
    def _rate(self) -> float:
        return self.tempo * TICKS_A_MINUTE / 60_000

    def ms_until(self, ticks: float) -> float:
        """How long until a position is reached."""
        return (ticks - self.ticks()) / self._rate

    def start(self, ticks: float | None = None) -> None:
        """Press play."""
        self._move(self.ticks() if ticks is None else ticks, playing=True)

    def stop(self) -> None:
        """Press stop."""
        self._move(self.ticks(), playing=False)

    def jump(self, ticks: float) -> None:
        """A click into the ruler, or the end of a loop."""
        self._move(ticks, playing=self.playing)

    def change(self, tempo: float) -> None:
        """Another tempo from here on."""
        here = self.ticks()
        self.tempo = tempo
        self._move(here, playing=self.playing)

    def _move(self, ticks: float, *, playing: bool) -> None:
        self._ticks, self._ms, self.playing = ticks, self.max.now, playing
        for metro in self.max.of("metro"):
            metro.moved()
        self.max.settle()


class Metro(Obj):
    """Bangs at boundaries of the song while the transport runs; only in ticks."""

    name = "metro"

    def setup(self) -> None:
        every, _, unit = self.node.attributes["interval"].partition(" ")
        assert self.node.attributes["quantize"] == f"{every} ticks"
        assert unit == "ticks"
        assert not self.args
        self.every = float(every)
        self.on = False
        self.due = None

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if inlet:
            raise self.wrong(inlet, atoms)
        self.on = bool(self.number(inlet, atoms))
        self.moved()

    def moved(self) -> None:
        """The transport moved, or this was switched."""
        if self.due is not None:
            self.due.cancelled = True
            self.due = None
        transport = self.max.transport
        if not (self.on and transport.playing):
            return
        faults, here = transport.faults, transport.ticks() - transport.faults.phase
        boundary = -(-here // self.every) * self.every
        if boundary == here and not faults.first:
            boundary += self.every
        self._wait(boundary + faults.phase)

    def _wait(self, boundary: float) -> None:
        transport = self.max.transport

        def bang() -> None:
            self._wait(boundary + self.every)
            for _ in range(1 + transport.faults.doubled):
                self.out(0)

        late = self.max.random.uniform(0, transport.faults.late_ms)
        self.due = self.max.after(transport.ms_until(boundary) + late, bang)  # type: ignore[assignment]


class When(Obj):
    """Where the song is: ticks first, then bars, beats and units. A named transport stands."""

    name = "when"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        ticks = 0.0 if self.args else self.max.transport.ticks() - 1e-4
        self.out(1, ticks)
        beats, units = divmod(ticks, TICKS_A_MINUTE)
        self.out(0, int(beats // 4) + 1, int(beats % 4) + 1, units)


class Translate(Obj):
    """Lengths: ticks to ms, at the tempo of the moment."""

    name = "translate"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if self.args != ["ticks", "ms"]:
            raise self.wrong(inlet, atoms)
        self.out(0, self.number(inlet, atoms) / self.max.transport._rate)
