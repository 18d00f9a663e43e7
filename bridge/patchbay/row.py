"""A row of a map: which value moves what, over which ranges, how often, on which condition."""

from dataclasses import dataclass
from math import isfinite

from bridge.mapping.curve import Curve
from bridge.mapping.range import Fixed, Learned, Range
from bridge.mapping.stage import Stage
from bridge.osc.contract import Target
from bridge.patchbay.message import Form, MidiForm, OscForm

MOST_PER_S = 50.0
"""Messages a second that a receiver stands without a word from its makers."""
NOTE_S = 0.12
"""Shorter than the interval of the fastest heart (220 a minute: 0.27 s)."""


@dataclass(frozen=True, slots=True)
class Glide:
    """What a lost heart does to a row: it goes to a value, in so many seconds."""

    to: float
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Which note a level of 0-1 is: a step of a scale."""

    root: int
    steps: tuple[int, ...]
    """Semitones above the root, rising, in one octave."""
    octaves: int

    def note(self, level: float) -> int:
        """The note of a level: equal shares for all steps."""
        count = len(self.steps) * self.octaves
        octave, step = divmod(min(count - 1, int(level * count)), len(self.steps))
        return self.root + 12 * octave + self.steps[step]


@dataclass(frozen=True, slots=True)
class Row:
    """One row, checked."""

    name: str
    source: str
    """A path of the contract without its first ``/``: ``bpm``, ``hrv/rmssd``, ``beat``; besides
    ``strength``, that of the beat."""
    heart: str
    """Whose, by name; empty for the first heart of a run; ``group``."""
    form: Form
    low: float
    high: float
    """The input range; where it is learned, what it is learned from."""
    min: float
    max: float
    """The output range; a min above max turns the knob the other way."""
    osc: Target | None = None
    midi: str | None = None
    """Where it goes: one of the two."""
    mute: bool = False
    """Whether it is left out; its knob stays where it is."""
    learned: bool = False
    curve: Curve | None = None
    """None: equal ratios from min to max, for frequencies."""
    smoothing_s: float = 0.0
    most_per_s: float = MOST_PER_S
    when_live: bool = False
    """Whether values count only while the heart is live."""
    quality_above: float = 0.0
    on_lost: Glide | None = None
    """None holds the last value. Whatever sounds is switched off in any case."""
    off: OscForm | None = None
    """What ends a note that OSC began; MIDI knows its own."""
    off_when_lost: bool = False
    """Whether ``off`` is sent for a value, too, when the heart is lost or ends."""
    length_s: float = NOTE_S
    length_share: float | None = None
    """Of the last interval, in place of seconds."""
    scale: Scale | None = None
    by: str | None = None
    """Which value chooses the note of the scale for a beat: a source of 0-1."""
    velocity: float = 90.0
    """Of notes that a value plays, without a beat."""

    @property
    def sounds(self) -> bool:
        """Whether it switches things on that must be switched off."""
        return self.off is not None or (
            isinstance(self.form, MidiForm) and self.form.kind == "note"
        )

    @property
    def words(self) -> bool:
        """Whether it sends a word, as of the status, and no number."""
        return isinstance(self.form, OscForm) and ("s", None) in self.form.arguments

    @property
    def is_beat(self) -> bool:
        """Whether it acts at each beat, and not on a value."""
        return self.source == "beat"

    def stage(self) -> Stage:
        """Its range, curve and smoothing, with nothing learned yet."""
        fixed = Fixed(self.low, self.high)
        values: Range = Learned(fixed) if self.learned else fixed
        if self.curve is not None:
            return Stage(values, self.curve, self.smoothing_s)
        if self.min > self.max:
            values = _Backwards(values)
        low, high = sorted((self.min, self.max))
        return Stage(values, Curve("exponential", high / low), self.smoothing_s)

    def output(self, level: float) -> float:
        """What is sent for a level of its stage, held to its range and to what its form takes."""
        first, last = self.min, self.max
        if self.curve is None:
            first, last = sorted((first, last))
        return self.fit(first + (last - first) * level)

    def fit(self, value: float) -> float:
        """A value held to the output range; whole where the form takes whole numbers only."""
        low, high = sorted((self.min, self.max))
        if not isfinite(value):
            return low
        held = min(high, max(low, value))
        return float(round(held)) if self.form.whole else held


class _Backwards:
    """A range read from its other end."""

    def __init__(self, values: Range) -> None:
        self._values = values

    def share(self, value: float) -> float:
        """The value's place, counted from the top."""
        return 1.0 - self._values.share(value)

    def push(self, t: float, value: float) -> None:
        """Take note of a value."""
        self._values.push(t, value)

    def forget(self) -> None:
        """Begin anew."""
        self._values.forget()
