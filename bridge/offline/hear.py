"""A session's clips as one sound file for the index page: mono, small enough for a browser."""

import os
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.clips.score import lifted, together
from bridge.clips.smf import source_mark
from bridge.clips.smf_read import decode
from bridge.errors import BeatbridgeError
from bridge.sound.drums import RATE_HZ
from bridge.sound.reel import Reel

RATE = RATE_HZ // 2
_BLOCK = 16384
_TAPS = 63
"""Of the low-pass before every second frame is left out: -60 dB from 13 kHz on."""


def write_sound(path: Path, clips: Sequence[bytes], source: str) -> None:
    """Play MIDI files together by our voice, into a 16-bit WAV at 24 kHz; whole or not at all.

    Args:
        path: what to write; what was there is replaced.
        clips: the files' bytes.
        source: kept in the file: which session it was made from.

    Raises:
        BeatbridgeError: it cannot be written.
    """
    reel = Reel(lifted(together([decode(data, path.name) for data in clips])))
    frames = reel.frames // 2
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    low_pass, before = _low_pass(), np.zeros(_TAPS - 1, np.float32)
    try:
        with part.open("wb") as file:
            file.write(_header(frames, source))
            for done in range(0, frames, _BLOCK):
                count = min(_BLOCK, frames - done)
                sound = np.concatenate((before, reel.render(2 * count).mean(axis=1)))
                before = sound[-(_TAPS - 1) :]
                halved = np.convolve(sound, low_pass, "valid")[::2]
                held = np.clip(halved * np.float32(32767), -32768, 32767)
                file.write(np.rint(held).astype("<i2").tobytes())
        part.replace(path)
    except OSError as error:
        raise BeatbridgeError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


def _low_pass() -> NDArray[np.float32]:
    """A windowed sinc at 11.5 kHz."""
    n = np.arange(_TAPS) - (_TAPS - 1) / 2
    taps = np.sinc(2 * 11_500 / RATE_HZ * n) * np.blackman(_TAPS)
    return np.asarray(taps / taps.sum(), np.float32)


def _header(frames: int, source: str) -> bytes:
    """RIFF with a comment (INFO, ICMT) that says whose it is, as clips and pictures have it."""
    mark = source_mark(source).encode("ascii", "replace") + b"\0"
    mark += b"\0" * (len(mark) % 2)
    info = b"LIST" + struct.pack("<I", 12 + len(mark)) + b"INFOICMT" + struct.pack("<I", len(mark))
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    data = b"data" + struct.pack("<I", 2 * frames)
    inside = b"WAVE" + form + info + mark + data
    return b"RIFF" + struct.pack("<I", len(inside) + 2 * frames) + inside
