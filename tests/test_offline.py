"""Batches: targets that never meet, spans over files, workers, atomic writes, and every refusal."""

import os
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bridge.clips.smf import source_mark
from bridge.clips.style_file import load_style
from bridge.errors import BeatbridgeError, UserError
from bridge.offline import batch as offline_batch
from bridge.offline import load as offline_load
from bridge.offline import render as offline
from bridge.offline.files import find_recordings, plan
from bridge.offline.hear import RATE, write_sound
from bridge.offline.index_page import write_index
from bridge.offline.options import FileOutcome, Options
from bridge.offline.scale_from import scale_from
from tests.clipcheck import read_tracks

DEFAULT = Options(load_style("default"))


def write_session(path: Path, low: float, high: float, rows: int = 64) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{k / 10},{low + (high - low) * k / (rows - 1):.3f}" for k in range(rows)]
    path.write_text("t,HR\n" + "\n".join(lines) + "\n")
    return path


def render(
    paths: list[Path], out: Path | None = None, options: Options = DEFAULT, workers: int = 1
) -> list[FileOutcome]:
    jobs = plan(find_recordings(paths), out)
    return offline_batch.render_batch(jobs, options, workers, lambda _: None)


@pytest.fixture
def all_take_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers get their share of files that are done before any of them has started."""
    monkeypatch.setattr(offline_batch, "_START_S", 0.0)


def pitches(path: Path) -> set[int]:
    return {pitch for track in read_tracks(path).values() for _, _, pitch, _ in track.notes}


# Where clips go


def test_clips_lie_beside_their_session(tmp_path: Path) -> None:
    write_session(tmp_path / "a.csv", 60, 90)
    (outcome,) = render([tmp_path])
    assert outcome.files == (tmp_path / "a_drums.mid",)


def test_folders_are_searched_and_results_left_out(tmp_path: Path) -> None:
    for name in ("b.csv", "sub/a.tsv", ".hidden.csv", ".git/c.csv", "x_drums.mid", "sub/note.md"):
        write_session(tmp_path / name, 60, 90)
    for name in ("b_hrv.csv", "b_beats.csv", "lonely_hrv.csv"):
        write_session(tmp_path / name, 60, 90)
    found = [path.relative_to(tmp_path).as_posix() for path in find_recordings([tmp_path])]
    assert found == ["b.csv", "lonely_hrv.csv", "sub/a.tsv"]


def test_a_file_that_is_named_twice_is_one(tmp_path: Path) -> None:
    path = write_session(tmp_path / "b.csv", 60, 90)
    assert find_recordings([path, tmp_path, tmp_path / "." / "b.csv"]) == [path]


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no recording in this folder"):
        find_recordings([tmp_path])
    with pytest.raises(UserError, match="no such file"):
        find_recordings([tmp_path / "x.csv"])


@pytest.mark.parametrize(
    ("names", "targets"),
    [
        (["a/rest.csv", "b/rest.csv", "b/run.csv"], ["a_rest", "b_rest", "run"]),
        (["p/a/rest.csv", "q/a/rest.csv"], ["p_a_rest", "q_a_rest"]),
        (["a/rest.csv", "a/rest.txt"], ["rest_csv", "rest_txt"]),
        (["a/rest.csv", "a/rest.txt", "b/rest.csv"], ["a_rest", "rest_txt", "b_rest"]),
        (["a/Rest.csv", "b/rest.csv"], ["a_Rest", "b_rest"]),
        (["a/b_x.csv", "a/b/x.csv", "c/x.csv"], ["b_x", "b_x_csv", "c_x"]),
    ],
)
def test_stems_that_meet_are_told_apart(
    tmp_path: Path, names: list[str], targets: list[str]
) -> None:
    paths = [write_session(tmp_path / name, 60, 90) for name in names]
    jobs = plan(paths, tmp_path / "out")
    assert [job.target.name for job in jobs] == targets


def test_two_suffixes_beside_each_other(tmp_path: Path) -> None:
    jobs = plan([tmp_path / "rest.csv", tmp_path / "rest.txt"], None)
    assert [job.target.name for job in jobs] == ["rest_csv", "rest_txt"]


def test_another_sessions_clip_is_never_written_over(tmp_path: Path) -> None:
    one = write_session(tmp_path / "a/rest.csv", 60, 90)
    two = write_session(tmp_path / "b/rest.csv", 100, 150)
    (first,) = render([one], tmp_path / "out")
    before = first.files[0].read_bytes()
    (refused,) = render([two], tmp_path / "out")
    assert refused.error is not None
    assert "is a clip of a/rest.csv" in refused.error
    assert first.files[0].read_bytes() == before
    (again,) = render([one], tmp_path / "out")  # one's own is
    assert again.error is None


def test_another_programs_file_is_never_written_over(tmp_path: Path) -> None:
    session = write_session(tmp_path / "rest.csv", 60, 90)
    foreign = tmp_path / "rest_drums.mid"
    foreign.write_bytes(b"MThd my own work")
    (refused,) = render([session])
    assert refused.error is not None
    assert "made by another program" in refused.error
    assert foreign.read_bytes() == b"MThd my own work"


@pytest.mark.slow
@pytest.mark.parametrize("form", ["png", "svg"])
def test_another_sessions_picture_and_page_are_never_written_over(
    tmp_path: Path, form: str
) -> None:
    from bridge.offline.index_page import write_index

    pytest.importorskip("matplotlib")
    session = write_session(tmp_path / "é & rest.csv", 60, 90)
    options = Options(load_style("default"), picture=form)
    (first,) = render([session], options=options)
    (again,) = render([session], options=options)
    assert first.error is again.error is None
    first.files[1].write_bytes(b"my own drawing")
    (refused,) = render([session], options=options)
    assert "made by another program" in (refused.error or "")
    assert first.files[1].read_bytes() == b"my own drawing"
    page = write_index([again], None)
    assert page == tmp_path / "index.html"
    assert write_index([again], tmp_path) == page
    page.write_text("<html>my site</html>")
    with pytest.raises(UserError, match="another program"):
        write_index([again], None)
    assert page.read_text() == "<html>my site</html>"


def test_a_crash_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = write_session(tmp_path / "rest.csv", 60, 90)
    (first,) = render([session])
    before = first.files[0].read_bytes()

    def full_disk(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    (failed,) = render([session], options=Options(load_style("default", {"grid.tempo": 90.0})))
    assert failed.failed
    assert "No space left" in (failed.error or "")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["rest.csv", "rest_drums.mid"]
    assert first.files[0].read_bytes() == before


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    session = write_session(tmp_path / "rest.csv", 60, 90)
    options = Options(load_style("default"), ("drums", "cc"), dry_run=True, picture="png")
    (outcome,) = render([session], tmp_path / "new", options)
    assert [path.name for path in outcome.files] == [
        "rest_drums.mid",
        "rest_cc.mid",
        "rest_clip.png",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["rest.csv"]


# Spans


def test_a_batch_shares_its_zones_and_a_file_has_its_own(tmp_path: Path) -> None:
    paths = [
        write_session(tmp_path / "low.csv", 60, 80),
        write_session(tmp_path / "high.csv", 120, 140),
    ]
    low, high = render(paths)
    assert max(pitches(low.files[0])) <= 40
    assert len(pitches(high.files[0])) == 16
    options = Options(load_style("default", {"scope": "file"}))
    low, high = render(paths, options=options)
    assert pitches(low.files[0]) == pitches(high.files[0])


def test_the_order_of_files_does_not_matter(tmp_path: Path) -> None:
    paths = [write_session(tmp_path / f"{n}.csv", 60 + 7 * n, 100 + 3 * n) for n in range(5)]
    style = load_style("default", {"zones.edges": "quantile"})
    forward = render(paths, tmp_path / "f", Options(style))
    backward = render(paths[::-1], tmp_path / "b", Options(style))
    assert [f.files[0].read_bytes() for f in forward] == [
        b.files[0].read_bytes() for b in backward[::-1]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [2, 3])
@pytest.mark.usefixtures("all_take_part")
def test_workers_do_not_show(tmp_path: Path, workers: int) -> None:
    paths = [write_session(tmp_path / f"{n}.csv", 60 + 7 * n, 100 + 3 * n) for n in range(5)]
    (tmp_path / "bad.csv").write_text("no,heart\n1,2\n")
    paths.append(tmp_path / "bad.csv")
    options = Options(load_style("default"), ("drums", "cc"))
    alone = render(paths, tmp_path / "one", options)
    together = render(paths, tmp_path / "many", options, workers)
    assert [o.error for o in together] == [o.error for o in alone]
    assert alone[-1].error is not None
    for one, many in zip(alone[:-1], together[:-1], strict=True):
        assert [p.name for p in one.files] == [p.name for p in many.files]
        assert [p.read_bytes() for p in one.files] == [p.read_bytes() for p in many.files]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.usefixtures("all_take_part")
def test_progress_adds_up(tmp_path: Path, workers: int) -> None:
    paths = [write_session(tmp_path / f"{n}.csv", 60, 100) for n in range(3)]
    (tmp_path / "bad.csv").write_text("no,heart\n1,2\n")
    jobs = plan([*paths, tmp_path / "bad.csv"], tmp_path / "out")
    steps: list[float] = []
    offline_batch.render_batch(jobs, DEFAULT, workers, steps.append)
    assert sorted(steps) == [0.5] * 6 + [1.0]


def test_workers_are_taken_where_they_pay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    table = write_session(tmp_path / "table.csv", 60, 100, rows=14400)
    signal = tmp_path / "signal.csv"
    signal.write_text("2048\n" * 720_000)
    worth = offline_batch.worth
    assert worth([*plan([table], None)] * 4, DEFAULT) == 1
    assert worth([*plan([signal], None)] * 4, DEFAULT) == 4
    assert worth([*plan([table], None)] * 8, Options(load_style("default"), picture="png")) == 4
    assert worth(plan([signal], None), DEFAULT) == 1


def test_more_is_done_here_while_others_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offline_batch, "seconds_of", lambda path, kinds: 0.05)
    monkeypatch.setattr(offline_batch, "_START_S", 0.15)
    jobs = plan([tmp_path / f"{n}.csv" for n in range(7)], None)
    here, there = offline_batch._shared_out(jobs, 2, DEFAULT)
    assert (len(here), len(there)) == (5, 2)
    assert sorted([*here, *there], key=jobs.index) == jobs


def test_what_is_not_kept_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [write_session(tmp_path / f"{n}.csv", 60 + 7 * n, 100 + 3 * n) for n in range(4)]
    kept = render(paths, tmp_path / "kept")
    monkeypatch.setattr(offline, "KEPT_BYTES", 0)
    reread = render(paths, tmp_path / "reread")
    assert [o.files[0].read_bytes() for o in kept] == [o.files[0].read_bytes() for o in reread]


# What is refused, and what is only remarked upon


def test_bad_input_does_not_stop_the_others(tmp_path: Path) -> None:
    good = write_session(tmp_path / "good.csv", 60, 90)
    bad = {
        "empty.csv": "",
        "text.csv": "hello\nworld\n",
        "raw.csv": "".join(f"{500 + k % 90}\n" for k in range(900)),
        "short.csv": "t,HR\n0,60\n0.1,61\n",
        "index.csv": "t,HRV_index,SDNN\n0,60,1\n0.1,61,2\n",
    }
    for name, text in bad.items():
        (tmp_path / name).write_text(text)
    outcomes = {o.job.path.name: o for o in render([tmp_path])}
    assert outcomes[good.name].error is None
    for name in bad:
        error = outcomes[name].error
        assert error is not None
        assert str(tmp_path / name) in error
        assert not outcomes[name].failed


def test_missing_measures_are_remarked_upon(tmp_path: Path) -> None:
    session = write_session(tmp_path / "rest.csv", 60, 90)
    (outcome,) = render([session], options=Options(load_style("default"), ("drums", "notes", "cc")))
    assert [path.name for path in outcome.files] == ["rest_drums.mid", "rest_cc.mid"]
    assert outcome.remarks[0] == "no notes clip: no VLF, LF, HF to play notes by"
    assert outcome.remarks[1] == "no HF, LF, LF_HF, RMSSD, SDNN, VLF: left out"


def test_a_file_that_flattens_another_is_named_only_where_they_share_a_span(tmp_path: Path) -> None:
    calm, wild = (write_session(tmp_path / f"{n}.csv", 60, 60 + n) for n in (5, 90))
    own = load_style("default", {"scope": "file"})
    given = Options(DEFAULT.style, scale=scale_from(wild, DEFAULT.style, ["drums"]))

    def named(paths: list[Path], options: Options = DEFAULT) -> list[str]:
        return [each for each in render(paths, options=options)[0].remarks if "keeps to" in each]

    (remark,) = named([calm, wild])
    assert remark.startswith("HR keeps to 0-7 of 0-127, because the batch goes from 60 (")
    assert remark.endswith("(90): --scope file spans each file by itself")
    assert named([calm, wild], Options(own)) == named([calm, wild], given) == named([wild]) == []


@pytest.mark.parametrize(("count", "said"), [(1, "1 session"), (2, "2 sessions")])
def test_the_index_counts_its_sessions(tmp_path: Path, count: int, said: str) -> None:
    paths = [write_session(tmp_path / f"{n}.csv", 60, 90) for n in range(count)]
    made = render(paths)
    drawn = [replace(each, files=(*each.files, each.files[0].with_suffix(".png"))) for each in made]
    index = write_index(drawn, tmp_path)
    assert index is not None
    page = index.read_text(encoding="utf-8")
    assert f"<title>beatbridge: {said}</title>" in page
    assert f"<h1>{said}</h1>" in page


def test_the_sound_of_a_session_is_a_wav_that_says_whose_it_is(tmp_path: Path) -> None:
    (outcome,) = render([write_session(tmp_path / "a.csv", 60, 90, rows=16)])
    path = tmp_path / "a_sound.wav"
    write_sound(path, [outcome.files[0].read_bytes()], "a.csv")
    data = path.read_bytes()
    assert data[:4] + data[8:12] == b"RIFFWAVE"
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    assert source_mark("a.csv").encode() in data
    with wave.open(str(path), "rb") as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, RATE)
        assert sound.getnframes() > RATE
        assert any(sound.readframes(RATE))


def test_one_clip_a_phase(tmp_path: Path) -> None:
    rows = [
        f"{k / 10},{60 + k % 40},{'rest' if k < 100 else 'stress / loud' if k < 200 else 'rest'}"
        for k in range(300)
    ] + ["30.0,60,x"]
    path = tmp_path / "day.csv"
    path.write_text("t,HR,phase\n" + "\n".join(rows) + "\n")
    (outcome,) = render([path], options=Options(load_style("default"), split=True))
    assert [p.name for p in outcome.files] == [
        "day_rest_drums.mid",
        "day_stress-loud_drums.mid",
        "day_rest-2_drums.mid",
    ]
    assert outcome.remarks == (
        "no RMSSD, SDNN: left out",
        "x: only 0.1 s long, where a bar takes 1.6 s",
    )
    assert [read_tracks(p)["HR_Drums"].end for p in outcome.files] == [7 * 960] * 3
    plain = write_session(tmp_path / "plain.csv", 60, 90)
    (outcome,) = render([plain], options=Options(load_style("default"), split=True))
    assert "no markers to split at" in outcome.remarks


# Signals and beats


@pytest.fixture
def heart(tmp_path: Path) -> tuple[Path, np.ndarray]:
    """A simulated pulse wave and its true beats."""
    from bridge.simulate.heart import Heart, HeartSimulator

    simulator = HeartSimulator(Heart(rate_hz=100.0, bpm=70.0, seed=3))
    values = simulator.take(6000).values
    path = tmp_path / "wave.csv"
    path.write_text("".join(f"{value:.1f}\n" for value in values.tolist()))
    return path, simulator.beats_t()


def test_a_signal_is_rendered_by_its_beats(heart: tuple[Path, np.ndarray]) -> None:
    path, beats = heart
    options = Options(load_style("heartbeat"), kind="ppg", rate_hz=100.0, tempo_map=True)
    (outcome,) = render([path], options=options)
    assert outcome.error is None
    assert [p.name for p in outcome.files] == ["wave_drums.mid", "wave_tempo.mid"]
    kicks = [t for t, _, p, _ in read_tracks(outcome.files[0])["HR_Drums"].notes if p == 36]
    assert all(tick % 480 == 0 for tick in kicks)  # every heartbeat on a quarter note
    assert abs(len(kicks) - len(beats)) <= 2


@pytest.mark.slow
def test_a_flat_line_is_no_heart(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(512, 0.4, 3000)
    (tmp_path / "finger_off.csv").write_text("".join(f"{v:.1f}\n" for v in noise))
    (outcome,) = render(
        [tmp_path], options=Options(load_style("default"), kind="ppg", rate_hz=100.0)
    )
    assert outcome.error is not None


@pytest.mark.slow
@pytest.mark.usefixtures("all_take_part")
def test_a_worker_that_dies_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [write_session(tmp_path / f"{n}.csv", 60, 90) for n in range(2)]
    monkeypatch.setattr(offline_batch, "_serve", os._exit)
    with pytest.raises(BeatbridgeError, match="ended early"):
        render(paths, tmp_path / "out", DEFAULT, 2)


def test_a_phase_never_takes_another_sessions_name(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text(
        "t,HR,phase\n" + "".join(f"{k / 10},{60 + k},rest\n" for k in range(40))
    )
    write_session(tmp_path / "day_rest.csv", 60, 90)
    outcomes = render([tmp_path], options=Options(load_style("default"), split=True))
    assert [o.error for o in outcomes] == [None, None]
    assert [o.files[0].name for o in outcomes] == ["day_rest-phase_drums.mid", "day_rest_drums.mid"]


def test_a_fault_of_ours_does_not_end_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [write_session(tmp_path / f"{n}.csv", 60, 90) for n in range(2)]
    real = offline_load.read_recording

    def faulty(path: Path, **options: object) -> object:
        if path.name == "0.csv":
            raise ZeroDivisionError("oh")
        return real(path, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(offline_load, "read_recording", faulty)
    bad, good = render(paths)
    assert good.error is None
    assert bad.failed
    assert "please report it: ZeroDivisionError: oh" in (bad.error or "")
