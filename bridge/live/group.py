"""Several hearts as one: how many are live, their mean rate, and how far apart they are.

Measures of synchrony are left out: by chance alone they are high.
"""

from collections import Counter
from collections.abc import Callable
from math import sqrt

from bridge.events import Beat, Event, SampleChunk, State, Status
from bridge.mapping.values import Said
from bridge.osc import contract
from bridge.osc.contract import Target
from bridge.osc.send import Sender


class Group:
    """Sends what several hearts are together, below the root that they share."""

    def __init__(self, targets: list[Target], root: str) -> None:
        self.sent: Counter[str] = Counter()
        """Messages sent, by path below the root."""
        self.listeners: list[Callable[[Said], None]] = []
        """Told what is sent."""
        self._root = root
        self._sender = Sender(targets)
        self._live: set[str] = set()
        self._bpm: dict[str, float] = {}
        self._told: int | None = None
        self._members: set[str] = set()

    def member(self, name: str) -> "Member":
        """A sink that hears one heart of the group; it may join while others play."""
        self._members.add(name)
        return Member(self, name)

    def hello(self, also_to: Target | None = None) -> None:
        """Say how many are live, to an asker as well; of nobody there is nothing to say."""
        if not self._members:
            return
        self._told = None
        self._count(also_to)

    def close(self) -> None:
        """Let go of the socket."""
        self._sender.close()

    def heard(self, name: str, event: Event) -> None:
        """An event of one heart."""
        if isinstance(event, Status):
            if event.state is State.LIVE:
                self._live.add(name)
            else:
                self._lost(name)
            self._count()
        elif isinstance(event, Beat) and event.bpm is not None:
            self._bpm[name] = event.bpm
            if name in self._live and not event.late:
                self._rates()

    def left(self, name: str) -> None:
        """A heart has ended."""
        self._members.discard(name)
        self._lost(name)

    def _lost(self, name: str) -> None:
        """What it was no longer counts."""
        self._live.discard(name)
        self._bpm.pop(name, None)
        self._count()

    def _count(self, also_to: Target | None = None) -> None:
        if self._told != len(self._live):
            self._told = len(self._live)
            self._send("/group/count", self._told, also_to)

    def _rates(self) -> None:
        rates = [bpm for name, bpm in self._bpm.items() if name in self._live]
        mean = sum(rates) / len(rates)
        self._send("/group/bpm", mean)
        if len(rates) > 1:
            variance = sum((rate - mean) ** 2 for rate in rates) / (len(rates) - 1)
            self._send("/group/spread", sqrt(variance))

    def _send(self, path: str, value: float, also_to: Target | None = None) -> None:
        for listener in self.listeners:
            listener(Said(path, (value,)))
        datagram = contract.encode(path, (value,), self._root)
        self.sent[path] += 1
        self._sender.send(datagram)
        if also_to and also_to not in self._sender.targets:
            self._sender.send_to(datagram, also_to)


class Member:
    """One heart, as the group hears it."""

    def __init__(self, group: Group, name: str) -> None:
        self._group = group
        self._name = name

    def samples(self, chunk: SampleChunk) -> None:
        """The group has no signal."""

    def event(self, event: Event, age_s: float) -> None:
        """Hand it on."""
        self._group.heard(self._name, event)

    def close(self) -> None:
        """The heart has ended."""
        self._group.left(self._name)
