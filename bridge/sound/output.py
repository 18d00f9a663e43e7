"""The sound device of this machine, through miniaudio; the voice when it is played live."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from bridge.errors import UnavailableError
from bridge.quiet import quiet_libraries
from bridge.sound.drums import RATE_HZ, drum
from bridge.sound.voice import Samples, Voice

PERIOD_MS = 10
"""What the device is asked to ask for at a time: short for the ear, long for Python."""
_RING_S = 0.25
"""How long the last beat is let ring at the end."""


class Output(Protocol):
    """A sound device that asks for frames until it is closed."""

    def start(self, render: Callable[[int], Samples]) -> None:
        """From now on call ``render(count)`` for the next frames, shape (count, 2), 48 kHz."""

    def close(self) -> None:
        """Ask no more and let go of the device."""


class MiniaudioOutput:
    """The default device of the system."""

    def __init__(self, *, null: bool = False) -> None:
        """Open it.

        Args:
            null: take miniaudio's own device without sound, which asks in time like a real one.

        Raises:
            UnavailableError: there is none, or the library is missing.
        """
        try:
            import miniaudio
        except (ImportError, OSError) as error:
            raise UnavailableError(f"the library miniaudio cannot be loaded ({error})") from None
        wanted = miniaudio.Backend.NULL
        try:
            with quiet_libraries():
                self._device: Any = miniaudio.PlaybackDevice(
                    output_format=miniaudio.SampleFormat.FLOAT32,
                    nchannels=2,
                    sample_rate=RATE_HZ,
                    buffersize_msec=PERIOD_MS,
                    backends=[wanted] if null else None,
                    app_name="beatbridge",
                )
        except miniaudio.MiniaudioError as error:
            raise UnavailableError(f"no sound device answers ({error.args[0]})") from None
        if self._device.backend == "Null" and not null:
            self._device.close()
            raise UnavailableError("this machine has no sound system")

    def start(self, render: Callable[[int], Samples]) -> None:
        """Begin to ask for frames, in a thread of the device's own."""
        frames = _frames(render)
        next(frames)
        self._device.start(frames)

    def close(self) -> None:
        """Let go of the device."""
        self._device.close()


def _frames(render: Callable[[int], Samples]) -> Any:
    count = yield b""
    while True:
        count = yield render(count)


class LiveVoice:
    """The voice as a MIDI port: what it is sent sounds with the next block that is asked for."""

    def __init__(self, output: Output, notes: Iterable[int] = ()) -> None:
        """Begin to play on an open output; drum notes named here are made beforehand."""
        self._output = output
        self._voice = Voice()
        self._waiting: deque[bytes] = deque()
        self.users = 1
        """Several hearts may share it; the last to leave closes it."""
        for note in notes:
            drum(note)
        output.start(self._render)

    def send(self, message: bytes) -> None:
        """Play a message now; called from any thread, and never waits."""
        self._waiting.append(message)

    def close(self) -> None:
        """Let the last sound ring out, then let go of the output."""
        self.users -= 1
        if self.users:
            return
        time.sleep(_RING_S)
        self._output.close()

    def _render(self, count: int) -> Samples:
        events = [(self._voice.now, self._waiting.popleft()) for _ in range(len(self._waiting))]
        return self._voice.render(count, events)
