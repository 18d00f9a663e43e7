"""Real BrainFlow: its synthetic board, and its playback board fed an ECG."""

import asyncio
import os

import numpy as np
import pytest

from bridge.errors import BeatbridgeError, UserError
from bridge.events import Beat, BodyChunk, SampleChunk
from bridge.pipeline import Pipeline
from bridge.sources import Notice
from bridge.sources.board import BoardSource, Channels, Stream, choose
from tests import sketches
from tests.integration.sessions import listen, of, samples

EMOTIBIT = {
    0: {"sampling_rate": 25, "timestamp_channel": 10, "accel_channels": [1, 2, 3]},
    1: {"sampling_rate": 25, "timestamp_channel": 4, "ppg_channels": [1, 2, 3]},
    2: {"sampling_rate": 15, "timestamp_channel": 4, "eda_channels": [1],
        "temperature_channels": [2]},
}  # fmt: skip
MUSE_2 = {
    0: {"sampling_rate": 256, "timestamp_channel": 6, "eeg_channels": [1, 2, 3, 4]},
    2: {"sampling_rate": 64, "timestamp_channel": 4, "ppg_channels": [1, 2, 3]},
}
CYTON = {0: {"sampling_rate": 250, "timestamp_channel": 22, "ecg_channels": [1, 2, 3],
             "eeg_channels": [1, 2, 3]}}  # fmt: skip


def test_the_heart_is_where_the_board_says_it_is():
    body = Stream(2, 15.0, 4, (("eda", 1), ("temperature", 2)))
    assert choose(EMOTIBIT, None) == Channels("ppg", Stream(1, 25.0, 4, (("", 1),)), (body,))
    assert choose(EMOTIBIT, 2).heart.columns == (("", 2),)
    assert choose(MUSE_2, None) == Channels("ppg", Stream(2, 64.0, 4, (("", 1),)))
    assert choose(CYTON, None) == Channels("ecg", Stream(0, 250.0, 22, (("", 1),)))


def test_what_the_hearts_preset_has_is_not_taken_from_another():
    both = {0: {**EMOTIBIT[1], "eda_channels": [5]}, 2: EMOTIBIT[2]}
    found = choose(both, None)
    assert found.heart.columns == (("", 1), ("eda", 5))
    assert found.others == (Stream(2, 15.0, 4, (("temperature", 2),)),)


def test_a_channel_or_a_heart_that_is_not_there_is_an_error():
    with pytest.raises(UserError, match="column=4: it has 3 of ppg channels"):
        choose(EMOTIBIT, 4)
    with pytest.raises(UserError, match="neither a pulse"):
        choose({0: EMOTIBIT[0]}, None)


@pytest.fixture
def board_shim():
    from bridge.sources.board import brainflow

    try:
        return brainflow()
    except BeatbridgeError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.mark.slow
def test_the_synthetic_board_streams(board_shim):
    items = listen(BoardSource("synthetic", None, {}), lambda items: samples(items) >= 250)
    chunks = [item for item in items if isinstance(item, SampleChunk)]
    assert {chunk.rate_hz for chunk in chunks} == {250.0}
    assert {"eda", "temperature"} <= {i.name for i in items if isinstance(i, BodyChunk)}
    assert "ppg in row 24, 250 samples a second" in next(
        i.text for i in items if isinstance(i, Notice)
    )


def playback_of_an_ecg(board_shim, folder, seconds):
    """A Cyton whose first channel plays an ECG at 250 a second."""
    values = np.array(sketches.ecg(250.0, seconds), float)
    rows = board_shim.BoardShim.get_num_rows(board_shim.BoardIds.CYTON_BOARD.value)
    data = np.zeros((rows, len(values)))
    data[1] = values
    clock = board_shim.BoardShim.get_timestamp_channel(board_shim.BoardIds.CYTON_BOARD.value)
    data[clock] = 1.7e9 + np.arange(len(values)) / 250.0
    file = folder / "ecg.csv"
    np.savetxt(file, data.T, fmt="%.6f", delimiter="\t")
    return BoardSource("playback_file", None, {"file": str(file), "master_board": "0"})


@pytest.mark.slow
def test_a_recorded_ecg_through_the_playback_board(board_shim, tmp_path):
    values = np.array(sketches.ecg(250.0, 12.0), float)
    source = playback_of_an_ecg(board_shim, tmp_path, 12.0)
    chunks = of(SampleChunk, listen(source, lambda items: samples(items) >= 2000))
    heard = np.concatenate([chunk.values for chunk in chunks])
    assert len(heard) >= 2000
    assert heard[:2000] == pytest.approx(values[:2000])
    pipeline = Pipeline("ecg")
    beats = [e for c in chunks for e in pipeline.push(c) if isinstance(e, Beat)]
    assert len(beats) >= 5
    intervals = [beat.ibi_ms for beat in beats if beat.ibi_ms]
    assert np.mean(intervals) == pytest.approx(800.0, rel=0.05)


def played(board_shim, path, preset, rate_hz, columns):
    """A file of the playback board for one preset of an EmotiBit."""
    shim, board = board_shim.BoardShim, board_shim.BoardIds.EMOTIBIT_BOARD.value
    length = len(next(iter(columns.values())))
    data = np.zeros((shim.get_num_rows(board, preset), length))
    data[shim.get_timestamp_channel(board, preset)] = 1.7e9 + np.arange(length) / rate_hz
    for row, values in columns.items():
        data[row] = values
    np.savetxt(path, data.T, fmt="%.6f", delimiter="\t")
    return str(path)


@pytest.mark.slow
def test_an_emotibits_pulse_and_conductance_come_from_their_presets(board_shim, tmp_path):
    pulse = 100.0 + 10.0 * np.sin(2 * np.pi * 1.25 * np.arange(500) / 25.0)
    eda = 2.0 + np.arange(300) / 1000.0
    presets = board_shim.BrainFlowPresets
    aux = played(board_shim, tmp_path / "aux", presets.AUXILIARY_PRESET, 25.0, {1: pulse})
    anc = played(
        board_shim, tmp_path / "anc", presets.ANCILLARY_PRESET, 15.0,
        {1: eda, 2: np.full(300, 33.5)},
    )  # fmt: skip
    master = str(board_shim.BoardIds.EMOTIBIT_BOARD.value)
    source = BoardSource(
        "playback_file", None, {"master_board": master, "file_aux": aux, "file_anc": anc}
    )
    items = listen(source, lambda items: samples(items) >= 200)
    assert "ppg in row 1, 25 samples a second; /body/eda, /body/temperature" in next(
        i.text for i in items if isinstance(i, Notice)
    )
    chunks = [i for i in items if isinstance(i, SampleChunk)]
    assert np.concatenate([c.values for c in chunks])[:200] == pytest.approx(pulse[:200])
    body = [i for i in items if isinstance(i, BodyChunk) and i.name == "eda"]
    heard = np.concatenate([chunk.values for chunk in body])
    assert {chunk.rate_hz for chunk in body} == {15.0}
    # From the heart's first sample on; what came before it belongs to no moment.
    first = int(np.abs(eda - heard[0]).argmin())
    assert heard == pytest.approx(eda[first : first + len(heard)])
    assert len(heard) > 50


@pytest.mark.slow
def test_an_unknown_board_is_an_error(board_shim):
    with pytest.raises(UserError, match="BrainFlow has no such board"):
        asyncio.run(BoardSource("toaster", None, {}).run(lambda item: None))
