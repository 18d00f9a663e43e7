"""Which class stands for which object."""

from tests.maxpatch import (
    control,
    kept,
    lists,
    live,
    maths,
    midi,
    net,
    script,
    timing,
    transport,
    ui,
)
from tests.maxpatch.runtime import Obj


def _collect() -> dict[str, type[Obj]]:
    classes: dict[str, type[Obj]] = {}
    for module in (control, kept, lists, live, maths, midi, net, script, timing, transport, ui):
        for made in vars(module).values():
            if isinstance(made, type) and issubclass(made, Obj) and made.name:
                names = (made.name,) if isinstance(made.name, str) else made.name
                classes |= dict.fromkeys(names, made)
    return classes


CLASSES = _collect()
