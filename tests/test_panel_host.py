"""The real panel, its pages only sockets: nothing that a page asks for costs a beat or ends it."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest
from pythonosc.osc_message import OscMessage

from bridge.resources import example

pytest.importorskip("aiohttp")

from tests import panel_page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="ends the program by a signal"),
]


class Running:
    """``beatbridge panel``, and an ear for its OSC."""

    def __init__(self, folder):
        self.folder = folder / "sessions"
        self.folder.mkdir()
        self.ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ear.bind(("127.0.0.1", 0))
        self.ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.ear.setblocking(False)
        self.numbers = []
        """Of the beats that were heard."""
        self.others = []
        """What else was heard: address and first argument."""
        env = os.environ | panel_page.settings(folder)
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "bridge", "panel", "--port", "0", "--no-open",
                "--folder", str(self.folder), "--target", f"127.0.0.1:{self.port()}",
            ],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env,
        )  # fmt: skip
        self.address = re.search(r"http://\S+", self.process.stdout.readline())[0]

    def port(self):
        return self.ear.getsockname()[1]

    def beats(self):
        """The numbers of all beats so far."""
        try:
            while True:
                message = OscMessage(self.ear.recv(4096))
                if message.address == "/heart/beat":
                    self.numbers.append(message.params[0])
                else:
                    self.others.append((message.address, *message.params[:1]))
        except BlockingIOError:
            return self.numbers

    async def until_beats(self, count):
        end = time.monotonic() + 120.0
        while len(self.beats()) < count:
            assert time.monotonic() < end, f"{len(self.numbers)} beats of {count}"
            await asyncio.sleep(0.05)

    async def until_told(self, address, passes):
        """Wait until a message below an address says what is wanted."""
        end = time.monotonic() + panel_page.PATIENCE_S
        while not any(where == address and passes(*what) for where, *what in self.others):
            self.beats()
            assert time.monotonic() < end, f"{address}: {self.others[-20:]}"
            await asyncio.sleep(0.05)

    def end(self):
        """Its exit code, and what it said."""
        self.process.send_signal(signal.SIGTERM)
        said, _ = self.process.communicate(timeout=60)
        self.ear.close()
        return self.process.returncode, said


@pytest.fixture
def running(tmp_path):
    running = Running(tmp_path)
    yield running
    if running.process.returncode is None:
        code, said = running.end()
        assert "Traceback" not in said, said
        assert code == 0


def test_heavy_requests_lose_no_beat(running):
    """Fifty recordings are read and searched for beats, again and again, while a heart plays."""
    content = example("pulse.csv").read_bytes()
    for n in range(50):
        (running.folder / f"{n}.csv").write_bytes(content)

    async def play():
        async with panel_page.opened(running.address) as page:
            told = []
            assert (await panel_page.ask(page, 1, "start", told=told, source="sim?bpm=120"))["ok"]
            await running.until_beats(1)
            asked, begun = 0, len(running.beats())
            while asked < 3 or len(running.beats()) < begun + 5:
                asked += 1
                for path in running.folder.glob("*.csv"):
                    os.utime(path)  # other than before: it is read anew
                assert (await panel_page.ask(page, 1 + asked, "look", told=told))["ok"]
            lists = [message["list"] for message in told if message["k"] == "sessions"]
            assert 50 in {len(each) for each in lists}

    asyncio.run(play())
    numbers = running.beats()
    assert numbers == list(range(1, len(numbers) + 1))


WRONG = (None, [], {}, -1, 1e300, True, "", "<b>", "nobody:9", ["a"], {"a": {"b": []}}, "x" * 5000)
COMMANDS = (
    "start", "stop", "relearn", "record", "mark", "midi", "style", "target.add", "target.remove",
    "receiver.use", "receiver.remove", "row.move", "profile.load", "none", "",
)  # fmt: skip
KEYS = ("source", "name", "heart", "text", "port", "target", "index", "on")


def test_no_command_of_any_shape_ends_the_music(running):
    async def play():
        async with panel_page.opened(running.address) as page:
            assert (await panel_page.ask(page, 1, "start", source="sim?bpm=120"))["ok"]
            await running.until_beats(1)
            number = 1
            for do in COMMANDS:
                for value in WRONG:
                    number += 1
                    answer = await panel_page.ask(page, number, do, **dict.fromkeys(KEYS, value))
                    assert answer["ok"] or answer["error"]
                    await asyncio.sleep(1.0 / 45)  # as fast as a person may be
            before = len(running.beats())
            await running.until_beats(before + 3)

    asyncio.run(play())
    numbers = running.beats()
    assert numbers == list(range(1, len(numbers) + 1))


ROWS = """osc = "127.0.0.1:{port}"

[[row]]
name = "people"
from = "group/count"
low = 0
high = 4
to = "/people"
min = 0
max = 4

[[row]]
name = "mean"
from = "group/bpm"
to = "/mean"
min = 40
max = 180
"""


def test_hearts_that_come_and_go_are_a_group(running):
    async def play():
        async with panel_page.opened(running.address) as page:
            told = []

            async def does(number, do, **command):
                answer = await panel_page.ask(page, number, do, told=told, **command)
                assert answer["ok"], answer
                return answer

            text = ROWS.format(port=running.port())
            await does(1, "receiver.use", name="m", text=text)
            await does(2, "start", source="sim?bpm=60", name="violin")
            await does(3, "start", source="sim?bpm=120&seed=2", name="cello")
            await running.until_told("/heart/group/count", lambda count: count == 2)
            await running.until_told("/people", lambda count: count == 2)
            await running.until_told("/mean", lambda bpm: 80.0 < bpm < 100.0)
            await running.until_told("/heart/group/spread", lambda spread: spread > 25.0)
            running.others.clear()
            await does(4, "stop", heart=2)
            await running.until_told("/people", lambda count: count == 1)
            await running.until_told("/mean", lambda bpm: bpm < 75.0)
            await does(5, "stop", heart=1)
            await running.until_told("/people", lambda count: count == 0)
            async with asyncio.timeout(panel_page.PATIENCE_S):
                while told[-1]["k"] != "group" or told[-1]["count"] or told[-1]["bpm"]:
                    told.append(await page.receive_json())
            groups = [message for message in told if message["k"] == "group"]
            assert {0, 1, 2} <= {message["count"] for message in groups}
            assert all(m["spread"] is None for m in groups if m["count"] < 2)
            assert all(m["bpm"] is None for m in groups if m["count"] < 1)

    asyncio.run(play())


def test_quit_ends_it_as_ctrl_c_does(running):
    async def play():
        async with panel_page.opened(running.address) as page:
            assert (await panel_page.ask(page, 1, "start", source="sim?bpm=120"))["ok"]
            await running.until_beats(1)
            assert (await panel_page.ask(page, 2, "quit"))["ok"]

    asyncio.run(play())
    said, _ = running.process.communicate(timeout=60)
    assert running.process.returncode == 0
    assert "Traceback" not in said
    running.ear.close()


def test_the_end_of_the_pages_server_is_said_and_survived(running):
    async def play():
        async with panel_page.opened(running.address) as page:
            assert (await panel_page.ask(page, 1, "start", source="sim?bpm=120"))["ok"]
        await running.until_beats(1)
        found = subprocess.run(
            ["pgrep", "-P", str(running.process.pid)], capture_output=True, text=True, check=True
        )
        os.kill(int(found.stdout.split()[0]), signal.SIGKILL)
        await running.until_beats(len(running.beats()) + 3)

    asyncio.run(play())
    code, said = running.end()
    assert code == 0
    assert "The page's server has ended by itself; the hearts play on" in said
