"""``--heart NAME=SOURCE``: who plays, from where, and on which MIDI channel."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bridge.errors import UserError
from bridge.osc import contract

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_CHANNELS = 16


@dataclass(frozen=True, slots=True)
class HeartSpec:
    """One ``--heart``."""

    name: str
    source: str
    """The SOURCE, not yet looked at."""
    channel: int
    """MIDI channel, 1-16."""


def parse_hearts(texts: Sequence[str]) -> list[HeartSpec]:
    """``NAME=SOURCE`` or ``NAME:CHANNEL=SOURCE``; by default the channel is the place in the list.

    Raises:
        UserError: a name that cannot be one, or occurs twice; a channel beyond 1-16.
    """
    found: list[HeartSpec] = []
    for place, text in enumerate(texts):
        given, equals, source = text.partition("=")
        name, colon, channel = given.partition(":")
        if not equals or not source or not _NAME.fullmatch(name):
            raise UserError(
                f"--heart {text}: should be NAME=SOURCE, as in violin=sim, the name in plain "
                "letters and digits"
            )
        if name in _TAKEN:
            raise UserError(f"--heart {text}: {name} is a word of the OSC contract; name it anew")
        if name in (other.name for other in found):
            raise UserError(f"--heart {text}: the name is taken already")
        if colon and not (channel.isdecimal() and 1 <= int(channel) <= _CHANNELS):
            raise UserError(f"--heart {text}: a MIDI channel is 1-{_CHANNELS}, as in {name}:3=sim")
        number = int(channel) if colon else place % _CHANNELS + 1
        found.append(HeartSpec(name, source, number))
    return found


_TAKEN = frozenset(
    message.path.split("/")[1] for message in contract.MESSAGES if message.way is contract.Way.OUT
)
"""``/heart/bpm`` is a rate: no heart can be called so."""
