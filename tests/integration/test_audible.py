"""No default of ours mutes a synth: every style is heard, by our voice and a General MIDI one."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.clips.style_file import load_style, style_names
from bridge.offline.batch import render_batch
from bridge.offline.files import plan
from bridge.offline.options import Options
from bridge.resources import example
from bridge.sinks.midi.fluidsynth import SOUNDFONTS
from tests.hearing import auditioned, by_fluidsynth, by_voice, faint

SHARE = 0.02


def clips(style: str, folder: Path) -> list[Path]:
    """The bundled sessions in a style; one that needs beats is played by the one that has them."""
    made = []
    for name in ("arc.csv", "pulse.csv"):
        jobs = plan([example(name)], folder)
        for outcome in render_batch(
            jobs, Options(load_style(style), what=("drums", "notes")), 1, lambda _: None
        ):
            made += [file for file in outcome.files if file.suffix == ".mid"]
    assert made
    return made


@pytest.mark.slow
@pytest.mark.parametrize("style", style_names())
def test_our_voice_lets_every_style_be_heard(style: str, tmp_path: Path) -> None:
    for clip in clips(style, tmp_path):
        score = auditioned(clip)
        by_voice(score, wav := tmp_path / f"{clip.stem}.wav")
        unheard, hits = faint(score, wav)
        assert hits > 5
        assert unheard < SHARE * hits, f"{clip.name}: {unheard} of {hits}"


@pytest.mark.slow
@pytest.mark.parametrize("style", style_names())
def test_a_general_midi_synth_lets_every_style_be_heard(
    style: str, tmp_path: Path, need_program: Callable[[str], str]
) -> None:
    need_program("fluidsynth")
    if not any(list(Path("/").glob(pattern.removeprefix("/"))) for pattern in SOUNDFONTS):
        if os.environ.get("CI"):
            pytest.fail("no sound font, and CI must run the real thing")
        pytest.skip("no sound font is installed")
    for clip in clips(style, tmp_path):
        score = auditioned(clip)
        by_fluidsynth(score, wav := tmp_path / f"{clip.stem}.wav")
        unheard, hits = faint(score, wav)
        assert hits > 5
        assert unheard < SHARE * hits, f"{clip.name}: {unheard} of {hits}"
