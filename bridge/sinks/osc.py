"""Events as OSC datagrams to any number of targets, each message encoded once."""

from collections import Counter

from bridge import __version__
from bridge.errors import UserError
from bridge.events import (
    Beat,
    Body,
    Breath,
    Event,
    HrvSnapshot,
    Quality,
    Relearn,
    SampleChunk,
    State,
    Status,
    Wave,
)
from bridge.mapping.profile import FIXED, Profile
from bridge.mapping.range import Fixed, Learned
from bridge.osc import contract
from bridge.osc.send import Sender, Target

_HRV = (
    ("/hrv/sdnn", "sdnn_ms"),
    ("/hrv/rmssd", "rmssd_ms"),
    ("/hrv/sdsd", "sdsd_ms"),
    ("/hrv/pnn20", "pnn20"),
    ("/hrv/pnn50", "pnn50"),
    ("/hrv/vlf", "vlf_ms2"),
    ("/hrv/lf", "lf_ms2"),
    ("/hrv/hf", "hf_ms2"),
    ("/hrv/lf_hf", "lf_hf"),
    ("/hrv/sd1", "sd1_ms"),
    ("/hrv/sd2", "sd2_ms"),
    ("/hrv/coherence", "coherence"),
    ("/hrv/resonance", "resonance_hz"),
)


def parse_root(text: str) -> str:
    """An OSC address to stand in the place of ``/heart``.

    Raises:
        UserError: not an OSC address.
    """
    root = "/" + text.strip("/")
    if len(root) < 2 or any(c in " #*,?[]{}" or not "!" <= c <= "~" for c in root) or "//" in root:
        raise UserError(f"--root {text}: should be an OSC address such as /heart/alice")
    return root


class OscSink:
    """Sends the contract's messages over UDP. A target that does not listen costs nothing."""

    def __init__(self, targets: list[Target], root: str, profile: Profile) -> None:
        self.root = root
        self.sent: Counter[str] = Counter()
        """Messages sent, by path below the root; once each, however many targets there are."""
        self.listens_on = 0
        """The port on which this bridge hears pings and marks, told in every hello; 0: none."""
        self._levels = profile.levels()
        self._body_ranges: dict[str, Learned] = {}
        self._scaling = () if profile.scaling == FIXED else (profile.scaling,)
        self._beats = 0
        self._state = State.SEARCHING
        self._sender = Sender(targets)

    @property
    def targets(self) -> list[Target]:
        """Where it sends."""
        return self._sender.targets

    @property
    def failed(self) -> int:
        """Datagrams the system refused (network down, buffer full)."""
        return self._sender.failed

    @property
    def beats(self) -> int:
        """Number of beats sent so far."""
        return self._beats

    def samples(self, chunk: SampleChunk) -> None:
        """The raw signal is not sent; its scope version arrives as Wave events."""

    def event(self, event: Event, age_s: float) -> None:
        """Send the event's messages now."""
        if isinstance(event, Beat):
            self._beat(event, age_s)
        elif isinstance(event, HrvSnapshot):
            self._hrv(event)
        elif isinstance(event, Wave):
            self._send("/wave", event.value)
        elif isinstance(event, Breath):
            if event.level is not None:
                self._send("/breath", event.level)
            if event.rate is not None:
                self._send("/breath/rate", event.rate)
        elif isinstance(event, Quality):
            self._send("/quality", event.value)
        elif isinstance(event, Status):
            self._state = event.state
            self._send("/status", event.state.value)
        elif isinstance(event, Relearn):
            self._levels.forget()
            self._body_ranges.clear()
        elif isinstance(event, Body):
            self._body(event)

    def hello(self, also_to: Target | None = None) -> None:
        """Say who is here and how the heart is; ``also_to`` answers a ping from elsewhere."""
        others = [also_to] if also_to and also_to not in self.targets else []
        for path, arguments in (
            ("/hello", (__version__, contract.VERSION, self.listens_on, *self._scaling)),
            ("/status", (self._state.value,)),
        ):
            self._send(path, *arguments)
            for target in others:
                self._sender.send_to(contract.encode(path, arguments, self.root), target)

    def close(self) -> None:
        """Say hello a last time, so that receivers have the last status, and close the socket."""
        self.hello()
        self._sender.close()

    def _beat(self, beat: Beat, age_s: float) -> None:
        if beat.late:
            return
        self._beats += 1
        self._send("/beat", self._beats, beat.strength, age_s * 1000.0)
        if beat.ibi_ms is not None:
            self._send("/ibi", beat.ibi_ms)
            self._norm("ibi", beat.t, beat.ibi_ms)
        if beat.bpm is not None:
            self._send("/bpm", beat.bpm)
            self._norm("bpm", beat.t, beat.bpm)

    def _hrv(self, hrv: HrvSnapshot) -> None:
        for path, field in _HRV:
            value = getattr(hrv, field)
            if value is not None:
                self._send(path, value)
                self._norm(path.removeprefix("/hrv/"), hrv.t, value)
        self._send("/hrv/coverage", hrv.coverage)

    def _body(self, body: Body) -> None:
        """Nobody knows what is much of it: the range is learned, from about the first value on."""
        if body.name not in self._body_ranges:
            half = abs(body.value) / 2 or 0.5
            self._body_ranges[body.name] = Learned(Fixed(body.value - half, body.value + half))
        learned = self._body_ranges[body.name]
        learned.push(body.t, body.value)
        self._send("/body/NAME", body.value, name=body.name)
        self._send("/body/norm/NAME", learned.share(body.value), name=body.name)

    def _norm(self, name: str, t: float, value: float) -> None:
        if name in contract.NORM_NAMES:
            self._send(f"/norm/{name}", self._levels.push(name, t, value))

    def _send(self, path: str, *arguments: object, name: str = "") -> None:
        self.sent[path] += 1
        self._sender.send(contract.encode(path, arguments, self.root, name))
