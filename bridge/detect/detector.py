"""What every beat detector is to those who use one."""

from typing import Protocol

from bridge.events import Beat, Quality, SampleChunk


class Detector(Protocol):
    """Finds beats in one signal of one rate. Any chunking of the signal gives the same events."""

    def push(self, chunk: SampleChunk) -> list[Beat | Quality]:
        """Take the next samples; return what became sure with them, beats in rising order of t."""

    def quiet(self) -> int:
        """How many more samples are sure to bring nothing, whatever they are; 0: ask at each."""

    def flush(self) -> list[Beat | Quality]:
        """The signal has ended: return what can still be said."""

    def forget(self) -> None:
        """Forget learned thresholds and levels, as after ``/bridge/relearn``."""
