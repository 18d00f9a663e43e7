"""Sound files: frames to 16-bit WAV, block by block, whatever the length."""

import wave
from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np

from bridge.errors import BeatbridgeError, UserError
from bridge.sound.drums import RATE_HZ
from bridge.sound.voice import Samples

_BLOCK = 8192


def write_wav(
    path: Path,
    render: Callable[[int], Samples],
    frames: int,
    on_time: Callable[[float], None] = lambda _: None,
) -> None:
    """Write so many frames of what ``render`` gives. The file is there whole or not at all.

    Raises:
        UserError: it cannot go there, or is there already.
        BeatbridgeError: the disk is full, or the like.
    """
    check_wav(path)
    part = path.with_name(f".{path.name}.part")
    try:
        with wave.open(str(part), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.setnframes(frames)
            for done in range(0, frames, _BLOCK):
                block = render(min(_BLOCK, frames - done))
                file.writeframesraw(np.rint(block * np.float32(32767)).astype("<i2").tobytes())
                on_time(done / RATE_HZ)
        part.replace(path)
    except OSError as error:
        raise BeatbridgeError(f"{path}: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)


def check_wav(wav: Path) -> None:
    """Refuse a place where no sound file can go, before any work is done.

    Raises:
        UserError: it says why.
    """
    if wav.suffix.lower() != ".wav":
        raise UserError(f"--wav {wav}: name a file that ends in .wav")
    if wav.exists():
        raise UserError(f"--wav {wav}: it is there already and is kept; name a new file")
    if not wav.parent.is_dir():
        what = "is a file, not a folder" if wav.parent.exists() else "is no folder"
        raise UserError(f"--wav {wav}: {wav.parent} {what}")


class WavReel:
    """The frames of a 16-bit stereo file at our rate, for a sound device; once or in a loop."""

    def __init__(self, path: Path, *, loop_s: float | None = None) -> None:
        """Open the file until ``with`` ends.

        Args:
            path: the file.
            loop_s: seconds after which it begins again, or None for never.
        """
        self._file = wave.open(str(path), "rb")  # noqa: SIM115
        self._turn = None if loop_s is None else round(loop_s * RATE_HZ)
        self._at = self._played = 0
        self.seconds = self._file.getnframes() / RATE_HZ

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def played_s(self) -> float:
        """How far it is."""
        return self._played / RATE_HZ

    def render(self, count: int) -> Samples:
        """The next frames, shape (count, 2); after the end, silence."""
        out = np.zeros((count, 2), np.float32)
        done = 0
        while done < count:
            if self._at == self._turn:
                self._file.rewind()
                self._at = 0
            now = count - done if self._turn is None else min(count - done, self._turn - self._at)
            values = np.frombuffer(self._file.readframes(now), "<i2").reshape(-1, 2)
            out[done : done + len(values)] = values / np.float32(32768)
            done += now
            self._at += now
        self._played += count
        return out
