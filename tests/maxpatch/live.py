"""Live as far as the patch objects touch it: parameters, who holds them, the Set's tempo."""

from dataclasses import dataclass, field
from typing import Any

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
    kept: dict[str, Any] = field(default_factory=dict)
    """What persistent objects remember by their path in the patch, and pattrs by their name."""
    deleted: dict[int, Parameter] = field(default_factory=dict)
    reborn: dict[int, int] = field(default_factory=dict)
    """The new id of what an undo brought back."""
    watchers: list["Observer | Path"] = field(default_factory=list)
    says_on: bool = True
    """Whether live.thisdevice says at load that the device is on: what Live does is not known."""
    tempo_id: int = 2
    SONG = 1

    def paths(self) -> dict[str, int]:
        """What live.path finds."""
        tempo = "live_set master_track mixer_device song_tempo"
        return {"live_set": self.SONG, tempo: self.tempo_id}

    def parameter(self, number: int) -> Parameter | None:
        """The parameter with this id."""
        return self.tempo if number == self.tempo_id else self.parameters.get(number)

    def renumber_tempo(self) -> None:
        """Another object stands where the tempo's was, as after some undos."""
        self.tempo_id += 100
        self._tell()

    def delete(self, number: int) -> None:
        """The device with this parameter goes; whoever holds it is told."""
        gone = self.deleted[number] = self.parameters.pop(number)
        holder, gone.held_by, gone.remote = gone.held_by, None, None
        if isinstance(holder, Remote):
            holder.lost()
        self._tell()

    def undo(self, number: int) -> int:
        """Undo the deletion: the parameter is there again, under another id."""
        new = number + 5000
        self.parameters[new] = self.deleted.pop(number)
        self.reborn[number] = new
        self._tell()
        return new

    def _tell(self) -> None:
        for watcher in list(self.watchers):
            watcher.look()


class _Api(Obj):
    def check(self) -> None:
        """Live's API is there only after live.thisdevice."""
        if not self.max.live_ready:
            raise MaxError(f"{self} is asked before live.thisdevice has fired")

    def saved(self, name: str) -> Any:
        """An attribute as Max has it in the end: what is typed in the box, else what was saved."""
        typed = self.node.attributes.get(name)
        return self.node.box["saved_object_attributes"][name] if typed is None else int(typed)


class ThisDevice(Obj):
    """live.thisdevice."""

    name = "live.thisdevice"

    def setup(self) -> None:
        self.width: int | None = None

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if len(atoms) != 2 or atoms[0] != "setwidth":
            raise self.wrong(inlet, atoms)
        self.width = int(self.number(inlet, atoms[1:]))

    def ready(self) -> None:
        """The Live API is there."""
        if self.max.live.says_on:
            self.out(1, 1)
        self.out(0)

    def enable(self, on: int) -> None:
        """Switch the device on or off in Live."""
        self.out(1, on)


class Path(_Api):
    """live.path: answers late, as everything of the API does.

    The left outlet keeps to the object, the middle one to the place: it speaks first, and again
    when something else stands there.
    """

    name = "live.path"

    def setup(self) -> None:
        self.path = ""
        self.found = 0

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if not atoms or atoms[0] != "path":
            raise self.wrong(inlet, atoms)
        self.check()
        self.path = " ".join(map(str, atoms[1:]))
        found = self.found = self.max.live.paths().get(self.path, 0)
        if self not in self.max.live.watchers:
            self.max.live.watchers.append(self)

        def answer() -> None:
            self.out(1, "id", found)
            self.out(0, "id", found)

        self.max.later(answer)

    def look(self) -> None:
        """Say what stands at the place now, when it is another than before."""
        now = self.max.live.paths().get(self.path, 0)
        if now != self.found:
            self.found = now
            self.max.later(lambda: self.out(1, "id", now))

    def close(self) -> None:
        """The device goes."""
        if self in self.max.live.watchers:
            self.max.live.watchers.remove(self)


class Object(_Api):
    """live.object; with persistence it remembers its id with the Set."""

    name = "live.object"

    def setup(self) -> None:
        self.persistent = self.saved("_persistence")
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


class Observer(_Api):
    """live.observer of the property ``id``: 0 when the object goes, its new id when it is back."""

    name = "live.observer"

    def setup(self) -> None:
        if self.args:
            raise MaxError(f"{self}: a property as an argument makes an undo step at every load")
        self.persistent = self.saved("_persistence")
        self.id = self.max.live.kept.get(self.node.path, 0) if self.persistent else 0
        self.property = ""
        self.said: int | None = None

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        self.check()
        if inlet == 1 and len(atoms) == 2 and atoms[0] == "id":
            self.id, self.said = int(atoms[1]), None
            if self.persistent:
                self.max.live.kept[self.node.path] = self.id
        elif inlet == 0 and atoms == ["property", "id"]:
            self.property = "id"
            if self not in self.max.live.watchers:
                self.max.live.watchers.append(self)
        else:
            raise self.wrong(inlet, atoms)
        self.look()

    def look(self) -> None:
        """Say what is there now, when it is another than before."""
        self.id = self.max.live.reborn.get(self.id, self.id)
        now = self.id if self.max.live.parameter(self.id) else 0
        if self.property and now != self.said:
            self.said = now
            self.max.later(lambda: self.out(0, "id", now))

    def close(self) -> None:
        """The device goes."""
        if self in self.max.live.watchers:
            self.max.live.watchers.remove(self)


class Remote(_Api):
    """live.remote~: holds one parameter; id 0 lets go."""

    name = "live.remote~"

    def setup(self) -> None:
        self.normalized = self.saved("normalized")
        if self.normalized != self.node.box["saved_object_attributes"]["normalized"]:
            raise MaxError(f"{self} says one thing and has saved another")
        self.holds: Parameter | None = None
        self.value: float | None = None

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if inlet == 1:
            self.check()
            if len(atoms) != 2 or atoms[0] != "id":
                raise self.wrong(inlet, atoms)
            if atoms[1] == self.max.live.SONG:
                raise MaxError(f"{self} takes a DeviceParameter only")
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

    def lost(self) -> None:
        """What it held is gone."""
        self.holds = None
        self.max.later(lambda: self.out(0, "mapped", 0))

    def close(self) -> None:
        """The device goes: the parameter is free."""
        if self.holds:
            self.holds.held_by = self.holds.remote = None

    def _give(self, value: float) -> None:
        held = self.holds
        if held:
            if self.normalized and not 0 <= value <= 1:
                raise MaxError(f"{self} takes 0-1, not {value}")
            value = held.low + value * (held.high - held.low) if self.normalized else value
            held.remote = min(max(value, held.low), held.high)
            held.history.append((self.max.now, held.remote))
