"""Lists: zl.slice, zl.join, zl.iter, zl.len, zl.reg, zl.sort."""

from tests.maxpatch.runtime import Atom, Obj


class _List(Obj):
    """What all of zl hold: 256 atoms, or as many as they are told; Max cuts the rest off."""

    def check(self, inlet: int, atoms: list[Atom]) -> None:
        """Refuse a list that would be cut."""
        if not atoms or len(atoms) > int(self.node.attributes.get("zlmaxsize", 256)):
            raise self.wrong(inlet, atoms)


class Iter(_List):
    """zl.iter: a list in pieces, one after the other."""

    name = "zl.iter"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        self.check(inlet, atoms)
        length = int(self.args[0])
        if inlet or len(atoms) % length:
            raise self.wrong(inlet, atoms)
        for start in range(0, len(atoms), length):
            self.out(0, *atoms[start : start + length])


class Length(_List):
    """zl.len: how many atoms a list has; a bang says it again."""

    name = "zl.len"

    def setup(self) -> None:
        self.length = 0

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if inlet:
            raise self.wrong(inlet, atoms)
        if atoms:
            self.check(inlet, atoms)
            self.length = len(atoms)
        self.out(0, self.length)


class Register(_List):
    """zl.reg: the right inlet stores, a bang says what is stored."""

    name = "zl.reg"

    def setup(self) -> None:
        self.held: list[Atom] = list(self.args)

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if atoms:
            self.check(inlet, atoms)
            self.held = atoms
        elif inlet:
            raise self.wrong(inlet, atoms)
        if inlet == 0 and self.held:
            self.out(0, *self.held)


class Slice(_List):
    """zl.slice: the rest first, then the beginning."""

    name = "zl.slice"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        self.check(inlet, atoms)
        if inlet:
            raise self.wrong(inlet, atoms)
        length = int(self.args[0])
        if atoms[length:]:
            self.out(1, *atoms[length:])
        self.out(0, *atoms[:length])


class Join(Obj):
    """zl.join: what comes on the left, then what the right inlet holds."""

    name = "zl.join"

    def setup(self) -> None:
        self.right: list[Atom] = []

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if inlet:
            self.right = atoms
        else:
            self.out(0, *atoms, *self.right)


class Sort(Obj):
    """zl.sort, rising."""

    name = "zl.sort"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if inlet or any(isinstance(value, str) for value in atoms):
            raise self.wrong(inlet, atoms)
        self.out(0, *sorted(atoms))  # type: ignore[type-var]
