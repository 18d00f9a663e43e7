"""Moves one value up and down by itself, so that the other side can learn it (MIDI or OSC learn).

Nothing else is sent meanwhile: a program that learns takes the first thing that moves.
"""

import time
from collections.abc import Callable
from math import cos, pi

from bridge.errors import UserError
from bridge.osc import contract
from bridge.osc.contract import Target
from bridge.osc.send import Sender
from bridge.patchbay import keys
from bridge.patchbay.load import load
from bridge.patchbay.message import OscForm, split
from bridge.patchbay.row import Row
from bridge.sinks.midi.port import open_port

ROUND_SECONDS = 4.0
"""From the bottom to the top and back."""
STEP_SECONDS = 0.05


def move(
    value: str, using: str | None, target: Target, seconds: float, say: Callable[[str], None]
) -> int:
    """Move the first row of a map that follows a value; without a map, its own OSC address.

    Args:
        value: as ``from`` in a row.
        using: a map, or None.
        target: where OSC goes without one.
        seconds: how long.
        say: shows what moves.

    Returns:
        How many messages were sent.

    Raises:
        UserError: no such value, or the map has no row for it.
    """
    row = _row(value, using, target)
    where = row.midi or "{}:{}".format(*(row.osc or target))
    say(f"{row.name} moves between {row.min:g} and {row.max:g} at {where}; let it learn now")
    sender = Sender([])
    port = open_port(row.midi) if row.midi is not None else None
    sent, start, last = 0, time.monotonic(), None
    try:
        while (passed := time.monotonic() - start) < seconds:
            output = row.output(height(passed))
            if output != last:
                last, sent = output, sent + 1
                data = row.form.build(output)
                if row.osc is not None:
                    sender.send_to(data, row.osc)
                elif port is not None:
                    for message in split(data):
                        port.send(message)
            time.sleep(STEP_SECONDS)
    finally:
        sender.close()
        if port is not None:
            port.__exit__(None, None, None)
    return sent


def height(passed_s: float) -> float:
    """The level, 0-1, at which a row that is learned stands so long after it began to move."""
    return 0.5 - 0.5 * cos(2 * pi * passed_s / ROUND_SECONDS)


def _row(value: str, using: str | None, target: Target) -> Row:
    try:
        _, source = keys.source(value)
    except ValueError as error:
        raise UserError(f"map learn {value}: {error}") from None
    if using is not None:
        for row in load(using).rows:
            if row.source == source and not row.is_beat and not row.words:
                return row
        raise UserError(f"map learn {value}: {using} has no row that follows {source}")
    message = contract.BY_PATH.get("/" + source)
    if message is None or message.tags != "f":
        raise UserError(f"map learn {value}: should be a value of one number, such as norm/bpm")
    low, high = message.bounds or (0.0, 1.0)
    return Row(
        message.address(), source, "", OscForm(message.address()), low, high, low, high, osc=target
    )
