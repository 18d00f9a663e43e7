"""Several hearts in one run: each under its name, none disturbed by another, and the group."""

import asyncio
import contextlib
import socket

import pytest
from pythonosc.osc_message import OscMessage

from bridge.errors import UserError
from bridge.events import Beat, Contact, Link, Marker, State, Status
from bridge.live.group import Group
from bridge.live.run import LiveRun
from bridge.osc import contract
from bridge.simulate.heart import Heart
from bridge.sources.sim import SimSource
from tests.test_live import Broken, Keeper, free_port, one


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        yield sock


def heard(receiver):
    messages = []
    with contextlib.suppress(BlockingIOError):
        while True:
            message = OscMessage(receiver.recv(2048))
            messages.append((message.address, *message.params))
    return messages


def sim(bpm, rate_hz=50.0):
    return SimSource(Heart(bpm=bpm, rate_hz=rate_hz), speed=0.0)


def play(performers, **options):
    said = options.pop("said", [])
    options.setdefault("listen_port", None)
    run = LiveRun(performers, notice=said.append, **options)
    return asyncio.run(asyncio.wait_for(run.run(), 60.0))


def test_each_heart_plays_under_its_name(receiver):
    there = [receiver.getsockname()]
    hearts = [
        one(sim(bpm), [], name=name, root=f"/heart/{name}", targets=there, duration=20.0)
        for name, bpm in (("violin", 60.0), ("cello", 90.0))
    ]
    summaries = play(hearts)
    found = heard(receiver)
    assert [summary.name for summary in summaries] == ["violin", "cello"]
    for summary, bpm in zip(summaries, (60.0, 90.0), strict=True):
        root = f"/heart/{summary.name}"
        assert len([m for m in found if m[0] == f"{root}/beat"]) == summary.beats > 10
        rates = [m[1] for m in found if m[0] == f"{root}/bpm"]
        assert rates[-1] == pytest.approx(bpm, rel=0.1)
    assert {m[0].split("/")[2] for m in found} == {"violin", "cello"}


@pytest.mark.slow
@pytest.mark.parametrize("error", [UserError("serial port COM9: is not there"), OSError("gone")])
def test_a_heart_that_fails_ends_alone_and_is_told(error):
    class Failing(Broken):
        async def run(self, emit):
            raise error

    alone, beside, failed, said = Keeper(), Keeper(), Keeper(), []
    play([one(sim(70.0), [alone], duration=30.0)])
    hearts = [
        one(Failing(), [failed], name="violin"),
        one(sim(70.0), [beside], name="cello", duration=30.0),
    ]
    with contextlib.suppress(OSError):  # what nobody foresaw is raised, when the others have ended
        summaries = play(hearts, said=said)
        assert summaries[0].notes == [str(error)]
    assert f"violin has ended: {error}" in said
    assert failed.closed
    assert beside.of(Beat) == alone.of(Beat) != []


def test_a_run_in_which_every_heart_fails_fails():
    with pytest.raises(UserError, match="COM9"):
        play([one(Broken(), [], name="violin"), one(Broken(), [], name="cello")])


def test_a_heart_that_fails_in_full_play_is_lost():
    class Pulled(Broken):
        async def run(self, emit):
            for t in range(1, 6):
                emit(Beat(float(t), float(t)))
            raise UserError("the sensor is gone")

    keeper = Keeper()
    play([one(Pulled(), [keeper], name="violin"), one(sim(70.0), [], name="cello", duration=9.0)])
    assert [status.state for status in keeper.of(Status)] == [State.LIVE, State.LOST]


def test_one_heart_that_is_lost_does_not_disturb_the_other():
    class Losing(Broken):
        async def run(self, emit):
            for t in range(1, 6):
                emit(Beat(float(t), float(t)))
            emit(Contact(6.0, Link.NO_CONTACT))

    alone, beside, lost = Keeper(), Keeper(), Keeper()
    play([one(sim(70.0), [alone], duration=30.0)])
    hearts = [
        one(Losing(), [lost], name="violin"),
        one(sim(70.0), [beside], name="cello", duration=30.0),
    ]
    play(hearts)
    assert lost.of(Status)[-1] == Status(6.0, State.LOST)
    assert beside.events == alone.events


class Scripted(Broken):
    """Emits each item when its turn has come, and stays until the whole play is over."""

    def __init__(self, items, turn, over):
        self.items, self.turn, self.over = items, turn, over

    async def run(self, emit):
        for at, item in self.items:
            while len(self.turn) < at:
                await asyncio.sleep(0)
            emit(item)
            self.turn.append(at)
        while len(self.turn) < self.over:
            await asyncio.sleep(0)


def test_the_group_is_counted_and_averaged(receiver):
    turn: list[int] = []
    group = Group([receiver.getsockname()], "/heart")
    slow = [(n, Beat(n + 1.0, n + 1.0)) for n in range(5)]
    fast = [(n, Beat(n / 2, n / 2)) for n in range(5, 10)]
    hearts = [
        one(Scripted(items, turn, 10), [group.member(name)], name=name)
        for name, items in (("violin", slow), ("cello", fast))
    ]
    play(hearts, group=group)
    found = [m for m in heard(receiver) if m[0].startswith("/heart/group/")]
    assert [m[1] for m in found if m[0].endswith("count")] == [0, 1, 2, 1, 0]
    rates = [m[1] for m in found if m[0].endswith("bpm")]
    assert rates[0] == pytest.approx(60.0)
    assert rates[-1] == pytest.approx(90.0)  # 60 and 120
    assert found[-3][0].endswith("spread")
    assert found[-3][1] == pytest.approx(30.0 * 2**0.5)  # sample standard deviation


def test_marks_reach_all_hearts_or_the_one_that_is_named():
    port, said = free_port(), []
    keepers = [Keeper(), Keeper()]

    async def main():
        hearts = [
            one(SimSource(Heart(rate_hz=100.0)), [keeper], name=name)
            for name, keeper in zip(("violin", "cello"), keepers, strict=True)
        ]
        run = LiveRun(hearts, notice=said.append, listen_port=port)
        running = asyncio.ensure_future(run.run())
        while not all(keeper.sample_count for keeper in keepers):
            await asyncio.sleep(0.01)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            for arguments in (("all",), ("mine", "cello"), ("nobody's", "flute")):
                other.sendto(contract.encode("/bridge/mark", arguments), ("127.0.0.1", port))
        while len(said) < 3:
            await asyncio.sleep(0.01)
        running.cancel()
        await running

    asyncio.run(asyncio.wait_for(main(), 60.0))
    assert [[mark.text for mark in keeper.of(Marker)] for keeper in keepers] == [
        ["all"],
        ["all", "mine"],
    ]
    assert "mark: mine (cello)" in said
    assert "somebody asked for the heart flute: here are violin, cello" in said


def test_the_next_port_is_taken_and_told_in_the_hello(receiver):
    here = receiver.getsockname()
    said = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        play([one(sim(70.0), [], targets=[here], duration=5.0)], said=said, listen_port=port)
    hello = next(m for m in heard(receiver) if m[0] == "/heart/hello")
    assert port < hello[3] < port + 100
    assert any(f"UDP port {port} is taken" in line and str(hello[3]) in line for line in said)


def test_no_bridge_listens_where_it_sends():
    port = free_port()
    targets = [("127.0.0.1", port + ahead) for ahead in range(3)]
    performer = one(sim(70.0), [], targets=targets, duration=5.0)
    play([performer], listen_port=port)
    assert performer.osc.listens_on > port + 2
