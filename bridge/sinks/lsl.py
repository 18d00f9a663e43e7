"""The heart as streams of the Lab Streaming Layer: intervals and markers, each at its own time."""

from collections.abc import Sequence

from bridge.events import Beat, Event, Marker, SampleChunk
from bridge.sinks import Seat, Sink
from bridge.sources.lsl import pylsl


def open_sinks(argument: str, seats: Sequence[Seat]) -> list[Sink]:
    """Streams ``NAME-RR`` and ``NAME-Markers``; with several hearts ``NAME-HEART-RR`` ..."""
    return [LslSink(argument if seat.alone else f"{argument}-{seat.name}") for seat in seats]


class LslSink:
    """Pushes each interval with the time of the beat that ended it, and each marker with its own.

    A stream's own receivers correct for clocks; a time in the past is what it is for.
    """

    def __init__(self, name: str) -> None:
        """Open the streams.

        Raises:
            BeatbridgeError: pylsl is not installed.
        """
        self._lsl = pylsl()
        rr = self._lsl.StreamInfo(f"{name}-RR", "RR", 1, 0.0, "float32", f"beatbridge-{name}-rr")
        rr.set_channel_labels(["rr"])
        rr.set_channel_units(["milliseconds"])
        self._rr = self._lsl.StreamOutlet(rr)
        self._markers = self._lsl.StreamOutlet(
            self._lsl.StreamInfo(
                f"{name}-Markers", "Markers", 1, 0.0, "string", f"beatbridge-{name}-markers"
            )
        )

    def samples(self, chunk: SampleChunk) -> None:
        """Not sent: who wants the signal has it from its sensor."""

    def event(self, event: Event, age_s: float) -> None:
        """Send beats' intervals and markers."""
        when = self._lsl.local_clock() - age_s
        if isinstance(event, Beat) and event.ibi_ms is not None and not event.predicted:
            self._rr.push_sample([event.ibi_ms], when)
        elif isinstance(event, Marker):
            self._markers.push_sample([event.text], when)

    def close(self) -> None:
        """Let go of the streams."""
        del self._rr, self._markers
