"""Our own firmware greets: what the bridge answers, on a real pseudo-terminal."""

import asyncio
import os
import sys

import pytest

from bridge.sources import Notice
from bridge.sources.serial import frames
from bridge.sources.serial.source import SerialSource

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are not to be had on Windows", allow_module_level=True)

from tests.integration.ptysensor import PtySensor


def greeting(state: str) -> bytes:
    line = b"beatbridge pulse_stream 1 %s rate=1000 channels=1 bits=10" % state.encode()
    return line + b" *%04X\r\n" % frames.crc14(line)


@pytest.mark.slow
def test_a_board_that_waits_is_started_as_often_as_it_says_so(tmp_path) -> None:
    """The first start may have come while it was still booting; one that sends is left alone."""
    sensor = PtySensor(tmp_path / "ttyPULSE")
    os.set_blocking(sensor.master, False)
    said: list[str] = []
    source = SerialSource(str(sensor.path))

    def emit(item: object) -> None:
        if isinstance(item, Notice):
            said.append(item.text)

    def started() -> bool:
        """Whether the bridge has written since last asked."""
        try:
            return frames.START in os.read(sensor.master, 64)
        except BlockingIOError:
            return False

    def greeted() -> int:
        return sum(text.endswith("pulse_stream, 1000 readings a second") for text in said)

    async def until(done, state: str) -> None:
        while not done():
            os.write(sensor.master, greeting(state))
            await asyncio.sleep(0.05)

    async def play() -> None:
        reading = asyncio.ensure_future(source.run(emit))
        for _ in range(4):  # more than those that go out before the board is known
            await until(started, "ready")
        assert greeted() == 0
        await until(greeted, "frames")
        while started():
            pass  # these were asked for by the last of those greetings
        await until(lambda: greeted() > 20, "frames")
        assert not started()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)

    try:
        asyncio.run(asyncio.wait_for(play(), 60.0))
    finally:
        sensor.pull_out()
