"""A source, a sink, a detector and a style from somebody's folder: a file and a line each."""

import runpy
import sys

import mido
import pytest

from bridge import detect
from bridge.sinks import spec as sinks
from bridge.sources import spec as sources

SOURCE = """
from bridge.events import SampleChunk
from bridge.sources import pace
from bridge.sources.spec import SourceEntry
import numpy as np

class Metronome:
    realtime = False

    async def run(self, emit):
        signal = np.tile([0.0] * 49 + [1.0], 40)  # a click every half second
        await pace.emit_in_time([SampleChunk(0.0, 100.0, signal)], emit, 0.0)

    def summary(self):
        return []

ENTRY = SourceEntry(lambda spec, speed: Metronome(), frozenset({"kind"}))
"""

DETECTOR = """
from bridge.events import Beat

class Clicks:
    def __init__(self, rate_hz):
        pass

    def push(self, chunk):
        times = [chunk.t + i / chunk.rate_hz for i, v in enumerate(chunk.values) if v > 0.5]
        return [Beat(t, t) for t in times]

    def flush(self):
        return []

    def forget(self):
        pass
"""

SINK = """
from pathlib import Path
from bridge.events import Beat

class Diary:
    def __init__(self, path):
        self.path, self.lines = path, []

    def samples(self, chunk):
        pass

    def event(self, event, age_s):
        if isinstance(event, Beat):
            self.lines.append(f"{event.t:.2f}")

    def close(self):
        self.path.write_text("\\n".join(self.lines))

def open_sinks(argument, seats):
    return [Diary(Path(argument)) for seat in seats]
"""

STYLE = """
description = "Somebody's own."

[drums]
notes = [60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Their files, and their line in each table."""
    for name, text in (("clicks", DETECTOR), ("metronome", SOURCE), ("diary", SINK)):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    (tmp_path / "mine.toml").write_text(STYLE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    from clicks import Clicks

    monkeypatch.setitem(detect.DETECTORS, "clicks", Clicks)
    monkeypatch.setitem(sources.SOURCES, "metronome", "metronome")
    monkeypatch.setitem(
        sinks.SINKS, "diary", sinks.SinkEntry("diary", "FILE", "Keep the times of the beats.")
    )
    yield tmp_path
    for name in ("clicks", "metronome", "diary"):
        sys.modules.pop(name, None)


def beatbridge(monkeypatch, *arguments):
    """The command in this process, its modules new, so that it sees the tables as they are."""
    monkeypatch.setattr(sys, "argv", ["beatbridge", *map(str, arguments)])
    for name in [name for name in sys.modules if name.startswith("bridge.cli")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(SystemExit) as left:
        runpy.run_module("bridge", run_name="__main__")
    return left.value.code


def test_their_source_detector_and_sink_play(folder, monkeypatch, capsys):
    diary = folder / "diary.txt"
    code = beatbridge(
        monkeypatch, "live", "--source", "metronome?kind=clicks", "--diary", diary,
        "--target", "127.0.0.1:9",
    )  # fmt: skip
    assert code in (0, None), capsys.readouterr().err
    times = diary.read_text(encoding="utf-8").split()
    assert times == [f"{0.49 + n / 2:.2f}" for n in range(40)]
    assert "40 beats in 20.0 s" in capsys.readouterr().out


def test_their_sink_stands_in_the_help(folder, monkeypatch, capsys):
    beatbridge(monkeypatch, "live", "--help")
    shown = capsys.readouterr().out
    assert "--diary" in shown
    assert "Keep the times" in shown


def test_their_style_renders(folder, monkeypatch, capsys):
    beats = folder / "beats.csv"
    beats.write_text("t\n" + "\n".join(f"{n * 0.8:.3f}" for n in range(1, 80)), encoding="utf-8")
    code = beatbridge(
        monkeypatch, "render", beats, "--kind", "beats", "--style", folder / "mine.toml",
        "--out", folder / "out",
    )  # fmt: skip
    assert code in (0, None), capsys.readouterr().err
    (clip,) = (folder / "out").glob("*.mid")
    notes = {
        message.note
        for track in mido.MidiFile(clip).tracks
        for message in track
        if message.type == "note_on"
    }
    assert notes
    assert min(notes) == 60
