"""Numbers: operators, expr, if, scale, clip, random, sprintf."""

import math
import operator
import re
from typing import Any

from tests.maxpatch.runtime import Atom, Obj

_OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    ">=": operator.ge,
    "&&": lambda left, right: bool(left) and bool(right),
}


class Operator(Obj):
    """Whole numbers unless the argument has a point; the right inlet is silent."""

    name = tuple(_OPERATORS)

    def setup(self) -> None:
        self.right: Any = self.args[0] if self.args else 0
        self.kind: Any = type(self.right)
        self.left: Any = 0

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if inlet:
            self.right = self.kind(self.number(inlet, atoms))
            return
        if atoms:
            self.left = self.kind(self.number(inlet, atoms))
        result = _OPERATORS[self.node.name](self.left, self.right)
        compares = self.node.name in ("==", "!=", "<", ">", ">=", "%", "&&")
        self.out(0, int(result) if compares else self.kind(result))


class Expr(Obj):
    """A C expression; the left inlet evaluates."""

    name = "expr"

    def setup(self) -> None:
        self.compiled(self.node.box["text"].split(" ", 1)[1].replace("\\,", ","))

    def compiled(self, text: str, expression: str | None = None) -> None:
        """Take the slots of a text, and evaluate the expression in it, or all of it."""
        slots = re.findall(r"\$([if])(\d+)", text)
        self.kinds = {int(n): kind for kind, n in slots}
        self.values: dict[int, float] = dict.fromkeys(self.kinds, 0)
        code = re.sub(r"\$[if](\d+)", r"x[\1]", text if expression is None else expression)
        code = code.replace("&&", " and ").replace("||", " or ")
        self.code = compile(code, str(self), "eval")

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if atoms:
            value = self.number(inlet, atoms)
            if inlet + 1 not in self.kinds:
                raise self.wrong(inlet, atoms)
            self.values[inlet + 1] = int(value) if self.kinds[inlet + 1] == "i" else float(value)
        if inlet == 0:
            functions = {"pow": math.pow, "cos": math.cos, "int": int}
            self.told(eval(self.code, {"x": self.values, **functions, "__builtins__": {}}))

    def told(self, result: float | bool) -> None:
        self.out(0, int(result) if isinstance(result, bool) else result)


class If(Expr):
    """``if CONDITION then MESSAGE``. Its page knows no list."""

    name = "if"

    def setup(self) -> None:
        text = self.node.box["text"].split(" ", 1)[1]
        condition, self.then = text.split(" then ")
        self.compiled(text, condition)

    def told(self, result: float | bool) -> None:
        if result:
            self.out(0, *(self.values[int(word[2:])] for word in self.then.split()))


class Scale(Obj):
    """Linear, not held at its ends."""

    name = "scale"

    def setup(self) -> None:
        self.edges = [float(value) for value in self.args]

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        value = self.number(inlet, atoms)
        if inlet:
            self.edges[inlet - 1] = value
            return
        low, high, to_low, to_high = self.edges
        self.out(0, to_low + (float(value) - low) * (to_high - to_low) / (high - low))


class Clip(Obj):
    """Held between two limits."""

    name = "clip"

    def setup(self) -> None:
        self.low: Any
        self.high: Any
        self.low, self.high = self.args

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        value = self.number(inlet, atoms)
        if inlet == 1:
            self.low = value
        elif inlet == 2:
            self.high = value
        else:
            self.out(0, type(self.low)(min(max(value, self.low), self.high)))


class Random(Obj):
    """0 to one less than its argument."""

    name = "random"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        if inlet or atoms:
            raise self.wrong(inlet, atoms)
        self.out(0, self.max.random.randrange(int(self.args[0])))


class Sprintf(Obj):
    """``symout``: one symbol."""

    name = "sprintf"

    def setup(self) -> None:
        _, kind, self.form = self.node.box["text"].split(" ", 2)
        assert kind == "symout"

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        self.out(0, self.form % self.number(inlet, atoms))
