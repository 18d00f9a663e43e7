"""Which hearts are in reach, as the page lists them: each with a word on what to do.

Looked for in the panel's process: asking a system for its ports can take a second.
"""

from collections.abc import Callable
from typing import Any

Entry = dict[str, Any]


def entries() -> list[Entry]:
    """What can be started now, and what is missing, with ``source`` None."""
    found: list[Entry] = [
        entry("sim?bpm=72", "A simulated heart", "needs no sensor; 72 beats a minute"),
        entry("sim?bpm=66&kind=ecg&seed=2", "A simulated ECG", "a second heart, calmer"),
    ]
    for look in LOOKS:
        found += look()
    return found


def entry(source: str | None, title: str, note: str) -> Entry:
    """One line of the list."""
    return {"source": source, "title": title, "note": note}


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


LOOKS: tuple[Callable[[], list[Entry]], ...] = (_serial,)
"""Ways to find hearts, in the order shown."""
