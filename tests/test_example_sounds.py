"""The rendered minutes beside the sessions: one a style, small, and audible throughout."""

from pathlib import Path

import miniaudio
import numpy as np
import pytest

from bridge.clips.style_file import style_names

SOUNDS = Path(__file__).parents[1] / "examples" / "sounds"


@pytest.mark.slow
@pytest.mark.parametrize("style", style_names())
def test_a_minute_of_each_style(style):
    path = SOUNDS / f"{style}.ogg"
    assert path.stat().st_size < 1_000_000
    sound = miniaudio.decode_file(str(path), miniaudio.SampleFormat.FLOAT32, 1, 24_000)
    level = np.abs(np.array(sound.samples, np.float32))
    assert len(level) == pytest.approx(60 * 24_000, abs=4800)
    assert level.max() <= 1.05  # the encoder may overshoot a little
    fifths = level[: 60 * 24_000 // 12 * 12].reshape(12, -1).max(axis=1)
    assert fifths[:-1].min() > 0.02  # something is heard in every five seconds


def test_each_is_linked():
    text = (SOUNDS.parents[1] / "docs" / "studio.md").read_text(encoding="utf-8")
    assert [style for style in style_names() if f"examples/sounds/{style}.ogg" not in text] == []
