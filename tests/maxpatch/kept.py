"""What Live keeps with the Set besides parameters: dict, and pattr that is one."""

from tests.maxpatch.runtime import Atom, Obj


class Dict(Obj):
    """A named dictionary, the same for every object and script that has its name."""

    name = "dict"

    def setup(self) -> None:
        self.max.dictionaries.setdefault(str(self.args[0]), {})

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if inlet or atoms:
            raise self.wrong(inlet, atoms)
        self.out(0, "dictionary", self.args[0])


class Pattr(Obj):
    """Kept with the Set when it is a parameter: its own list, or the dict it is bound to."""

    name = "pattr"

    def setup(self) -> None:
        self.value: list[Atom] = []
        bound = self.node.attributes.get("bindto", "")
        self.long = self.node.box["saved_attribute_attributes"]["valueof"]["parameter_longname"]
        self.bound = bound

    def _dict(self) -> str | None:
        """The name of the dict; one that does not exist binds to nothing, and nothing is said."""
        return next(
            (str(d.args[0]) for d in self.max.of("dict") if d.node.box["varname"] == self.bound),
            None,
        )

    def load(self) -> None:
        """The Set gives it what it kept."""
        kept = self.max.live.kept.get(self.long)
        if kept is None:
            return
        if self.bound:
            if name := self._dict():
                self.max.dictionaries[name].clear()
                self.max.dictionaries[name].update(kept)
        else:
            self.value = list(kept)
            self.out(0, *self.value)

    def save(self) -> None:
        """Live saves the Set."""
        if not self.node.box["saved_object_attributes"].get("parameter_enable"):
            return
        if not self.bound:
            self.max.live.kept[self.long] = self.value
        elif name := self._dict():
            self.max.live.kept[self.long] = dict(self.max.dictionaries[name])

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if not atoms or isinstance(atoms[0], str):
            raise self.wrong(inlet, atoms)
        self.value = atoms
        self.out(0, *atoms)
