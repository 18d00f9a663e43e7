"""Inlets and outlets of the objects the patch uses, as Max 8.6 writes them.

Naming an object that is not here is an error: Max would drop it without a word.
"""

import re
from collections.abc import Callable, Sequence

Ports = tuple[int, tuple[str, ...]]
"""Number of inlets, and the type of each outlet (``""`` is anything)."""

_FIXED: dict[str, Ports] = {
    "change": (1, ("", "int", "int")),
    "clip": (3, ("",)),
    "coll": (1, ("", "", "", "")),
    "ctlout": (3, ()),
    "deferlow": (1, ("",)),
    "delay": (2, ("bang",)),
    "dict": (2, ("dictionary", "", "", "", "")),
    "float": (2, ("float",)),
    "freebang": (1, ("bang",)),
    "int": (2, ("int",)),
    "line": (3, ("", "bang")),
    "live.object": (2, ("",)),
    "live.observer": (2, ("", "")),
    "live.path": (1, ("", "", "")),
    "live.remote~": (2, ("",)),
    "live.thisdevice": (1, ("bang", "int", "int")),
    "makenote": (3, ("float", "float")),
    "metro": (2, ("bang",)),
    "midiflush": (1, ("int",)),
    "midiin": (1, ("int",)),
    "midiout": (1, ()),
    "noteout": (3, ()),
    "pattr": (1, ("", "", "")),
    "prepend": (1, ("",)),
    "qlim": (2, ("",)),
    "random": (2, ("",)),
    "scale": (6, ("",)),
    "sprintf": (1, ("",)),
    "translate": (1, ("",)),
    "udpreceive": (1, ("",)),
    "udpsend": (1, ()),
    "when": (1, ("", "")),
    "zl.iter": (2, ("", "")),
    "zl.join": (2, ("", "")),
    "zl.len": (2, ("", "")),
    "zl.reg": (2, ("", "")),
    "zl.slice": (2, ("", "")),
    "zl.sort": (2, ("", "")),
    # User interface and boxes with their own class.
    "button": (1, ("bang",)),
    "comment": (1, ()),
    "live.comment": (1, ()),
    "live.dial": (1, ("", "float")),
    "live.line": (1, ()),
    "live.menu": (1, ("", "", "float")),
    "live.numbox": (1, ("", "float")),
    "live.tab": (1, ("", "", "float")),
    "live.text": (1, ("", "")),
    "message": (2, ("",)),
    "multislider": (1, ("", "")),
    "panel": (1, ()),
    "umenu": (1, ("int", "", "")),
} | {operator: (2, ("int",)) for operator in ("==", "!=", "<", ">", ">=", "%", "&&")}

_TRIGGERED = {"b": "bang", "i": "int", "f": "float", "l": "", "s": ""}


def _arithmetic(arguments: Sequence[str]) -> Ports:
    return 2, ("float" if "." in "".join(arguments[:1]) else "int",)


def _expr(arguments: Sequence[str]) -> Ports:
    slots = [int(n) for n in re.findall(r"\$[ifs](\d+)", " ".join(arguments))]
    return max(slots, default=1), ("",)


_VARIABLE: dict[str, Callable[[Sequence[str]], Ports]] = {
    "+": _arithmetic,
    "-": _arithmetic,
    "*": _arithmetic,
    "/": _arithmetic,
    "expr": _expr,
    "if": _expr,
    "gate": lambda a: (2, ("",) * int(a[0] if a else 1)),
    "pack": lambda a: (len(a), ("",)),
    "pak": lambda a: (len(a), ("",)),
    "receive": lambda a: (0 if a else 1, ("",)),
    "route": lambda a: (len(a) + 1, ("",) * (len(a) + 1)),
    "select": lambda a: (len(a) + 1, ("bang",) * len(a) + ("",)),
    "send": lambda a: (1 if a else 2, ()),
    "trigger": lambda a: (1, tuple(_TRIGGERED.get(kind, "int") for kind in a)),
    "unpack": lambda a: (
        1,
        tuple("" if x == "s" else "float" if "." in x else "int" for x in a),
    ),
}


def ports(name: str, arguments: Sequence[str] = ()) -> Ports:
    """The inlets and outlets of an object with these arguments.

    Raises:
        KeyError: the object is not one this patch may use.
    """
    plain = [argument for argument in arguments if not argument.startswith("@")]
    if name in _VARIABLE:
        return _VARIABLE[name](plain)
    return _FIXED[name]
