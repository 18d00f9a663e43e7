"""How soon a beat sounds, how much of a clip is heard, and what playing costs.

``uv run python -m tests.benchmarks.bench_sound [latency|heard|cost]``. Latency is from the
announcement to the callback that hands over the first frame of the sound, on miniaudio's null
device, beside the floor: the wait for the next callback after a moment, in the same run.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bridge.clips.style_file import load_style, style_names
from bridge.events import Beat
from bridge.offline.batch import render_batch
from bridge.offline.files import find_recordings, plan
from bridge.offline.options import Options
from bridge.sinks.sound import SoundSink
from bridge.sound.output import PERIOD_MS, LiveVoice, MiniaudioOutput
from tests.hearing import auditioned, by_fluidsynth, by_voice, faint

HITS = 100
BUNDLED = Path(__file__).resolve().parents[2] / "examples" / "sessions"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


class Watch:
    """A null device that notes when each block leaves it, and whether something sounds in it."""

    def __init__(self) -> None:
        self.blocks: list[tuple[float, int, float]] = []
        self._device = MiniaudioOutput(null=True)

    def start(self, render):
        def listen(count):
            frames = render(count)
            self.blocks.append((time.perf_counter(), count, float(np.abs(frames).max())))
            return frames

        self._device.start(listen)

    def close(self) -> None:
        self._device.close()


def latency() -> None:
    watch = Watch()
    voice = LiveVoice(watch, [36])
    sink = SoundSink(voice)
    noise = np.random.default_rng(1)
    struck = []
    for _ in range(HITS):
        time.sleep(1.3 + noise.random() * 0.02)  # the kick has died away
        struck.append(time.perf_counter())
        sink.event(Beat(0.0, 0.0), 0.0)
    time.sleep(0.2)
    voice.close()
    times = np.array([t for t, _, _ in watch.blocks])
    loud = np.array([peak for _, _, peak in watch.blocks]) > 0.02
    onsets = times[loud & ~np.roll(loud, 1)]
    heard = np.array([onsets[onsets >= t][0] - t for t in struck]) * 1e3
    floor = np.array([times[times >= t][0] - t for t in struck]) * 1e3
    blocks = np.array([np.searchsorted(times, onsets[onsets >= t][0]) -
                       np.searchsorted(times, t) for t in struck])  # fmt: skip
    print(f"{len(onsets)} of {HITS} beats sounded, blocks of {watch.blocks[0][1]} frames")
    for name, values in (("announced to first frame", heard), ("floor: next callback", floor)):
        print(f"{name}: median {np.median(values):.1f}, p99 {np.percentile(values, 99):.1f}, "
              f"max {values.max():.1f} ms")  # fmt: skip
    print(f"in the very next block: {(blocks == 0).mean():.0%}; device's period {PERIOD_MS} ms")


def heard() -> None:
    """Over the bundled sessions and the shared ones, both as their tables and as their ECGs."""
    sources = {
        "bundled": (find_recordings([BUNDLED]), None),
        "tables": (sorted(SHARED.glob("sessions/*.csv")), None),
        "ECGs": (sorted(SHARED.glob("ecg/embodied_*.csv")), 500.0),
    }
    for style in style_names():
        for source, (paths, rate_hz) in sources.items():
            counts = {by_voice: [0, 0], by_fluidsynth: [0, 0]}
            with tempfile.TemporaryDirectory() as scratch:
                for clip in clips(style, paths, rate_hz, Path(scratch)):
                    score = auditioned(clip)
                    for voice, count in counts.items():
                        wav = clip.with_suffix(".wav")
                        voice(score, wav)
                        unheard, hits = faint(score, wav)
                        count[0] += unheard
                        count[1] += hits
                        wav.unlink()
            shares = ", ".join(
                f"{voice.__name__} {unheard} of {hits} ({unheard / max(hits, 1):.2%})"
                for voice, (unheard, hits) in counts.items()
            )
            print(f"{style}, {source}: below -36 dBFS {shares}", flush=True)


def clips(style: str, paths: list[Path], rate_hz: float | None, folder: Path) -> list[Path]:
    made = []
    for job in plan(paths, folder):
        options = Options(load_style(style), what=("drums", "notes"), rate_hz=rate_hz)
        (outcome,) = render_batch([job], options, 1, lambda _: None)
        made += [file for file in outcome.files if file.suffix == ".mid"]
    return made


def cost() -> None:
    """24 minutes to a sound file: time, and the greatest memory of the process."""
    session = SHARED / "sessions" / "sub_044.csv"
    with tempfile.TemporaryDirectory() as scratch:
        here = Path(scratch)
        run = [sys.executable, "-m", "bridge"]
        what = ["render", str(session), "--out", str(here), "--what", "drums,notes,cc"]
        subprocess.run([*run, *what], check=True, stdout=subprocess.DEVNULL)
        start = time.perf_counter()
        files = [str(here / f"sub_044_{kind}.mid") for kind in ("drums", "notes", "cc")]
        process = subprocess.Popen(
            [*run, "play", *files, "--wav", str(here / "a.wav")], stdout=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        assert status == 0
        print(f"24 minutes, three clips together: {seconds:.1f} s ({1440 / seconds:.0f} times as "
              f"fast as it plays), at most {usage.ru_maxrss / 1024:.1f} MiB")  # fmt: skip


if __name__ == "__main__":
    for each in sys.argv[1:] or ["latency", "cost", "heard"]:
        {"latency": latency, "heard": heard, "cost": cost}[each]()
