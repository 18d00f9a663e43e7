"""Live as far as the patch objects touch it: parameters, who holds them, the Set's tempo."""

from dataclasses import dataclass, field

from tests.maxpatch.runtime import Atom, MaxError, Obj


@dataclass
class Parameter:
    """A DeviceParameter: its own value, and what a live.remote~ makes of it while it is held."""

    low: float = 0.0
    high: float = 1.0
    value: float = 0.0
    held_by: object = None
    remote: float | None = None
    history: list[tuple[float, float]] = field(default_factory=list)
    """(ms, value) of every value a remote gave it."""

    @property
    def heard(self) -> float:
        """What sounds."""
        return self.remote if self.held_by and self.remote is not None else self.value


@dataclass
class LiveSet:
    """A Set with a tempo and some parameters, by id."""

    tempo: Parameter = field(default_factory=lambda: Parameter(20, 999, 120))
    parameters: dict[int, Parameter] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    """What a persistent live.object remembers, by its path in the patch."""
    SONG, TEMPO = 1, 2

    def paths(self) -> dict[str, int]:
        """What live.path finds."""
        return {"live_set": self.SONG, "live_set master_track mixer_device song_tempo": self.TEMPO}

    def parameter(self, number: int) -> Parameter | None:
        """The parameter with this id."""
        return self.tempo if number == self.TEMPO else self.parameters.get(number)


class _Api(Obj):
    def check(self) -> None:
        """Live's API is there only after live.thisdevice."""
        if not self.max.live_ready:
            raise MaxError(f"{self} is asked before live.thisdevice has fired")


class ThisDevice(Obj):
    """live.thisdevice."""

    name = "live.thisdevice"

    def ready(self) -> None:
        """The Live API is there."""
        self.out(1, 1)
        self.out(0)

    def enable(self, on: int) -> None:
        """Switch the device on or off in Live."""
        self.out(1, on)


class Path(_Api):
    """live.path: answers late, as everything of the API does."""

    name = "live.path"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if not atoms or atoms[0] != "path":
            raise self.wrong(inlet, atoms)
        self.check()
        found = self.max.live.paths().get(" ".join(map(str, atoms[1:])), 0)

        def answer() -> None:
            self.out(1, "id", found)
            self.out(0, "id", found)

        self.max.later(answer)


class Object(_Api):
    """live.object; with persistence it remembers its id with the Set."""

    name = "live.object"

    def setup(self) -> None:
        self.persistent = self.node.box["saved_object_attributes"]["_persistence"]
        self.id = self.max.live.kept.get(self.node.path, 0) if self.persistent else 0

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        self.check()
        if inlet == 1 and len(atoms) == 2 and atoms[0] == "id":
            self.id = int(atoms[1])
            if self.persistent:
                self.max.live.kept[self.node.path] = self.id
        elif atoms == ["getid"]:
            self.max.later(lambda: self.out(0, "id", self.id))
        elif atoms == ["get", "tempo"] and self.id == self.max.live.SONG:
            self.max.later(lambda: self.out(0, "tempo", self.max.live.tempo.heard))
        else:
            raise self.wrong(inlet, atoms)


class Remote(_Api):
    """live.remote~: holds one parameter; id 0 lets go."""

    name = "live.remote~"

    def setup(self) -> None:
        self.normalized = self.node.box["saved_object_attributes"]["normalized"]
        self.holds: Parameter | None = None
        self.value: float | None = None

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if inlet == 1:
            self.check()
            if len(atoms) != 2 or atoms[0] != "id":
                raise self.wrong(inlet, atoms)
            if self.holds:
                self.holds.held_by = self.holds.remote = None
            self.holds = self.max.live.parameter(int(atoms[1]))
            if self.holds:
                self.holds.held_by = self
                # A remote without a value of its own pulls the parameter to the bottom.
                self._give(0.0 if self.value is None else self.value)
            self.max.later(lambda: self.out(0, "mapped", int(self.holds is not None)))
            return
        self.value = float(self.number(inlet, atoms))
        self._give(self.value)

    def _give(self, value: float) -> None:
        held = self.holds
        if held:
            if self.normalized and not 0 <= value <= 1:
                raise MaxError(f"{self} takes 0-1, not {value}")
            value = held.low + value * (held.high - held.low) if self.normalized else value
            held.remote = min(max(value, held.low), held.high)
            held.history.append((self.max.now, held.remote))


class Inert(Obj):
    """Objects that only keep: the dictionary of the lanes and what saves it."""

    name = ("dict", "pattr")
