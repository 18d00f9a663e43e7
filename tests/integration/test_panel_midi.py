"""The panel on a real MIDI port: a note a beat, a receiver that learns controllers, and meters."""

import asyncio
import sys

import pytest

pytest.importorskip("rtmidi")

from tests import panel_page
from tests.test_panel_host import Running

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends the program by a signal")


async def until(what):
    """Wait for a condition, for a minute at the most."""
    async with asyncio.timeout(60.0):
        while not what():
            await asyncio.sleep(0.05)


def test_notes_and_controllers_leave_and_meters_show_them(listener, tmp_path):
    running = Running(tmp_path)

    def heard(kind):
        return [m for m in list(listener.messages) if m[0] & 0xF0 == kind]

    async def play():
        told = []
        async with panel_page.opened(running.address) as page:
            ask = panel_page.ask
            assert (await ask(page, 1, "start", source="sim?bpm=120"))["ok"]
            assert (await ask(page, 2, "midi", port="ear"))["ok"]
            await until(lambda: len(heard(0x90)) > 3)
            assert (await ask(page, 3, "midi", port=None))["ok"]
            assert (await ask(page, 4, "receiver.add", told=told, name="midi"))["ok"]
            where = {"name": "midi", "where": "ear"}
            assert (await ask(page, 5, "receiver.where", told=told, **where))["ok"]
            await until(lambda: heard(0xB0))
            assert (await ask(page, 6, "receiver.remove", told=told, name="midi"))["ok"]
        return told

    told = asyncio.run(play())
    code, said = running.end()
    assert code == 0, said
    shown = {key for message in told if message["k"] == "meter" for key in message["v"]}
    assert any(key.startswith("midi/") for key in shown)
    began = [m[1] for m in heard(0x90) if m[2]]
    ended = [
        m[1] for m in listener.messages if m[0] & 0xF0 == 0x80 or (m[0] & 0xF0 == 0x90 and not m[2])
    ]
    assert set(began) <= set(ended)
