"""Ctrl-Z and fg on a real serial port: what waited in the system is told as late, in no bunch."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import tty
from itertools import groupby

import pytest
from pythonosc.osc_message import OscMessage

from bridge.live.backlog import SILENT_S, SOUNDS_WITHIN_S
from bridge.simulate.heart import Heart, HeartSimulator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
RATE_HZ, BPM = 250.0, 75.0
STOPPED_S = 5.0
"""Some systems keep readings for so long, some lose the rest."""


class Board(threading.Thread):
    """Prints a heart in time, as a board does: what the system has no room for is gone."""

    def __init__(self, seconds):
        super().__init__(daemon=True)
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.port = os.ttyname(slave)
        self._slave = slave
        os.set_blocking(self._master, False)
        heart = HeartSimulator(Heart(rate_hz=RATE_HZ, bpm=BPM))
        self._lines = [b"%d\n" % (512 + v) for v in heart.take(int(seconds * RATE_HZ)).values]
        self._over = threading.Event()
        self.written = 0
        """Lines that the system had room for."""

    def run(self):
        begin = time.perf_counter()
        for number, line in enumerate(self._lines):
            wait = begin + number / RATE_HZ - time.perf_counter()
            if (wait > 0 and self._over.wait(wait)) or self._over.is_set():
                return
            try:
                os.write(self._master, line)
            except BlockingIOError:
                continue
            self.written += 1

    def stop(self):
        self._over.set()
        self.join()
        os.close(self._master)
        os.close(self._slave)


def test_a_backlog_of_a_serial_port_plays_no_bunch(tmp_path):
    board = Board(120.0)
    record = tmp_path / "played.csv"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(60.0)
        target = f"127.0.0.1:{ear.getsockname()[1]}"
        bridge = subprocess.Popen(
            [sys.executable, "-m", "bridge", "live", "--source", f"serial:{board.port}?kind=ppg",
             "--target", target, "--record", str(record)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

        def beats(count):
            """Ages of the next beats, ms, and the intervals that came with them."""
            ages, intervals = [], []
            while len(ages) < count:
                message = OscMessage(ear.recv(2048))
                if message.address == "/heart/beat":
                    ages.append(message.params[2])
                elif message.address == "/heart/ibi" and ages:
                    intervals.append(message.params[0])
            return ages, intervals

        try:
            board.start()
            beats(6)
            bridge.send_signal(signal.SIGSTOP)
            before = board.written
            time.sleep(STOPPED_S)
            waited_s = (board.written - before) / RATE_HZ
            bridge.send_signal(signal.SIGCONT)
            # Those told just before the stop are still in the socket.
            ages, intervals = beats(10)
            bridge.send_signal(signal.SIGINT)
            said, errors = bridge.communicate(timeout=30)
        finally:
            board.stop()
            if bridge.poll() is None:
                bridge.kill()
                bridge.communicate()
    assert (bridge.returncode, errors) == (0, "")
    # A machine that is short of time stalls too; that is a silence only from SILENT_S on.
    assert max(ages) < 1000.0 * (SILENT_S + SOUNDS_WITHIN_S), "nothing sounds that is older"
    assert all(600.0 < interval < 1000.0 for interval in intervals), intervals
    assert "the rate has drifted" not in said
    kinds = [line.split(",")[2] for line in record.read_text(encoding="utf-8").splitlines()]
    beats_only = [kind for kind in kinds if kind in ("beat", "late beat")]
    runs = [(kind, len(list(run))) for kind, run in groupby(beats_only)]
    assert runs[0][0] == "late beat", "of the start"
    late = max(count for kind, count in runs[1:] if kind == "late beat")
    # The first of those that waited may be told with what came just before, the last with what
    # comes just after.
    assert late >= int(waited_s * BPM / 60.0) - 1 > 0
