"""Sessions of boards and other programs are recorded, and played again to the same beats."""

import socket
import threading
import time

import pytest

from bridge.sources.osc import OscSource
from tests import sketches
from tests.integration.sessions import kept_and_replayed, same_beats
from tests.integration.test_board import board_shim, playback_of_an_ecg
from tests.test_osc_source import message, port

__all__ = ["board_shim", "port"]


@pytest.fixture
def sending(port):
    """Sends messages at a rate from a thread, as another program does."""
    ended = threading.Event()
    threads = []

    def start(messages, rate_hz):
        def work():
            begin = time.monotonic()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                for number, each in enumerate(messages):
                    if ended.wait(max(0.0, begin + number / rate_hz - time.monotonic())):
                        return
                    sock.sendto(each.dgram, ("127.0.0.1", port))

        threads.append(threading.Thread(target=work))
        threads[0].start()

    yield start
    ended.set()
    for thread in threads:
        thread.join()


def test_another_programs_wave(sending, port, tmp_path):
    wave = sketches.pulse(100.0, 60.0)
    sending([message("/EmotiBit/0/PPG:IR", float(value)) for value in wave], 100.0)
    same_beats(*kept_and_replayed(OscSource(port, rate_hz=100.0), "ppg", tmp_path))


def test_another_programs_intervals(sending, port, tmp_path):
    ibis = [800.0, 820.0, 790.0, 805.0] * 20
    sending([message("/openbci/pulse/ibi", ibi) for ibi in ibis], 1.25)
    same_beats(*kept_and_replayed(OscSource(port), "auto", tmp_path))


def test_a_board(board_shim, tmp_path):
    same_beats(*kept_and_replayed(playback_of_an_ecg(board_shim, tmp_path, 20.0), "ecg", tmp_path))
