"""Real BrainFlow: its synthetic board, and its playback board fed an ECG."""

import asyncio
import os

import numpy as np
import pytest

from bridge.errors import BeatbridgeError, UserError
from bridge.events import Beat, BodyChunk, SampleChunk
from bridge.pipeline import Pipeline
from bridge.sources import Notice
from bridge.sources.board import BoardSource, Channels, choose
from tests import sketches

EMOTIBIT = {
    0: {"sampling_rate": 25, "timestamp_channel": 10, "accel_channels": [1, 2, 3]},
    1: {"sampling_rate": 25, "timestamp_channel": 4, "ppg_channels": [1, 2, 3]},
    2: {"sampling_rate": 15, "timestamp_channel": 4, "eda_channels": [1]},
}
CYTON = {0: {"sampling_rate": 250, "timestamp_channel": 22, "ecg_channels": [1, 2, 3],
             "eeg_channels": [1, 2, 3]}}  # fmt: skip


def test_the_heart_is_where_the_board_says_it_is():
    assert choose(EMOTIBIT, None) == Channels(1, 1, "ppg", 25.0, 4, ())
    assert choose(EMOTIBIT, 2).heart == 2
    assert choose(CYTON, None) == Channels(0, 1, "ecg", 250.0, 22, ())


def test_a_channel_or_a_heart_that_is_not_there_is_an_error():
    with pytest.raises(UserError, match="column=4: it has 3 of ppg channels"):
        choose(EMOTIBIT, 4)
    with pytest.raises(UserError, match="neither a pulse"):
        choose({0: EMOTIBIT[0]}, None)


def listen(source, samples, seconds=25.0):
    items = []

    async def work():
        done = asyncio.Event()

        def take(item):
            items.append(item)
            if sum(len(i.values) for i in items if isinstance(i, SampleChunk)) >= samples:
                done.set()

        running = asyncio.ensure_future(source.run(take))
        await asyncio.wait({running, asyncio.ensure_future(done.wait())},
                           timeout=seconds, return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
        if running.done():
            running.result()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(work())
    return items


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
    items = listen(BoardSource("synthetic", None, {}), 250)
    chunks = [item for item in items if isinstance(item, SampleChunk)]
    assert {chunk.rate_hz for chunk in chunks} == {250.0}
    assert {"eda", "temperature"} <= {i.name for i in items if isinstance(i, BodyChunk)}
    assert "ppg in row 24, 250 samples a second" in next(
        i.text for i in items if isinstance(i, Notice)
    )


@pytest.mark.slow
def test_a_recorded_ecg_through_the_playback_board(board_shim, tmp_path):
    values = np.array(sketches.ecg(250.0, 12.0), float)
    rows = board_shim.BoardShim.get_num_rows(board_shim.BoardIds.CYTON_BOARD.value)
    data = np.zeros((rows, len(values)))
    data[1] = values
    clock = board_shim.BoardShim.get_timestamp_channel(board_shim.BoardIds.CYTON_BOARD.value)
    data[clock] = 1.7e9 + np.arange(len(values)) / 250.0
    file = tmp_path / "ecg.csv"
    np.savetxt(file, data.T, fmt="%.6f", delimiter="\t")
    source = BoardSource("playback_file", None, {"file": str(file), "master_board": "0"})
    chunks = [i for i in listen(source, 2000) if isinstance(i, SampleChunk)]
    heard = np.concatenate([chunk.values for chunk in chunks])
    assert len(heard) >= 2000
    assert heard[:2000] == pytest.approx(values[:2000])
    pipeline = Pipeline("ecg")
    beats = [e for c in chunks for e in pipeline.push(c) if isinstance(e, Beat)]
    assert len(beats) >= 5
    intervals = [beat.ibi_ms for beat in beats if beat.ibi_ms]
    assert np.mean(intervals) == pytest.approx(800.0, rel=0.05)


@pytest.mark.slow
def test_an_unknown_board_is_an_error(board_shim):
    with pytest.raises(UserError, match="BrainFlow has no such board"):
        asyncio.run(BoardSource("toaster", None, {}).run(lambda item: None))
