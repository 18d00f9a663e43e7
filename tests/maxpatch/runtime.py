"""Messages, cords, the scheduler's clock and the low-priority queue."""

import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar

from bridge.sinks.liveset import amxd as container
from max_for_live.graph import Graph, Node, flatten

Atom = int | float | str


class MaxError(AssertionError):
    """What would go wrong in Max, most of it without a word."""


def atoms_of(text: str) -> list[Atom]:
    """Words as Max reads them: ints, floats (with a point), symbols."""
    return [atom(word) for word in text.replace("\\,", ",").split()]


def atom(word: str) -> Atom:
    """One word of a box."""
    with suppress(ValueError):
        return int(word)
    with suppress(ValueError):
        return float(word)
    return word


class Obj:
    """One object. Subclasses say what they understand, by inlet, in ``message``."""

    name: ClassVar[str | tuple[str, ...]] = ()

    def __init__(self, max_: "Max", node: Node) -> None:
        self.max = max_
        self.node = node
        self.args = [max_.expanded(atom(word.replace("\\", ""))) for word in node.arguments]
        self.cords: dict[int, list[tuple[Obj, int]]] = {}
        self.setup()

    def setup(self) -> None:
        """Called once, before any cord exists."""

    def message(self, inlet: int, atoms: list[Atom]) -> None:
        """Take a message; no atoms is a bang."""
        raise self.wrong(inlet, atoms)

    def out(self, outlet: int, *atoms: Atom) -> None:
        """Send a message, along every cord in Max's order."""
        for target, inlet in self.cords.get(outlet, ()):
            self.max.pass_on(self, target, inlet, list(atoms))

    def number(self, inlet: int, atoms: list[Atom]) -> float:
        """The one number of a message."""
        if len(atoms) != 1 or isinstance(atoms[0], str):
            raise self.wrong(inlet, atoms)
        return atoms[0]

    def wrong(self, inlet: int, atoms: list[Atom]) -> MaxError:
        """The error for a message that this object does not understand."""
        said = " ".join(map(str, atoms)) or "bang"
        return MaxError(f"{self} does not understand {said!r} in inlet {inlet}")

    def __str__(self) -> str:
        return f"[{self.node.box.get('text') or self.node.name}] ({self.node.path})"


@lru_cache(maxsize=4)
def _graph(data: bytes) -> Graph:
    """The objects and cords of a device; nobody writes into them."""
    return flatten(container.read(data).document()["patcher"])


@dataclass(frozen=True, slots=True)
class MidiEvent:
    """What left the device: ``note`` (pitch, velocity) or ``cc`` (controller, value), or a byte."""

    ms: float
    kind: str
    data: tuple[int, ...]
    channel: int = 1


@dataclass(order=True)
class _Due:
    ms: float
    number: int
    action: Callable[[], None] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)


class Max:
    """A device that has been loaded from the bytes of an .amxd."""

    MAX_DEPTH = 200
    _devices = itertools.count(1)

    def __init__(
        self,
        data: bytes,
        *,
        stored: dict[str, float] | None = None,
        reverse: bool = False,
        seed: int = 1,
        live: Any = None,
        audio: bool = True,
    ) -> None:
        """Load it with the parameter values that the Set has ``stored``.

        ``reverse`` follows the cords of an outlet the wrong way round, which must not matter.
        """
        from tests.maxpatch import objects
        from tests.maxpatch.live import LiveSet
        from tests.maxpatch.transport import Transport

        self.device = container.read(data)
        self.now = 0.0
        self.midi: list[MidiEvent] = []
        self.stored = stored or {}
        self.random = random.Random(seed)
        self.live = live or LiveSet()
        self.live_ready = False
        self.audio = audio
        """Live's audio engine; without it the scheduler stands: no delay, no ramp, no metro."""
        self.dictionaries: dict[str, dict[str, Any]] = {}
        self.transport = Transport(self)
        self._id = f"u{next(self._devices):03d}"
        self.buses: dict[str, list[Obj]] = {}
        self._due: list[_Due] = []
        self._low: deque[Callable[[], None]] = deque()
        self._count = itertools.count()
        self._depth = 0
        graph = _graph(data)
        self.objects: dict[str, Obj] = {}
        for path, node in graph.nodes.items():
            if node.name not in objects.CLASSES:
                raise MaxError(f"no such object: {node.name}")
            self.objects[path] = objects.CLASSES[node.name](self, node)
        for (source, outlet), (target, inlet) in graph.cords:
            ends = self.objects[source].cords.setdefault(outlet, [])
            ends.append((self.objects[target], inlet))
        if reverse:
            for made in self.objects.values():
                for ends in made.cords.values():
                    ends.reverse()

    def expanded(self, value: Atom) -> Atom:
        """Three hyphens become this device's own mark; in an argument of js they do not."""
        return value.replace("---", self._id, 1) if isinstance(value, str) else value

    def start(self) -> "Max":
        """Load: every stored parameter speaks, then live.thisdevice does."""
        self.each("load")
        self.advance(0)
        self.live_ready = True
        self.each("ready")
        self.settle()
        return self

    def save(self) -> None:
        """Live saves the Set: whatever is a parameter is kept. The device is ready once more."""
        self.each("save")
        for device in self.of("live.thisdevice"):
            device.out(0)
        self.settle()

    def free(self) -> None:
        """Take the device off the track."""
        self.each("freed")
        self.settle()
        self.each("close")
        self._due.clear()

    def each(self, method: str) -> None:
        """Call a method on every object that has it."""
        for made in self.objects.values():
            getattr(made, method, lambda: None)()

    def of(self, name: str) -> Iterator[Any]:
        """The objects of one name."""
        return (made for made in self.objects.values() if made.node.name == name)

    def control(self, long_name: str) -> Any:
        """The control of a parameter."""
        for made in self.objects.values():
            value = made.node.box.get("saved_attribute_attributes", {}).get("valueof", {})
            if value.get("parameter_longname") == long_name:
                return made
        raise KeyError(long_name)

    def user(self, long_name: str, value: float = 1) -> None:
        """Move a control by hand (a push button needs no value)."""
        self.control(long_name).moved(value)
        self.settle()

    # --- time ---

    def after(self, ms: float, action: Callable[[], None]) -> _Due:
        """Do something later, on the scheduler's thread."""
        due = _Due(self.now + max(ms, 0.0), next(self._count), action)
        heapq.heappush(self._due, due)
        return due

    def later(self, action: Callable[[], None]) -> None:
        """Do something on the low-priority thread, when the present event is over."""
        self._low.append(action)

    def advance(self, ms: float) -> None:
        """Let time pass."""
        self.advance_to(self.now + ms)

    def advance_to(self, ms: float) -> None:
        """Let time pass until a moment."""
        self.settle()
        while self.audio and self._due and self._due[0].ms <= ms:
            due = heapq.heappop(self._due)
            if due.cancelled:
                continue
            self.now = max(self.now, due.ms)
            due.action()
            self.settle()
        self.now = max(self.now, ms)

    def settle(self) -> None:
        """Let the low-priority thread do what waits for it."""
        while self._low:
            self._low.popleft()()

    def pass_on(self, source: Obj, target: Obj, inlet: int, atoms: list[Atom]) -> None:
        """Deliver a message; a loop of cords is an error, as Max's stack overflow is."""
        self._depth += 1
        try:
            if self._depth > self.MAX_DEPTH:
                raise MaxError(f"stack overflow at {target}")
            target.message(inlet, atoms)
        finally:
            self._depth -= 1

    def receive(self, datagrams: int, timeout_s: float = 60.0) -> None:
        """Wait until so many datagrams have come from the network and been acted upon."""
        from tests.maxpatch.net import wait_for

        wait_for(self, datagrams, timeout_s)
        self.settle()

    # --- what came out ---

    def notes(self) -> list[MidiEvent]:
        """Note-ons and note-offs (velocity 0) in order."""
        return [event for event in self.midi if event.kind == "note"]

    def controllers(self) -> list[MidiEvent]:
        """Controllers in order."""
        return [event for event in self.midi if event.kind == "cc"]

    def readout(self, label: str) -> str:
        """The text below a label of the face."""
        x, y = next(
            made.node.box["presentation_rect"][:2]
            for made in self.of("live.comment")
            if made.node.box.get("text") == label
        )
        below = [
            made
            for made in self.of("live.comment")
            if made.node.box["presentation_rect"][0] == x
            and 0 < made.node.box["presentation_rect"][1] - y < 20
        ]
        return str(below[0].text)

    def line(self, first: str) -> str:
        """A text of the face, found by what it said at first."""
        return next(
            str(made.text)
            for made in self.of("live.comment")
            if made.node.box.get("text", "") == first
        )
