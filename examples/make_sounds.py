"""Renders a minute of a bundled session in each style to ``examples/sounds/STYLE.ogg``.

``uv run --with soundfile python examples/make_sounds.py``: the encoder is needed here only.
"""

import tempfile
from pathlib import Path

import numpy as np
import soundfile

from bridge.clips.score import lifted, part, together
from bridge.clips.style_file import load_style, style_names
from bridge.offline.batch import render_batch
from bridge.offline.files import plan
from bridge.offline.options import Options
from bridge.resources import example
from bridge.sinks.midi.playback import read_score
from bridge.sound.drums import RATE_HZ
from bridge.sound.reel import Reel

OUT = Path(__file__).with_name("sounds")
SECONDS, FADE_S = 60.0, 2.0
CLIMB_S = 85.0
"""Where in arc.csv the heart begins to climb."""
BEATS = ("heartbeat",)
"""Styles that need beats, which pulse.csv has; it lasts a minute."""


def main() -> None:
    """Write one file a style."""
    OUT.mkdir(exist_ok=True)
    for style in style_names():
        session, start = ("pulse.csv", 0.0) if style in BEATS else ("arc.csv", CLIMB_S)
        with tempfile.TemporaryDirectory() as folder:
            jobs = plan([example(session)], Path(folder))
            options = Options(load_style(style), what=("drums", "notes"))
            (outcome,) = render_batch(jobs, options, 1, lambda _: None)
            clips = [read_score(path) for path in outcome.files if path.suffix == ".mid"]
        reel = Reel(lifted(part(together(clips), start, SECONDS)))
        sound = np.concatenate([reel.render(RATE_HZ) for _ in range(round(SECONDS))])
        fade = np.minimum(np.arange(len(sound))[::-1] / (FADE_S * RATE_HZ), 1.0)
        path = OUT / f"{style}.ogg"
        with soundfile.SoundFile(
            path, "w", RATE_HZ, 2, format="OGG", subtype="VORBIS", compression_level=0.8
        ) as file:
            for second in np.split(sound * fade[:, None], round(SECONDS)):  # at once overflows
                file.write(second)
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB, peak {np.abs(sound).max():.2f}")


if __name__ == "__main__":
    main()
