"""The sketches, built once, a simulated board for them, and a heart for the board."""

import pytest

from tests.firmware_harness import build
from tests.firmware_harness.recordings import counts
from tests.integration.simboard import SimBoard


@pytest.fixture(scope="session")
def built(tmp_path_factory, need_program):
    """A folder with the board and, below it, the sketches."""
    folder = tmp_path_factory.mktemp("firmware")
    build.sketches(folder, need_program)
    build.board(folder, need_program)
    return folder


@pytest.fixture(scope="session")
def rest(shared_data):
    return counts(shared_data / "ppg" / "rest5min.csv")


@pytest.fixture
def board(built, tmp_path):
    board = SimBoard(built / "board", built / "uno" / "pulse_stream.elf", tmp_path)
    yield board
    board.pull_out()
