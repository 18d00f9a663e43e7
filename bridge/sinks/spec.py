"""The sinks that ``beatbridge live`` offers, each under the name of its option.

To add one: a module with ``open_sinks``, and a line in ``SINKS``. OSC is not among them: it is
always there, as it says hello.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from bridge.sinks import Seat, Sink


class OpenSinks(Protocol):
    """What a sink's module defines as ``open_sinks``."""

    def __call__(self, argument: str, seats: Sequence[Seat]) -> list[Sink]:
        """Open one sink a heart, in their order; ``argument`` is what follows the option.

        Raises:
            UserError: the argument names nothing that can be opened.
        """


@dataclass(frozen=True, slots=True)
class SinkEntry:
    """A sink as the command line shows it."""

    module: str
    metavar: str
    help: str


SINKS: dict[str, SinkEntry] = {
    "midi": SinkEntry("bridge.sinks.midi.notes", "PORT|virtual",
                      "Also play beats as notes, HRV as controllers."),
    "record": SinkEntry("bridge.sinks.recorder", "FILE.csv",
                        "Record samples, beats and markers; several hearts: FILE-NAME.csv."),
}  # fmt: skip


def open_sinks(chosen: Mapping[str, str], seats: Sequence[Seat]) -> list[list[Sink]]:
    """Open what is chosen.

    Args:
        chosen: arguments by the names of ``SINKS``.
        seats: the hearts.

    Returns:
        For each heart its sinks.

    Raises:
        UserError: an argument names nothing that can be opened.
    """
    found: list[list[Sink]] = [[] for _ in seats]
    for name, entry in SINKS.items():
        if name in chosen:
            make = cast(OpenSinks, import_module(entry.module).open_sinks)
            for sinks, sink in zip(found, make(chosen[name], seats), strict=True):
                sinks.append(sink)
    return found
