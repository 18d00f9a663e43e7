"""The face: controls that are parameters, and displays."""

from typing import Any

from tests.maxpatch.runtime import Atom, Obj, atoms_of


class Control(Obj):
    """live.dial, live.numbox, live.menu, live.tab, live.text."""

    name = ("live.dial", "live.numbox", "live.menu", "live.tab", "live.text")

    def setup(self) -> None:
        self.parameter: dict[str, Any] = self.node.box["saved_attribute_attributes"]["valueof"]
        self.long = self.parameter["parameter_longname"]
        self.text = self.node.box.get("text", "")
        self.pushes = self.node.name == "live.text" and not self.node.box["mode"]
        self.hidden = self.parameter["parameter_invisible"] == 2
        first = self.parameter.get("parameter_initial", [0])[0]
        self.value = self._held(self.max.stored.get(self.long, first))

    def _held(self, value: float) -> float:
        low = self.parameter.get("parameter_mmin", 0)
        high = self.parameter.get("parameter_mmax", 127)
        value = min(max(value, low), high)
        return int(value) if self.parameter["parameter_type"] else float(value)

    def load(self) -> None:
        """The Set gives a stored parameter its value."""
        if not self.hidden:
            self.out(0, self.value)

    def moved(self, value: float) -> None:
        """By hand, by automation, from Push."""
        self.value = self._held(value)
        if self.pushes:
            self.out(0)
        else:
            self.out(0, self.value)

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if len(atoms) == 2 and atoms[0] == "set":
            self.value = self._held(self.number(inlet, atoms[1:]))
        elif len(atoms) == 2 and atoms[0] == "text" and self.node.name == "live.text":
            self.text = str(atoms[1])
        else:
            raise self.wrong(inlet, atoms)


class Menu(Obj):
    """umenu: entries come and go; a click gives the number of the entry, ``set`` says nothing."""

    name = "umenu"

    def setup(self) -> None:
        self.items: list[str] = []
        self.value = 0

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        match atoms:
            case ["clear"]:
                self.items.clear()
            case ["append", str(item)]:
                self.items.append(item)
            case ["set", int(index)] if 0 <= index < len(self.items):
                self.value = index
            case _:
                raise self.wrong(inlet, atoms)

    def choose(self, item: str) -> None:
        """Click an entry."""
        self.value = self.items.index(item)
        self.out(1, item)
        self.out(0, self.value)


class Text(Obj):
    """live.comment."""

    name = "live.comment"

    def setup(self) -> None:
        self.text = self.node.box.get("text", "")

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if not atoms or atoms[0] != "set":
            raise self.wrong(inlet, atoms)
        self.text = " ".join(map(str, atoms[1:]))


class Panel(Obj):
    """A colour; the lamp is one."""

    name = "panel"

    def setup(self) -> None:
        self.colour = self.node.box["bgcolor"]

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if len(atoms) != 5 or atoms[0] != "bgfillcolor":
            raise self.wrong(inlet, atoms)
        self.colour = atoms[1:]


class Multislider(Obj):
    """A scope or a meter."""

    name = "multislider"

    def setup(self) -> None:
        self.values: list[tuple[float, float]] = []

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        value = self.number(inlet, atoms)
        low, high = self.node.box["setminmax"]
        if not low <= value <= high:
            raise self.wrong(inlet, atoms)
        self.values.append((self.max.now, value))


class Button(Obj):
    """Blinks at anything."""

    name = "button"

    def setup(self) -> None:
        self.blinks: list[float] = []

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        self.blinks.append(self.max.now)


class Drawn(Obj):
    """Only to be looked at."""

    name = ("live.line", "comment")


assert atoms_of("1 2. a") == [1, 2.0, "a"]
