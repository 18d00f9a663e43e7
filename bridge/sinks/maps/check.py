"""Proof that a receiver hears: each row's minimum, middle and maximum, and what it says of them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bridge.osc.contract import Target
from bridge.osc.send import Sender
from bridge.patchbay.load import Map
from bridge.patchbay.message import MidiForm, OscForm, split
from bridge.patchbay.row import Row
from bridge.sinks.maps.readback import READERS, Read
from bridge.sinks.midi.port import MidiPort, open_port

SETTLE_SECONDS = 0.15
"""Between a value and the question for it: programs hand it to their audio thread first."""
ASKED = 6
"""So often at the most, until it has the value: on a busy machine that thread comes late."""
CLOSE_SHARE = 0.001
"""An answer within this share of the row's range is the value."""


class Verdict(StrEnum):
    """What became of a row."""

    CONFIRMED = "confirmed"
    SENT = "sent, cannot be confirmed"
    REFUSED = "refused"
    SILENT = "no answer"


@dataclass(frozen=True, slots=True)
class Checked:
    """One row that was tried."""

    row: Row
    verdict: Verdict
    says: str
    """What was sent, and what came back instead."""


def check(wanted: Map) -> Iterator[Checked]:
    """Try every row of a map on the running program.

    Raises:
        UserError: a MIDI port, or the port of an answer, is not to be had.
    """
    sender, ports = Sender([]), dict[str, MidiPort]()
    try:
        for row in wanted.rows:
            yield _check(row, wanted.read_back, sender, ports)
    finally:
        sender.close()
        for port in ports.values():
            port.__exit__(None, None, None)


def _check(row: Row, read_back: str, sender: Sender, ports: dict[str, MidiPort]) -> Checked:
    sent: list[str] = []
    verdict = Verdict.SENT
    for level in (0.0, 0.5, 1.0):
        value = row.output(level)
        sent.append(f"{value:g}")
        _send(row, value, sender, ports)
        time.sleep(SETTLE_SECONDS)
        _end(row, sender, ports)
        if row.osc is None or row.is_beat or not isinstance(row.form, OscForm) or row.words:
            continue
        if read_back not in READERS:
            continue
        found = _found(READERS[read_back], row.osc, row.form, value, row)
        if found is None:
            return Checked(row, Verdict.SILENT, f"{value:g} was sent")
        if not _is_close(found, value, row):
            return Checked(row, Verdict.REFUSED, f"{value:g} was sent, it has {found:g}")
        verdict = Verdict.CONFIRMED
    return Checked(row, verdict, ", ".join(sent))


def _found(read: Read, target: Target, form: OscForm, value: float, row: Row) -> float | None:
    """What the program has, once it has the value or has been asked often enough."""
    found = read(target, form)
    for _ in range(ASKED - 1):
        if found is None or _is_close(found, value, row):
            break
        time.sleep(SETTLE_SECONDS)
        found = read(target, form)
    return found


def _is_close(found: float, value: float, row: Row) -> bool:
    return abs(found - value) <= CLOSE_SHARE * abs(row.max - row.min)


def _send(row: Row, value: float, sender: Sender, ports: dict[str, MidiPort]) -> None:
    if row.osc is not None:
        sender.send_to(row.form.build("live" if row.words else value), row.osc)
    elif row.midi is not None and isinstance(row.form, MidiForm):
        if row.midi not in ports:
            ports[row.midi] = open_port(row.midi)
        note = row.scale.note(0.5) if row.scale is not None else row.form.number
        is_note = row.form.kind == "note"
        data = row.form.note_on(note, round(value)) if is_note else row.form.build(value)
        for message in split(data):
            ports[row.midi].send(message)


def _end(row: Row, sender: Sender, ports: dict[str, MidiPort]) -> None:
    """What a beat would have begun ends."""
    if row.osc is not None and row.off is not None:
        sender.send_to(row.off.build(0.0), row.osc)
    elif row.midi is not None and isinstance(row.form, MidiForm) and row.form.kind == "note":
        note = row.scale.note(0.5) if row.scale is not None else row.form.number
        ports[row.midi].send(row.form.note_off(note))
