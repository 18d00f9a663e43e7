"""A pulse sensor on a pseudo-terminal: the sensor's own bytes for a real pyserial."""

import os
import threading
import tty
from pathlib import Path


class PtySensor:
    """Plays bytes into the pseudo-terminal at ``path``, once the reader says it is there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._master = -1
        self._slave = -1
        self._thread: threading.Thread | None = None
        self.plug_in()

    def plug_in(self) -> None:
        """Put a fresh terminal behind the path, as a replugged cable does."""
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(self._slave))

    def play(self, data: bytes) -> None:
        """Wait for the reader's first byte (it has opened the port by then), then send it all."""

        def work() -> None:
            assert os.read(self._master, 1)
            view = memoryview(data)
            while view:
                view = view[os.write(self._master, view[:512]) :]

        self._thread = threading.Thread(target=work, daemon=True)
        self._thread.start()

    @property
    def master(self) -> int:
        """The sensor's end of the terminal, for a test that talks itself."""
        return self._master

    def finish(self) -> None:
        """Wait until everything was sent."""
        assert self._thread is not None
        self._thread.join(timeout=120.0)
        assert not self._thread.is_alive(), "the bridge does not read"

    def pull_out(self) -> None:
        """Pull the cable."""
        for end in (self._master, self._slave):
            if end >= 0:
                os.close(end)
        self._master = self._slave = -1
        self.path.unlink(missing_ok=True)
