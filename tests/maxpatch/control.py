"""Routing and storing: trigger, route, select, gate, int, float, message, pack, send ..."""

from tests.maxpatch.runtime import Atom, Obj, atoms_of


class Trigger(Obj):
    """Right to left, each outlet its kind; anything else is a constant."""

    name = "trigger"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        for outlet in reversed(range(len(self.args))):
            kind = self.args[outlet]
            if kind == "b":
                self.out(outlet)
            elif kind == "l":
                self.out(outlet, *atoms)
            elif kind in ("i", "f"):
                if not atoms or isinstance(atoms[0], str):
                    raise self.wrong(inlet, atoms)
                self.out(outlet, int(atoms[0]) if kind == "i" else float(atoms[0]))
            else:
                self.out(outlet, kind)


class Route(Obj):
    """By the first atom, which is taken off; what nobody wants leaves on the right as it came."""

    name = "route"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if inlet:
            raise self.wrong(inlet, atoms)
        if atoms and atoms[0] in self.args:
            self.out(self.args.index(atoms[0]), *atoms[1:])
        else:
            self.out(len(self.args), *atoms)


class Select(Obj):
    """A bang for a match, everything else on the right."""

    name = "select"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if inlet:
            self.args[inlet - 1] = self.number(inlet, atoms)
        elif len(atoms) == 1 and atoms[0] in self.args:
            self.out(self.args.index(atoms[0]))
        else:
            self.out(len(self.args), *atoms)


class Gate(Obj):
    """0 is closed; a number above its outlets is refused here (Max would not say)."""

    name = "gate"

    def setup(self) -> None:
        self.outlets = int(self.args[0]) if self.args else 1
        self.open = int(self.args[1]) if len(self.args) > 1 else 0

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if inlet == 0:
            self.open = int(self.number(inlet, atoms))
            if not 0 <= self.open <= self.outlets:
                raise self.wrong(inlet, atoms)
        elif self.open:
            self.out(self.open - 1, *atoms)


class Store(Obj):
    """int and float: the left inlet stores and says, the right one stores."""

    name = ("int", "float")

    def setup(self) -> None:
        self.kind = int if self.node.name == "int" else float
        self.value = self.kind(self.args[0]) if self.args else self.kind(0)

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if atoms or inlet:
            self.value = self.kind(self.number(inlet, atoms))
        if inlet == 0:
            self.out(0, self.value)


class Message(Obj):
    """A message box; ``$1`` is the first atom of what came in."""

    name = "message"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if inlet or (atoms and atoms[0] in ("set", "append", "prepend")):
            raise self.wrong(inlet, atoms)
        for text in self.node.box["text"].split(","):
            self.out(0, *self._filled(text, inlet, atoms))

    def _filled(self, text: str, inlet: int, atoms: list[Atom]) -> list[Atom]:
        made: list[Atom] = []
        for word in atoms_of(text):
            if isinstance(word, str) and word.startswith("$"):
                index = int(word[1:]) - 1
                if index >= len(atoms) or isinstance(atoms[0], str):
                    raise self.wrong(inlet, atoms)
                made.append(atoms[index])
            else:
                made.append(self.max.expanded(word))
        return made


class Prepend(Obj):
    """Its arguments, then what came in."""

    name = "prepend"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        self.out(0, *self.args, *atoms)


class Pack(Obj):
    """A list of its inlets; pack speaks at the left one, pak at any."""

    name = ("pack", "pak")

    def setup(self) -> None:
        self.kinds = [type(value) for value in self.args]
        self.values = list(self.args)

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        for index, value in enumerate(atoms, start=inlet):
            if isinstance(value, str):
                raise self.wrong(inlet, atoms)
            self.values[index] = self.kinds[index](value)  # type: ignore[call-arg]
        if inlet == 0 or self.node.name == "pak":
            self.out(0, *self.values)


class Unpack(Obj):
    """A list, atom by atom, from the right."""

    name = "unpack"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        for outlet in reversed(range(min(len(self.args), len(atoms)))):
            value, kind = atoms[outlet], self.args[outlet]
            if (kind == "s") != isinstance(value, str):
                raise self.wrong(inlet, atoms)
            if kind != "s":
                value = type(kind)(value)  # type: ignore[call-overload, arg-type]
            self.out(outlet, value)


class Change(Obj):
    """A number when it is another than before."""

    name = "change"

    def setup(self) -> None:
        self.value: float = self.args[0] if self.args else 0  # type: ignore[assignment]

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if len(atoms) == 2 and atoms[0] == "set":
            self.value = self.number(inlet, atoms[1:])
            return
        value = self.number(inlet, atoms)
        if value != self.value:
            before, self.value = self.value, value
            if before and not value:
                self.out(2, 1)
            if value and not before:
                self.out(1, 1)
            self.out(0, value)


class Send(Obj):
    """To every receive of the same name."""

    name = "send"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        for receiver in self.max.buses.get(str(self.args[0]), ()):
            receiver.out(0, *atoms)


class Receive(Obj):
    """From every send of the same name."""

    name = "receive"

    def setup(self) -> None:
        self.max.buses.setdefault(str(self.args[0]), []).append(self)


class Coll(Obj):
    """Data by symbol; what is not stored answers nothing."""

    name = "coll"

    def setup(self) -> None:
        self.data: dict[Atom, list[Atom]] = {}

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if atoms == ["clear"]:
            self.data.clear()
        elif len(atoms) > 2 and atoms[0] == "store":
            self.data[atoms[1]] = atoms[2:]
        elif len(atoms) != 1 or not str(atoms[0]).startswith("/"):
            raise self.wrong(inlet, atoms)
        elif atoms[0] in self.data:
            self.out(0, *self.data[atoms[0]])


class Free(Obj):
    """freebang."""

    name = "freebang"

    def freed(self) -> None:
        """The patcher goes."""
        self.out(0)
