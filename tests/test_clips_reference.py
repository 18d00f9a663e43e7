"""Equal to what the seed author's scripts wrote for two real sessions, at every tick of the grid.

The reference loses the last of its 900 bars; ours has it. Everything before it is compared.
"""

import warnings
from pathlib import Path

import numpy as np
import pytest

from bridge.clips.style_file import load_style
from bridge.offline.batch import render_batch
from bridge.offline.files import find_recordings, plan
from bridge.offline.options import Options
from tests.clipcheck import held, read_tracks

SUFFIX = {"drums": "drums", "notes": "signals_notes", "cc": "cc_tracks"}
END_899 = 899 * 16 * 60


@pytest.fixture(scope="module")
def rendered(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("clips")
    jobs = plan(find_recordings([shared_data / "sessions"]), out)
    options = Options(load_style("default"), ("drums", "notes", "cc"))
    assert all(not o.error for o in render_batch(jobs, options, 1, lambda _: None))
    return out


@pytest.mark.slow
@pytest.mark.parametrize("session", ["sub_005", "sub_044"])
@pytest.mark.parametrize("what", ["drums", "notes", "cc"])
def test_equal_to_the_reference(shared_data: Path, rendered: Path, session: str, what: str) -> None:
    ours = read_tracks(rendered / f"{session}_{what}.mid")
    theirs = read_tracks(shared_data / "sessions" / "reference" / f"{session}_{SUFFIX[what]}.mid")
    assert list(ours) == list(theirs)
    for name, track in theirs.items():
        assert ours[name].channels == track.channels
        assert [n for n in ours[name].notes if n[0] < END_899] == [
            n for n in track.notes if n[0] < END_899
        ]
        assert set(ours[name].lanes) == set(track.lanes)
        grid = np.arange(899 * 16) * 60
        for controller, lane in track.lanes.items():
            assert np.array_equal(held(ours[name].lanes[controller], grid), held(lane, grid))


@pytest.mark.parametrize("session", ["sub_005", "sub_044"])
def test_the_last_bar_is_there(rendered: Path, session: str) -> None:
    (drums,) = read_tracks(rendered / f"{session}_drums.mid").values()
    assert drums.end == 900 * 16 * 60
    assert max(note[0] for note in drums.notes) >= END_899


def test_only_changes_are_written(shared_data: Path, rendered: Path) -> None:
    ours = read_tracks(rendered / "sub_005_drums.mid")["HR_Drums"].lanes
    theirs = read_tracks(shared_data / "sessions/reference/sub_005_drums.mid")["HR_Drums"].lanes
    for controller, (_, *theirs_lane) in ((c, sorted(theirs[c].items())) for c in (1, 11)):
        first = theirs[controller][0]
        changes, before = {0: first}, first
        for tick, value in theirs_lane:
            if value != before:
                changes[tick] = before = value
        assert {t: v for t, v in ours[controller].items() if t < END_899} == {
            t: v for t, v in changes.items() if t < END_899
        }


@pytest.mark.slow
def test_pretty_midi_hears_the_same(shared_data: Path, rendered: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pretty_midi's own imports
        import pretty_midi
    ours = pretty_midi.PrettyMIDI(str(rendered / "sub_005_drums.mid"))
    theirs = pretty_midi.PrettyMIDI(str(shared_data / "sessions/reference/sub_005_drums.mid"))

    def heard(midi: "pretty_midi.PrettyMIDI") -> list[tuple[int, int, float, float]]:
        (drums,) = midi.instruments
        assert drums.is_drum
        notes = ((n.pitch, n.velocity, round(n.start, 3), round(n.end, 3)) for n in drums.notes)
        return sorted((n for n in notes if n[2] < 1438.4), key=lambda n: n[2:] + n[:2])

    assert heard(ours) == heard(theirs)
    assert ours.get_tempo_changes()[1].tolist() == [75.0]
    assert [(m.numerator, m.denominator) for m in ours.time_signature_changes] == [(2, 4)]
