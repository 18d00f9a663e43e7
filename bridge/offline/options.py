"""What is asked of a batch, and what became of each of its files."""

from dataclasses import dataclass
from pathlib import Path

from bridge.clips.clip import PPQ, Clip
from bridge.clips.grid import Timeline
from bridge.clips.render import What
from bridge.clips.session import Spreads
from bridge.clips.style import Style
from bridge.events import Marker
from bridge.offline.files import Job


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked of a rendering."""

    style: Style
    what: tuple[What, ...] = ("drums",)
    kind: str = "auto"
    rate_hz: float | None = None
    marks: tuple[Marker, ...] = ()
    """When phases begin, in the place of what the files say."""
    split: bool = False
    """One clip a phase, between markers."""
    tempo_map: bool = False
    picture: str | None = None
    """``png`` or ``svg``."""
    sound: bool = False
    """Also what the clips sound like together."""
    page: bool = False
    """Also a page of each session, to explore."""
    dry_run: bool = False
    ppq: int = PPQ
    """Ticks a quarter note in the files."""
    style_name: str = "default"
    scale: Spreads | None = None
    """Ranges of other sessions, in place of the batch's, the file's and the phase's."""
    reserved: frozenset[str] = frozenset()
    """The targets of the whole batch (see ``same_file``): no phase may take one."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a picture sounds like."""

    picture: Path
    sound: Path
    axis_s: float
    """Seconds of the sound in which the picture's time axis is passed."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A clip on the page of its session."""

    what: What
    clip: Clip
    timeline: Timeline
    start_s: float
    """Where on the recording's clock it begins."""


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one input file."""

    job: Job
    files: tuple[Path, ...] = ()
    seconds: float = 0.0
    low: float = 0.0
    high: float = 0.0
    """Least and greatest heart rate, per minute."""
    bars: int = 0
    metre: tuple[int, int] = (4, 4)
    """The bars' own, as the clips declare it."""
    notes: int = 0
    remarks: tuple[str, ...] = ()
    error: str | None = None
    failed: bool = False
    """The error is a failure to write, not bad input."""
    heard: tuple[Heard, ...] = ()
