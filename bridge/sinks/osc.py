"""Events as OSC datagrams to any number of targets, each message encoded once."""

from collections import Counter
from collections.abc import Collection

from bridge import __version__
from bridge.errors import UserError
from bridge.events import Event, SampleChunk
from bridge.mapping.profile import FIXED, Profile
from bridge.mapping.values import PREDICTED, Values
from bridge.osc import contract
from bridge.osc.contract import Target
from bridge.osc.send import Sender, in_bundle, shown


def parse_root(text: str) -> str:
    """An OSC address to stand in the place of ``/heart``.

    Raises:
        UserError: not an OSC address.
    """
    root = "/" + text.strip("/")
    if len(root) < 2 or any(c in " #*,?[]{}" or not "!" <= c <= "~" for c in root) or "//" in root:
        raise UserError(f"--root {text}: should be an OSC address such as /heart/alice")
    return root


def parse_without(text: str) -> str:
    """A message that is not to be sent, or all below a first part: ``wave``, ``norm``, ``hrv``.

    Returns:
        Its path.

    Raises:
        UserError: the contract has no such message, or it is one that every receiver needs.
    """
    path = "/" + text.strip("/").removeprefix(contract.ROOT.strip("/") + "/")
    paths = [row.path for row in contract.MESSAGES if row.way is contract.Way.OUT]
    if path in KEPT or not any(each == path or each.startswith(path + "/") for each in paths):
        raise UserError(
            f"--without {text}: should be a message such as wave, norm, hrv/vlf or quality "
            "(hello and status always go out)"
        )
    return path


KEPT = ("/hello", "/status")
"""By these a receiver knows that anybody is there."""


class OscSink:
    """Sends the contract's messages over UDP. A target that does not listen costs nothing."""

    def __init__(
        self,
        targets: list[Target],
        root: str,
        profile: Profile,
        without: Collection[str] = (),
        bundle_s: float | None = None,
    ) -> None:
        """Open a socket; nothing is said before ``hello`` or an event.

        Args:
            targets: where it goes.
            root: stands in the place of ``/heart``.
            profile: how values are scaled.
            without: paths, or their first parts, that are not sent.
            bundle_s: every message in a bundle, dated so long after what it tells of happened: a
                receiver that waits for it is late by the same time always. None: plain messages.
        """
        self.root = root
        self.sent: Counter[str] = Counter()
        """Messages sent, by path below the root; once each, however many targets there are."""
        self.listens_on = 0
        """The port on which this bridge hears pings and marks, told in every hello; 0: none."""
        self.pings = 0
        """How often a hello was answered, as a device does when it meets a bridge."""
        self._values = Values(profile)
        self._without = tuple(without)
        self._bundle_s = bundle_s
        self._scaling = profile.scaling
        self._sender = Sender(targets)

    @property
    def targets(self) -> list[Target]:
        """Where it sends."""
        return self._sender.targets

    @property
    def failed(self) -> int:
        """Datagrams the system refused (network down, buffer full)."""
        return self._sender.failed

    def take_trouble(self) -> list[str]:
        """What to say of targets that could not be reached since the last call."""
        return self._sender.take_trouble()

    def listeners(self) -> str:
        """Who listens, as far as the system and the answers to hello tell; empty: unknown."""
        known = {target: self._sender.listens(target) for target in self.targets}
        said = [f"nobody listens on {shown(each)}" for each in known if known[each] is False]
        if self.pings and len(said) < len(known):
            said.append("a device answers")
        elif there := [shown(each) for each in known if known[each]]:
            said.append(f"somebody listens on {', '.join(there)}")
        return "; ".join(said)

    def samples(self, chunk: SampleChunk) -> None:
        """The raw signal is not sent; its scope version arrives as Wave events."""

    def event(self, event: Event, age_s: float) -> None:
        """Send the event's messages now."""
        for said in self._values.push(event, age_s):
            if not self._left_out(said.path):
                self._send(said.path, said.arguments, said.name, age_s)

    def hello(self, also_to: Target | None = None) -> None:
        """Say who is here and how the heart is; ``also_to`` answers a ping from elsewhere."""
        others = [also_to] if also_to and also_to not in self.targets else []
        said = [self._scaling, PREDICTED] if self._values.predicted else [self._scaling]
        words = [] if said == [FIXED] else said
        status = self._values.status()
        for path, arguments in (
            ("/hello", (__version__, contract.VERSION, self.listens_on, *words)),
            (status.path, status.arguments),
        ):
            datagram = self._counted(path, arguments)
            for target in self.targets:
                self._sender.ask(datagram, target)
            for target in others:
                self._sender.send_to(contract.encode(path, arguments, self.root), target)

    def close(self) -> None:
        """Say hello a last time, so that receivers have the last status, and close the socket."""
        self.hello()
        self._sender.close()

    def _left_out(self, path: str) -> bool:
        return any(path == each or path.startswith(each + "/") for each in self._without)

    def _send(
        self, path: str, arguments: tuple[object, ...], name: str = "", age_s: float = 0.0
    ) -> None:
        self._sender.send(self._counted(path, arguments, name, age_s))

    def _counted(
        self, path: str, arguments: tuple[object, ...], name: str = "", age_s: float = 0.0
    ) -> bytes:
        self.sent[path] += 1
        datagram = contract.encode(path, arguments, self.root, name)
        return datagram if self._bundle_s is None else in_bundle(datagram, self._bundle_s - age_s)
