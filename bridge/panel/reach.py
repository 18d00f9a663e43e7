"""Which hearts are in reach, as the page lists them: each with a word on what to do.

Looked for in the panel's process, in threads: a look at the air takes seconds.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from bridge.errors import BeatbridgeError
from bridge.quiet import quiet_libraries

Entry = dict[str, Any]
Look = Callable[[], list[Entry]]

STRAPS_S = 4.0
"""A strap tells of itself about once a second."""
STREAMS_S = 1.5


def entry(source: str | None, title: str, note: str) -> Entry:
    """One line of the list; without a source it says what is missing."""
    return {"source": source, "title": title, "note": note}


def _simulated() -> list[Entry]:
    return [
        entry("sim?bpm=72", "A simulated heart", "needs no sensor; 72 beats a minute"),
        entry("sim?bpm=66&kind=ecg&seed=2", "A simulated ECG", "a second heart, calmer"),
    ]


def _serial() -> list[Entry]:
    from serial.tools.list_ports import comports

    from bridge.sources.serial.boards import board_name

    ports = []
    for port in sorted(comports(), key=lambda port: port.device):
        board = board_name(port.vid, port.pid)
        if board is None and port.vid is None:
            continue  # a port of the computer's own, with nothing plugged in
        ports.append(entry(f"serial:{port.device}", board or port.description, port.device))
    if not ports:
        ports.append(
            entry(
                None,
                "No board on a cable",
                "Plug one in; if it stays missing, try a cable that carries data, and another port",
            )
        )
    return ports


def _straps() -> list[Entry]:
    from bridge.sources.ble.scan import straps

    try:
        names = asyncio.run(straps(STRAPS_S))
    except BeatbridgeError as error:
        missing = "bleak" in str(error)
        note = (
            str(error) if missing else f"Switch Bluetooth on, and let this program use it: {error}"
        )
        return [entry(None, "No straps", note)]
    if not names:
        note = "Is it worn and wet, and connected to no phone or watch? Is Bluetooth on?"
        return [entry(None, "No strap in reach", note)]
    return [
        entry(f"ble:{name}", name, "a strap; its battery is told once it plays") for name in names
    ]


def _streams() -> list[Entry]:
    from bridge.sources.lsl import streams

    try:
        with quiet_libraries():  # it tells of every network card
            found = streams(STREAMS_S)
    except BeatbridgeError as error:
        return [entry(None, "No LSL streams", str(error))]
    if not found:
        note = "Is the program that sends it running, on this network?"
        return [entry(None, "No LSL stream in reach", note)]
    return [entry(f"lsl:{name}", name, f"an LSL stream of {kind}") for name, kind in found]


AT_ONCE: tuple[Look, ...] = (_simulated, _serial)
"""Ways to find hearts that answer at once, in the order shown."""
LOOKED_FOR: dict[str, Look] = {"straps": _straps, "LSL streams": _streams}
"""Those that take seconds, after them."""


def at_once() -> list[Entry]:
    """What is known without waiting."""
    return [found for look in AT_ONCE for found in look()]


def looking_for(what: str) -> list[Entry]:
    """What stands in the list until a look is over."""
    return [entry(None, f"Looking for {what} …", "this takes some seconds")]
