"""Skin conductance in its parts: against NeuroKit2's numbers, live, recorded, drawn, replayed."""

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.body import BodyValues
from bridge.conductance import LivePart, is_conductance, is_part, part
from bridge.errors import UserError
from bridge.events import Body, BodyChunk, SampleChunk
from bridge.recordings.read import read_recording
from bridge.simulate.heart import Heart, HeartSimulator
from bridge.sinks.recorder import Recorder
from bridge.sources.replay import ReplaySource

REFERENCE = Path(__file__).parent / "reference" / "conductance_reference.json"


@pytest.fixture(scope="module")
def reference():
    return json.loads(REFERENCE.read_text(encoding="utf-8"))


def test_the_parts_are_neurokit2s(reference):
    values, rate_hz = np.array(reference["values"]), reference["rate_hz"]
    parts = part(values, rate_hz)
    assert parts is not None
    assert parts.level == pytest.approx(np.array(reference["tonic"]), abs=2e-6)
    assert parts.response == pytest.approx(np.array(reference["phasic"]), abs=2e-6)
    # Five responses were put in; each peaks about 2 s after its onset.
    assert parts.peaks / rate_hz == pytest.approx(
        [12 + 1.8, 31 + 1.8, 54 + 1.8, 77 + 1.8, 101 + 1.8], abs=0.7
    )


def test_what_is_too_short_is_not_parted():
    assert part(np.ones(20), 10.0) is None


def test_live_the_level_follows_and_a_response_shows_at_once(reference):
    values, rate_hz = np.array(reference["values"]), reference["rate_hz"]
    live = LivePart(rate_hz)
    level, response = np.array([[v for _, v in live.push(x)] for x in values.tolist()]).T
    assert level[0] == pytest.approx(values[0], abs=1e-6)
    assert response[0] == pytest.approx(0.0, abs=1e-6)
    assert response[round(32.5 * rate_hz)] > 0.3  # 1.5 s after an onset of 0.9
    quiet = slice(round(48 * rate_hz), round(53 * rate_hz))
    assert np.abs(level[quiet] - values[quiet]).max() < 0.2


@pytest.mark.slow
@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.sampled_from([8.0, 25.0, 250.0]))
def test_any_chunking_gives_the_same_parts(cuts, rate_hz):
    values = np.cumsum(np.random.default_rng(1).normal(0, 1, sum(cuts)))
    whole = BodyValues().push(BodyChunk(0.0, "gsr", rate_hz, values))
    pieces, body, at = [], BodyValues(), 0
    for cut in cuts:
        pieces += body.push(BodyChunk(at / rate_hz, "gsr", rate_hz, values[at : at + cut]))
        at += cut
    assert [(b.name, b.value) for b in pieces] == [(b.name, b.value) for b in whole]
    assert [b.t for b in pieces] == pytest.approx([b.t for b in whole])


@pytest.mark.parametrize(
    ("name", "is_it"),
    [("gsr", True), ("eda_left", True), ("skin_conductance", True), ("eda_level", False),
     ("temperature", False), ("column2", False), ("sedated", False)],
)  # fmt: skip
def test_conductance_is_known_by_its_name(name, is_it):
    assert is_conductance(name) is is_it
    assert is_part("gsr_level")
    assert not is_part("gsr")


def chunk_of_heart(seconds=20.0):
    return HeartSimulator(Heart(rate_hz=100.0)).take(round(seconds * 100))


@pytest.fixture
def recorded(tmp_path):
    file = tmp_path / "session.csv"
    recorder = Recorder(file)
    recorder.samples(chunk_of_heart())
    for second in range(20):
        recorder.event(Body(second + 0.5, "gsr", 400.0 + second), 0.0)
        recorder.event(Body(second + 0.5, "gsr_level", 400.0), 0.0)
        recorder.event(Body(second + 0.25, "belt", float(second % 4)), 0.0)
    recorder.close()
    return file


def test_other_columns_are_recorded_and_read_back(recorded):
    recording = read_recording(recorded)
    assert sorted(recording.body) == ["belt", "gsr"]  # the parts are computed again
    assert recording.body["gsr"].tolist() == [[s + 0.5, 400.0 + s] for s in range(20)]
    assert recording.chunks[0].values.tolist() == chunk_of_heart().values.tolist()


def test_a_broken_value_is_an_error_that_names_the_row(recorded):
    text = recorded.read_text(encoding="utf-8").replace("gsr 405.0", "gsr much")
    recorded.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match="no time, or 'gsr much' no value"):
        read_recording(recorded)


def test_other_columns_are_replayed_among_the_samples(recorded):
    items = []
    asyncio.run(ReplaySource(recorded, speed=0.0).run(items.append))
    body = [item for item in items if isinstance(item, BodyChunk) and item.name == "gsr"]
    assert [(item.t, *item.values) for item in body] == [(s + 0.5, 400.0 + s) for s in range(20)]
    times = [item.t for item in items if isinstance(item, SampleChunk | BodyChunk)]
    assert times == sorted(times)


def test_other_columns_are_drawn(recorded, monkeypatch):
    pytest.importorskip("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from bridge.analysis import plot
    from bridge.analysis.analyze import analyze

    figures = []
    monkeypatch.setattr(
        FigureCanvasAgg, "print_png", lambda self, file, **_: figures.append(self.figure)
    )
    plot.picture(analyze(read_recording(recorded)))
    drawn = {axes.get_ylabel(): axes for axes in figures[0].axes}
    assert {"gsr", "belt"} <= set(drawn)
    legend = [text.get_text() for text in drawn["gsr"].get_legend().get_texts()]
    assert legend[:3] == ["gsr", "level", "response (right)"]
    assert drawn["belt"].lines[0].get_ydata().tolist() == [float(s % 4) for s in range(20)]
