"""Each shipped style keeps its promise: measured on real and bundled sessions."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from bridge.clips.clip import Clip
from bridge.clips.render import What, render, setting_of
from bridge.clips.scale import Scales
from bridge.clips.session import Session, spreads_of
from bridge.clips.style import DRUMS, PITCH_CLASSES, Style
from bridge.clips.style_file import load_style, style_names
from bridge.offline.files import Job
from bridge.offline.load import load
from bridge.offline.options import Options

EXAMPLES = Path(__file__).parents[1] / "examples" / "sessions"
WHAT: tuple[What, ...] = ("drums", "notes", "cc")
VOLUME = {7, 11}
"""What a General MIDI level 1 synth takes for volume."""


@pytest.fixture(scope="module", params=["arc", "pulse", "sub_005", "sub_044"])
def path(request: pytest.FixtureRequest) -> Path:
    if request.param in ("arc", "pulse"):
        return EXAMPLES / f"{request.param}.csv"
    shared: Path = request.getfixturevalue("shared_data")
    return shared / "sessions" / f"{request.param}.csv"


def clips(style: Style, session: Session) -> dict[What, Clip]:
    own = spreads_of(session, counted="HR")
    scales = Scales(own, own, ((0.0, own),))
    made = {}
    for what in WHAT:
        if what == "notes" and "LF" not in session.columns:
            continue
        made[what] = render(what, session, style, scales, setting_of(session, style))
    return made


def of(name: str, path: Path) -> tuple[Style, Session, dict[What, Clip]]:
    style = load_style(name)
    session = load(Job(path, Path("x")), Options(style, WHAT))
    if style.drums.engine == "beats" and session.beats_t is None:
        pytest.skip("a table has no beats")
    return style, session, clips(style, session)


def thirds(by: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """The mean of values where ``by`` is in its lowest and in its highest third."""
    low, high = np.quantile(by, [1 / 3, 2 / 3])
    return float(values[by <= low].mean()), float(values[by >= high].mean())


@pytest.mark.parametrize("name", style_names())
def test_a_style_keeps_its_promise(name: str, path: Path) -> None:
    style, session, made = of(name, path)
    promise, notes = style.promise, made["drums"].tracks[0].notes
    timeline = setting_of(session, style).timeline
    bar = style.grid.cells * style.grid.cell_ticks
    whole_bars = int(timeline.ticks(np.array([session.seconds]))[0]) // bar
    a_bar = np.bincount(notes.tick // bar, minlength=whole_bars)[:whole_bars]
    starts = timeline.seconds(np.arange(whole_bars) * bar)
    if promise.hits_a_bar:
        least, most = promise.hits_a_bar
        assert least <= a_bar.min()
        assert a_bar.max() <= most
    if promise.more_hits_with:
        few, many = thirds(session.at(promise.more_hits_with, starts), a_bar)
        assert many > 1.2 * few
    if promise.louder_with:
        at = session.at(promise.louder_with, timeline.seconds(notes.tick))
        kinds = Counter(notes.pitch.tolist())
        drum = kinds.most_common(1)[0][0] if style.drums.channel == DRUMS else None
        same = notes.pitch == drum if drum is not None else np.ones(len(notes), bool)
        soft, loud = thirds(at[same], notes.velocity[same])
        assert loud > soft + 3
    if promise.every_beat >= 0:
        sounded = set(notes.tick[notes.pitch == promise.every_beat].tolist())
        beats = np.rint(timeline.ticks(session.beats())).astype(int)
        assert sounded == set(beats[beats < whole_bars * bar].tolist()) | {
            tick for tick in sounded if tick >= whole_bars * bar
        }


@pytest.mark.parametrize("name", style_names())
def test_what_has_a_pitch_keeps_to_the_key(name: str, path: Path) -> None:
    style, _, made = of(name, path)
    if not style.promise.key:
        return
    sounding: set[str] = set()
    for clip in made.values():
        for track in clip.tracks:
            if track.channel != DRUMS - 1:
                sounding |= {PITCH_CLASSES[pitch % 12] for pitch in track.notes.pitch.tolist()}
    assert sounding <= set(style.promise.key)
    pitched = "notes" in made or style.drums.channel != DRUMS
    assert bool(sounding) == pitched


@pytest.mark.parametrize("name", [name for name in style_names() if name != "default"])
def test_no_controller_of_ours_is_a_volume(name: str) -> None:
    style = load_style(name)
    lanes = (*style.drums.lanes, *style.notes.lanes, *style.cc.lanes)
    used = {lane.controller for lane in lanes} | {style.notes.own_controller}
    assert not used & VOLUME


def test_the_default_is_what_the_seed_author_defined() -> None:
    style = load_style("default")
    assert [(lane.column, lane.controller) for lane in style.drums.lanes] == [
        ("SDNN", 11), ("RMSSD", 1),
    ]  # fmt: skip
    assert (style.notes.major_above, style.notes.major_when) == (2.0, "above")


@pytest.mark.parametrize("name", style_names())
def test_drums_sound_on_the_drum_channel_and_pitches_elsewhere(name: str) -> None:
    pitched = load_style(name).drums.channel != DRUMS
    assert pitched == (name == "ambient")
