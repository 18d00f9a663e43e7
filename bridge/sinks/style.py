"""A style to be played live: which stage, over which spans, on which clock."""

from collections.abc import Callable, Collection
from functools import partial
from time import perf_counter

from bridge.clips.causal import CellStage
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
"""The music begins so long after the thread, so that its first cell is in time."""
_MIDI = "midi:"


def playing(
    style: Style,
    what: Collection[str],
    profile: Profile,
    sessions: Spreads | None = None,
    clock: str = "own",
    notice: Callable[[str], None] = print,
) -> Playing:
    """A style to be played in place of a note a beat.

    Args:
        style: with its tempo.
        what: which of its clips: ``drums``, ``notes``, ``cc``.
        profile: the ranges of the values.
        sessions: the ranges of recorded sessions, which come first.
        clock: ``own``, ``heart``, ``midi:PORT``, or ``link`` for an Ableton Link session.
        notice: shows a line to the user.

    Raises:
        UserError: there is no such clock.
    """
    if clock not in ("own", "heart", LINK) and not clock.startswith(_MIDI):
        raise UserError(f"--clock {clock}: write own, heart or midi:PORT")

    def start(instrument: Instrument) -> Sink:
        stage = CellStage(style, what, spans_of(style, what, profile, sessions))
        time, pulses = _clock(clock, style.grid.tempo, notice)
        return StylePlayer(instrument, stage, time, follows_heart=clock == "heart", pulses=pulses)

    return Playing(drum_rows(style), start)


def _clock(text: str, tempo: float, notice: Callable[[str], None]) -> tuple[Clock, Pulses | None]:
    if text == "own":
        return OwnClock(tempo, perf_counter() + LEAD_S), None
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
