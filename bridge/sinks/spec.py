"""The sinks that ``beatbridge live`` offers, each under the name of its option.

To add one: a module with ``open_sinks``, and a line in ``SINKS``. OSC is not among them: it is
always there, as it says hello.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, TypeAlias, cast

from bridge.errors import UnavailableError
from bridge.sinks import Seat, Sink


class OpenSinks(Protocol):
    """What a sink's module defines as ``open_sinks``."""

    def __call__(self, argument: str, seats: Sequence[Seat]) -> list[Sink]:
        """Open one sink a heart, in their order; ``argument`` is what follows the option.

        Raises:
            UserError: the argument names nothing that can be opened.
            UnavailableError: this machine has none; the show goes on without.
        """


@dataclass(frozen=True, slots=True)
class SinkEntry:
    """A sink as the command line shows it."""

    module: str
    metavar: str
    """What follows the option; empty for one that stands alone."""
    help: str
    many: bool = False
    """Whether the option may be repeated: each time opens sinks of its own."""


SINKS: dict[str, SinkEntry] = {
    "midi": SinkEntry("bridge.sinks.midi.notes", "PORT|virtual",
                      "Also play beats as notes, SDNN as CC 74 and RMSSD as CC 1."),
    "sound": SinkEntry("bridge.sinks.sound", "",
                       "Also strike a drum at every beat, through the speakers."),
    "record": SinkEntry("bridge.sinks.recorder", "FILE.csv",
                        "Record samples, beats and markers; several hearts: FILE-NAME.csv."),
    "lsl": SinkEntry("bridge.sinks.lsl", "NAME",
                     "Also send intervals and markers as streams of the Lab Streaming Layer."),
    "clock_out": SinkEntry("bridge.sinks.midi.clock_out", "PORT|virtual",
                           "Send MIDI clock: the smoothed rate, folded into 70-140 a minute."),
    "link": SinkEntry("bridge.sinks.link", "lead|follow",
                      "Lead the tempo of an Ableton Link session until somebody changes it, or "
                      "play a style by the session's beat and tempo."),
    "oscquery": SinkEntry("bridge.sinks.oscquery", "PORT",
                          "List the namespace over HTTP (OSCQuery); 0 takes any free port."),
    "map": SinkEntry("bridge.sinks.maps.sink", "NAME|FILE",
                     "Move a synth, as beatbridge map lists them; NAME@HOST:PORT where it listens "
                     "elsewhere; may be repeated.", many=True),
}  # fmt: skip


Chosen: TypeAlias = str | bool | list[str] | None
"""What follows an option: a word, nothing, or several words."""


def open_sinks(
    chosen: Mapping[str, Chosen], seats: Sequence[Seat], notice: Callable[[str], None]
) -> list[list[Sink]]:
    """Open what is chosen.

    Args:
        chosen: arguments by the names of ``SINKS``.
        seats: the hearts.
        notice: told of a sink that this machine has not, and that is left out.

    Returns:
        For each heart its sinks.

    Raises:
        UserError: an argument names nothing that can be opened.
    """
    found: list[list[Sink]] = [[] for _ in seats]
    for name, entry in SINKS.items():
        if name in chosen:
            make = cast(OpenSinks, import_module(entry.module).open_sinks)
            given = chosen[name]
            for argument in given if isinstance(given, list) else [str(given)]:
                try:
                    opened = make(argument, seats)
                except UnavailableError as error:
                    notice(f"--{name}: {error}; the heart plays on without")
                    continue
                for sinks, sink in zip(found, opened, strict=True):
                    sinks.append(sink)
    return found
