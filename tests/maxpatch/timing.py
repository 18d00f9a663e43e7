"""Time and threads: delay, line, qlim, deferlow."""

import math

from tests.maxpatch.runtime import Atom, Obj


class Delay(Obj):
    """A bang, later; a second one starts the wait anew."""

    name = "delay"

    def setup(self) -> None:
        self.ms = float(self.args[0])
        self.due = None

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if inlet:
            self.ms = float(self.number(inlet, atoms))
            return
        if atoms and atoms != ["stop"]:
            raise self.wrong(inlet, atoms)
        if self.due is not None:
            self.due.cancelled = True
        self.due = None if atoms else self.max.after(self.ms, lambda: self.out(0))  # type: ignore[assignment]


class Line(Obj):
    """A ramp: a target to jump to, or (target, ms) as often as wanted, one after the other."""

    name = "line"

    def setup(self) -> None:
        self.value = float(self.args[0])
        self.grain = float(self.args[1])
        self.due = None
        self.rest: list[float] = []

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if inlet:
            raise self.wrong(inlet, atoms)
        if atoms and atoms[0] in ("set", "stop"):
            self._cancel()
            if atoms[0] == "set":
                self.value = float(self.number(inlet, atoms[1:]))
            return
        numbers = [float(self.number(inlet, [atom])) for atom in atoms]
        if not numbers or (len(numbers) > 1 and len(numbers) % 2):
            raise self.wrong(inlet, atoms)
        self._cancel()
        self.rest = numbers if len(numbers) > 1 else [numbers[0], 0.0]
        self._next()

    def _cancel(self) -> None:
        self.rest = []
        if self.due is not None:
            self.due.cancelled = True

    def _next(self) -> None:
        while self.rest:
            target, ms, *self.rest = self.rest
            steps = math.ceil(ms / self.grain)
            if steps:
                self._step(self.value, target, 1, steps)
                return
            self.value = target
            self.out(0, self.value)
        self.out(1)

    def _step(self, start: float, target: float, step: int, steps: int) -> None:
        def arrive() -> None:
            self.value = start + (target - start) * step / steps
            if step < steps:
                self._step(start, target, step + 1, steps)
            self.out(0, self.value)
            if step == steps:
                self._next()

        self.due = self.max.after(self.grain, arrive)  # type: ignore[assignment]


class Qlim(Obj):
    """At most one message in so many ms, the newest, on the low-priority thread."""

    name = "qlim"

    def setup(self) -> None:
        self.ms = float(self.args[0])
        self.ready_at = 0.0
        self.waiting: list[Atom] | None = None

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if inlet:
            raise self.wrong(inlet, atoms)
        if self.waiting is None and self.max.now >= self.ready_at:
            self._release(atoms)
        elif self.waiting is None:
            self.waiting = atoms
            self.max.after(self.ready_at - self.max.now, self._late)
        else:
            self.waiting = atoms

    def _late(self) -> None:
        atoms, self.waiting = self.waiting, None
        assert atoms is not None
        self._release(atoms)

    def _release(self, atoms: list[Atom]) -> None:
        self.ready_at = self.max.now + self.ms
        self.max.later(lambda: self.out(0, *atoms))


class Defer(Obj):
    """deferlow."""

    name = "deferlow"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        self.max.later(lambda: self.out(0, *atoms))
