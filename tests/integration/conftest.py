"""Real things for the tests: sketches on a simulated board, and MIDI ports without a sound card."""

import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from tests.firmware_harness import build
from tests.firmware_harness.recordings import counts
from tests.integration.simboard import SimBoard

Need = Callable[[str], str]


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


@pytest.fixture
def jack(need_program: Need, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A JACK server of the tests' own, without any sound card."""
    jackd, wait = need_program("jackd"), need_program("jack_wait")
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "beatbridge-test")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    server = subprocess.Popen(
        [jackd, "-S", "--no-realtime", "-n", "beatbridge-test", "-d", "dummy", "-p", "64"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        subprocess.run(
            [wait, "-s", "beatbridge-test", "-w", "-t", "10"],
            check=True, stdout=subprocess.DEVNULL, timeout=20,
        )  # fmt: skip
        yield
    finally:
        server.terminate()
        server.wait(10)


class Listener:
    """A MIDI input that other programs see as a port, collecting what comes."""

    def __init__(self) -> None:
        import rtmidi

        self.messages: list[bytes] = []
        self._input = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="listener")
        self._input.open_virtual_port("ear")
        self._input.set_callback(lambda event, _: self.messages.append(bytes(event[0])))

    def wait_for(self, count: int, seconds: float = 15.0) -> None:
        deadline = time.monotonic() + seconds
        while len(self.messages) < count and time.monotonic() < deadline:
            time.sleep(0.005)

    def close(self) -> None:
        self._input.close_port()
        self._input.delete()


@pytest.fixture
def listener(jack: None) -> Iterator[Listener]:
    pytest.importorskip("rtmidi")
    ear = Listener()
    yield ear
    ear.close()
