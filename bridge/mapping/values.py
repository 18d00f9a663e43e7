"""Event -> what is said of it, in the words of the contract: paths and arguments, no address yet.

OSC says all of it to everybody; a map takes out of it what moves a receiver.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.events import (
    Beat,
    Body,
    Breath,
    Event,
    Foretold,
    HrvSnapshot,
    Next,
    Quality,
    Relearn,
    State,
    Status,
    Wave,
)
from bridge.mapping.profile import Profile
from bridge.mapping.range import Fixed, Learned
from bridge.osc import contract

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


PREDICTED = "predicted"
COASTED = 2
"""Intervals by which a guess that came late is carried on, at most."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the contract."""

    path: str
    arguments: tuple[float | int | str, ...]
    name: str = ""
    """What stands in the place of NAME in the path."""


class Values:
    """Says one heart's events, and keeps what that needs: the count of beats, learned ranges."""

    def __init__(self, profile: Profile) -> None:
        self.beats = 0
        """Sounded so far."""
        self.predicted = False
        """Whether the beats that sound are predictions."""
        self._state = State.SEARCHING
        self._levels = profile.levels()
        self._body_ranges: dict[str, Learned] = {}

    def push(self, event: Event, age_s: float) -> Iterator[Said]:
        """Say one event; ``age_s`` is how long ago it happened."""
        if isinstance(event, Beat):
            if not event.late:
                yield from self._beat(event, age_s)
        elif isinstance(event, HrvSnapshot):
            yield from self._hrv(event)
        elif isinstance(event, Wave):
            yield Said("/wave", (event.value,))
        elif isinstance(event, Breath):
            if event.level is not None:
                yield Said("/breath", (event.level,))
            if event.rate is not None:
                yield Said("/breath/rate", (event.rate,))
        elif isinstance(event, Quality):
            yield Said("/quality", (event.value,))
        elif isinstance(event, Next):
            yield from _next(event, age_s)
        elif isinstance(event, Status):
            self._state = event.state
            yield self.status()
        elif isinstance(event, Foretold):
            self.predicted = True
            yield self.status()
        elif isinstance(event, Body):
            yield from self._body(event)
        elif isinstance(event, Relearn):
            self._levels.forget()
            self._body_ranges.clear()

    def status(self) -> Said:
        """What the state is, and whether beats are predicted."""
        return Said("/status", (self._state.value, *([PREDICTED] if self.predicted else [])))

    def _beat(self, beat: Beat, age_s: float) -> Iterator[Said]:
        self.beats += 1
        yield Said("/beat", (self.beats, beat.strength, age_s * 1000.0))
        if beat.ibi_ms is not None:
            yield Said("/ibi", (beat.ibi_ms,))
            yield self._norm("ibi", beat.t, beat.ibi_ms)
        if beat.bpm is not None:
            yield Said("/bpm", (beat.bpm,))
            yield self._norm("bpm", beat.t, beat.bpm)

    def _hrv(self, hrv: HrvSnapshot) -> Iterator[Said]:
        for path, field in _HRV:
            value = getattr(hrv, field)
            if value is not None:
                yield Said(path, (value,))
                name = path.removeprefix("/hrv/")
                if name in contract.NORM_NAMES:
                    yield self._norm(name, hrv.t, value)
        yield Said("/hrv/coverage", (hrv.coverage,))

    def _norm(self, name: str, t: float, value: float) -> Said:
        return Said(f"/norm/{name}", (self._levels.push(name, t, value),))

    def _body(self, body: Body) -> Iterator[Said]:
        """Nobody knows what is much of it: the range is learned, from about the first value on."""
        if body.name not in self._body_ranges:
            half = abs(body.value) / 2 or 0.5
            self._body_ranges[body.name] = Learned(Fixed(body.value - half, body.value + half))
        learned = self._body_ranges[body.name]
        learned.push(body.t, body.value)
        yield Said("/body/NAME", (body.value,), body.name)
        yield Said("/body/norm/NAME", (learned.share(body.value),), body.name)


def _next(guess: Next, age_s: float) -> Iterator[Said]:
    """How long it is until then from now. Data that come late are carried on by an interval or
    two; beyond that nobody knows any more."""
    until_s = guess.due_t - guess.t - age_s
    for _ in range(COASTED):
        if until_s < 0.0:
            until_s += guess.interval_s
    if until_s >= 0.0:
        yield Said("/next", (until_s * 1000.0, guess.confidence))
