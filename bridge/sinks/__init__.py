"""Where events go: each sink owns its port or file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bridge.events import Event, SampleChunk
from bridge.mapping.profile import Profile
from bridge.mapping.values import Said
from bridge.osc.contract import ROOT, Target


class Sink(Protocol):
    """Takes what the pipeline makes of the heart."""

    def samples(self, chunk: SampleChunk) -> None:
        """The raw signal, as it came from the source."""

    def event(self, event: Event, age_s: float) -> None:
        """One event; ``age_s`` is how long ago, in signal time, it happened."""

    def close(self) -> None:
        """Send or write what is left, and let go of the port or file."""


class Instrument(Protocol):
    """What can be played: a MIDI port, or a voice of our own."""

    def send(self, message: bytes) -> None:
        """Play one MIDI message now.

        Raises:
            BeatbridgeError: it is gone.
        """

    def close(self) -> None:
        """Let the last note ring out, and let go of it."""


@runtime_checkable
class HearsGroup(Protocol):
    """A sink that also takes what is said of all hearts together."""

    def group(self, said: Said) -> None:
        """One message below ``/group``."""


@dataclass(frozen=True, slots=True)
class Playing:
    """A style that is played in place of a note a beat."""

    drums: tuple[int, ...]
    """The notes that it may strike."""
    start: Callable[[Instrument, int | None, Callable[[str], None]], Sink]
    """Begins to play an instrument, and takes it over: on a channel, 1-16, or on those of the
    style; the third shows the user a line. It can be pickled."""


@dataclass(frozen=True, slots=True)
class Seat:
    """What a sink is told of the heart that it is for."""

    name: str
    """As marks and addresses call it."""
    channel: int
    """MIDI channel, 1-16."""
    profile: Profile
    alone: bool = True
    """Whether this is the only heart that plays."""
    playing: Playing | None = None
    """A style to play, where one is chosen."""
    notice: Callable[[str], None] = print
    """Shows the user a line that stays."""
    root: str = ROOT
    """First part of its addresses."""
    targets: tuple[Target, ...] = ()
    """Where OSC goes: devices may be there."""
    listens_on: Callable[[], int] = int
    """The port on which the bridge hears marks, once it does; 0: none."""
    pings: Callable[[], int] = int
    """How often somebody answered a hello."""
