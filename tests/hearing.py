"""What can be heard of a clip: its hits, and how loud the sound is where they are."""

import wave
from pathlib import Path

import numpy as np

from bridge.clips.score import Score, lifted
from bridge.sinks.midi import fluidsynth
from bridge.sinks.midi.playback import read_score
from bridge.sound.reel import Reel
from bridge.sound.wav import write_wav

WINDOW_S = 0.080
AUDIBLE = 10 ** (-36 / 20)
"""Peak in the window after an onset, of full scale."""


def auditioned(clip: Path) -> Score:
    """As ``play`` plays it without options."""
    return lifted(read_score(clip))


def by_voice(score: Score, wav: Path) -> None:
    reel = Reel(score)
    write_wav(wav, reel.render, reel.frames)


def by_fluidsynth(score: Score, wav: Path) -> None:
    fluidsynth.write_wav(score, wav)


def levels(wav: Path) -> tuple[np.ndarray, int]:
    """The louder side of each frame, 0-1, and the rate."""
    with wave.open(str(wav)) as file:
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
        return np.abs(frames.astype(np.int32)).max(axis=1) / 32768, file.getframerate()


def faint(score: Score, wav: Path) -> tuple[int, int]:
    """How many hits nobody hears, and how many there are."""
    level, rate = levels(wav)
    starts = (score.data[:, 0] & 0xF0 == 0x90) & (score.data[:, 2] > 0)
    first = np.rint(score.seconds[starts] * rate).astype(int)
    window = round(WINDOW_S * rate)
    peaks = np.array([level[at : at + window].max(initial=0.0) for at in first])
    return int((peaks < AUDIBLE).sum()), len(peaks)
