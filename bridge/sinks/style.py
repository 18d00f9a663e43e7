"""A style to be played live: which stage, over which spans, on which clock."""

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from math import ceil
from time import perf_counter

from bridge.clips.causal import CellStage
from bridge.clips.clip import PPQ
from bridge.clips.clock import Clock, OwnClock, heart_follower, midi_follower
from bridge.clips.drums import drum_rows
from bridge.clips.session import Spreads
from bridge.clips.shared_clock import LINK, SharedClock
from bridge.clips.spans import spans_of
from bridge.clips.style import Style
from bridge.errors import UserError
from bridge.mapping.profile import Profile
from bridge.sinks import Instrument, Playing, Sink
from bridge.sinks.player import ClockIn, Pulses, StylePlayer, Tell

LEAD_S = 0.2
"""The music begins no sooner after the thread, so that its first cell is in time."""
_MIDI = "midi:"


def playing(
    style: Style,
    what: Collection[str],
    profile: Profile,
    sessions: Spreads | None = None,
    clock: str = "own",
) -> Playing:
    """A style to be played in place of a note a beat.

    Args:
        style: with its tempo.
        what: which of its clips: ``drums``, ``notes``, ``cc``.
        profile: the ranges of the values.
        sessions: the ranges of recorded sessions, which come first.
        clock: ``own``, ``heart``, ``midi:PORT``, or ``link`` for an Ableton Link session.

    Raises:
        UserError: there is no such clock.
    """
    if clock not in ("own", "heart", LINK) and not clock.startswith(_MIDI):
        raise UserError(f"--clock {clock}: write own, heart or midi:PORT")
    start = partial(_start, style, tuple(what), profile, sessions, clock)
    return Playing(drum_rows(style), start)


def _start(
    style: Style,
    what: tuple[str, ...],
    profile: Profile,
    sessions: Spreads | None,
    clock: str,
    instrument: Instrument,
    channel: int | None,
    notice: Callable[[str], None],
) -> Sink:
    if channel is not None:
        style = replace(style, drums=replace(style.drums, channel=channel))
    stage = CellStage(style, what, spans_of(style, what, profile, sessions))
    time, pulses = _clock(clock, style, notice)
    return StylePlayer(instrument, stage, time, follows_heart=clock == "heart", pulses=pulses)


def _clock(text: str, style: Style, notice: Callable[[str], None]) -> tuple[Clock, Pulses | None]:
    tempo = style.grid.tempo
    if text == "own":
        # Bars lie where they lie for every heart: at multiples of a bar of the machine's clock.
        bar_s = style.grid.cells * style.grid.cell_ticks / (tempo * PPQ / 60)
        return OwnClock(tempo, ceil((perf_counter() + LEAD_S) / bar_s) * bar_s), None
    if text == "heart":
        return heart_follower(tempo), None
    if text == LINK:
        from bridge.sinks.link import open_session

        shared = SharedClock()
        return shared, _handed_on(partial(open_session, tempo, notice), shared.told)
    from bridge.sinks.midi.clock_in import open_clock

    follower = midi_follower(tempo)
    return follower, _handed_on(partial(open_clock, text.removeprefix(_MIDI)), follower.message)


def _handed_on(
    listen: Callable[[Callable[..., None]], ClockIn], take: Callable[..., None]
) -> Pulses:
    """What is heard in a thread of its own is taken in the thread that plays."""

    def pulses(tell: Tell) -> ClockIn:
        return listen(lambda *news: tell(partial(take, *news)))

    return pulses
